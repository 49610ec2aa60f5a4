"""Accounts with their health and the hold on everything; the brand with its colours measured."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from handlers.views.connecting import connected_card
from handlers.views.sheet import as_text
from handlers.views.standing import connecting, limits_line
from handlers.views.voice import contrast
from services.domain.account import Health
from services.domain.brand import Palette
from services.domain.delivery import DeliveryState
from services.domain.ids import DeliveryId, DraftId
from services.platforms import facebook, linkedin, tiktok, x
from tests.builders import NOW, a_brand, a_delivery, a_log_entry, a_receipt, an_account
from tests.handlers.visiting import follow, press, text_of, words_of
from tests.handlers.world import BASE, MASTODON, World, button_id, the_accounts

if TYPE_CHECKING:
    from services.domain.brand import Brand
    from services.domain.ids import PlatformSlug
    from services.ports.platform import PlatformSpec
    from services.ports.storage import Transaction


async def test_each_account_says_how_it_is(world: World, signed_in: httpx.AsyncClient) -> None:
    words = words_of(await text_of(signed_in, "/accounts"))
    assert "2 connected." in words
    assert "Mastodon @driftseas@social.test Works" in words
    assert "500 characters" in words
    assert "Published last nothing yet" in words
    assert "python -m bot account add bluesky --json -" in words


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (x.SPEC, "a video of 140 s and 512 MB"),
        (facebook.SPEC, "a video of 240 min and"),
        (linkedin.SPEC, "a PDF of 100 MB"),
    ],
    ids=lambda value: getattr(value, "slug", ""),
)
def test_what_an_account_takes_is_told_whole(spec: PlatformSpec, told: str) -> None:
    assert told in limits_line(spec.default_limits)


def test_what_the_page_shows_for_connecting_by_hand_lasts_and_leaves_no_token_behind() -> None:
    ways = {way.slug: way for way in connecting((x.SPEC, tiktok.SPEC, linkedin.SPEC))}
    keys = {"consumer_key", "consumer_secret", "access_token", "access_token_secret"}
    assert set(json.loads(ways["x"].document)) == keys
    assert set(json.loads(ways["tiktok"].document)) == {"access_token", "refresh_token", "client_key", "client_secret"}
    assert set(json.loads(ways["linkedin"].document)) == {"access_token"}
    command = ".venv/bin/python -m bot account add x --json - < account.json && rm account.json"
    assert ways["x"].command == command


async def test_an_account_whose_pictures_nobody_could_fetch_says_what_to_set(
    world: World, signed_in: httpx.AsyncClient
) -> None:
    platforms = cast("dict[PlatformSlug, PlatformSpec]", world.services.platforms)
    mastodon, bluesky = the_accounts()
    platforms[mastodon.platform] = replace(platforms[mastodon.platform], pulls_pictures=True)
    platforms[bluesky.platform] = replace(platforms[bluesky.platform], pulls_pictures=True)
    hidden = replace(mastodon, limits=replace(mastodon.limits, images=0))
    await world.store.write(lambda tx: tx.accounts.save(hidden))
    words = words_of(await text_of(signed_in, "/accounts"))
    assert (
        words.count("Pictures Mastodon fetches pictures from the desk and can't reach it. Set COPYDESK_PUBLIC_URL") == 1
    )
    assert "Bluesky fetches" not in words


def test_what_was_just_connected_says_so_too() -> None:
    limits = replace(tiktok.SPEC.default_limits, images=0)
    card = connected_card((an_account(platform=tiktok.SPEC.slug, limits=limits),), {tiktok.SPEC.slug: tiktok.SPEC})
    told = as_text(card)
    assert "4,000 UTF-16 units, no pictures, a video of 10 min and 4 GB." in told
    assert "TikTok fetches pictures from the desk and can't reach it. Set COPYDESK_PUBLIC_URL to an https" in told


async def test_an_account_in_trouble_says_what_to_do(world: World, signed_in: httpx.AsyncClient) -> None:
    account = replace(the_accounts()[0], health=Health.NEEDS_REAUTH, health_note="The token was <revoked>.")
    await world.store.write(lambda tx: tx.accounts.save(account))
    source = (await signed_in.get("/accounts")).text
    assert "<revoked>" not in source
    words = words_of(source.replace("&lt;", "[").replace("&gt;", "]"))
    assert "Has to be connected again" in words
    assert "The token was [revoked]." in words
    assert "Connect it again here, with /desk connect mastodon, or with the command below" in words
    assert "python -m bot account add mastodon --json -" in words


async def test_the_last_post_and_what_is_planned(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    live = a_delivery(id=DeliveryId("d1"), draft_id=DraftId("1"), account_id=MASTODON, revision=1)
    live = replace(live, state=DeliveryState.PUBLISHED, receipts=(a_receipt(url="https://m.test/1", at=NOW),))

    def add(tx: Transaction) -> None:
        tx.deliveries.add(live, a_log_entry())

    await world.store.write(add)
    card = await world.done(button_id(await world.draft("Later"), "Approve"))
    await world.done(button_id(card, "Schedule"), fields={"when": "2026-03-05T09:00+01:00"})
    page = await text_of(signed_in, "/accounts")
    assert "Published last Mon 2 Mar 2026 10:00 (Europe/Berlin)" in words_of(page)
    assert 'href="https://m.test/1"' in page
    assert "1 planned" in words_of(page)


async def test_without_an_account_it_says_how_to_connect_one(bare: World) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bare.app), base_url=BASE) as client:
        await client.get(f"/signin?token={bare.links.new()}")
        page = await text_of(client, "/accounts")
    assert "No account is connected" in page
    assert page.count('<details class="way" open>') == 2


async def test_freezing_asks_first_tells_and_thaws(world: World, signed_in: httpx.AsyncClient) -> None:
    card = await world.done(button_id(await world.draft(), "Approve"))
    await world.done(button_id(card, "Schedule"), fields={"when": "2026-03-05T09:00+01:00"})
    page = await text_of(signed_in, "/accounts")
    assert "2 posts would be held now." in page
    asked = await text_of(signed_in, "/accounts/freeze")
    assert "2 planned posts are held at once" in asked
    assert (await world.store.read(lambda tx: tx.workspace())).frozen_by is None
    told = await follow(signed_in, await press(signed_in, asked, "Hold everything back?"))
    assert "Frozen by owner: nothing goes out." in words_of(told)
    assert "By owner at 10:00. 2 posts held" in words_of(told)
    assert "Stop everything" not in told
    thawing = await text_of(signed_in, "/accounts/thaw")
    told = await follow(signed_in, await press(signed_in, thawing, "Let everything go again?"))
    assert "2 posts let go." in words_of(told)
    assert "Everything is held back" not in told


async def test_holding_wants_our_form(world: World, signed_in: httpx.AsyncClient) -> None:
    assert (await signed_in.post("/accounts/freeze")).status_code == 403
    assert (await world.stranger.post("/accounts/freeze")).status_code == 403
    assert (await world.store.read(lambda tx: tx.workspace())).frozen_by is None
    assert "There is no such page." in await text_of(signed_in, "/accounts/explode", 404)


async def test_the_brand_as_it_is(world: World, signed_in: httpx.AsyncClient) -> None:
    brand = replace(a_brand(), hashtags=("Slow",), examples=("We <b>like</b> it & so do you.",))
    await world.store.write(lambda tx: tx.brands.put(brand))
    source = (await signed_in.get("/brand")).text
    assert "<b>like" not in source
    words = words_of(source)
    for said in (brand.name, brand.tone, brand.audience, brand.values[0], brand.banned_words[0], "#Slow", "brand.toml"):
        assert said in words, said
    assert f'fill="{brand.palette.accent}"' in source
    assert "style=" not in source


def with_colours(background: str, text: str, accent: str) -> Brand:
    return replace(a_brand(), palette=Palette(background=background, text=text, accent=accent))


async def test_weak_colours_are_told(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.store.write(lambda tx: tx.brands.put(with_colours("#ffffff", "#777777", "#eeeeee")))
    words = words_of(await text_of(signed_in, "/brand"))
    assert "contrast 4.5 : 1, good for large lettering only" in words
    assert "contrast 1.2 : 1, too weak to be read" in words


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#FFFFFF", 4.48)])
def test_contrast_is_measured_as_the_standard_says(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
