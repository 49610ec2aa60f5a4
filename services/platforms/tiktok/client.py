"""The wire: one method per endpoint the desk uses, answers read into models, refusals into errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ValidationError

from services.domain.errors import NeedsOperator, OutcomeUnknown, RateLimited, Refused, Unavailable
from services.platforms.tiktok.errors import AGAIN, ANEW, UploadEnded, explain, fault_of, too_fast
from services.platforms.tiktok.models import OneUser, WireBegun, WireCreator, WireStatus, WireUser, WireVideos
from services.ports.http import Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.platforms.tiktok.place import Place
    from services.ports.clock import Clock
    from services.ports.http import Answer, Http

VIDEOS_PER_CALL: Final = 20
SEND_TIMEOUT: Final = 28.0
"""Seconds for the irreversible call, below the dispatcher's own limit."""
_PIECE_TIMEOUT: Final = 120.0
_OURS: Final = frozenset({"authorization", "content-type", "content-length", "host"})
_LISTED: Final = "id,create_time,title,video_description"
_COUNTED: Final = "id,like_count,comment_count,share_count,view_count"
_ENDED: Final = frozenset({403, 404, 416})
"""What the address for uploads answers when it has ended, never was, or expects another piece."""
_PUBLISH: Final = "/v2/post/publish"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokClient:
    """Speaks for one account; knows endpoints and nothing of the desk."""

    http: Http
    clock: Clock
    place: Place
    token: str = field(repr=False)
    refreshable: bool
    """Whether a token that is refused can be renewed."""
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def creator(self) -> WireCreator:
        """What the creator may choose now; TikTok wants it asked before every post."""
        return await self._post(f"{_PUBLISH}/creator_info/query/", {}, WireCreator, scope="video.publish")

    async def user(self, fields: str, *, scope: str) -> WireUser:
        """The account, as far as the fields ask."""
        params = (("fields", fields),)
        found = await self._call("GET", "/v2/user/info/", OneUser, scope=scope, params=params)
        return found.user

    async def begin_video(self, body: Mapping[str, object]) -> WireBegun:
        """A place to upload a video to; nothing is published before all of it is there."""
        return await self._post(f"{_PUBLISH}/video/init/", body, WireBegun, scope="video.publish")

    async def begin_photos(self, body: Mapping[str, object]) -> WireBegun:
        """Publish photos; can't be taken back."""
        path = f"{_PUBLISH}/content/init/"
        return await self._post(path, body, WireBegun, scope="video.publish", effect=Effect.IRREVERSIBLE)

    async def status(self, publish_id: str) -> WireStatus:
        """How far a post is that TikTok took."""
        path = f"{_PUBLISH}/status/fetch/"
        return await self._post(path, {"publish_id": publish_id}, WireStatus, scope="video.publish", effect=Effect.READ)

    async def videos(self, cursor: int | None) -> WireVideos:
        """A page of the account's public posts, newest first."""
        body = {"max_count": VIDEOS_PER_CALL, **({} if cursor is None else {"cursor": cursor})}
        return await self._list("/v2/video/list/", body, _LISTED)

    async def counted(self, ids: Sequence[str]) -> WireVideos:
        """Counters of at most 20 posts."""
        return await self._list("/v2/video/query/", {"filters": {"video_ids": list(ids)}}, _COUNTED)

    async def _list(self, path: str, body: Mapping[str, object], fields: str) -> WireVideos:
        params = (("fields", fields),)
        return await self._post(path, body, WireVideos, scope="video.list", effect=Effect.READ, params=params)

    async def put(self, url: str, data: bytes, *, start: int, size: int, mime: str) -> None:
        """Send a piece of a video; the one that completes it publishes it. The address is the key, so no token goes."""
        self.check(url)
        last = start + len(data) == size
        answer = await self.http.send(
            HttpRequest(
                method="PUT",
                url=url,
                effect=Effect.IRREVERSIBLE if last else Effect.REPEATABLE,
                headers={"Content-Type": mime, "Content-Range": f"bytes {start}-{start + len(data) - 1}/{size}"},
                content=data,
                timeout=SEND_TIMEOUT if last else _PIECE_TIMEOUT,
            )
        )
        if answer.status == (201 if last else 206):
            return
        if answer.status in _ENDED:
            raise UploadEnded(f"The place to upload the video to has ended (status {answer.status}).", next_step=ANEW)
        if answer.ok and last:
            raise OutcomeUnknown(f"TikTok did not say that it has the whole video (status {answer.status}).")
        if answer.ok or answer.status == 408:
            raise Unavailable(f"TikTok did not say that it has the piece (status {answer.status}).", next_step=AGAIN)
        raise Refused(f"TikTok does not take the video (status {answer.status}).", fix="Use another one, such as MP4.")

    def check(self, url: str) -> None:
        """Insist on an address of TikTok's own for uploads."""
        if not self.place.takes_uploads(url):
            raise NeedsOperator("TikTok names a strange place to upload to.", next_step="Check the account's base_url.")

    async def _post(
        self,
        path: str,
        body: Mapping[str, object],
        model: type[M],
        *,
        scope: str,
        effect: Effect = Effect.REPEATABLE,
        params: Sequence[tuple[str, str]] = (),
    ) -> M:
        return await self._call("POST", path, model, scope=scope, body=body, effect=effect, params=params)

    async def _call(
        self,
        method: str,
        path: str,
        model: type[M],
        *,
        scope: str,
        body: Mapping[str, object] | None = None,
        effect: Effect = Effect.READ,
        params: Sequence[tuple[str, str]] = (),
    ) -> M:
        extra = {name: value for name, value in self.extra_headers.items() if name.lower() not in _OURS}
        ours = {"Accept": "application/json", "Authorization": f"Bearer {self.token}"}
        request = HttpRequest(
            method=method,
            url=self.place.base_url + path,
            effect=effect,
            headers={**extra, **ours},
            params=params,
            json=None if body is None else dict(body),
            timeout=SEND_TIMEOUT if effect is Effect.IRREVERSIBLE else 30.0,
        )
        try:
            answer = await self.http.send(request)
        except RateLimited as error:
            raise too_fast(error, self.clock.now()) from None
        fault = fault_of(answer)
        if fault is not None:
            raise explain(fault, now=self.clock.now(), refreshable=self.refreshable, scope=scope)
        return _parsed(answer, model)


def _parsed(answer: Answer, model: type[M]) -> M:
    try:
        return model.model_validate(answer.data().get("data"))
    except ValidationError:
        raise answer.unreadable() from None
