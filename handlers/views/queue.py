"""Lists of drafts, each with a way to open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.actions import Action, Verb
from handlers.views.card import MAX_VISIBLE, Button, Card, Field, Fields, Note
from handlers.views.draft import status_word, topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.look import Look
    from services.ledger import Snapshot


def list_card(kind: str, title: str, snapshots: Sequence[Snapshot], look: Look, *, empty: str) -> Card:
    """Drafts as lines with buttons to open them; `empty` is said when there is none."""
    lines = tuple(Field(name=f"Draft {s.draft.id}", text=_line(s, look)) for s in snapshots)
    return Card(
        card_id=f"list-{kind}",
        state="list",
        title=title,
        blocks=(Fields(items=lines),) if lines else (Note(text=empty),),
        buttons=tuple(_open(s.draft.id, index) for index, s in enumerate(snapshots)),
    )


def _line(snapshot: Snapshot, look: Look) -> str:
    planned = snapshot.draft.planned_at
    when = f" · {look.moment(planned)}" if planned else ""
    return f"{topic(snapshot.draft)} · {status_word(snapshot)}{when} · {snapshot.draft.author_name}"


def _open(draft_id: str, index: int) -> Button:
    from services.domain.ids import DraftId

    action = Action(verb=Verb.SHOW, draft_id=DraftId(draft_id))
    return Button(id=action.encode(), label=f"Open {draft_id}", more=index >= MAX_VISIBLE)
