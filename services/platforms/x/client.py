"""The wire: one method per endpoint of the X API v2 the desk uses, answers read into models, refusals into errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ValidationError

from services.domain.errors import RateLimited, Refused
from services.platforms.x.errors import explain, read_fault, too_fast
from services.platforms.x.models import (
    OneHidden,
    OnePost,
    OneUpload,
    OneUser,
    WirePost,
    WirePosts,
    WireUpload,
    WireUser,
)
from services.ports.http import Effect, HttpRequest, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.platforms.x.signing import Signer
    from services.ports.http import Answer, Http

POSTS_PER_CALL: Final = 100
SEND_TIMEOUT: Final = 25.0
"""Seconds for the irreversible call, below the dispatcher's own limit."""
_UPLOAD: Final = "/2/media/upload"
_UPLOAD_TIMEOUT: Final = 60.0
_OURS: Final = frozenset({"authorization", "content-type", "content-length", "host"})
_SEEN: Final = "created_at,author_id,entities,attachments,referenced_tweets,note_tweet"
_SEEN_RENAMED: Final = "created_at,author_id,entities,attachments,referenced_posts,note_post"
_PUBLIC: Final = "created_at,public_metrics,attachments"
_PRIVATE: Final = f"{_PUBLIC},non_public_metrics"
M = TypeVar("M", bound=BaseModel)
Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class XClient:
    """Speaks for one account; knows endpoints and nothing of the desk."""

    http: Http
    base_url: str
    """Without a trailing slash."""
    signer: Signer
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def me(self) -> tuple[WireUser, str]:
        """Who the keys belong to, and what they may do where X says it: "read", "read-write" or nothing."""
        wanted = (("user.fields", "public_metrics,verified,verified_type,subscription_type"),)
        answer = await self._call("GET", "/2/users/me", Effect.READ, params=wanted)
        return parsed(answer, OneUser).data, answer.headers.get("x-access-level", "")

    async def upload(self, *, data: bytes, mime: str) -> WireUpload:
        """Put a picture up; it can be used at once."""
        file = Upload(name="media", filename=f"picture.{mime.rpartition('/')[2]}", mime=mime, data=data)
        answer = await self._call(
            "POST",
            _UPLOAD,
            Effect.REPEATABLE,
            form=(("media_category", "tweet_image"),),
            uploads=(file,),
            timeout=_UPLOAD_TIMEOUT,
        )
        return parsed(answer, OneUpload).data

    async def begin(self, *, mime: str, size: int, category: str) -> WireUpload:
        """Announce a file that comes in pieces."""
        body = {"media_type": mime, "total_bytes": size, "media_category": category}
        return parsed(await self._call("POST", f"{_UPLOAD}/initialize", Effect.REPEATABLE, json=body), OneUpload).data

    async def append(self, media_id: str, turn: int, data: bytes) -> None:
        """Hand in a piece; the same again takes its own place."""
        file = Upload(name="media", filename="piece.bin", mime="application/octet-stream", data=data)
        await self._call(
            "POST",
            f"{_UPLOAD}/{media_id}/append",
            Effect.REPEATABLE,
            form=(("segment_index", str(turn)),),
            uploads=(file,),
            timeout=_UPLOAD_TIMEOUT,
        )

    async def finish(self, media_id: str) -> WireUpload:
        """Say that every piece is there; X may then work on it."""
        path = f"{_UPLOAD}/{media_id}/finalize"
        return parsed(await self._call("POST", path, Effect.REPEATABLE, timeout=_UPLOAD_TIMEOUT), OneUpload).data

    async def look(self, media_id: str) -> WireUpload:
        """How far X is with a file."""
        asked = (("command", "STATUS"), ("media_id", media_id))
        return parsed(await self._call("GET", _UPLOAD, Effect.READ, params=asked), OneUpload).data

    async def describe(self, media_id: str, alt: str) -> None:
        """Give a picture the words for those who can't see it, before a post shows it."""
        body = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        await self._call("POST", "/2/media/metadata", Effect.REPEATABLE, json=body)

    async def create(self, body: Mapping[str, object]) -> WirePost:
        """Publish; the one call here that can't be taken back."""
        answer = await self._call("POST", "/2/tweets", Effect.IRREVERSIBLE, json=dict(body), timeout=SEND_TIMEOUT)
        return parsed(answer, OnePost).data

    async def delete(self, post_id: str) -> None:
        """Take a post down; raises `Gone` when there is none."""
        await self._call("DELETE", f"/2/tweets/{post_id}", Effect.REPEATABLE)

    async def hide(self, post_id: str, *, hidden: bool) -> None:
        """Fold a reply away below our post, or show it again; raises `Gone`."""
        answer = await self._call("PUT", f"/2/tweets/{post_id}/hidden", Effect.REPEATABLE, json={"hidden": hidden})
        if parsed(answer, OneHidden).data.hidden is not hidden:
            raise answer.unreadable()

    async def posts(self, ids: Sequence[str], *, private: bool) -> WirePosts:
        """Counters of at most 100 posts; `private` ones exist for 30 days and only for our own."""
        fields = _PRIVATE if private else _PUBLIC
        shown = (("expansions", "attachments.media_keys"), ("media.fields", "public_metrics"))
        return await self._read("/2/tweets", (("ids", ",".join(ids)), *shown), fields, fields)

    async def timeline(self, user_id: str, *, since: datetime, token: str, replies: bool) -> WirePosts:
        """A page of an account's posts since then, newest first; without `replies` only what began a thread."""
        params = [("max_results", "100"), ("start_time", _stamp(since))]
        if not replies:
            params.append(("exclude", "replies,retweets"))
        if token:
            params.append(("pagination_token", token))
        return await self._read(f"/2/users/{user_id}/tweets", tuple(params), _SEEN, _SEEN_RENAMED)

    async def conversation(self, post_id: str, *, since: datetime, token: str) -> WirePosts:
        """A page of what was said below a post, at most the last seven days, newest first."""
        params = [("query", f"conversation_id:{post_id}"), ("max_results", "100"), ("start_time", _stamp(since))]
        params += [("expansions", "author_id"), ("user.fields", "username,name")]
        if token:
            params.append(("next_token", token))
        return await self._read("/2/tweets/search/recent", tuple(params), _SEEN, _SEEN_RENAMED)

    async def _read(self, path: str, params: Params, fields: str, renamed: str) -> WirePosts:
        """A list by the parameter name X documents, else by the one it is moving to; refused calls are not charged."""
        try:
            answer = await self._call("GET", path, Effect.READ, params=(*params, ("tweet.fields", fields)))
        except Refused as refusal:
            if "tweet.fields" not in refusal.message and "referenced_tweets" not in refusal.message:
                raise
            answer = await self._call("GET", path, Effect.READ, params=(*params, ("post.fields", renamed)))
        return parsed(answer, WirePosts)

    async def _call(
        self,
        method: str,
        path: str,
        effect: Effect,
        *,
        params: Params = (),
        json: object = None,
        form: Sequence[tuple[str, str]] = (),
        uploads: Sequence[Upload] = (),
        timeout: float = 30.0,
    ) -> Answer:
        url = self.base_url + path
        extra = {name: value for name, value in self.extra_headers.items() if name.lower() not in _OURS}
        ours = {"Accept": "application/json", "Authorization": self.signer.authorize(method, url, params)}
        request = HttpRequest(
            method=method,
            url=url,
            effect=effect,
            headers={**extra, **ours},
            params=params,
            json=json,
            form=form,
            uploads=uploads,
            timeout=timeout,
        )
        try:
            answer = await self.http.send(request)
        except RateLimited as error:
            raise too_fast(error) from None
        if not answer.ok:
            raise explain(read_fault(answer), refreshable=self.signer.refreshable)
        return answer


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def parsed(answer: Answer, model: type[M]) -> M:
    """The answer as a model; what can't be read leaves the outcome as unknown as the call's effect makes it."""
    try:
        return model.model_validate(answer.data())
    except ValidationError:
        raise answer.unreadable() from None
