"""Deliveries: the list with its filters, and each one's life in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.views.delivery import WORDS
from handlers.views.timeline import step_words
from services.domain.delivery import DELIVERY_TRANSITIONS, DeliveryLogEntry, DeliveryState
from services.domain.ids import AccountId, DeliveryId, DraftId
from tests.builders import NOW, a_delivery, a_log_entry, a_receipt, a_variant
from tests.handlers.visiting import follow, press, text_of, words_of
from tests.handlers.world import BLUESKY, MASTODON, World

if TYPE_CHECKING:
    import httpx

    from services.domain.delivery import Delivery
    from services.ports.storage import Transaction

_S = DeliveryState


async def add(world: World, number: int, state: DeliveryState, account: AccountId = MASTODON, **more: object) -> str:
    """One row of draft 1; its version is its number, because a version goes to an account once."""
    ident = DeliveryId(f"d{number:04d}")
    variant = a_variant(account_id=account, parts=("We <b>ship</b> today",))
    row: Delivery = replace(
        a_delivery(id=ident, draft_id=DraftId("1"), account_id=account, variant=variant, revision=number),
        state=state,
        **more,  # type: ignore[arg-type]  # whatever the test is about
    )

    def work(tx: Transaction) -> None:
        tx.deliveries.add(row, a_log_entry(note="Scheduled by <i>Ada</i>."))

    await world.store.write(work)
    return ident


def rows(page: str) -> list[str]:
    return re.findall(r'class="post"><a href="/deliveries/([^"]+)"', page)


async def test_nothing_has_gone_out(signed_in: httpx.AsyncClient) -> None:
    page = await text_of(signed_in, "/deliveries")
    assert "Nothing has gone out yet" in page
    assert 'aria-current="page">Deliveries</a>' in page


async def test_the_list_says_state_account_time_and_link(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("We ship")
    receipt = a_receipt(url="https://mastodon.social/@driftseas/1", at=NOW)
    await add(world, 1, _S.PUBLISHED, receipts=(receipt,))
    await add(world, 2, _S.FAILED, BLUESKY, problem="The text was refused <here>.", due_at=NOW + timedelta(hours=2))
    source = (await signed_in.get("/deliveries")).text
    assert rows(source) == ["d0002", "d0001"]
    assert "refused <here>" not in source
    words = words_of(source.replace("&lt;", "[").replace("&gt;", "]"))
    assert "Not published We ship The text was refused [here]. " in words
    assert "Mon 2 Mar 12:00 not yet" in words
    assert "Live We ship" in words
    assert 'href="https://mastodon.social/@driftseas/1" rel="noopener noreferrer nofollow"' in source


async def test_the_filters_hold(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    await add(world, 1, _S.HELD)
    await add(world, 2, _S.FAILED, BLUESKY)
    await add(world, 3, _S.FAILED)
    assert rows(await text_of(signed_in, "/deliveries?state=failed")) == ["d0003", "d0002"]
    assert rows(await text_of(signed_in, f"/deliveries?account={BLUESKY}")) == ["d0002"]
    page = await text_of(signed_in, f"/deliveries?account={MASTODON}&state=failed")
    assert rows(page) == ["d0003"]
    assert '<option value="failed" selected>Not published</option>' in page
    assert "Nothing fits" in await text_of(signed_in, "/deliveries?state=published")
    assert len(rows(await text_of(signed_in, "/deliveries?state=nonsense"))) == 3


async def test_a_crowd_is_paged_and_each_is_met_once(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    for number in range(1, 76):
        await add(world, number, _S.CANCELLED, MASTODON if number % 2 else BLUESKY)
    path, seen = f"/deliveries?account={MASTODON}", []
    for _ in range(5):
        page = await text_of(signed_in, path)
        seen += rows(page)
        older = re.search(r'href="([^"]+)">Older<', page)
        if older is None:
            break
        path = older[1]
    assert seen == [f"d{n:04d}" for n in range(75, 0, -2)]


async def test_the_life_of_one_in_words(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("We ship")
    ident = await add(world, 1, _S.NEEDS_HUMAN, attempts=2, problem="The answer was lost.")
    source = (await signed_in.get(f"/deliveries/{ident}")).text
    assert "<i>Ada" not in source
    assert "<b>ship" not in source
    words = words_of(source)
    assert "It may be live" in words
    assert "Handed over 2 times" in words
    assert "Planned Scheduled by" in words
    assert "SCHEDULED" in words
    assert "It is live, here is the link" in words
    assert "Not there, send it" in words


async def test_a_thread_lists_each_receipt(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    variant = a_variant(account_id=MASTODON, parts=("One", "Two"))
    receipts = tuple(a_receipt(part=n, url=f"https://mastodon.social/@d/{n}") for n in range(2))
    ident = await add(world, 1, _S.PUBLISHED, variant=variant, receipts=receipts)
    words = words_of(await text_of(signed_in, f"/deliveries/{ident}"))
    assert "Post 1 of 2 is live https://mastodon.social/@d/0" in words
    assert "Post 2 of 2 is live https://mastodon.social/@d/1" in words


async def test_a_link_that_is_none_is_not_made_one(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    ident = await add(world, 1, _S.PUBLISHED, receipts=(a_receipt(url="javascript:alert(1)"),))
    assert "javascript:" not in (await signed_in.get("/deliveries")).text
    assert 'href="javascript:' not in (await signed_in.get(f"/deliveries/{ident}")).text


async def test_the_next_try_is_told(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    await add(world, 1, _S.SCHEDULED, attempts=1, due_at=NOW, next_at=NOW + timedelta(seconds=90))
    assert "next try Mon 2 Mar 10:01:30" in words_of(await text_of(signed_in, "/deliveries"))


async def test_another_year_is_named(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    await add(world, 1, _S.SCHEDULED, due_at=NOW + timedelta(days=365))
    assert "Tue 2 Mar 2027 10:00" in words_of(await text_of(signed_in, "/deliveries"))


async def test_a_person_finds_it_live_from_its_page(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    ident = await add(world, 1, _S.NEEDS_HUMAN)
    page = await text_of(signed_in, f"/deliveries/{ident}")
    link = next(m for m in re.findall(r'href="(/form\?[^"]+)"', page) if "it_is_live" in m)
    form = await text_of(signed_in, link)
    wrong = await press(signed_in, form, "Link of the post", url="nonsense")
    assert wrong.status_code == 422
    answer = await press(signed_in, wrong.text, "Link of the post", url="https://mastodon.social/@d/9")
    assert answer.headers["location"].startswith(f"/deliveries/{ident}?said=")
    assert "Found by a person: live" in await follow(signed_in, answer)


async def test_one_that_is_not_there(signed_in: httpx.AsyncClient) -> None:
    assert "There is no such delivery." in await text_of(signed_in, "/deliveries/none", 404)


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, _S.SCHEDULED), *((one, other) for one, to in DELIVERY_TRANSITIONS.items() for other in sorted(to))],
)
def test_every_lawful_step_has_words_of_its_own(before: DeliveryState | None, after: DeliveryState) -> None:
    words = step_words(DeliveryLogEntry(at=NOW, from_state=before, to_state=after, note=""))
    assert words
    assert words != WORDS[after] or after in {_S.HELD, _S.CANCELLED}
