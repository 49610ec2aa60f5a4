"""The wire: one method per endpoint of LinkedIn's versioned API the desk uses, refusals read into errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote, unquote

from pydantic import BaseModel, ValidationError

from services.domain.errors import NeedsOperator, RateLimited
from services.pieces import seconds_for
from services.platforms.linkedin.errors import AGAIN, Expired, Gone, Hidden, explain, read_fault, too_fast
from services.platforms.linkedin.models import (
    OneUploadPlace,
    OneVideoPlace,
    UploadPlace,
    VideoPlace,
    WireComment,
    WireComments,
    WireOrganization,
    WirePerson,
    WirePost,
    WirePosts,
    WireRole,
    WireRoles,
    WireSize,
    WireStatistics,
    WireUpload,
)
from services.platforms.linkedin.place import POST, comment_of, comment_urn
from services.ports.http import Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.platforms.linkedin.place import Place
    from services.ports.clock import Clock
    from services.ports.http import Answer, Http, Stream

POSTS_PER_CALL: Final = 100
SEND_TIMEOUT: Final = 25.0
"""Seconds for the irreversible call, below the dispatcher's own limit."""
_OURS: Final = frozenset(
    {"authorization", "content-type", "content-length", "host", "linkedin-version", "x-restli-protocol-version"}
)
_STATISTICS: Final = "organizationalEntityShareStatistics"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInClient:
    """Speaks for one account; knows endpoints and nothing of the desk."""

    http: Http
    place: Place
    token: str = field(repr=False)
    version: str
    """Which month's API is asked for: YYYYMM."""
    clock: Clock
    refreshable: bool = False
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def member(self) -> WirePerson:
        """Who the token belongs to."""
        return parsed(await self._call("GET", "/v2/userinfo", Effect.READ, right="openid profile"), WirePerson)

    async def managed_pages(self) -> tuple[WireRole, ...]:
        """The pages the token's member has a role on."""
        path = "/rest/organizationAcls?q=roleAssignee&state=APPROVED&count=100"
        return parsed(await self._call("GET", path, Effect.READ, right="rw_organization_admin"), WireRoles).elements

    async def organization(self) -> WireOrganization:
        """The page's names."""
        number = self.place.author.rpartition(":")[2]
        path = f"/rest/organizations/{number}"
        return parsed(await self._call("GET", path, Effect.READ, right="rw_organization_admin"), WireOrganization)

    async def begin_upload(self, kind: str = "images") -> UploadPlace:
        """Ask where the bytes of a picture or of a document go ("documents"); the address is as good as a key."""
        found = parsed(await self._act(kind, "initializeUpload", {"owner": self.place.author}), OneUploadPlace).value
        self._trust(found.url)
        return found

    async def begin_video(self, size: int) -> VideoPlace:
        """Ask where the ranges of a video go; each address is as good as a key."""
        wish = {
            "owner": self.place.author,
            "fileSizeBytes": size,
            "uploadCaptions": False,
            "uploadThumbnail": False,
        }
        answer = await self._act("videos", "initializeUpload", wish)
        found = parsed(answer, OneVideoPlace).value
        if not found.covers(size):
            raise answer.unreadable()
        for one in found.ranges:
            self._trust(one.url)
        return found

    async def finish_video(self, place: VideoPlace, parts: Sequence[str]) -> None:
        """Have the ranges put together; `parts` are their names in order."""
        wish = {"video": place.urn, "uploadToken": place.token, "uploadedPartIds": list(parts)}
        await self._act("videos", "finalizeUpload", wish)

    async def put(self, url: str, data: bytes | Stream) -> str:
        """Send bytes to their place, whole, and give their name: each further call would replace them."""
        request = HttpRequest(
            method="PUT",
            url=url,
            effect=Effect.REPEATABLE,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/octet-stream"},
            content=data,
            timeout=seconds_for(len(data) if isinstance(data, bytes) else data.size),
        )
        try:
            answer = await self._sent(request, self._writing)
        except (Gone, Hidden):
            raise Expired("The place to upload to has expired.", next_step=AGAIN) from None
        return answer.headers.get("etag", "").strip('"')

    async def upload(self, urn: str) -> WireUpload:
        """How far an upload is; only a page's token may ask."""
        kind = urn.split(":")[2]
        answer = await self._call("GET", f"/rest/{kind}s/{_id(urn)}", Effect.READ, right=self._reading)
        return parsed(answer, WireUpload)

    async def create(self, body: Mapping[str, object]) -> str:
        """Publish, and give the post's URN; a call that can't be taken back. What answers is a header, not a body."""
        answer = await self._call(
            "POST", "/rest/posts", Effect.IRREVERSIBLE, right=self._writing, json=dict(body), timeout=SEND_TIMEOUT
        )
        urn = unquote(answer.headers.get("x-restli-id", ""))
        if POST.fullmatch(urn) is None:
            raise answer.unreadable()
        return urn

    async def delete(self, urn: str) -> None:
        """Take a post down; doing it twice is no matter."""
        headers = {"X-RestLi-Method": "DELETE"}
        path = f"/rest/posts/{_id(urn)}"
        await self._call("DELETE", path, Effect.REPEATABLE, right=self._writing, headers=headers)

    async def edit(self, urn: str, commentary: str) -> None:
        """Give a post other words and leave all else; raises `Gone`."""
        await self._patch(f"/rest/posts/{_id(urn)}", {"$set": {"commentary": commentary}})

    async def _patch(self, path: str, patch: Mapping[str, object]) -> None:
        headers = {"X-RestLi-Method": "PARTIAL_UPDATE"}
        answer = await self._call(
            "POST", path, Effect.REPEATABLE, right=self._writing, headers=headers, json={"patch": dict(patch)}
        )
        if answer.body:
            answer.data()  # a page of something in between has changed nothing

    async def post(self, urn: str) -> WirePost:
        """One post; raises `Gone`."""
        return parsed(await self._call("GET", f"/rest/posts/{_id(urn)}", Effect.READ, right=self._reading), WirePost)

    async def posts(self, *, start: int, count: int = POSTS_PER_CALL) -> WirePosts:
        """A page of the author's posts, newest first."""
        query = f"q=author&author={_id(self.place.author)}&start={start}&count={count}&sortBy=CREATED"
        headers = {"X-RestLi-Method": "FINDER"}
        answer = await self._call("GET", f"/rest/posts?{query}", Effect.READ, right=self._reading, headers=headers)
        return parsed(answer, WirePosts)

    async def statistics(self, name: str, urns: Sequence[str]) -> WireStatistics:
        """What posts of the page earned; `name` is "shares" or "ugcPosts", as their URNs are."""
        listed = ",".join(map(_id, urns))
        query = f"q=organizationalEntity&organizationalEntity={_id(self.place.author)}&{name}=List({listed})"
        right = "rw_organization_admin"
        return parsed(await self._call("GET", f"/rest/{_STATISTICS}?{query}", Effect.READ, right=right), WireStatistics)

    async def followers(self) -> int | None:
        """How many follow the page."""
        path = f"/rest/networkSizes/{_id(self.place.author)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        return parsed(await self._call("GET", path, Effect.READ, right="rw_organization_admin"), WireSize).followers

    async def comments(self, urn: str, *, start: int) -> WireComments:
        """A page of what was said below a post or a comment; raises `Gone`."""
        path = f"/rest/socialActions/{_id(urn)}/comments?start={start}&count={POSTS_PER_CALL}"
        return parsed(await self._call("GET", path, Effect.READ, right=self._reading), WireComments)

    async def comment(self, post: str, text: str, *, parent: str = "") -> str:
        """Say something below a post, and give the comment's URN; a call that can't be taken back."""
        body: dict[str, object] = {"actor": self.place.author, "object": post, "message": {"text": text}}
        if parent:
            body["parentComment"] = parent
        path = f"/rest/socialActions/{_id(parent or post)}/comments"
        answer = await self._call(
            "POST", path, Effect.IRREVERSIBLE, right=self._writing, json=body, timeout=SEND_TIMEOUT
        )
        named = unquote(answer.headers.get("x-restli-id", ""))
        told = parsed(answer, WireComment)
        for urn in (told.urn, named, comment_urn(post, told.id or named)):
            if comment_of(urn) is not None:
                return urn
        raise answer.unreadable()

    async def edit_comment(self, urn: str, text: str) -> None:
        """Give a comment other words; raises `Gone`."""
        await self._patch(self._comment_path(urn), {"message": {"$set": {"text": text}}})

    async def delete_comment(self, urn: str) -> None:
        """Take a comment back; raises `Gone`."""
        await self._call("DELETE", self._comment_path(urn), Effect.REPEATABLE, right=self._writing)

    def _comment_path(self, urn: str) -> str:
        post, number = comment_of(urn) or ("", "")
        return f"/rest/socialActions/{_id(post)}/comments/{_id(number)}?actor={_id(self.place.author)}"

    async def _act(self, kind: str, action: str, wish: Mapping[str, object]) -> Answer:
        path, body = f"/rest/{kind}?action={action}", {f"{action}Request": dict(wish)}
        return await self._call("POST", path, Effect.REPEATABLE, right=self._writing, json=body)

    def _trust(self, url: str) -> None:
        """Send the token nowhere but to LinkedIn."""
        if not self.place.takes_uploads(url):
            raise NeedsOperator(
                "LinkedIn names a strange place to upload to.", next_step="Check the account's base_url."
            )

    @property
    def _writing(self) -> str:
        return "w_organization_social" if self.place.is_page else "w_member_social"

    @property
    def _reading(self) -> str:
        return "r_organization_social" if self.place.is_page else "r_member_social"

    async def _call(
        self,
        method: str,
        path: str,
        effect: Effect,
        *,
        right: str,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        extra = {name: value for name, value in self.extra_headers.items() if name.lower() not in _OURS}
        ours = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.token}",
            "LinkedIn-Version": self.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        request = HttpRequest(
            method=method,
            url=self.place.base_url + path,
            effect=effect,
            headers={**extra, **ours, **(headers or {})},
            json=json,
            timeout=timeout,
        )
        return await self._sent(request, right)

    async def _sent(self, request: HttpRequest, right: str) -> Answer:
        try:
            answer = await self.http.send(request)
        except RateLimited as error:
            raise too_fast(error, now=self.clock.now(), author=self.place.author) from None
        if not answer.ok:
            raise explain(read_fault(answer), right=right, refreshable=self.refreshable)
        return answer


def _id(urn: str) -> str:
    return quote(urn, safe="")


def parsed(answer: Answer, model: type[M]) -> M:
    """The answer as a model; what can't be read leaves the outcome as unknown as the call's effect makes it."""
    try:
        return model.model_validate(answer.data())
    except ValidationError:
        raise answer.unreadable() from None
