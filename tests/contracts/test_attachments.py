"""Videos and documents against a strict stand-in of each network that takes them, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from bot.registry import PLATFORMS
from services.domain.account import Dedupe
from services.domain.errors import OutcomeUnknown, Refused, Unavailable
from services.domain.media import Attachment, MediaItem, VideoFacts
from services.ports.platform import OutgoingPart, PlatformSpec, Role, Roles
from tests.contracts.networks import ENOUGH, Seat, seated
from tests.file_samples import tiny_document

PUSHED: Final = [
    spec for spec in PLATFORMS if spec.default_limits.video and not spec.pulls_videos and Role.WATCHER not in spec.roles
]
"""Networks that take a video's bytes from the desk and are done with it before its post goes out."""
READ: Final = [spec for spec in PLATFORMS if spec.default_limits.document]
each_with_videos = pytest.mark.parametrize("spec", PUSHED, ids=lambda spec: spec.slug)
each_with_documents = pytest.mark.parametrize("spec", READ, ids=lambda spec: spec.slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One connected account with the network behind it."""

    seat: Seat
    roles: Roles

    async def kept(self, content: bytes, mime: str, alt: str, **facts: object) -> Attachment:
        """A file where the desk keeps files."""
        digest = await self.seat.files.put(content)
        given = {"digest": digest, "mime": mime, "size": len(content), "width": 0, "height": 0, **facts}
        return Attachment(item=MediaItem(**given), alt=alt)  # type: ignore[arg-type]

    async def patiently(self, part: OutgoingPart) -> OutgoingPart:
        """A post after its first phase, in as many tries as that takes."""
        for _ in range(20):
            try:
                return await self.seat.prepared(self.roles, part)
            except Unavailable as error:
                part = replace(part, handles=error.handles)
        raise AssertionError(part.handles)

    async def days_later(self, days: int) -> Roles:
        """The roles as they are opened then, with a token that is young again where tokens can be."""
        self.seat.clock.set(self.seat.clock.now() + timedelta(days=days))
        [account] = await self.seat.accounts.list()
        if self.roles.refresher is not None:
            await self.seat.accounts.refresh(account.id)
        return await self.seat.accounts.open(account.id)

    async def prepared(self, text: str, attachment: Attachment) -> OutgoingPart:
        """A post after its first phase."""
        return await self.seat.prepared(self.roles, self.seat.part(text, media=(attachment,)))


@pytest.fixture
def spec(request: pytest.FixtureRequest) -> PlatformSpec:
    """Each platform in turn."""
    found: PlatformSpec = request.param
    return found


@pytest_asyncio.fixture
async def stage(spec: PlatformSpec, tmp_path: Path) -> AsyncIterator[Stage]:
    """Its network, with the account connected."""
    async with seated(spec, tmp_path) as seat:
        yield Stage(seat=seat, roles=await seat.roles(await seat.connect()))


@each_with_videos
async def test_a_video_alone_is_a_post(stage: Stage) -> None:
    await stage.seat.send(stage.roles, stage.seat.part("", media=(await stage.seat.video("A wave breaks."),)))
    [post] = await stage.seat.posts()
    assert (post["text"], len(post["media"])) == ("", 1)


@each_with_videos
async def test_the_parts_that_follow_a_video_are_words(stage: Stage) -> None:
    first = stage.seat.part("One.", count=2, media=(await stage.seat.video("A wave breaks."),))
    root = await stage.seat.send(stage.roles, first)
    second = stage.seat.part("Two.", index=1, count=2, receipts=(root,))
    later = await stage.seat.send(stage.roles, second)
    posts = {post["id"]: post for post in await stage.seat.posts()}
    assert [len(posts[one.remote_id]["media"]) for one in (root, later)] == [1, 0]


@each_with_videos
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "status"])
async def test_after_a_lost_answer_a_post_is_found_by_its_video(stage: Stage, fault: str) -> None:
    part = await stage.prepared("Is it there?", await stage.seat.video("A wave breaks."))
    await stage.seat.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await stage.roles.publisher.send(part)
    live = await stage.seat.posts()
    assert len(live) == (fault == "drop_after")
    assert stage.roles.finder is not None
    found = await stage.roles.finder.find(part)
    assert (found.remote_id if found else None) == (live[0]["id"] if live else None)
    if live and stage.seat.spec.dedupe is Dedupe.LOOKUP:
        return
    await stage.roles.publisher.send(part)
    assert len(await stage.seat.posts()) == 1


@each_with_videos
async def test_a_slow_video_is_gone_on_with_and_sent_up_once(stage: Stage) -> None:
    await stage.seat.fault("slow", "upload", value=30)
    part = await stage.patiently(stage.seat.part("Slowly.", media=(await stage.seat.video("A wave breaks."),)))
    await stage.roles.publisher.send(part)
    assert len(await stage.seat.posts()) == 1
    slow = len(await stage.seat.calls("upload"))
    await stage.seat.send(stage.roles, stage.seat.part("At once.", media=(await stage.seat.video("A boat", (64, 64)),)))
    assert len(await stage.seat.calls("upload")) == 2 * slow


@each_with_videos
@pytest.mark.parametrize(("operation", "fault"), [("upload", "status"), ("upload", "drop_after"), ("poll", "status")])
async def test_what_goes_wrong_before_the_post_is_only_unavailable(stage: Stage, operation: str, fault: str) -> None:
    shown = await stage.seat.video("A wave breaks.")
    if operation == "poll":
        await stage.seat.fault("slow", "upload", value=1)
    await stage.seat.fault(fault, operation)
    part = stage.seat.part("Look.", media=(shown,))
    with pytest.raises(Unavailable) as caught:
        await stage.roles.publisher.prepare(part, stage.seat.accounts.read_media)
    assert await stage.seat.posts() == []
    await stage.seat.send(stage.roles, replace(part, handles=caught.value.handles))
    assert len(await stage.seat.posts()) == 1


@each_with_videos
async def test_uploads_that_ended_do_not_end_the_post(stage: Stage) -> None:
    part = await stage.prepared("Late.", await stage.seat.video("A wave breaks."))
    roles = await stage.days_later(2)
    with suppress(Unavailable):
        await roles.publisher.send(part)
    if not await stage.seat.posts():
        await stage.seat.send(roles, replace(part, handles={}))
    assert len(await stage.seat.posts()) == 1


@each_with_videos
async def test_a_video_that_is_none_is_refused_with_a_reason(stage: Stage) -> None:
    facts = VideoFacts(seconds=9.0, frame_rate=10.0, codec="h264")
    broken = await stage.kept(b"\x00" * ENOUGH, "video/mp4", "Nothing.", width=64, height=64, video=facts)
    with pytest.raises(Refused) as caught:
        await stage.prepared("Look.", broken)
    assert caught.value.fix
    assert await stage.seat.posts() == []


@each_with_documents
async def test_a_document_is_public_with_its_title(stage: Stage) -> None:
    content = tiny_document(4)
    shown = await stage.kept(content, "application/pdf", "The tides of 2026", pages=4)
    receipt = await stage.seat.send(stage.roles, stage.seat.part("Read this.", media=(shown,)))
    [post] = await stage.seat.posts()
    [item] = post["media"]
    assert (item["sha256"], item["title"], item["pages"]) == (shown.item.digest, "The tides of 2026", 4)
    assert "The tides of 2026, 4 pages" in (await stage.seat.control.get(receipt.url)).text
