"""The questions asked all day long are answered from an index, however many rows there are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from services.domain.delivery import DeliveryState
from services.domain.ids import AccountId, DeliveryId, DraftId, PersonId, PostId
from services.domain.post import DraftState
from storage.engine import sqlite_path
from storage.store import SqlTransaction
from tests.builders import NOW
from tests.builders_chat import a_link_code
from tests.databases import fresh_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORK = (DeliveryState.SCHEDULED, DeliveryState.PROCESSING, DeliveryState.UNCERTAIN)
ID = DeliveryId("d1")
POST = PostId("acc1|1001")


def plans_of(url: str, ask: Callable[[SqlTransaction], object]) -> str:
    """What SQLite says about each statement that `ask` runs."""
    asked: list[str] = []
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as driver:
        driver.set_trace_callback(asked.append)
        ask(SqlTransaction(driver, writable=True))
        driver.set_trace_callback(None)
        return "\n".join(
            row[3]
            for statement in asked
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
            for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}")
        )


QUESTIONS: dict[str, tuple[Callable[[SqlTransaction], object], str]] = {
    "claim": (
        lambda tx: tx.deliveries.claim(WORK, now=NOW, owner="me", lease_until=NOW, limit=9),
        "ix_deliveries_next_at",
    ),
    "next wake": (lambda tx: tx.deliveries.next_wake(WORK), "ix_deliveries_next_at"),
    "all leases": (lambda tx: tx.deliveries.end_leases(at=NOW), "ix_deliveries_lease_until"),
    "end of leases": (lambda tx: tx.deliveries.next_wake(WORK), "ix_deliveries_lease_until"),
    "of a draft": (lambda tx: tx.deliveries.for_draft(DraftId("1")), "ix_deliveries_draft_id"),
    "by state": (lambda tx: tx.deliveries.list(states={DeliveryState.FAILED}), "ix_deliveries_state_id"),
    "log": (lambda tx: tx.deliveries.log(ID), "ix_delivery_log_delivery_id"),
    "drafts by state": (lambda tx: tx.drafts.list(states=()), "ix_drafts_state_id"),
    "how many wait": (lambda tx: tx.drafts.count({DraftState.DRAFT, DraftState.IN_REVIEW}), "ix_drafts_state_id"),
    "due in a span": (lambda tx: tx.drafts.placed(since=NOW, until=NOW), "ix_deliveries_due_at"),
    "planned in a span": (lambda tx: tx.drafts.placed(since=NOW, until=NOW), "ix_drafts_planned_at"),
    "being pictured": (lambda tx: tx.drafts.picturing(), "ix_drafts_picturing"),
    "audits of a page": (lambda tx: tx.drafts.audits([DraftId("1"), DraftId("2")]), "ix_audit_draft_id"),
    "a page of drafts": (lambda tx: tx.drafts.many([DraftId("1"), DraftId("2")]), "sqlite_autoindex_drafts"),
    "audit": (lambda tx: tx.drafts.audit(DraftId("1")), "ix_audit_draft_id"),
    "name": (lambda tx: tx.people.by_name("ada"), "ix_people_name_folded"),
    "places": (lambda tx: tx.cards.places(DraftId("1")), "ix_cards_draft_id"),
    "identity": (lambda tx: tx.accounts.by_identity("a", "b", "c"), "sqlite_autoindex_accounts"),
    "due posts": (lambda tx: tx.metrics.claim_due(now=NOW, owner="me", lease_until=NOW, limit=9), "ix_posts_next_at"),
    "posts": (lambda tx: tx.metrics.posts(since=NOW), "ix_posts_published_at"),
    "top": (lambda tx: tx.metrics.top(since=NOW, until=NOW), "ix_posts_published_at"),
    "slots": (lambda tx: tx.metrics.slots(since=NOW, until=NOW), "ix_posts_published_at"),
    "hours": (lambda tx: tx.metrics.hours(since=NOW, until=NOW), "hours USING PRIMARY KEY"),
    "snapshots": (lambda tx: tx.metrics.snapshots(POST), "snapshots USING PRIMARY KEY"),
    "a post": (lambda tx: tx.metrics.get(POST), "sqlite_autoindex_posts"),
    "standings": (lambda tx: tx.metrics.account_history(AccountId("a"), since=NOW), "standings USING PRIMARY KEY"),
    "latest answer": (lambda tx: tx.comments.latest(POST), "ix_comments_post_id_at"),
    "answers": (lambda tx: tx.comments.list(since=NOW), "ix_comments_at_platform_mood"),
    "moods": (lambda tx: tx.comments.moods(since=NOW, until=NOW), "COVERING INDEX ix_comments_at_platform_mood"),
    "newest digest": (lambda tx: tx.digests.newest(), "ix_digests_sent_at"),
    "person": (lambda tx: tx.people.get(PersonId("ada")), "sqlite_autoindex_people"),
    "who somebody is": (lambda tx: tx.identities.get("slack", "T1", "U1"), "sqlite_autoindex_identities"),
    "accounts of somebody": (lambda tx: tx.identities.of(PersonId("ada")), "ix_identities_person_id"),
    "is spoken for": (lambda tx: tx.people.remove(PersonId("ada")), "ix_identities_person_id"),
    "admin of a team": (lambda tx: tx.identities.has_admin("slack", "T1"), "sqlite_autoindex_identities"),
    "groups": (lambda tx: tx.identities.groups("slack", "T1"), "sqlite_autoindex_group_roles"),
    "code": (lambda tx: tx.identities.take_code("ab", now=NOW), "sqlite_autoindex_link_codes"),
    "a person's code": (lambda tx: tx.identities.add_code(a_link_code()), "ix_link_codes_person_id"),
    "tries": (lambda tx: tx.identities.tries("slack", "T1", "U1", since=NOW), "COVERING INDEX ix_link_tries_surface"),
    "old tries": (lambda tx: tx.identities.forget_tries(before=NOW), "ix_link_tries_at"),
    "installed": (lambda tx: tx.installations.get("slack", "T1"), "sqlite_autoindex_installations"),
    "old events": (lambda tx: tx.chat.forget(before=NOW), "ix_seen_events_at"),
    "upload": (lambda tx: tx.chat.uploaded("slack", "T1", "ab"), "sqlite_autoindex_uploads"),
    "places of a card": (lambda tx: tx.cards.shown("draft-1"), "sqlite_autoindex_cards"),
    "newest places": (lambda tx: tx.cards.kept("slack", kinds=("draft",), limit=9), "ix_cards_surface_created_at"),
    "a place": (lambda tx: tx.cards.redraw("draft-1", "slack", "C1", told=1), "sqlite_autoindex_cards"),
    "card": (lambda tx: tx.cards.remove("draft-1", surface="slack"), "sqlite_autoindex_cards"),
    "sealed": (lambda tx: tx.accounts.reseal(AccountId("a"), b"x", expected=b"y"), "sqlite_autoindex_accounts"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_is_answered_from_an_index(question: str, tmp_path: Path) -> None:
    ask, index = QUESTIONS[question]
    assert index in plans_of(fresh_database(tmp_path), ask)


@pytest.mark.parametrize(
    "question",
    [
        "claim",
        "next wake",
        "of a draft",
        "log",
        "due posts",
        "slots",
        "hours",
        "how many wait",
        "audits of a page",
        "a page of drafts",
        "due in a span",
        "who somebody is",
        "accounts of somebody",
        "admin of a team",
        "groups",
        "tries",
        "old events",
        "places of a card",
        "newest places",
    ],
)
def test_no_table_is_searched_from_end_to_end(question: str, tmp_path: Path) -> None:
    plan = plans_of(fresh_database(tmp_path), QUESTIONS[question][0])
    assert not [line for line in plan.splitlines() if line.startswith("SCAN") and "USING" not in line]


@pytest.mark.parametrize("question", ["claim", "next wake", "hours", "newest digest", "being pictured", "tries"])
def test_the_earliest_is_found_without_sorting_all(question: str, tmp_path: Path) -> None:
    plan = plans_of(fresh_database(tmp_path), QUESTIONS[question][0])
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan
