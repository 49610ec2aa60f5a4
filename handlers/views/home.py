"""A person's own page in a chat: what needs them, what goes out in the next days, and their own drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb
from handlers.views.card import Button, Style
from handlers.views.draft import status_word, topic
from services.access import Permission, may
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from handlers.views.look import Look
    from services.ledger import Snapshot

WEEK: Final = timedelta(days=7)
MOST: Final = 10
"""Rows of a section."""
_MINE: Final = frozenset({DraftState.DRAFTING, DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED})
_WAITING: Final = frozenset({DraftState.DRAFT, DraftState.IN_REVIEW})
_PLANNED: Final = frozenset({DraftState.SCHEDULED, DraftState.PUBLISHING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One draft with the way to it."""

    text: str
    button: Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with its rows; `empty` is said when there is none, `more` counts those left out."""

    title: str
    rows: tuple[Row, ...]
    empty: str
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What a person sees before they ask for anything."""

    sections: tuple[Section, ...]
    buttons: tuple[Button, ...]


def home(snapshots: Sequence[Snapshot], look: Look) -> Home:
    """The page of this reader over the open drafts, newest first."""
    me = look.actor
    waiting = [s for s in snapshots if s.state in _WAITING and s.draft.revision is not None]
    soon = sorted(
        ((at, s) for s in snapshots if s.state in _PLANNED and (at := _due(s)) is not None and at - look.now <= WEEK),
        key=lambda pair: pair[0],
    )
    mine = [s for s in snapshots if me.is_known_as(s.draft.author) and s.state in _MINE]
    sections = [
        _section(
            "The next seven days", [(f"{look.short_day(at)} · {_line(s)}", s) for at, s in soon], "Nothing is planned."
        ),
        _section("Your drafts", [(f"{status_word(s)} · {_line(s)}", s) for s in mine], "You have no open draft."),
    ]
    if may(me, Permission.APPROVE):
        rows = [(f"{_line(s)} · {s.draft.author_name}", s) for s in waiting]
        sections.insert(0, _section("Needs your approval", rows, "Nothing waits for you."))
    write = Button(id=Action(verb=Verb.DRAFT).encode(), label="Write a draft", style=Style.PRIMARY, form="brief")
    settings = Button(id=Action(verb=Verb.SETTINGS).encode(), label="Settings", form="settings")
    helps = Button(id=Action(verb=Verb.HELP).encode(), label="Help")
    buttons = (write, settings, helps) if may(me, Permission.WRITE) else (settings, helps)
    return Home(sections=tuple(sections), buttons=buttons)


def _section(title: str, rows: list[tuple[str, Snapshot]], empty: str) -> Section:
    shown = tuple(
        Row(text=text, button=Button(id=Action(verb=Verb.SHOW, draft_id=s.draft.id).encode(), label="Open"))
        for text, s in rows[:MOST]
    )
    return Section(title=title, rows=shown, empty=empty, more=len(rows) - len(shown))


def _line(snapshot: Snapshot) -> str:
    return f"Draft {snapshot.draft.id} · {topic(snapshot.draft)}"


def _due(snapshot: Snapshot) -> datetime | None:
    return min((d.due_at for d in snapshot.deliveries), default=snapshot.draft.planned_at)
