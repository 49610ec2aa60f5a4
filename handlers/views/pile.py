"""A draft that waits, small enough for a list: what would go out, what is wrong, and the decision in reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handlers.views.actions import Verb, parse_action
from handlers.views.card import Button, Checks, ImageBlock, Tone, VariantBlock, short
from handlers.views.draft import draft_card, status_word, topic
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from handlers.views.look import Look
    from services.ledger import Snapshot

_DECIDING: Final = (Verb.APPROVE, Verb.EDIT, Verb.REJECT)
_BLANK: Final = re.compile(r"\n\s*\n")
_EXCERPT: Final = 240
"""Characters of a text in a list; the page of the draft has all of it."""
GROUPS: Final = (
    ("Waits for approval", frozenset({DraftState.DRAFT, DraftState.IN_REVIEW})),
    ("Being written", frozenset({DraftState.DRAFTING})),
    ("Approved, without a time", frozenset({DraftState.APPROVED})),
    ("Scheduled", frozenset({DraftState.SCHEDULED})),
    ("Going out", frozenset({DraftState.PUBLISHING})),
)
"""The queue's parts in the order in which they want attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The beginning of one account's text with its count."""

    block: VariantBlock
    text: str
    cut: bool
    posts: int
    """More than one for a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """One draft of the pile."""

    draft_id: str
    topic: str
    author: str
    version: int
    since: str
    state: str
    planned: str
    excerpts: tuple[Excerpt, ...]
    pictures: tuple[ImageBlock, ...]
    """What is shown, in order; one of them where each network has its own size of it."""
    problems: tuple[str, ...]
    """What keeps it from being approved."""
    remarks: tuple[str, ...]
    """What is worth a look all the same."""
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One draft of the queue."""

    draft_id: str
    topic: str
    author: str
    since: str
    planned: str
    networks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueGroup:
    """The drafts of one state, those with a time first by it."""

    title: str
    waits: bool
    """Whether somebody has to do something."""
    lines: tuple[QueueLine, ...]


def waiter(shot: Snapshot, look: Look) -> Waiter:
    """A draft that wants a decision, as this person may take it."""
    card = draft_card(shot, look)
    checks = [c for b in card.blocks if isinstance(b, Checks) for c in b.items]
    verbs = {parse_action(b.id).verb: b for b in card.buttons}
    problems = tuple(c.text for c in checks if c.tone is Tone.DANGER)
    planned = shot.draft.planned_at
    return Waiter(
        draft_id=shot.draft.id,
        topic=topic(shot.draft),
        author=shot.draft.author_name,
        version=shot.revisions,
        since=look.lately(shot.draft.state_at),
        state="Needs a change" if problems else status_word(shot),
        planned=look.moment(planned) if planned else "",
        excerpts=tuple(_excerpt(b) for b in card.blocks if isinstance(b, VariantBlock)),
        pictures=_distinct([b for b in card.blocks if isinstance(b, ImageBlock)]),
        problems=problems,
        remarks=tuple(c.text for c in checks if c.tone is Tone.WARNING),
        buttons=tuple(verbs[v] for v in _DECIDING if v in verbs),
    )


def queue_groups(shots: Iterable[Snapshot], look: Look) -> tuple[QueueGroup, ...]:
    """What is open by state; a state without drafts is left out."""
    every = sorted(shots, key=lambda s: (s.draft.planned_at or s.draft.created_at, s.draft.created_at))
    found = []
    for title, states in GROUPS:
        lines = tuple(_line(s, look) for s in every if s.state in states)
        if lines:
            found.append(QueueGroup(title=title, waits=DraftState.DRAFT in states, lines=lines))
    return tuple(found)


def _distinct(images: Sequence[ImageBlock]) -> tuple[ImageBlock, ...]:
    """All that follow an order; else the first picture and the first video."""
    found: dict[tuple[int, bool], ImageBlock] = {}
    for image in images:
        found.setdefault((image.number, bool(image.video)), image)
    return tuple(found.values())


def _excerpt(block: VariantBlock) -> Excerpt:
    text = _BLANK.sub("\n", block.parts[0] if block.parts else block.text)
    cut = len(text) > _EXCERPT
    head = text[:_EXCERPT].rpartition(" ")[0] or text[:_EXCERPT]
    return Excerpt(block=block, text=f"{head} …" if cut else text, cut=cut, posts=max(1, len(block.parts)))


def _line(shot: Snapshot, look: Look) -> QueueLine:
    draft = shot.draft
    platforms = dict.fromkeys(
        [v.platform for v in draft.revision.variants]
        if draft.revision
        else [shot.accounts[i].platform for i in draft.account_ids if i in shot.accounts]
    )
    return QueueLine(
        draft_id=draft.id,
        topic=short(topic(draft), 90),
        author=draft.author_name,
        since=look.lately(draft.state_at),
        planned=look.short_day(draft.planned_at) if draft.planned_at else "",
        networks=", ".join(look.network(p) for p in platforms),
    )
