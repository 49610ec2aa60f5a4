"""Every card as its exact JSON, in golden files; rewrite them with UPDATE_GOLDEN=1 and read the difference."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from handlers.views.account import accounts_card
from handlers.views.card import Button, Card, Checks, Tone, short
from handlers.views.delivery import delivery_card
from handlers.views.draft import draft_card
from handlers.views.help import help_card
from handlers.views.notice import problem_notice, unknown_word_notice
from handlers.views.queue import list_card
from handlers.views.settings import settings_card
from handlers.views.wire import card_json
from services.board import DeliveryRecord
from services.domain.account import Health
from services.domain.delivery import DeliveryState
from services.domain.errors import Forbidden
from services.domain.ids import AccountId, DeliveryId, DraftId, PlatformSlug
from services.domain.post import Brief, DraftState, Problem, Severity
from tests.builders import (
    NOW,
    a_delivery,
    a_document_item,
    a_draft,
    a_log_entry,
    a_media_item,
    a_picture,
    a_picture_job,
    a_receipt,
    a_revision,
    a_variant,
    a_workspace,
    an_account,
    an_approved_draft,
    an_attachment,
    an_audit_entry,
    an_origin,
    an_outline,
)
from tests.choices import CALM, STRICT
from tests.handlers.chat_cards import asked_and_told, read_in_full, who_is_who
from tests.handlers.everywhere import everywhere
from tests.handlers.slides import shown_in_parts
from tests.handlers.test_actions import BLOCK, WARN, a_look, a_snapshot

if TYPE_CHECKING:
    from handlers.views.look import Look
    from services.domain.delivery import Delivery
    from services.ledger import Snapshot

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "cards"
S, D = DraftState, DeliveryState
LATER = NOW + timedelta(days=1)


def row(state: DeliveryState, **more: object) -> Delivery:
    made = a_delivery(id=DeliveryId("00064c2f9a1b2c00deadbeef"), state=state)
    return replace(made, **more)  # type: ignore[arg-type]  # the builder's own fields


def record(state: DeliveryState, **more: object) -> DeliveryRecord:
    log = (a_log_entry(), a_log_entry(state, came_from=D.SCHEDULED, note="Claimed by desk-1."))
    return DeliveryRecord(delivery=row(state, **more), log=log, account=an_account())


def pictured() -> dict[str, Snapshot]:
    """A picture being made, there in five states, and failed."""
    drawn = a_media_item(width=1600, height=900)
    shown = a_revision(variants=(a_variant(media=(a_picture(drawn, origin=an_origin()),)),))
    agreed = an_approved_draft(revision=shown, planned_at=LATER)
    down = "No picture was made. The image model timed out. The text is unchanged. Try again, or upload a picture."
    return {
        "picture-being-made": a_snapshot(a_draft(picturing=a_picture_job())),
        "picture-being-made-approved": a_snapshot(
            an_approved_draft(revision=shown, picturing=a_picture_job()), S.APPROVED
        ),
        "picture-failed": a_snapshot(a_draft(problem=down)),
        "picture-draft": a_snapshot(a_draft(revision=shown)),
        "picture-in-review": a_snapshot(a_draft(state=S.IN_REVIEW, revision=shown), S.IN_REVIEW),
        "picture-approved": a_snapshot(an_approved_draft(revision=shown), S.APPROVED),
        "picture-scheduled": a_snapshot(agreed, S.SCHEDULED, (row(D.SCHEDULED),)),
        "picture-published": a_snapshot(agreed, S.PUBLISHED, (row(D.PUBLISHED, receipts=(a_receipt(),)),)),
    }


def attached() -> dict[str, Snapshot]:
    """A video everywhere, beside a network that keeps its fitted picture, without a description, and a document."""
    video, fitted = an_attachment(), replace(a_picture(), fitted="cropped to 4:5, as a JPEG")
    other = a_variant(account_id=AccountId("acc2"), platform=PlatformSlug("bluesky"), media=(fitted,))
    shown = {
        "video": (a_variant(media=(video,)),),
        "video-and-picture": (a_variant(media=(video,)), other),
        "video-bare": (a_variant(media=(replace(video, alt="", poster=None),)), replace(other, media=())),
        "document": (a_variant(media=(an_attachment(a_document_item(), alt="The report", poster=None),)),),
    }
    return {f"draft-{n}": a_snapshot(a_draft(revision=a_revision(variants=v))) for n, v in shown.items()}


def cards(*, floating: bool = False) -> dict[str, Card]:
    look = replace(a_look(), floating=floating)
    written = an_approved_draft(planned_at=LATER)
    audit = (
        an_audit_entry(),
        an_audit_entry(verb="scheduled", note=LATER.isoformat()),
        an_audit_entry(verb="rejected", note="too salesy"),
        an_audit_entry(verb="approved"),
    )
    thread = a_revision(
        number=3,
        outline=an_outline(claims=("50 deployments",)),
        variants=(a_variant(parts=("One", "Two"), media=(a_picture(),)),),
        made_with="openai:some-model",
        note="shorter",
    )
    receipts = (a_receipt(),)
    drafts = {
        "drafting": a_snapshot(a_draft(state=S.DRAFTING, revision=None), S.DRAFTING),
        "draft": a_snapshot(),
        "draft-thread": a_snapshot(a_draft(revision=thread)),
        "draft-planned": a_snapshot(a_draft(planned_at=LATER)),
        "draft-failed": a_snapshot(
            a_draft(revision=None, problem="The model timed out.", brief=Brief(text="Ship it", notes="Facts"))
        ),
        "in-review": a_snapshot(a_draft(state=S.IN_REVIEW), S.IN_REVIEW),
        "approved": a_snapshot(an_approved_draft(), S.APPROVED),
        "scheduled": a_snapshot(written, S.SCHEDULED, (row(D.SCHEDULED),)),
        "undo": a_snapshot(written, S.SCHEDULED, (row(D.SCHEDULED, undo_until=NOW + timedelta(seconds=9)),)),
        "publishing": a_snapshot(written, S.PUBLISHING, (row(D.SENDING),)),
        "published": a_snapshot(written, S.PUBLISHED, (row(D.PUBLISHED, receipts=receipts),)),
        "partly": a_snapshot(
            written,
            S.PARTLY_PUBLISHED,
            (row(D.PUBLISHED, receipts=receipts), row(D.FAILED, problem="The network refused the picture.")),
        ),
        "failed": a_snapshot(written, S.FAILED, (row(D.FAILED, problem="The network refused the text."),)),
        "rejected": replace(a_snapshot(a_draft(state=S.REJECTED), S.REJECTED), audit=audit),
        "archived": a_snapshot(a_draft(state=S.ARCHIVED), S.ARCHIVED),
    }
    drafts |= pictured() | attached()
    found = {name: draft_card(shot, look) for name, shot in drafts.items()}
    found["draft-blocked"] = draft_card(a_snapshot(), replace(look, proofs=a_look(look.actor.role, BLOCK, WARN).proofs))
    found["draft-account-gone"] = draft_card(a_snapshot(), replace(look, proofs={}))
    found["draft-everywhere"] = everywhere(look)
    found |= shown_in_parts(look)
    found |= deliveries(look)
    found["help"] = help_card(["bluesky", "mastodon"])
    queued = [a_snapshot(a_draft(id=DraftId("2"))), drafts["scheduled"]]
    found["queue"] = list_card("queue", "The queue", queued, look, empty="")
    found["queue-empty"] = list_card("queue", "The queue", [], look, empty="The desk is empty.")
    ill = replace(an_account(), health=Health.NEEDS_REAUTH, health_note="The token ended.", practice=True)
    found["accounts"] = accounts_card([an_account(), ill], look)
    found["accounts-none"] = accounts_card([], look)
    found |= chosen(look)
    found["settings"] = settings_card(a_workspace(four_eyes=True, frozen_by="Bo"), look)
    found |= who_is_who(look) | asked_and_told(look) | read_in_full(look, record(D.FAILED))
    found["problem"] = problem_notice(Forbidden("Your role here is viewer.", next_step="Ask Ada."))
    found["unknown-word"] = unknown_word_notice("scedule", "scedule", "schedule", "schedule")
    return found


def chosen(look: Look) -> dict[str, Card]:
    """Options that were chosen, that have to be, and that new drafts begin with."""
    choosing = replace(look, options={"mastodon": (*CALM, *STRICT)})
    values = {"visibility": "private", "warning": "Spoilers * ahead", "poll": "Tea\nCoffee", "replies": "none"}
    made = a_revision(variants=(a_variant(options=values),))
    needed = Problem(code="option_missing", severity=Severity.BLOCK, message="Mastodon needs to know.", fix="Choose.")
    proofs = a_look(look.actor.role, needed).proofs
    standing = replace(an_account(), options={"replies": "none"})
    return {
        "options": draft_card(a_snapshot(a_draft(revision=made)), choosing),
        "options-open": draft_card(a_snapshot(), replace(choosing, proofs=proofs)),
        "accounts-standing": accounts_card([standing], choosing),
    }


def deliveries(look: Look) -> dict[str, Card]:
    """Those that wait for a person, and one that needs nobody."""
    asking = (D.NEEDS_HUMAN, D.HELD, D.FAILED)
    cards = {s: delivery_card(record(s, problem="The answer was lost."), look) for s in asking}
    cards[D.PUBLISHED] = delivery_card(record(D.PUBLISHED, receipts=(a_receipt(),)), look)
    return {f"delivery-{state.value.lower()}": card for state, card in cards.items()}


CARDS = cards()


@pytest.mark.parametrize("name", sorted(CARDS))
def test_the_card_is_as_agreed(name: str) -> None:
    path = GOLDEN / f"{name}.json"
    text = json.dumps(card_json(CARDS[name]), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1" and "CI" not in os.environ:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_a_picture_that_failed_leaves_the_text_waiting_and_a_text_that_failed_does_not() -> None:
    assert draft_card(pictured()["picture-failed"], a_look()).tone is Tone.WAITING
    assert cards()["draft-failed"].tone is Tone.DANGER


def test_no_golden_file_is_left_over() -> None:
    assert {p.stem for p in GOLDEN.glob("*.json")} == set(CARDS)


def test_a_card_that_would_not_fit_is_not_made() -> None:
    def button(number: int, label: str = "A") -> Button:
        return Button(id=f"b{number}", label=label)

    with pytest.raises(ValueError, match="title"):
        Card(card_id="c", state="x", title="t" * 151)
    with pytest.raises(ValueError, match="visible"):
        Card(card_id="c", state="x", title="t", buttons=tuple(button(n) for n in range(6)))
    with pytest.raises(ValueError, match="same id"):
        Card(card_id="c", state="x", title="t", buttons=(button(1), button(1)))
    with pytest.raises(ValueError, match="too long"):
        Card(card_id="c", state="x", title="t", buttons=(button(1, "l" * 76),))
    with pytest.raises(ValueError, match="too long"):
        Card(card_id="c", state="x", title="t", buttons=(Button(id="ü" * 51, label="A"),))


def claims_shown(text: str, *, made_with: str = "person") -> list[str]:
    outline = an_outline(claims=("It is  twice\nas fast.", "Over 50 users"))
    revision = a_revision(outline=outline, variants=(a_variant(parts=("Ships.", text)),), made_with=made_with)
    blocks = draft_card(a_snapshot(a_draft(revision=revision)), a_look()).blocks
    return [c.text for b in blocks if isinstance(b, Checks) for c in b.items if c.name == "claim"]


def test_a_claim_is_shown_while_it_stands_in_a_text() -> None:
    fast = "Verify before approving: “It is twice as fast.”"
    users = "Verify before approving: “Over 50 users”"
    assert claims_shown("Look: it is\ntwice as  fast, for over 50\u00a0users!") == [fast, users]
    assert claims_shown("It is quick, for over 50 users.") == [users]
    assert claims_shown("It is quick.") == []
    assert claims_shown("It is quick.", made_with="openai:some-model") == [fast, users]


def test_a_very_long_topic_is_cut_at_a_word() -> None:
    draft = a_draft(revision=a_revision(outline=an_outline(topic="word " * 100)))
    assert len(draft_card(a_snapshot(draft), a_look()).title) <= 150
    assert short("one two three", 9) == "one two…"
    assert short("one\ntwo", 9) == "one two"
    assert short("x" * 20, 9) == "xxxxxxxx…"
