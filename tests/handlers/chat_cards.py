"""The cards that chats need besides those of the page, for the golden files of every surface."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from handlers.views.actions import Verb, action_for
from handlers.views.chat import (
    done_card,
    inbox_card,
    result_card,
    revision_note,
    sure_card,
    waiting_form_card,
    welcome_card,
)
from handlers.views.confirm import confirm_facts
from handlers.views.connecting import connected_card, ending_card, go_card, page_card, steps_card, ways_card
from handlers.views.delivery import log_card
from handlers.views.digest import channel_card, digest_card, report_card
from handlers.views.draft import draft_card, full_text_card
from handlers.views.form import refill
from handlers.views.forms import brief_form
from handlers.views.notice import when_notice
from handlers.views.people import code_notice, linked_notice, roles_card, unlinked_notice
from handlers.views.settings import settings_card
from handlers.views.versions import changes, versions_card
from services.connecting import Ready, Way
from services.domain.account import Health
from services.domain.actor import Role
from services.domain.delivery import DeliveryState
from services.domain.insight import Digest, DigestState, Finding, Subscription
from services.domain.post import DraftState
from tests.builders import (
    NOW,
    a_delivery,
    a_draft,
    a_media_item,
    a_person,
    a_picture,
    a_receipt,
    a_revision,
    a_variant,
    a_workspace,
    an_account,
    an_approved_draft,
    an_audit_entry,
)
from tests.builders_chat import a_group_role, an_identity
from tests.builders_numbers import a_report
from tests.handlers.test_actions import a_snapshot
from tests.handlers.world import a_spec

if TYPE_CHECKING:
    from handlers.views.card import Card
    from handlers.views.look import Look
    from services.board import DeliveryRecord
    from services.domain.insight import Report


def who_is_who(look: Look) -> dict[str, Card]:
    """People, their accounts, and what a channel is for."""
    accounts = (an_identity(), an_identity(surface="discord", name="ada.d", linked=True))
    digest = Subscription(surface="slack", place="C1", at=time(8), zone="Europe/Berlin", since=NOW)
    return {
        "settings-in-chat": settings_card(
            a_workspace(), look, accounts=accounts, linked=True, page="https://desk.test/signin?token=t"
        ),
        "roles": roles_card((a_person(), a_person(name="Bo", role=Role.AUTHOR)), (a_group_role(),)),
        "link-code": code_notice("K7QF-29XM"),
        "linked": linked_notice(a_person()),
        "unlinked": unlinked_notice(a_person()),
        "channel-nothing": channel_card(None, look, review=False),
        "channel-both": channel_card(digest, look, review=True),
        "channel-on-the-page": channel_card(None, look),
        "welcome": welcome_card(),
        **ways_to_connect(look),
    }


def ways_to_connect(look: Look) -> dict[str, Card]:
    """Networks to sign in at, what is missing for one, and what came of it."""
    spec, desk = a_spec("atlas", "Atlas"), "https://desk.test"
    steps = ("Open the portal.", f"Enter {desk}/connect/callback.", "Copy both keys.", "Set them.", "Start again.")
    go = Way(spec=spec, ready=Ready.SIGN_IN)
    needs = Way(spec=replace(spec, label="Chorus"), ready=Ready.NEEDS_APP, settings=("CHORUS_ID",), steps=steps)
    ill = an_account(platform=spec.slug, health=Health.NEEDS_REAUTH)
    ending = an_account(platform=spec.slug, ends_at=NOW + timedelta(days=60))
    return {
        "connect-networks": ways_card((go, needs, replace(go, ready=Ready.TYPED)), (ill,), look),
        "connect-go": go_card(go, f"{desk}/connect/go/word", detail="example.social"),
        "connect-on-the-page": page_card(go, desk),
        "connect-steps": steps_card(needs, desk),
        "connect-needs-https": steps_card(replace(go, ready=Ready.NEEDS_HTTPS), "http://127.0.0.1:8420"),
        "connect-by-hand": steps_card(replace(go, ready=Ready.BY_HAND), desk),
        "ending": ending_card(an_account(platform=spec.slug, ends_at=NOW + timedelta(days=9)), look),
        "ended": ending_card(an_account(platform=spec.slug, ends_at=NOW - timedelta(days=1)), look),
        "connected": connected_card((ending,), {spec.slug: spec}, failed=("Other page: The token is not known.",)),
    }


def asked_and_told(look: Look) -> dict[str, Card]:
    """Questions before something happens, and what is told without being asked for."""
    agreed = a_snapshot(an_approved_draft(), DraftState.APPROVED)
    published = a_snapshot(
        an_approved_draft(),
        DraftState.PUBLISHED,
        (a_delivery(state=DeliveryState.PUBLISHED, receipts=(a_receipt(),)),),
    )
    audit = (an_audit_entry(verb="rejected", note="Too salesy."),)
    rejected = replace(a_snapshot(a_draft(state=DraftState.REJECTED), DraftState.REJECTED), audit=audit)
    waiting = a_snapshot(a_draft(state=DraftState.IN_REVIEW), DraftState.IN_REVIEW)
    publish = action_for(agreed, Verb.PUBLISH)
    wrong = refill(brief_form(brief="Ships today"), {"networks": "mastodn"}, field="networks", error="Not known.")
    link = "https://chat.example/desk/1"
    return {
        "sure": sure_card(publish, confirm_facts(publish, agreed, look)),
        "when": when_notice(action_for(agreed, Verb.SCHEDULE), NOW + timedelta(days=1), "tomorrow 9am", look),
        "form-waits": waiting_form_card(wrong),
        "inbox": inbox_card((waiting,), look, (link,)),
        "inbox-empty": inbox_card((), look, ()),
        "result-published": result_card(published, look, link),
        "result-rejected": result_card(rejected, look, None),
        "done": done_card(draft_card(agreed, look)),
    }


def read_in_full(look: Look, record: DeliveryRecord) -> dict[str, Card]:
    """Versions, logs, whole texts and numbers."""
    before = a_revision(variants=(a_variant(parts=("Ships today.",)),))
    after = a_revision(number=2, variants=(a_variant(parts=("Ships tomorrow, at last.",)),), note="later")
    shot = a_snapshot(a_draft(revision=after))
    shot = replace(shot, audit=(an_audit_entry(verb="edited", revision=2),))
    long = a_snapshot(a_draft(revision=a_revision(variants=(a_variant(parts=("Ships. " * 900,)),))))
    return {
        "version-note": revision_note(shot, after, changes(before, after, shot, look)),
        "versions": versions_card("1", (before, after), look),
        "log": log_card("1", (record,), look),
        "full-text": full_text_card(shot, look),
        "draft-long": draft_card(long, look),
        "report": report_card(_report(), look),
        "digest": digest_card(_digest(_report()), look),
        "digest-empty": digest_card(_digest(a_report(posts=0, sentences=("Nothing was posted.",))), look),
    }


def _report() -> Report:
    finding = Finding(
        kind="weekday",
        text="Tuesdays at 9 earn twice the replies",
        posts=41,
        basis="41 posts, 28 days",
        advice="Plan what matters for Tuesdays at 9.",
    )
    return a_report(
        posts=41,
        sentences=("41 posts earned 312 replies.", "Tuesdays at 9 earn twice the replies."),
        findings=(finding,),
        planned=("Tue 09:00 · The release",),
        waiting=("Draft 3 · The outage",),
        gaps=("Mastodon · @driftseas@social.test: the token ended.",),
        picture=a_picture(a_media_item(width=1200, height=675), alt="Tuesdays at 9 earn twice the replies"),
    )


def _digest(report: Report) -> Digest:
    return Digest(
        surface="slack",
        place="T1/C1",
        day=date(2026, 3, 2),
        state=DigestState.SENT,
        lease_until=None,
        attempts=1,
        report=report,
        sent_at=NOW,
    )
