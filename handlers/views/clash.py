"""Two people at the same draft: the slower one's words on a form for the version there is now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from handlers.views.choice_forms import option_values
from handlers.views.form import Clash, refill
from handlers.views.forms import described, edit_values
from handlers.views.notice import notice
from services.domain.post import PART_BREAK, parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.views.card import Card
    from handlers.views.form import Form, FormField
    from handlers.views.look import Look
    from services.domain.post import AuditEntry, Revision
    from services.ledger import Snapshot

T = TypeVar("T")

_OVER: Final = "Save mine over it"
_WORDS: Final = ("text.", "alt", "reason", "wish", "prompt", "brief", "notes")
"""Beginnings of the names of fields that hold somebody's own sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Each field's value: as the slower one first saw it, as they left it, and as it is now."""

    first: Mapping[str, str]
    mine: Mapping[str, str]
    theirs: Mapping[str, str]
    replaced: frozenset[str]
    """Fields that are about another thing now (the description of a picture that was exchanged)."""
    by: str
    """Empty when both are the same person, in two windows."""


def clash_form(form: Form, typed: Mapping[str, object], base: Revision | None, shot: Snapshot, look: Look) -> Form:
    """`form` is made for the draft as it is now, `base` is the version that was seen while `typed` was written.

    What only one of the two changed is taken from that one; where both did, the field holds what was typed and says
    what stands there now.
    """
    clash, made, now = _clash(shot, look), _maker(shot), shot.draft.revision
    twice = made is not None and look.actor.is_known_as(made.by)
    sides = _Sides(
        first={**followed(edit_values(base), base, now), **option_values(base, shot, look)},
        mine={n: _plain(v) for n, v in followed(typed, base, now).items() if isinstance(v, str)},
        theirs={f.name: f.value for f in form.fields},
        replaced=frozenset(_stand_ins(base, now)),
        by="" if twice else clash.by,
    )
    did = clash.verb if " " in clash.verb else f"{clash.verb} this draft"
    who = f"You {did} elsewhere" if twice else f"{clash.by} {did}"
    note = f"{who} {clash.when}, while you were writing: it is version {clash.revision} now."
    return replace(
        form,
        title=f"{'You' if twice else clash.by} changed draft {clash.draft_id} {'elsewhere' if twice else 'too'}",
        submit=_OVER,
        note=f"{note} Nothing of yours is saved yet, and nothing is lost.",
        clash=clash,
        fields=tuple(_field(f, sides) for f in form.fields),
    )


def followed(typed: Mapping[str, T], base: Revision | None, now: Revision | None) -> dict[str, T]:
    """What was typed, by the fields there are now: a description stays with what it describes, wherever that went.

    Words for what is gone stay in their field where something new stands, which says so; else no form has their name,
    and unless somebody changed them they are nobody's.
    """
    places = {d.shown.digest: d.name for d in described(now)}
    before = {d.name: d for d in described(base)}
    names = {n: places.get(d.shown.digest, f"{n} (gone)") for n, d in before.items()}
    names |= {n: n for n in _stand_ins(base, now)}
    untouched = {n for n, d in before.items() if names[n] not in places.values() and typed.get(n) == d.alt}
    return {names.get(n, n): value for n, value in typed.items() if n not in untouched}


def _stand_ins(base: Revision | None, now: Revision | None) -> set[str]:
    """Fields of something that is gone, where something stands now that was not there."""
    before, after = ({d.name: d.shown.digest for d in described(r)} for r in (base, now))
    return {n for n in before.keys() & after if before[n] not in after.values() and after[n] not in before.values()}


def waiting_form(form: Form, typed: Mapping[str, object], message: str) -> Form:
    """What was typed for a draft that can't take it just now; the same form can be sent again."""
    kept = refill(form, typed, field=None, error="")
    return replace(kept, note=f"{message} Your text is kept here: save it again in a moment.")


def kept_words(
    typed: Mapping[str, object], names: frozenset[str] = frozenset(), *, own: frozenset[str] = frozenset()
) -> Card | None:
    """What somebody wrote and no form can hold any more, to be copied.

    `names` are the fields some form does hold, `own` those that hold sentences without their name telling so.
    """
    words = ((n, v.strip()) for n, v in typed.items() if isinstance(v, str) and n not in names)
    texts = tuple(dict.fromkeys(v for n, v in words if v and (n in own or n.startswith(_WORDS))))
    return notice("kept", "What you wrote, to copy", *texts) if texts else None


def _clash(shot: Snapshot, look: Look) -> Clash:
    """Whoever made the current version; a version the desk made itself has nobody's name."""
    revision = shot.draft.revision
    number = revision.number if revision else 0
    made = _maker(shot)
    return Clash(
        draft_id=shot.draft.id,
        revision=number,
        by=made.by_name if made else "Somebody",
        verb=made.verb if made else "changed",
        when=look.when(made.at if made else shot.draft.state_at),
    )


def _maker(shot: Snapshot) -> AuditEntry | None:
    """The line of whoever made the version there is now."""
    number = shot.draft.revision.number if shot.draft.revision else 0
    return next((e for e in shot.audit if e.revision == number), None)


def _field(field: FormField, sides: _Sides) -> FormField:
    name = field.name
    mine, theirs = sides.mine.get(name), sides.theirs[name]
    if mine is None or mine == theirs:
        return field
    first = sides.first.get(name)
    by = sides.by
    if mine == first:
        told = f"{by} changed this and you did not, so it is theirs." if by else "Changed elsewhere and not here."
        return replace(field, note=told)
    if name in sides.replaced:
        return replace(field, note=f"The picture is another one now. For the old one you wrote: “{mine}”")
    if theirs == first:
        return replace(field, value=mine, note="Only you changed this." if by else "Only changed here.")
    told = f"You and {by} both changed this." if by else "Changed in both places."
    return replace(field, value=mine, theirs=_read(field, theirs), note=told)


def _read(field: FormField, value: str) -> str:
    """A value as people read it."""
    return next((o.text for o in field.options if o.value == value), value)


def _plain(text: str) -> str:
    """As it would be kept: a browser ends lines in its own way."""
    return PART_BREAK.join(parts_of(text))
