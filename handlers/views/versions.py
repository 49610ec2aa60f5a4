"""Earlier versions of a draft: when, by whom, why, and how each began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.card import Card, Field, Fields, short
from handlers.views.draft import made_with
from handlers.views.form import FieldType, Form, FormField, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.actions import Action
    from handlers.views.look import Look
    from services.domain.post import Revision


def versions_card(draft_id: str, revisions: Sequence[Revision], look: Look) -> Card:
    """Every version, newest first."""
    lines = tuple(Field(name=f"Version {r.number}", text=_line(r, look)) for r in reversed(revisions))
    return Card(
        card_id=f"versions-{draft_id}",
        draft_id=draft_id,
        revision=revisions[-1].number if revisions else 0,
        state="list",
        title=f"Versions of draft {draft_id}",
        blocks=(Fields(items=lines),),
    )


def restore_form(action: Action, revisions: Sequence[Revision], look: Look) -> Form:
    """The choice of an earlier version."""
    options = tuple(
        Option(value=str(r.number), text=short(f"{r.number} · {_line(r, look)}", 120)) for r in reversed(revisions[:-1])
    )
    field = FormField(
        name="version",
        title="Version",
        type=FieldType.CHOICE,
        required=True,
        options=options,
        value=options[0].value if options else "",
        help="Its content becomes a new version; nothing is lost.",
    )
    return Form(
        name="restore", title="Go back to an earlier version", submit="Restore", action=action.encode(), fields=(field,)
    )


def _line(revision: Revision, look: Look) -> str:
    first = revision.variants[0].parts[0] if revision.variants and revision.variants[0].parts else ""
    how = revision.note or made_with(revision)
    return f"{look.short_moment(revision.at)} · {short(how, 80)} · {short(first, 80)}"
