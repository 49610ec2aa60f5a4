"""Several pictures: brought at once, put in order, left out, added to, and shown by each network as far as it goes."""

from __future__ import annotations

from services.domain.account import VideoLimits
from services.domain.actor import Role
from tests.handlers.world import BLUESKY, MASTODON, a_png, takes
from tests.media_samples import tiny_video
from tests.scenarios.house import House
from tests.scenarios.stage import Person, Seen, Stage
from tests.scenarios.test_decisions import written

PICTURES = tuple(a_png(8, height) for height in (5, 6, 7, 8))


async def with_three(ana: Person) -> Seen:
    """A draft for two networks, of which one shows two pictures at most, and the three that somebody brought."""
    await ana.press(await written(ana, "Ships today for mastodon,bluesky"), "Image")
    assert await ana.fill({"Or files": PICTURES[:3], "Description": "One\nTwo\nThree"}) is None
    return await ana.card("draft 1")


async def test_three_pictures_are_brought_arranged_added_to_and_published(stage: Stage, house: House) -> None:
    await takes(house.world, BLUESKY, images=2)
    ana = await stage.person("ana", Role.ADMIN)
    card = await with_three(ana)
    assert card.pictures == ("One", "Two", "Three")
    assert card.captions == ("Picture 1 of 3", "Picture 2 of 3", "Picture 3 of 3 for Mastodon")
    assert "Bluesky shows only pictures 1 and 2." in card.words
    await ana.press(card, "Arrange")
    asked = await ana.form()
    assert asked is not None
    assert asked.box("Order").value == "1, 2, 3"
    asked = await ana.fill({"Order": "3, 7"})
    assert asked is not None
    assert asked.box("Order").error.startswith("There is no 7.")
    assert asked.box("Order").value == "3, 7"
    assert await ana.fill({"Order": "3, 1"}) is None
    card = await ana.card("draft 1")
    assert card.pictures == ("Three", "One")
    assert "shows only" not in card.words
    await ana.press(card, "Upload own")
    assert await ana.fill({"Pictures": PICTURES[3], "Description": "Four"}) is None
    card = await ana.card("draft 1")
    assert card.pictures == ("Three", "One", "Four")
    assert card.captions == ("Picture 1 of 3", "Picture 2 of 3", "Picture 3 of 3 for Mastodon")
    await ana.press(card, "Approve")
    await ana.press(await ana.card("draft 1"), "Publish now")
    await house.later(20)
    assert [post.shown for post in house.networks[MASTODON].posts] == [("Three", "One", "Four")]
    assert [post.shown for post in house.networks[BLUESKY].posts] == [("Three", "One")]


async def test_a_video_among_pictures_is_told_and_all_of_it_goes_at_once(stage: Stage, house: House) -> None:
    await takes(house.world, MASTODON, video=VideoLimits(size=100_000), mixed=10)
    ana = await stage.person("ana", Role.ADMIN)
    card = await with_three(ana)
    await ana.press(card, "Upload own")
    assert await ana.fill({"Pictures": tiny_video(), "Description": "Waves"}) is None
    card = await ana.card("draft 1")
    assert card.captions[:2] == ("Video 1 of 4 for Mastodon", "Picture 2 of 4")
    assert "Bluesky shows only pictures 2 to 4." in card.words
    await ana.press(card, "Remove media")
    card = await ana.card("draft 1")
    assert (card.pictures, card.captions) == ((), ())
    assert not {"Arrange", "Remove media"} & card.offered


async def test_of_several_files_the_one_that_is_none_is_named_and_nothing_is_added(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.press(await written(ana), "Image")
    broken = (PICTURES[0], PICTURES[1][:40], PICTURES[2])
    asked = await ana.fill({"Or files": broken, "Description": "One\nTwo\nThree"})
    assert asked is not None
    assert asked.box("Or files").error.startswith("File 2 of 3: This")
    assert asked.box("Description").value == "One\nTwo\nThree"
    assert (await ana.card("draft 1")).pictures == ()
