"""Short messages: what happened, what is unchanged, the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb, carry
from handlers.views.card import MAX_LABEL, MAX_TITLE, Button, Card, Note, Style, Text, Tone, short

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.views.look import Look
    from services.domain.errors import DeskError

HELP_BUTTON: Final = Button(id=Action(verb=Verb.HELP).encode(), label="Help")


def notice(kind: str, title: str, *texts: str, tone: Tone = Tone.QUIET, buttons: tuple[Button, ...] = ()) -> Card:
    """A message about no draft in particular."""
    blocks = tuple(Text(text=t) for t in texts if t)
    return Card(
        card_id=f"notice-{kind}", state=kind, title=short(title, MAX_TITLE), tone=tone, blocks=blocks, buttons=buttons
    )


def problem_notice(error: DeskError) -> Card:
    """An expected error in the desk's own order of sentences."""
    return Card(
        card_id=f"notice-{error.code}",
        state=error.code,
        title=short(error.message, MAX_TITLE),
        tone=Tone.DANGER,
        blocks=tuple(
            block
            for block in (
                Text(text=error.message) if len(error.message) > MAX_TITLE else None,
                Note(text=error.unchanged) if error.unchanged else None,
                Note(text=error.next_step) if error.next_step else None,
            )
            if block is not None
        ),
    )


def unknown_word_notice(word: str, text: str, suggestion: str | None, known: str | None) -> Card:
    """A word that is no command: what was probably meant, or to take the whole text as a brief."""
    if suggestion is not None:
        title = f"I don't know “{short(word, 40)}”. Did you mean “{known}”?"
    else:
        title = "I don't know that command."
    buttons = [
        _carrying(Verb.RUN, suggestion, "Run it", Style.PRIMARY) if suggestion else None,
        _carrying(Verb.DRAFT, text, "Draft this", Style.PLAIN if suggestion else Style.PRIMARY),
        HELP_BUTTON,
    ]
    shown = tuple(b for b in buttons if b is not None)
    hint = (
        f"Run: {short(suggestion, 200)}"
        if suggestion
        else "To write a post from this text, put “draft” in front of it."
    )
    return notice("unknown_word", title, "Nothing changed.", hint, tone=Tone.WARNING, buttons=shown)


def _carrying(verb: Verb, text: str, label: str, style: Style) -> Button | None:
    action_id = carry(verb, text)
    return Button(id=action_id, label=label, style=style) if action_id else None


def when_notice(action: Action, at: datetime, words: str, look: Look) -> Card:
    """The absolute time that words were read as, with the button that takes it."""
    when = Action(
        verb=Verb.WHEN,
        draft_id=action.draft_id,
        revision=action.revision,
        digest=action.digest,
        extra=str(int(at.timestamp())),
    )
    moment = look.moment(at)
    button = Button(id=when.encode(), label=short(f"Schedule for {moment}", MAX_LABEL), style=Style.PRIMARY)
    return Card(
        card_id=f"when-{action.draft_id}",
        draft_id=action.draft_id,
        revision=action.revision,
        state="when",
        title=short(f"“{short(words, 60)}” is {moment}", MAX_TITLE),
        tone=Tone.WAITING,
        blocks=(Note(text=f"That is {look.offset(at)}. Nothing is planned until you say so."),),
        buttons=(button,),
    )
