"""The wire: one method per endpoint the desk uses, each answer checked for the fields that are needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ValidationError

from services.domain.errors import NeedsReauth
from services.pieces import seconds_for
from services.platforms.bluesky.errors import Fault, explain, explain_sign_in, read_fault, token_refused
from services.platforms.bluesky.wire import (
    Applied,
    BlobAnswer,
    FeedAnswer,
    Job,
    PostsAnswer,
    Profile,
    RecordAnswer,
    ResolvedHandle,
    Session,
    SessionFacts,
    ThreadAnswer,
    Token,
    UploadLimits,
    Written,
)
from services.ports.http import Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.ports.http import Answer, Http, Stream

POSTS: Final = "app.bsky.feed.post"
"""The collection every post and answer is written to."""
GATES: Final = "app.bsky.feed.threadgate"
"""The collection of what says who may answer in a thread, and which answers are hidden."""
QUOTES: Final = "app.bsky.feed.postgate"
"""The collection of what says who may quote a post, and which quotes are cut off."""
POSTS_PER_CALL: Final = 25
FEED_PER_CALL: Final = 100
SEND_TIMEOUT: Final = 25.0
"""Seconds for the irreversible call, below the dispatcher's own limit."""
UPLOAD_TIMEOUT: Final = 60.0
VIDEO_MIME: Final = "video/mp4"
_LOOK_TIMEOUT: Final = 20.0
_NOBODY: Final = frozenset[str]()

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """One record of several that are written together; `over` one that is there already."""

    collection: str
    record: Mapping[str, object]
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Calls one server on behalf of one account; holds no state, so that a new session is a new client."""

    http: Http
    base_url: str
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)
    """The access token; empty before the first sign-in."""

    async def create_session(self, identifier: str, password: str) -> Session:
        """Sign in with the app password; the network allows 30 of these in 5 minutes and 300 a day."""
        body = {"identifier": identifier, "password": password}
        request = self._post("com.atproto.server.createSession", Effect.REPEATABLE, json=body)
        answer = await self.http.send(request)
        if not answer.ok:
            raise explain_sign_in(read_fault(answer))
        return _parsed(Session, answer)

    async def refresh_session(self, refresh_token: str) -> Session | None:
        """Trade the refresh token for two new ones; None when it is spent or expired and only the password helps."""
        answer = await self.http.send(
            self._post("com.atproto.server.refreshSession", Effect.REPEATABLE, token=refresh_token)
        )
        if answer.ok:
            return _parsed(Session, answer)
        fault = read_fault(answer)
        if token_refused(fault):
            return None
        raise explain_sign_in(fault)

    async def get_session(self) -> SessionFacts:
        """Who the access token speaks for."""
        return _parsed(SessionFacts, await self._asked("com.atproto.server.getSession", ()))

    async def resolve_handle(self, handle: str) -> str | None:
        """The DID behind a handle; None when there is nobody of that name."""
        answer = await self._call(
            self._get("com.atproto.identity.resolveHandle", [("handle", handle)]),
            but=frozenset({"InvalidRequest", "HandleNotFound"}),
        )
        return None if isinstance(answer, Fault) else _parsed(ResolvedHandle, answer).did

    async def upload_blob(self, data: bytes, mime: str) -> dict[str, object]:
        """Store bytes for a record to come; the answer's type is the server's own finding and goes into the record."""
        request = self._post(
            "com.atproto.repo.uploadBlob", Effect.REPEATABLE, content=data, mime=mime, timeout=UPLOAD_TIMEOUT
        )
        return _parsed(BlobAnswer, await self._surely(request)).blob.as_record()

    async def service_token(self, *, audience: str, method: str, until: int) -> str:
        """A token with which another server may call `method` for this account, until then in Unix seconds."""
        params = [("aud", audience), ("lxm", method), ("exp", str(until))]
        return _parsed(Token, await self._asked("com.atproto.server.getServiceAuth", params)).token

    async def upload_limits(self) -> UploadLimits:
        """What the video service still takes of the account; asked of that service."""
        return _parsed(UploadLimits, await self._asked("app.bsky.video.getUploadLimits", ()))

    async def upload_video(self, did: str, name: str, video: Stream) -> Job:
        """Hand a video to the video service; one that it has already is named again, which is as good."""
        request = self._post(
            "app.bsky.video.uploadVideo",
            Effect.REPEATABLE,
            params=[("did", did), ("name", name)],
            content=video,
            mime=VIDEO_MIME,
            timeout=seconds_for(video.size),
        )
        answer = await self.http.send(request)
        if not answer.ok and (fault := read_fault(answer)).name != "already_exists":
            raise explain(fault)
        return _parsed(Job, answer)

    async def job(self, job_id: str) -> Job:
        """How far the video service is; whoever knows the job may ask."""
        request = self._get("app.bsky.video.getJobStatus", [("jobId", job_id)], signed=False)
        return _parsed(Job, await self._surely(request))

    async def put_record(self, *, repo: str, rkey: str, record: Mapping[str, object]) -> Written | None:
        """Create a post if nothing sits at `rkey`; None when another record does. The same record changes nothing."""
        body = {"repo": repo, "collection": POSTS, "rkey": rkey, "record": record, "swapRecord": None}
        request = self._post("com.atproto.repo.putRecord", Effect.IRREVERSIBLE, json=body, timeout=SEND_TIMEOUT)
        answer = await self._call(request, but=frozenset({"InvalidSwap"}))
        return None if isinstance(answer, Fault) else _parsed(Written, answer)

    async def create_records(self, *, repo: str, rkey: str, writes: Sequence[Create]) -> Written | None:
        """Write records under one key in one commit, all or none, and answer for the first; None: another came between.

        Where there is to be a new record and one sits already, servers answer 500 and change nothing.
        """
        told = [
            {
                "$type": f"com.atproto.repo.applyWrites#{'update' if one.over else 'create'}",
                "collection": one.collection,
                "rkey": rkey,
                "value": one.record,
            }
            for one in writes
        ]
        body = {"repo": repo, "writes": told}
        request = self._post("com.atproto.repo.applyWrites", Effect.IRREVERSIBLE, json=body, timeout=SEND_TIMEOUT)
        answer = await self._call(request, but=frozenset({"InvalidSwap"}))
        return None if isinstance(answer, Fault) else _parsed(Applied, answer).results[0]

    async def swap_gate(self, *, repo: str, rkey: str, record: Mapping[str, object], old: str | None) -> bool:
        """Write a thread's gate over the one whose hash is `old` (None: there is none); False when another is there."""
        body = {"repo": repo, "collection": GATES, "rkey": rkey, "record": record, "swapRecord": old}
        request = self._post("com.atproto.repo.putRecord", Effect.REPEATABLE, json=body)
        answer = await self._call(request, but=frozenset({"InvalidSwap"}))
        return not isinstance(answer, Fault) and bool(_parsed(Written, answer).cid)

    async def get_record(self, *, repo: str, rkey: str, collection: str = POSTS) -> RecordAnswer | None:
        """Read a record from the account's own repository, which anybody may; None when it isn't there."""
        params = [("repo", repo), ("collection", collection), ("rkey", rkey)]
        request = self._get("com.atproto.repo.getRecord", params, signed=False)
        answer = await self._call(request, but=frozenset({"RecordNotFound", "InvalidRequest"}))
        if not isinstance(answer, Fault):
            return _parsed(RecordAnswer, answer)
        # Servers before 2024 name the missing record InvalidRequest and tell it only by this sentence.
        if answer.name == "RecordNotFound" or answer.message.startswith("Could not locate record"):
            return None
        raise explain(answer)

    async def delete_record(self, *, repo: str, rkey: str, collection: str = POSTS) -> None:
        """Take a record away, or find it gone."""
        body = {"repo": repo, "collection": collection, "rkey": rkey}
        await self._surely(self._post("com.atproto.repo.deleteRecord", Effect.REPEATABLE, json=body))

    async def get_profile(self, actor: str) -> Profile:
        """Name and counters of an account."""
        return _parsed(Profile, await self._asked("app.bsky.actor.getProfile", [("actor", actor)]))

    async def get_posts(self, uris: Sequence[str]) -> PostsAnswer:
        """Counters of at most 25 posts; those that are gone are left out."""
        return _parsed(PostsAnswer, await self._asked("app.bsky.feed.getPosts", [("uris", uri) for uri in uris]))

    async def get_author_feed(self, actor: str, cursor: str | None) -> FeedAnswer:
        """A page of an account's posts, newest first, answers left out; reposts come among them."""
        params = [("actor", actor), ("filter", "posts_no_replies"), ("limit", str(FEED_PER_CALL))]
        more = [("cursor", cursor)] if cursor else []
        return _parsed(FeedAnswer, await self._asked("app.bsky.feed.getAuthorFeed", params + more))

    async def get_post_thread(self, uri: str, depth: int) -> ThreadAnswer | None:
        """A post with the answers below it; None when the post is gone."""
        params = [("uri", uri), ("depth", str(depth)), ("parentHeight", "0")]
        answer = await self._call(self._get("app.bsky.feed.getPostThread", params), but=frozenset({"NotFound"}))
        return None if isinstance(answer, Fault) else _parsed(ThreadAnswer, answer)

    def _headers(self, token: str) -> dict[str, str]:
        ours = {"Accept": "application/json"}
        if token:
            ours["Authorization"] = f"Bearer {token}"
        taken = {"content-type", *(name.lower() for name in ours)}
        return {**{k: v for k, v in self.extra_headers.items() if k.lower() not in taken}, **ours}

    def _get(self, method: str, params: Sequence[tuple[str, str]], *, signed: bool = True) -> HttpRequest:
        return HttpRequest(
            method="GET",
            url=f"{self.base_url}/xrpc/{method}",
            effect=Effect.READ,
            headers=self._headers(self._signature() if signed else ""),
            params=params,
            timeout=_LOOK_TIMEOUT,
        )

    def _post(
        self,
        method: str,
        effect: Effect,
        *,
        params: Sequence[tuple[str, str]] = (),
        json: object = None,
        content: bytes | Stream | None = None,
        mime: str = "",
        token: str | None = None,
        timeout: float = _LOOK_TIMEOUT,
    ) -> HttpRequest:
        open_door = method == "com.atproto.server.createSession"
        headers = self._headers("" if open_door else token or self._signature())
        return HttpRequest(
            method="POST",
            url=f"{self.base_url}/xrpc/{method}",
            effect=effect,
            headers={**headers, "Content-Type": mime} if mime else headers,
            params=params,
            json=json,
            content=content,
            timeout=timeout,
        )

    def _signature(self) -> str:
        if not self.token:
            raise NeedsReauth("The account is not signed in yet.", refreshable=True)
        return self.token

    async def _asked(self, method: str, params: Sequence[tuple[str, str]]) -> Answer:
        return await self._surely(self._get(method, params))

    async def _surely(self, request: HttpRequest) -> Answer:
        answer = await self.http.send(request)
        if not answer.ok:
            raise explain(read_fault(answer))
        return answer

    async def _call(self, request: HttpRequest, *, but: frozenset[str] = _NOBODY) -> Answer | Fault:
        """The answer, or the fault when its name is one the caller understands."""
        answer = await self.http.send(request)
        if answer.ok:
            return answer
        fault = read_fault(answer)
        if fault.name in but:
            return fault
        raise explain(fault)


def _parsed(model: type[_Model], answer: Answer) -> _Model:
    try:
        return model.model_validate(answer.data())
    except ValidationError:
        raise answer.unreadable() from None
