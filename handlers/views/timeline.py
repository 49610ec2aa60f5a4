"""A delivery's life in words anybody understands, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handlers.views.actions import delivery_buttons
from handlers.views.card import Button, Tone, link_of, short
from handlers.views.delivery import WORDS
from services.domain.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.views.look import Look
    from services.board import DeliveryRecord
    from services.domain.delivery import DeliveryLogEntry

_S = DeliveryState
_STEPS: Final[Mapping[tuple[DeliveryState | None, DeliveryState], str]] = {
    (None, _S.SCHEDULED): "Planned",
    (_S.SCHEDULED, _S.PREPARING): "Taken up: pictures and links are made ready",
    (_S.SCHEDULED, _S.SENDING): "Handed to the network",
    (_S.PREPARING, _S.SENDING): "Handed to the network",
    (_S.PREPARING, _S.SCHEDULED): "Not ready yet, tried again later",
    (_S.PREPARING, _S.FAILED): "Could not be made ready",
    (_S.SENDING, _S.PUBLISHED): "Taken by the network: live",
    (_S.SENDING, _S.PROCESSING): "Taken by the network, which works on it",
    (_S.SENDING, _S.SCHEDULED): "Not taken, tried again later",
    (_S.SENDING, _S.FAILED): "Refused by the network",
    (_S.SENDING, _S.UNCERTAIN): "The answer was lost: the account is looked through",
    (_S.PROCESSING, _S.PUBLISHED): "The network is done: live",
    (_S.PROCESSING, _S.FAILED): "Refused by the network",
    (_S.PROCESSING, _S.UNCERTAIN): "The network does not say: the account is looked through",
    (_S.UNCERTAIN, _S.PUBLISHED): "Found on the account: live",
    (_S.UNCERTAIN, _S.SCHEDULED): "Not on the account, so it is sent again",
    (_S.UNCERTAIN, _S.NEEDS_HUMAN): "Nobody can tell from here: a person has to look",
    (_S.NEEDS_HUMAN, _S.PUBLISHED): "Found by a person: live",
    (_S.NEEDS_HUMAN, _S.SCHEDULED): "A person looked, it is not there: sent again",
    (_S.HELD, _S.SCHEDULED): "Let go",
    (_S.FAILED, _S.SCHEDULED): "To be sent again",
}
_ENDS: Final = {_S.HELD: "Held back", _S.CANCELLED: "Taken off the list"}
"""Steps that read the same wherever they start."""
TONES: Final = {
    _S.PUBLISHED: Tone.GOOD,
    _S.FAILED: Tone.DANGER,
    _S.HELD: Tone.WAITING,
    _S.NEEDS_HUMAN: Tone.WAITING,
    _S.UNCERTAIN: Tone.WARNING,
}
STATES: Final = {state.value.lower(): WORDS[state] for state in DeliveryState}
"""Every state as an address names it, with the words people read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: when, what happened, what was noted, and the two states as the log has them."""

    at: str
    stamp: str
    words: str
    note: str
    states: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as a line of the list, or at the head of its own page."""

    id: str
    draft_id: str
    topic: str
    state: str
    tone: Tone
    network: str
    who: str
    time: str
    """When it went live, or when it is due."""
    time_kind: str
    next_try: str
    """When it is tried again; empty when it is not."""
    url: str
    problem: str
    practice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The network's proof for one post of it."""

    name: str
    url: str
    remote_id: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLife:
    """Everything there is to say about one delivery."""

    row: DeliveryRow
    steps: tuple[Step, ...]
    receipts: tuple[Receipt, ...]
    attempts: int
    text: str
    parts: tuple[str, ...]
    buttons: tuple[Button, ...]
    revision: int


def delivery_row(record: DeliveryRecord, topic: str, look: Look) -> DeliveryRow:
    """The line; a link is shown only where the network gave one."""
    delivery = record.delivery
    live = delivery.published_at
    again = delivery.state is _S.SCHEDULED and delivery.attempts and delivery.next_at > delivery.due_at
    return DeliveryRow(
        id=delivery.id,
        draft_id=delivery.draft_id,
        topic=short(topic, 90),
        state=WORDS[delivery.state],
        tone=TONES.get(delivery.state, Tone.QUIET),
        network=look.network(delivery.platform),
        who=look.who(record.account),
        time=look.short_day(live or delivery.due_at),
        time_kind="live since" if live else "due",
        next_try=look.second(delivery.next_at) if again else "",
        url=link_of(delivery.url),
        problem=delivery.problem,
        practice=record.account is not None and record.account.practice,
    )


def delivery_life(record: DeliveryRecord, topic: str, look: Look) -> DeliveryLife:
    """The page of one delivery, with the buttons this person may press."""
    delivery = record.delivery
    count = len(delivery.variant.parts)
    return DeliveryLife(
        row=delivery_row(record, topic, look),
        steps=tuple(_step(e, look) for e in record.log),
        receipts=tuple(
            Receipt(
                name=f"Post {r.part + 1} of {count}" if count > 1 else "Post",
                url=link_of(r.url),
                remote_id=r.remote_id,
                at=look.second(r.at),
            )
            for r in delivery.receipts
        ),
        attempts=delivery.attempts,
        text=delivery.variant.text,
        parts=delivery.variant.parts if count > 1 else (),
        buttons=delivery_buttons(delivery, look.actor),
        revision=delivery.revision,
    )


def step_words(entry: DeliveryLogEntry) -> str:
    """What happened in this step; a note without a step has the state it was made in."""
    return _STEPS.get((entry.from_state, entry.to_state)) or _ENDS.get(entry.to_state) or WORDS[entry.to_state]


def _step(entry: DeliveryLogEntry, look: Look) -> Step:
    before = entry.from_state.value if entry.from_state else "new"
    return Step(
        at=look.second(entry.at),
        stamp=look.stamp(entry.at),
        words=step_words(entry),
        note=entry.note,
        states=f"{before} → {entry.to_state.value}",
        tone=TONES.get(entry.to_state, Tone.QUIET),
    )
