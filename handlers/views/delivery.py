"""A delivery in words: its line on the draft's card, and its own card when a person has to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import delivery_buttons
from handlers.views.card import MAX_TITLE, Card, Field, Fields, Head, Note, Text, Tone, short
from services.domain.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.look import Look
    from services.board import DeliveryRecord
    from services.domain.account import Account
    from services.domain.delivery import Delivery, DeliveryLogEntry

WORDS: Final = {
    DeliveryState.SCHEDULED: "Scheduled",
    DeliveryState.PREPARING: "Being prepared",
    DeliveryState.SENDING: "Being sent",
    DeliveryState.PROCESSING: "The network is working on it",
    DeliveryState.UNCERTAIN: "Being looked up: the answer was lost",
    DeliveryState.NEEDS_HUMAN: "It may be live",
    DeliveryState.HELD: "Held",
    DeliveryState.PUBLISHED: "Live",
    DeliveryState.FAILED: "Not published",
    DeliveryState.CANCELLED: "Cancelled",
}
"""A state as people read it."""
DECISIONS: Final = frozenset({DeliveryState.NEEDS_HUMAN, DeliveryState.HELD, DeliveryState.FAILED})
"""States that wait for a person and so have a card of their own."""
_NEXT: Final = {
    DeliveryState.NEEDS_HUMAN: "The post was sent but the answer was lost, and nobody can tell from here. "
    "Look at the account: if the post is there, give its link; if not, send it.",
    DeliveryState.HELD: "Nothing was sent. Send it now, or take it off the list.",
    DeliveryState.FAILED: "Nothing more is tried by itself. Mend the cause, then send it again; "
    "or duplicate the draft and change it.",
}
_QUESTIONS: Final = {
    DeliveryState.NEEDS_HUMAN: "Is it live on {0}?",
    DeliveryState.HELD: "Held back: send it to {0}?",
    DeliveryState.FAILED: "It did not go out to {0}",
}
_TONES: Final = {
    DeliveryState.NEEDS_HUMAN: Tone.WAITING,
    DeliveryState.HELD: Tone.WAITING,
    DeliveryState.FAILED: Tone.DANGER,
    DeliveryState.PUBLISHED: Tone.GOOD,
}


def delivery_line(delivery: Delivery, account: Account | None, look: Look) -> Field:
    """One account's delivery on the draft's card."""
    return Field(name=look.account(account, delivery.platform), text=_words(delivery, look), link=delivery.url or "")


def _words(delivery: Delivery, look: Look) -> str:
    word = WORDS[delivery.state]
    trouble = f" {delivery.problem}" if delivery.problem else ""
    if delivery.state is DeliveryState.PUBLISHED:
        since = f" since {look.moment(delivery.published_at)}" if delivery.published_at else ""
        return f"{word}{since}{_since_then(delivery, look)}"
    if delivery.state is DeliveryState.SCHEDULED:
        later = delivery.next_at > delivery.due_at
        again = f", next try {look.moment(delivery.next_at)}" if later and delivery.attempts else ""
        return f"{word} for {look.moment(delivery.due_at)}{again}.{trouble}".removesuffix(".")
    return f"{word}.{trouble}" if trouble else word


def _since_then(delivery: Delivery, look: Look) -> str:
    """What was done to a live post."""
    down = [r.taken_down_at for r in delivery.receipts if r.taken_down_at is not None]
    if down and len(down) == len(delivery.receipts):
        return f", taken down {look.moment(max(down))}"
    told = f", {len(down)} of {len(delivery.receipts)} parts taken down" if down else ""
    return f"{told}, corrected" if any(r.corrected for r in delivery.receipts) else told


def delivery_card_id(delivery_id: str) -> str:
    """The stable id of a delivery's card."""
    return f"delivery-{delivery_id}"


def delivery_card(record: DeliveryRecord, look: Look) -> Card:
    """A delivery that waits for a person, or what became of it."""
    delivery = record.delivery
    where = look.account(record.account, delivery.platform)
    return Card(
        card_id=delivery_card_id(delivery.id),
        draft_id=delivery.draft_id,
        revision=delivery.revision,
        state=delivery.state.value.lower(),
        title=short(_title(delivery, look), MAX_TITLE),
        tone=_TONES.get(delivery.state, Tone.QUIET),
        blocks=_blocks(record, where, look),
        buttons=delivery_buttons(delivery, look.actor),
        audit=tuple(_step(e, look) for e in record.log[-3:]),
        head=Head(
            topic=_QUESTIONS.get(delivery.state, "{0}").format(look.network(delivery.platform)),
            status=WORDS[delivery.state],
            facts=(f"Draft {delivery.draft_id}", look.who(record.account), f"due {look.moment(delivery.due_at)}"),
            at=look.clock(record.log[-1].at if record.log else delivery.due_at),
        ),
        story=tuple(_told(e, look) for e in record.log[-3:]),
    )


def _title(delivery: Delivery, look: Look) -> str:
    """The question where there is one, else how it stands; its account is told below."""
    network = look.network(delivery.platform)
    asked = _QUESTIONS.get(delivery.state, "").format(network)
    return (
        f"{asked} · draft {delivery.draft_id}"
        if asked
        else f"{WORDS[delivery.state]} on {network} · draft {delivery.draft_id}"
    )


def _blocks(record: DeliveryRecord, where: str, look: Look) -> tuple[Fields | Note | Text, ...]:
    delivery = record.delivery
    facts = [
        Field(name="Status", text=WORDS[delivery.state]),
        Field(name="Account", text=where),
        Field(name="Due", text=look.moment(delivery.due_at)),
    ]
    if delivery.url:
        facts.append(Field(name="Link", text=delivery.url, link=delivery.url))
    blocks: list[Fields | Note | Text] = [Fields(items=tuple(facts), headed=not delivery.url)]
    if delivery.problem:
        blocks.append(Note(text=delivery.problem, tone=Tone.DANGER))
    if delivery.state in _NEXT:
        blocks.append(Note(text=_NEXT[delivery.state]))
    blocks.append(Text(text=delivery.variant.text))
    return tuple(blocks)


def _step(entry: DeliveryLogEntry, look: Look) -> str:
    return (
        f"{look.short_moment(entry.at)} · {WORDS[entry.to_state]}{f' · {short(entry.note, 160)}' if entry.note else ''}"
    )


def _told(entry: DeliveryLogEntry, look: Look) -> str:
    note = f" ({short(entry.note, 160).rstrip('.')})" if entry.note else ""
    return f"{look.clock(entry.at)} {WORDS[entry.to_state]}{note}"


def log_card(draft_id: str, records: Sequence[DeliveryRecord], look: Look) -> Card:
    """Every step of a draft's deliveries, oldest first."""
    blocks = tuple(
        Text(
            text="\n".join(
                [look.account(r.account, r.delivery.platform), *(f"{_step(e, look)}" for e in r.log)],
            )
        )
        for r in records
    )
    return Card(
        card_id=f"log-{draft_id}", draft_id=draft_id, state="log", title=f"Log of draft {draft_id}", blocks=blocks
    )
