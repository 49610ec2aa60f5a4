"""Reports from a store: whose numbers count, what is kept, what goes out next and what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.analytics.standing import topic
from services.domain.account import Health
from services.domain.delivery import DeliveryLogEntry, DeliveryState
from services.domain.errors import Unavailable
from services.domain.ids import AccountId, DraftId, PlatformSlug
from services.domain.metrics import AccountMetrics, Comment, Moods, StoredComment
from services.domain.post import Brief, DraftState
from tests.builders import NOW, a_delivery, a_draft, a_log_entry, an_account
from tests.desk import BLUESKY, MASTODON, make_desk
from tests.services.analytics.cases import a_post

if TYPE_CHECKING:
    from services.domain.metrics import MeasuredPost
    from services.ports.storage import Transaction
    from tests.desk import Desk


async def follow(desk: Desk, *posts: MeasuredPost) -> None:
    for post in posts:
        await desk.store.write(lambda tx, p=post: tx.metrics.add(p))  # type: ignore[misc]  # the default binds


def on(account: AccountId, number: int, days: float, **fields: object) -> MeasuredPost:
    platform = "mastodon" if account == MASTODON else "bluesky"
    made = a_post(number, NOW - timedelta(days=days), platform=platform, account=account)
    return replace(made, **fields)  # type: ignore[arg-type]  # a table of fields


async def test_a_new_desk_has_a_sentence_and_no_picture() -> None:
    desk = await make_desk()
    made = await desk.services.reports.recent()
    assert made.sentences == ("Nothing was published in these 28 days.",)
    assert (made.picture, made.findings, made.planned, made.waiting, made.moods, made.gaps) == (
        None,
        (),
        (),
        (),
        None,
        (),
    )


async def test_a_report_covers_whole_local_days_and_today_so_far() -> None:
    desk = await make_desk()
    made = await desk.services.reports.recent(7, zone="Europe/Berlin")
    assert made.since.isoformat() == "2026-02-22T23:00:00+00:00"
    assert made.until == NOW


async def test_the_picture_is_kept_once_with_its_facts() -> None:
    desk = await make_desk()
    await follow(desk, *(on(MASTODON, n, 2 + n) for n in range(3)))
    first = await desk.services.reports.recent()
    again = await desk.services.reports.recent()
    assert first.picture == again.picture
    assert first.picture is not None
    digest = first.picture.item.digest
    assert desk.workers.done == ["read_numbers"]
    assert (await desk.files.get(digest)).startswith(b"\x89PNG")
    assert await desk.store.read(lambda tx: tx.media.get(digest)) == first.picture.item
    await desk.clock.advance(60)
    await desk.services.reports.recent()
    assert desk.workers.done == ["read_numbers"]


async def test_new_numbers_another_period_or_network_are_read_anew() -> None:
    desk = await make_desk()
    await follow(desk, on(MASTODON, 1, 2), on(BLUESKY, 2, 3))
    whole = await desk.services.reports.recent()
    one = await desk.services.reports.recent(platform="bluesky")
    assert (whole.posts, one.posts, one.platform) == (2, 1, "bluesky")
    await desk.services.reports.recent(7)
    post = on(MASTODON, 1, 2)
    assert post.latest is not None
    later = replace(post.latest, at=NOW + timedelta(days=9), likes=99)
    await desk.store.write(lambda tx: tx.metrics.record(post.id, later))
    assert "earned 115 " in (await desk.services.reports.recent()).sentences[0]
    assert len(desk.workers.done) == 4


async def test_the_newest_report_about_everything_is_remembered() -> None:
    desk = await make_desk()
    await follow(desk, on(MASTODON, 1, 2), on(BLUESKY, 2, 3))
    assert desk.services.reports.newest is None
    whole = await desk.services.reports.recent()
    await desk.services.reports.recent(platform="bluesky")
    assert desk.services.reports.newest == whole


async def test_practice_numbers_never_mix_with_real_ones() -> None:
    desk = await make_desk()
    drill = an_account(id=AccountId("drill"), remote_id="d", practice=True)
    await desk.store.write(lambda tx: tx.accounts.add(drill, b"sealed"))
    await follow(desk, on(MASTODON, 1, 2), replace(on(MASTODON, 2, 2), account_id=drill.id))
    made = await desk.services.reports.recent()
    assert made.posts == 1
    assert made.sentences[0].startswith("1 post of 28 days earned 13 ")


async def test_the_best_real_post_is_found_behind_the_practised_ones() -> None:
    desk = await make_desk()
    drill = an_account(id=AccountId("drill"), remote_id="d", practice=True)
    await desk.store.write(lambda tx: tx.accounts.add(drill, b"sealed"))
    await follow(desk, *(replace(on(MASTODON, n, 2), account_id=drill.id) for n in range(25)), on(MASTODON, 99, 20))
    made = await desk.services.reports.recent()
    assert made.picture is not None
    assert "The post earned 13" in made.picture.alt


async def test_followers_are_a_basis_where_nothing_better_is_provided() -> None:
    desk = await make_desk()
    await follow(desk, *(on(MASTODON, n, 2 + n) for n in range(5)))
    for days, followers in ((9, 100), (2, 650), (1, None)):
        standing = AccountMetrics(at=NOW - timedelta(days=days), followers=followers)
        await desk.store.write(lambda tx, s=standing: tx.metrics.record_account(MASTODON, s))  # type: ignore[misc]  # binds
    made = await desk.services.reports.recent()
    assert made.sentences[-1] == "Engagement was 2.0 % of followers on Mastodon."


async def test_a_worker_that_fails_is_told_and_nothing_is_kept() -> None:
    desk = await make_desk()
    desk.workers.fail = Unavailable("It took longer than 30 seconds.")
    with pytest.raises(Unavailable):
        await desk.services.reports.recent()
    desk.workers.fail = None
    assert (await desk.services.reports.recent()).posts == 0


async def test_without_the_worker_a_bare_report_still_says_what_waits() -> None:
    desk = await make_desk()
    await desk.drafted()
    desk.workers.fail = Unavailable("No.")
    made = await desk.services.reports.bare()
    assert made.sentences == ("The numbers could not be read this time; what is planned and what waits is below.",)
    assert made.waiting == ("Draft 1 · The release · waits for approval",)


async def test_what_goes_out_next_and_what_waits() -> None:
    desk = await make_desk()
    await desk.scheduled()
    waits = await desk.drafted()
    made = await desk.services.reports.recent(zone="Asia/Tokyo")
    assert made.planned == ("Mon 2 Mar 19:00 · draft 1 · The release · Mastodon and Bluesky",)
    assert made.waiting == ("Draft 2 · The release · waits for approval",)
    unwritten = replace(waits.draft, revision=None, brief=Brief(text="the outage " * 20))
    assert topic(unwritten) == "the outage the outage the outage the outage the outage the…"


async def test_the_next_post_is_named_however_many_were_planned_after_it() -> None:
    desk = await make_desk()
    hours = [1, *range(100, 350)]

    def plan(tx: Transaction) -> None:
        for number, hour in enumerate(hours, 1):
            draft = a_draft(id=DraftId(str(number)), state=DraftState.APPROVED, brief=Brief(text="The plan"))
            tx.drafts.add(draft)
            tx.deliveries.add(a_delivery(draft_id=draft.id, due_at=NOW + timedelta(hours=hour)), a_log_entry())

    await desk.store.write(plan)
    made = await desk.services.reports.recent()
    assert made.planned[0] == "Mon 2 Mar 11:00 · draft 1 · The plan · Mastodon"
    assert made.planned[-1] == "and 246 more"


async def test_deliveries_that_need_somebody_wait_while_their_version_stands() -> None:
    desk = await make_desk()
    draft = (await desk.drafted()).draft
    assert draft.revision is not None
    for state, number in ((DeliveryState.HELD, 1), (DeliveryState.NEEDS_HUMAN, 7)):
        row = replace(
            a_delivery(draft_id=draft.id, account_id=MASTODON, platform=PlatformSlug("mastodon"), state=state),
            revision=number,
        )
        entry = DeliveryLogEntry(at=NOW, from_state=None, to_state=state, note="")
        await desk.store.write(lambda tx, r=row, e=entry: tx.deliveries.add(r, e))  # type: ignore[misc]  # binds
    made = await desk.services.reports.recent()
    assert made.waiting == ("Draft 1 · The release · waits for approval", "Draft 1 on Mastodon is held back")


async def test_long_lists_end_with_how_many_more() -> None:
    desk = await make_desk()
    for n in range(7):
        await desk.drafted(brief=f"idea {n}")
    made = await desk.services.reports.recent()
    assert len(made.waiting) == 6
    assert made.waiting[-1] == "and 2 more"


async def test_accounts_without_numbers_are_gaps_with_their_reason() -> None:
    desk = await make_desk()
    unseen = on(MASTODON, 1, 2, latest=None, gap="the network answered 503.")
    await follow(desk, unseen, on(MASTODON, 2, 3), on(BLUESKY, 3, 0.01, latest=None))
    made = await desk.services.reports.recent()
    handles = await desk.store.read(lambda tx: [a.handle for a in tx.accounts.list()])
    assert made.gaps == (
        f"Mastodon · @{handles[0]}: 1 of 2 posts without numbers. The network answered 503.",
        f"Bluesky · @{handles[1]}: 1 of 1 post without numbers. A post is first looked at after an hour.",
    )


async def test_an_account_that_lost_its_rights_is_a_gap_too() -> None:
    desk = await make_desk()
    await follow(desk, on(MASTODON, 1, 2))
    broken = await desk.store.read(lambda tx: tx.accounts.get(MASTODON))
    assert broken is not None
    sick = replace(broken, health=Health.NEEDS_REAUTH, health_note="The token was revoked.")
    await desk.store.write(lambda tx: tx.accounts.save(sick))
    (gap,) = (await desk.services.reports.recent()).gaps
    assert gap.endswith("no new numbers. The token was revoked.")


async def test_moods_are_counted_for_the_accounts_that_take_part() -> None:
    desk = await make_desk()
    drill = an_account(id=AccountId("drill"), remote_id="d", practice=True)
    await follow(desk, on(MASTODON, 1, 2))
    for n, (account, mood) in enumerate([(MASTODON, 0.8), (MASTODON, None), (MASTODON, -0.6), (drill.id, 0.9)]):
        said = Comment(remote_id=f"c{n}", parent_id="r1", author="a", text="t", at=NOW - timedelta(days=1), url="")
        row = StoredComment(
            account_id=account,
            platform=PlatformSlug("mastodon"),
            post_id=on(MASTODON, 1, 2).id,
            comment=said,
            mood=mood,
            seen_at=NOW,
        )
        await desk.store.write(lambda tx, r=row: tx.comments.add(r))  # type: ignore[misc]  # the default binds
    assert (await desk.services.reports.recent()).moods == Moods(warm=2, critical=1, unread=1)
    await desk.store.write(lambda tx: tx.accounts.add(drill, b"sealed"))
    assert (await desk.services.reports.recent()).moods == Moods(warm=1, critical=1, unread=1)
