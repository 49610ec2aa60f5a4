"""Videos, reels, stories and polls through our adapters to Meta's stand-ins, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.registry import PLATFORMS
from services.accounts import Accounts
from services.domain.delivery import Receipt
from services.domain.errors import NeedsOperator, OutcomeUnknown, Refused, StillWorking, Unavailable
from services.domain.ids import Digest
from services.domain.media import Attachment, MediaItem, VideoFacts
from services.graph.publishing import CONTAINER
from services.ports.platform import OutgoingPart, Roles
from services.transport import Transport
from tests.bot.practice import driving
from tests.contracts.networks import Seat, nobody, seated
from tests.fakes.bus import FakeBus
from tests.media_samples import tiny_video

CLIP = (3.0, (64, 64))
TALL = (3.0, (540, 960))
PULLED = ("instagram", "threads")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One account at its network."""

    seat: Seat
    roles: Roles

    async def film(self, shape: tuple[float, tuple[int, int]] = CLIP, content: bytes = b"") -> Attachment:
        """A video, kept where the desk keeps files."""
        seconds, (width, height) = shape
        data = content or tiny_video(seconds, (width, height), 24)
        digest = Digest(await self.seat.files.put(data))
        facts = VideoFacts(seconds=seconds, frame_rate=24.0, codec="h264")
        item = MediaItem(digest=digest, mime="video/mp4", width=width, height=height, size=len(data), video=facts)
        await self.seat.store.write(lambda tx: tx.media.put(item, at=self.seat.clock.now()))
        return Attachment(item=item, alt="A grey square")

    async def part(self, text: str = "Größe", **fields: Any) -> OutgoingPart:
        """A post with a video."""
        given = {"media": (await self.film(),), **fields}
        return self.seat.part(text, **given)

    async def prepared(self, part: OutgoingPart) -> OutgoingPart:
        """After as many tries as it takes, each going on from what the one before left."""
        for _ in range(9):
            try:
                return await self.seat.prepared(self.roles, part)
            except Unavailable as error:
                part = replace(part, handles=dict(error.handles))
        raise AssertionError

    async def post(self) -> dict[str, Any]:
        """The one that is public."""
        [post] = await self.seat.posts()
        return post


async def desk_at(slug: str, folder: Path) -> AsyncIterator[Desk]:
    [spec] = [one for one in PLATFORMS if one.slug == slug]
    async with seated(spec, folder) as seat:
        yield Desk(seat=seat, roles=await seat.roles(await seat.connect()))


@pytest_asyncio.fixture(params=[*PULLED, "facebook"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """Each of the three in turn."""
    async for one in desk_at(request.param, tmp_path):
        yield one


@pytest_asyncio.fixture
async def instagram(tmp_path: Path) -> AsyncIterator[Desk]:
    """Instagram alone."""
    async for one in desk_at("instagram", tmp_path):
        yield one


@pytest_asyncio.fixture
async def facebook(tmp_path: Path) -> AsyncIterator[Desk]:
    """A Page alone."""
    async for one in desk_at("facebook", tmp_path):
        yield one


@pytest_asyncio.fixture
async def threads(tmp_path: Path) -> AsyncIterator[Desk]:
    """Threads alone."""
    async for one in desk_at("threads", tmp_path):
        yield one


def matches(receipt: Receipt | None, post: dict[str, Any]) -> bool:
    return receipt is not None and (receipt.remote_id, receipt.url) == (post["id"], post["url"])


# -- each of them --------------------------------------------------------------------------------------------------


async def test_a_video_is_public_with_its_text(desk: Desk) -> None:
    part = await desk.part()
    assert part.attachment is not None
    receipt = await desk.seat.send(desk.roles, part)
    post = await desk.post()
    assert matches(receipt, post)
    assert post["text"] == "Größe"
    assert [(one["mime"], one["sha256"]) for one in post["media"]] == [("video/mp4", part.attachment.item.digest)]
    assert [one["alt"] for one in post["media"]] == ["A grey square" if desk.seat.spec.slug == "threads" else ""]
    assert abs(desk.seat.clock.now() - receipt.at) < timedelta(seconds=30)


@pytest.mark.parametrize("fault", ["drop_after", "malformed", "empty"])
async def test_a_lost_answer_is_found_and_no_second_video_goes_out(desk: Desk, fault: str) -> None:
    part = await desk.prepared(await desk.part())
    await desk.seat.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await desk.roles.publisher.send(part)
    assert desk.roles.finder is not None
    try:
        found = await desk.roles.finder.find(part)
    except StillWorking:
        found = await desk.roles.finder.find(part)
    assert matches(found, await desk.post())
    again = await desk.seat.landed(desk.roles, part)
    assert matches(again, await desk.post())


async def test_a_call_that_never_came_is_known_to_be_absent_and_made_again(desk: Desk) -> None:
    part = await desk.prepared(await desk.part())
    await desk.seat.fault("drop_before")
    with pytest.raises(OutcomeUnknown):
        await desk.roles.publisher.send(part)
    assert desk.roles.finder is not None
    assert await desk.roles.finder.find(part) is None
    assert matches(await desk.seat.landed(desk.roles, part), await desk.post())


async def test_what_was_prepared_and_has_ended_is_prepared_anew(desk: Desk) -> None:
    part = await desk.prepared(await desk.part())
    await desk.seat.fault("expire_uploads", "verify")
    await desk.roles.verifier.verify()
    with pytest.raises(Unavailable):
        await desk.roles.publisher.send(part)
    assert await desk.seat.posts() == []
    await desk.seat.send(desk.roles, replace(part, handles={}))
    assert (await desk.post())["text"] == "Größe"


async def test_a_slow_network_is_waited_for(desk: Desk) -> None:
    await desk.seat.fault("slow", "upload", value=20)
    part = await desk.prepared(await desk.part())
    assert matches(await desk.seat.landed(desk.roles, part), await desk.post())


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "status", "html"])
async def test_preparing_is_only_unavailable_when_it_fails(desk: Desk, fault: str) -> None:
    await desk.seat.fault(fault, "upload")
    part = await desk.part()
    with pytest.raises(Unavailable):
        await desk.seat.prepared(desk.roles, part)
    await desk.seat.send(desk.roles, part)
    assert len(await desk.seat.posts()) == 1


# -- pulled --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", PULLED)
async def test_a_video_that_can_not_be_fetched_is_the_operators_to_cure(slug: str, tmp_path: Path) -> None:
    async for desk in desk_at(slug, tmp_path):
        part = await desk.part()
        desk.seat.files.kept.clear()
        with pytest.raises(NeedsOperator, match="could not fetch"):
            await desk.seat.prepared(desk.roles, part)


async def mixed(desk: Desk, text: str = "Größe", **fields: Any) -> OutgoingPart:
    """A picture, a video and another picture."""
    first, last = await desk.seat.picture("One"), await desk.seat.picture("Two", 1)
    return desk.seat.part(text, media=(first, await desk.film(), last), **fields)


async def turned_away(desk: Desk, part: OutgoingPart) -> OutgoingPart:
    """After one try that came to nothing, with what it left."""
    with pytest.raises(Unavailable) as caught:
        await desk.seat.prepared(desk.roles, part)
    return replace(part, handles=dict(caught.value.handles))


@pytest_asyncio.fixture(params=PULLED)
async def carousels(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """Each of those that show pictures and videos together."""
    async for one in desk_at(request.param, tmp_path):
        yield one


async def test_pictures_and_videos_are_one_post_in_their_order(carousels: Desk) -> None:
    part = await mixed(carousels)
    receipt = await carousels.seat.send(carousels.roles, part)
    post = await carousels.post()
    assert (matches(receipt, post), post["text"]) == (True, "Größe")
    assert [one["sha256"] for one in post["media"]] == [one.item.digest for one in part.media]
    assert [one["mime"].partition("/")[0] for one in post["media"]] == ["image", "video", "image"]
    described = "A grey square" if carousels.seat.spec.slug == "threads" else ""
    assert [one["alt"] for one in post["media"]] == ["One", described, "Two"]
    assert carousels.roles.history is not None
    [past] = await carousels.roles.history.past_posts(carousels.seat.clock.now() - timedelta(days=1), limit=9)
    assert (past.remote_id, past.pictures) == (receipt.remote_id, 2)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "malformed"])
async def test_an_item_whose_answer_was_lost_is_made_again_and_those_before_it_are_not(
    carousels: Desk, fault: str
) -> None:
    await carousels.seat.fault("unknown_fields", "upload")
    await carousels.seat.fault(fault, "upload")
    part = await turned_away(carousels, await mixed(carousels))
    assert set(part.handles) == {"item 1"}
    await carousels.seat.send(carousels.roles, part)
    assert (len(await carousels.seat.posts()), len(await carousels.seat.calls("upload"))) == (1, 5)


async def test_items_that_are_worked_on_for_several_turns_are_sent_once(carousels: Desk) -> None:
    await carousels.seat.fault("slow", "upload", value=40)
    part = await turned_away(carousels, await mixed(carousels))
    part = await turned_away(carousels, part)
    assert set(part.handles) == {"item 1", "item 2", "item 3"}
    ready = await carousels.prepared(part)
    assert set(ready.handles) == {CONTAINER}
    await carousels.seat.landed(carousels.roles, ready)
    assert (len(await carousels.seat.posts()), len(await carousels.seat.calls("upload"))) == (1, 4)


async def test_items_that_ended_in_between_are_made_anew(carousels: Desk) -> None:
    await carousels.seat.fault("slow", "upload", value=20)
    part = await turned_away(carousels, await mixed(carousels))
    await carousels.seat.fault("expire_uploads", "verify")
    await carousels.roles.verifier.verify()
    part = await turned_away(carousels, part)
    assert part.handles == {}
    await carousels.seat.send(carousels.roles, part)
    assert (len(await carousels.seat.posts()), len(await carousels.seat.calls("upload"))) == (1, 7)


@pytest.mark.parametrize("text", ["Größe", ""])
async def test_a_carousel_whose_answer_was_lost_is_found(carousels: Desk, text: str) -> None:
    part = await carousels.prepared(await mixed(carousels, text))
    await carousels.seat.fault("drop_after")
    with pytest.raises(OutcomeUnknown):
        await carousels.roles.publisher.send(part)
    assert carousels.roles.finder is not None
    assert matches(await carousels.roles.finder.find(part), await carousels.post())
    assert matches(await carousels.seat.landed(carousels.roles, part), await carousels.post())


async def test_a_refusal_names_the_item(instagram: Desk) -> None:
    short = await instagram.film((1.0, (64, 64)))
    part = await instagram.part(media=(await instagram.seat.picture("One"), short))
    with pytest.raises(Refused, match=r"^Number 2 of 2: .*2207026"):
        await instagram.seat.prepared(instagram.roles, part)


async def test_a_video_of_another_kind_is_refused_with_the_networks_reason(instagram: Desk) -> None:
    short = await instagram.part(media=(await instagram.film((1.0, (64, 64))),))
    with pytest.raises(Refused, match="2207026"):
        await instagram.seat.prepared(instagram.roles, short)


async def test_a_reel_may_stay_out_of_the_feed(instagram: Desk) -> None:
    await instagram.seat.send(instagram.roles, await instagram.part(options={"share_to_feed": "false"}))
    assert (await instagram.post())["product"] == "REELS"


async def test_a_story_is_a_picture_or_a_video_without_words(instagram: Desk) -> None:
    story = {"share_as": "story"}
    moving = await instagram.seat.send(instagram.roles, await instagram.part(options=story))
    still = instagram.seat.part("Words stay here", options=story)
    await instagram.seat.send(instagram.roles, still)
    newest, oldest = (await instagram.seat.posts())[::-1]
    assert matches(moving, oldest)
    assert [(one["product"], one["text"]) for one in (newest, oldest)] == [("STORY", ""), ("STORY", "")]


async def test_a_story_whose_answer_was_lost_is_found(instagram: Desk) -> None:
    part = await instagram.prepared(await instagram.part(options={"share_as": "story"}))
    await instagram.seat.fault("drop_after")
    with pytest.raises(OutcomeUnknown):
        await instagram.roles.publisher.send(part)
    assert instagram.roles.finder is not None
    assert matches(await instagram.roles.finder.find(part), await instagram.post())


async def test_facebook_login_takes_the_bytes_of_a_desk_out_of_reach(instagram: Desk) -> None:
    seat = instagram.seat
    answer = await seat.control.post("/_practice/tokens", json={"network": "instagram"})
    async with httpx.AsyncClient(trust_env=False, verify=driving.NO_TLS) as client:
        transport = Transport(client, seat.clock, resolve=nobody)
        apart = Accounts(
            seat.store, seat.vault, {seat.spec.slug: seat.spec}, transport, seat.files, FakeBus(), seat.clock
        )
        fields = {**seat.fields, "access_token": answer.json()["access_token"]}
        account = await apart.add(seat.spec.slug, fields, practice=True)
        assert (account.limits.images, account.limits.video) == (0, seat.spec.default_limits.video)
        roles = await apart.open(account.id)
        part = await instagram.part()
        await seat.fault("drop_after", "piece")
        with pytest.raises(Unavailable):
            await seat.prepared(roles, part)
        await seat.send(roles, part)
    post = await instagram.post()
    assert (post["text"], post["media"][0]["sha256"]) == ("Größe", part.attachment and part.attachment.item.digest)
    assert len(await seat.calls("piece")) == 2


# -- Pages ---------------------------------------------------------------------------------------------------------


async def large(desk: Desk) -> Attachment:
    """A video of three pieces."""
    data = tiny_video(3.0, (64, 64), 24)
    room = 2_500_000 - len(data)
    return await desk.film(content=data + room.to_bytes(4, "big") + b"free" + bytes(room - 8))


async def test_a_large_video_comes_in_pieces_and_goes_on_after_a_break(facebook: Desk) -> None:
    part = await facebook.part(media=(await large(facebook),))
    await facebook.seat.fault("unknown_fields", "piece")
    await facebook.seat.fault("drop_before", "piece")
    with pytest.raises(Unavailable) as broken:
        await facebook.seat.prepared(facebook.roles, part)
    assert broken.value.handles["start"] == str(1 << 20)
    ready = await facebook.prepared(replace(part, handles=dict(broken.value.handles)))
    assert (len(await facebook.seat.calls("upload")), len(await facebook.seat.calls("piece"))) == (1, 4)
    assert matches(await facebook.seat.landed(facebook.roles, ready), await facebook.post())
    assert part.attachment is not None
    assert (await facebook.post())["media"][0]["sha256"] == part.attachment.item.digest


async def test_a_piece_that_came_without_an_answer_is_counted_anew(facebook: Desk) -> None:
    part = await facebook.part(media=(await large(facebook),))
    await facebook.seat.fault("drop_after", "piece")
    with pytest.raises(Unavailable) as broken:
        await facebook.seat.prepared(facebook.roles, part)
    assert broken.value.handles
    ready = await facebook.prepared(replace(part, handles=dict(broken.value.handles)))
    await facebook.seat.landed(facebook.roles, ready)
    assert len(await facebook.seat.posts()) == 1


@pytest.mark.parametrize("chosen", ["reel", "story"])
async def test_reels_and_stories_of_a_page(facebook: Desk, chosen: str) -> None:
    part = await facebook.part(media=(await facebook.film(TALL),), options={"share_as": chosen})
    receipt = await facebook.seat.send(facebook.roles, part)
    post = await facebook.post()
    assert matches(receipt, post)
    assert (post["product"], post["text"]) == (("REELS", "Größe") if chosen == "reel" else ("STORY", ""))
    page = await facebook.seat.control.get(post["url"])
    assert chosen.capitalize() in page.text


async def test_a_photo_can_be_a_story_of_a_page(facebook: Desk) -> None:
    part = facebook.seat.part("", media=(await facebook.seat.picture("A tide"),), options={"share_as": "story"})
    ready = await facebook.prepared(part)
    await facebook.seat.fault("drop_after")
    with pytest.raises(OutcomeUnknown):
        await facebook.roles.publisher.send(ready)
    assert facebook.roles.finder is not None
    assert matches(await facebook.roles.finder.find(ready), await facebook.post())
    other = await facebook.seat.send(facebook.roles, part)
    assert matches(other, (await facebook.seat.posts())[-1])


async def test_a_video_the_network_can_not_use_is_refused_with_its_reason(facebook: Desk) -> None:
    part = await facebook.part(options={"share_as": "reel"})
    with pytest.raises(Refused, match="9x16"):
        await facebook.seat.send(facebook.roles, part)
    ready = await facebook.prepared(part)
    await facebook.seat.fault("drop_after")
    with pytest.raises(OutcomeUnknown):
        await facebook.roles.publisher.send(ready)
    assert facebook.roles.finder is not None
    with pytest.raises(StillWorking):
        await facebook.roles.finder.find(ready)
    assert await facebook.roles.finder.find(ready) is None
    with pytest.raises(Refused, match="9x16"):
        await facebook.roles.publisher.send(ready)


async def test_what_is_known_of_a_video_counts_it(facebook: Desk) -> None:
    receipt = await facebook.seat.send(facebook.roles, await facebook.part("Which 3 of 7 would you keep?"))
    facebook.seat.clock.set(facebook.seat.clock.now() + timedelta(days=2))
    assert facebook.roles.metrics is not None
    [counted] = await facebook.roles.metrics.post_metrics([receipt])
    assert counted.remote_id == receipt.remote_id
    assert counted.likes


# -- Threads -------------------------------------------------------------------------------------------------------


async def test_a_poll_is_asked(threads: Desk) -> None:
    part = threads.seat.part("Which?", options={"poll": "Tea\nCoffee"})
    await threads.seat.send(threads.roles, part)
    assert (await threads.post())["poll"] == {"options": ["Tea", "Coffee"]}


async def test_a_link_that_the_words_do_not_have_gets_its_preview(threads: Desk) -> None:
    part = threads.seat.part("Look.", options={"link_attachment": "https://example.com/tides"})
    await threads.seat.send(threads.roles, part)
    assert (await threads.post())["link_attachment"] == "https://example.com/tides"


async def test_a_video_starts_a_thread_and_may_be_hidden(threads: Desk) -> None:
    first = await threads.part("One.", count=2, options={"is_spoiler_media": "yes", "enable_reply_approvals": "yes"})
    receipt = await threads.seat.send(threads.roles, first)
    second = threads.seat.part("Two.", index=1, count=2, receipts=(receipt,), options=first.options)
    await threads.seat.send(threads.roles, second)
    one, two = await threads.seat.posts()
    assert (one["is_spoiler_media"], one["enable_reply_approvals"], len(one["media"])) == ("true", "true", 1)
    assert (two["reply_to"], two["media"], "is_spoiler_media" in two) == (one["id"], [], False)


async def test_handles_name_only_what_the_network_named(threads: Desk) -> None:
    ready = await threads.prepared(await threads.part())
    assert set(ready.handles) == {CONTAINER}
