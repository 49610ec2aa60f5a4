"""A draft's text and standing: asked for, written, edited, agreed to, sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.grammar import Word, picture_word
from handlers.request import Open, Whisper
from handlers.views.actions import Verb, action_for, carried
from handlers.views.choice_forms import options_form
from handlers.views.clash import clash_form, followed, kept_words, waiting_form
from handlers.views.draft import full_text_card
from handlers.views.forms import MAX_TEXT, alt_name, brief_form, edit_form, regenerate_form, reject_form
from handlers.views.versions import restore_form, versions_card
from services.domain.errors import Conflict, InvalidInput
from services.domain.ids import AccountId, BrandId
from services.domain.media import MOST_SLIDES
from services.domain.post import MOST_PARTS, USUAL_PARTS, Brief, DraftState
from services.drafts import Order
from services.ledger import CHANGEABLE

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.grammar import Command
    from handlers.request import Replies
    from handlers.views.form import Form
    from services.ledger import DraftRef, Snapshot


async def draft(call: Call) -> Replies:
    """Keep the brief, then write; without a brief, ask for it."""
    order = _order(call)
    if order is None:
        return (Open(form=await brief(call)),)
    snapshot = await call.services.drafts.begin(call.request.actor, order)
    return await compose(call, snapshot, wish="", fresh=True)


def _order(call: Call) -> Order | None:
    """What was asked for by form, by a button that carries a text, or by command; None when there is no brief yet."""
    command = call.command
    if call.request.fields:
        networks = call.text("networks").replace(" and ", ",").replace(",", " ").split()
        parts = parts_of(call.text("parts"))
        asked = Brief(
            text=call.text("brief"),
            notes=call.text("notes"),
            parts=1 if parts is None else parts,
            tone=call.text("tone").strip(),
            picture=picture_word(call.text("picture")),
        )
        return Order(brief=asked, wanted=tuple(networks))
    if call.action is not None and call.action.verb is Verb.DRAFT and call.action.extra:
        return Order(brief=Brief(text=carried(call.action)))
    if command is None or not command.rest:
        return None
    parts = parts_of(command.parts)
    return Order(
        brief=Brief(
            text=command.rest,
            notes=command.notes,
            parts=_usual(command) if parts is None else parts,
            tone=command.tone,
            picture=command.picture,
        ),
        exact=parts is not None,
        wanted=command.networks,
        brand_id=BrandId(command.brand) if command.brand else None,
    )


def parts_of(text: str) -> int | None:
    """How many posts somebody asks for; None when nothing is said, `InvalidInput` for what is no number."""
    typed = text.strip()
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4:
        msg = f"“{typed[:40]}” is no number of posts."
        raise InvalidInput(msg, next_step=f"Give a number from 2 to {MOST_PARTS}, or 1 for one post.", field="parts")
    return int(typed)


def _usual(command: Command | None) -> int:
    return USUAL_PARTS if command is not None and command.word is Word.THREAD else 1


async def brief(call: Call) -> Form:
    """The form for a brief, filled with what the command said already."""
    command = call.command
    carried_here = carried(call.action) if call.action is not None and call.action.extra else ""
    return brief_form(
        brief=command.rest if command else carried_here,
        notes=command.notes if command else "",
        networks=", ".join(command.networks) if command else "",
        parts=(command.parts if command else "") or str(_usual(command)),
        tone=command.tone if command else "",
        picture=command.picture if command else "",
        hint=f"Or some of: {', '.join(sorted(call.desk.labels))}.",
    )


async def compose(call: Call, begun: Snapshot, *, wish: str, fresh: bool) -> Replies:
    """Let writer and painter work in the background and wait as long as the caller does; its card tells the rest."""
    snapshot = await call.through(_written(call, begun, wish), begun.draft.id, name="compose")
    return call.show(snapshot) if fresh else call.update(snapshot)


async def _written(call: Call, begun: Snapshot, wish: str) -> Snapshot:
    """The text, and then the picture that comes with a first one."""
    actor = call.request.actor
    snapshot = await call.services.drafts.compose(actor, begun.draft.id, wish=wish)
    if begun.draft.revision is not None or snapshot.draft.picturing is None:
        return snapshot
    return await call.services.illustration.make(actor, begun.draft.id)


async def regenerate(call: Call) -> Replies:
    """Write it anew, with a wish or without."""
    begun = await call.services.drafts.begin_rewrite(call.request.actor, call.button.ref)
    return await compose(call, begun, wish=call.text("wish").strip(), fresh=False)


async def ask_wish(call: Call) -> Form:
    """What should change."""
    return regenerate_form(call.button)


async def edit(call: Call) -> Replies:
    """Take the texts and descriptions over that were given; the others stay."""
    fields = call.request.fields or {}
    texts = {AccountId(n.removeprefix("text.")): call.text(n) for n in fields if n.startswith("text.")}
    names = {alt_name(i): i for i in range(MOST_SLIDES)}
    alts = {i: call.text(name) for name, i in names.items() if name in fields}
    if long := next((i for i, text in texts.items() if len(text) > MAX_TEXT), None):
        msg = f"The text has {len(texts[long]):,} characters; {MAX_TEXT:,} is the most."
        raise InvalidInput(msg, next_step="Keep what matters for this post.", field=f"text.{long}")
    if not texts and not alts:
        raise InvalidInput("No text was given.", next_step="Give text.<account_id>, or alt for the picture.")
    return call.update(await call.services.drafts.edit(call.request.actor, call.button.ref, texts=texts, alts=alts))


async def ask_texts(call: Call) -> Form:
    """The texts as they are now."""
    snapshot = await as_shown(call)
    return edit_form(call.button, snapshot, call.look(snapshot))


async def as_shown(call: Call) -> Snapshot:
    """The draft that the button is about; raises `Conflict` when it is another one by now."""
    snapshot = await call.services.board.draft(call.button.draft_id)
    if action_for(snapshot, call.button.verb) != call.button:
        raise Conflict("The draft has changed since this card was drawn.", next_step="The card has been refreshed.")
    return snapshot


async def keep_words(call: Call, error: Conflict) -> Replies:
    """What was given by whoever was too slow: on a form for the draft as it is now, or to copy when it takes none."""
    typed = call.request.fields or {}
    snapshot, base = await call.services.board.with_version(call.button.draft_id, call.button.revision)
    look, fresh = call.look(snapshot), action_for(snapshot, call.button.verb)
    form = (options_form if call.button.verb is Verb.OPTIONS else edit_form)(fresh, snapshot, look)
    if snapshot.state not in CHANGEABLE | {DraftState.DRAFTING}:
        card = kept_words(typed, own=frozenset(f.name for f in form.fields if not f.options))
        return (Whisper(card=card),) if card else ()
    if fresh.ref == call.button.ref:
        form = waiting_form(form, typed, error.message)
    else:
        form = clash_form(form, typed, base, snapshot, look)
        typed = followed(typed, base, snapshot.draft.revision)
    left = kept_words(typed, frozenset(f.name for f in form.fields))
    return (Open(form=form), *((Whisper(card=left),) if left else ()))


async def approve(call: Call) -> Replies:
    """Agree to exactly this version."""
    return call.update(await call.services.review.approve(call.request.actor, call.button.ref))


async def submit(call: Call) -> Replies:
    """Ask the approvers to look."""
    return call.update(await call.services.review.submit(call.request.actor, call.button.ref))


async def reject(call: Call) -> Replies:
    """Send it back with a reason."""
    reason = call.text("reason").strip()
    if not reason:
        raise InvalidInput("A reason is missing.", next_step="Say what the author should change.", field="reason")
    return call.update(await call.services.review.reject(call.request.actor, call.button.ref, reason))


async def ask_reason(call: Call) -> Form:
    """Why it goes back."""
    return reject_form(call.button)


async def reopen(call: Call) -> Replies:
    """Take a rejection back."""
    return call.update(await call.services.review.reopen(call.request.actor, call.button.ref))


async def withdraw(call: Call) -> Replies:
    """Take an approval back."""
    return call.update(await call.services.review.withdraw_approval(call.request.actor, call.button.ref))


async def archive(call: Call) -> Replies:
    """Put it away."""
    return call.update(await call.services.review.archive(call.request.actor, call.button.ref))


async def duplicate(call: Call) -> Replies:
    """A new draft with the same content."""
    return call.show(await call.services.drafts.duplicate(call.request.actor, call.button.ref))


async def restore(call: Call) -> Replies:
    """Make an earlier version current again."""
    number = call.text("version").strip()
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise InvalidInput("Which version?", next_step="Give its number.", field="version")
    ref: DraftRef = call.button.ref
    return call.update(await call.services.drafts.restore(call.request.actor, ref, int(number)))


async def ask_version(call: Call) -> Form:
    """The versions there are."""
    revisions = await call.services.board.revisions(call.button.draft_id)
    return restore_form(call.button, revisions, call.look())


async def list_versions(call: Call) -> Replies:
    """The choice of a version beside the list of them."""
    revisions = await call.services.board.revisions(call.button.draft_id)
    card = versions_card(call.button.draft_id, revisions, call.look())
    return (Open(form=restore_form(call.button, revisions, call.look()), card=card),)


async def full_text(call: Call) -> Replies:
    """Every text in full, for this person, where a narrow card had to shorten them."""
    snapshot = await call.services.board.draft(call.button.draft_id)
    return call.whisper(full_text_card(snapshot, call.look(snapshot)))
