"""Cards only chats need: being asked once more, a form that waits, versions in a thread, notices for one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import ACTS, Action, Verb, carry
from handlers.views.card import MAX_TITLE, Button, Card, Field, Fields, Note, Style, Text, Tone, short
from handlers.views.diff import Kind
from handlers.views.draft import TONES, status_word, topic
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.diff import Piece
    from handlers.views.form import Form
    from handlers.views.look import Look
    from handlers.views.versions import TextChange
    from services.domain.post import Revision
    from services.ledger import Snapshot

SURE: Final = "!"
"""What stands before a button's id once its question was answered."""
_DIFF: Final = {Kind.KEPT: "{0}", Kind.ADDED: "[+{0}+]", Kind.REMOVED: "[−{0}−]"}
_AROUND: Final = 60
"""Characters of what stayed the same that are shown beside a change."""


def sure_card(action: Action, facts: Fields | None) -> Card:
    """The question before something that can't be taken back, for surfaces without a dialog of their own."""
    act = ACTS[action.verb]
    asked = act.confirm
    button = Button(id=f"{SURE}{action.encode()}", label=act.label, style=Style.DANGER)
    texts = (Text(text=asked.text),) if asked else ()
    return Card(
        card_id=f"sure-{action.verb}-{action.draft_id}",
        draft_id=None,
        state="confirm",
        title=short(asked.title if asked else f"{act.label}?", MAX_TITLE),
        tone=Tone.WAITING,
        blocks=(*texts, *((facts,) if facts else ())),
        buttons=(button,),
    )


def waiting_form_card(form: Form) -> Card:
    """A form that the surface can't show by itself any more: a button asks for it."""
    typed = [f for f in form.fields if f.value and f.error]
    problems = tuple(Note(text=f"{f.title}: {f.error}", tone=Tone.WARNING) for f in form.fields if f.error)
    kept = tuple(Text(text=f"What you typed:\n{f.value}") for f in typed)
    return Card(
        card_id=f"form-{form.name}",
        state="form",
        title=short(form.title, MAX_TITLE),
        tone=Tone.WAITING,
        blocks=(*problems, *kept),
        buttons=(Button(id=_reopening(form), label="Open the form", style=Style.PRIMARY, form=form.name),),
    )


def _reopening(form: Form) -> str:
    """The button's id: a brief that was typed already goes with it where it is short enough."""
    brief = next((f.value for f in form.fields if f.name == "brief"), "")
    return (carry(Verb.BRIEF, brief) if brief else None) or form.action


def revision_note(snapshot: Snapshot, revision: Revision, changes: Sequence[TextChange]) -> Card:
    """A new version as its thread hears of it: who, why, and the words that came and went."""
    made = next((e for e in reversed(snapshot.audit) if e.revision == revision.number), None)
    who = f" by {made.by_name}" if made else ""
    why = f": {short(revision.note, 100)}" if revision.note else ""
    return Card(
        card_id=f"version-{snapshot.draft.id}-{revision.number}",
        state="version",
        title=short(f"v{revision.number}{who}{why}", MAX_TITLE),
        blocks=tuple(
            Text(text=f"{c.network} · {c.who}\n{' '.join(filter(None, (c.told, told_diff(c.pieces))))}")
            for c in changes
            if c.changed
        ),
    )


def told_diff(pieces: Sequence[Piece]) -> str:
    """What came as [+ +] and what went as [− −], with a few words around."""
    said: list[str] = []
    for index, piece in enumerate(pieces):
        text = piece.text
        if piece.kind is Kind.KEPT and len(text) > 2 * _AROUND:
            head = "" if index == 0 else text[:_AROUND]
            tail = "" if index == len(pieces) - 1 else text[-_AROUND:]
            text = f"{head} … {tail}"
        said.append(_DIFF[piece.kind].format(text))
    return "".join(said).strip() if any(p.kind is not Kind.KEPT for p in pieces) else ""


def inbox_card(snapshots: Sequence[Snapshot], look: Look, links: Sequence[str | None]) -> Card:
    """What waits for one approver; a link leads to the card where there is one."""
    lines = tuple(
        Field(
            name=f"Draft {s.draft.id}",
            text=f"{topic(s.draft)} · asked for by {_asker(s)} · {look.short_moment(s.draft.state_at)}",
            link=link or "",
        )
        for s, link in zip(snapshots, links, strict=True)
    )
    title = "Nothing waits for your approval" if not lines else f"{_posts(len(lines))} for your approval"
    return Card(
        card_id="inbox",
        state="inbox",
        title=title,
        tone=Tone.WAITING if lines else Tone.QUIET,
        blocks=(Fields(items=lines),) if lines else (),
        buttons=tuple(
            Button(id=Action(verb=Verb.SHOW, draft_id=s.draft.id).encode(), label=f"Open {s.draft.id}", more=i >= 5)
            for i, s in enumerate(snapshots)
        ),
    )


def _asker(snapshot: Snapshot) -> str:
    asked = next((e for e in reversed(snapshot.audit) if e.verb == "asked for review"), None)
    return asked.by_name if asked else snapshot.draft.author_name


def _posts(count: int) -> str:
    return "1 draft waits" if count == 1 else f"{count} drafts wait"


def result_card(snapshot: Snapshot, look: Look, link: str | None) -> Card:
    """What became of a draft, for its author."""
    draft = snapshot.draft
    lines = tuple(
        Field(
            name=look.account(snapshot.accounts.get(d.account_id), d.platform),
            text=d.problem or d.state.value.replace("_", " ").lower(),
            link=d.url or "",
        )
        for d in snapshot.deliveries
    )
    last = snapshot.audit[-1] if snapshot.audit else None
    blocks: list[Fields | Note] = [Fields(items=lines)] if lines else []
    if snapshot.state is DraftState.REJECTED and last is not None:
        blocks.append(Note(text=f"{last.by_name}: “{short(last.note, 300)}”" if last.note else last.by_name))
    if link:
        blocks.append(Fields(items=(Field(name="Card", text="where it was decided", link=link),)))
    show = Button(id=Action(verb=Verb.SHOW, draft_id=draft.id).encode(), label="Open the draft")
    return Card(
        card_id=f"result-{draft.id}",
        state=snapshot.state.value,
        title=short(f"{status_word(snapshot)}: draft {draft.id} · {topic(draft)}", MAX_TITLE),
        tone=TONES.get(snapshot.state, Tone.QUIET),
        blocks=tuple(blocks),
        buttons=(show,),
    )


def done_card(card: Card) -> Card:
    """A short word that it is done, for somebody who does not see the card that changed."""
    status = card.head.status if card.head else card.state.replace("_", " ")
    return Card(
        card_id=f"done-{card.card_id}", state="done", title=short(f"{card.title}: {status}", MAX_TITLE), tone=card.tone
    )


def welcome_card() -> Card:
    """What a channel is told when the desk was invited into it."""
    write = Button(id=Action(verb=Verb.DRAFT).encode(), label="Write a draft", style=Style.PRIMARY, form="brief")
    helps = Button(id=Action(verb=Verb.HELP).encode(), label="What can I type?")
    return Card(
        card_id="notice-welcome",
        state="welcome",
        title="The desk is here",
        blocks=(
            Text(
                text="Type “/desk draft” and what the post is about. I write one text for each network; "
                "an approver reads exactly that, and it goes out once, on time."
            ),
            Note(
                text="An admin sends drafts for review into this channel with: /desk channel review here. "
                "The numbers of each morning come with: /desk channel report here at 09:00."
            ),
        ),
        buttons=(write, helps),
    )
