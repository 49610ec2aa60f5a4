"""Earlier versions of a draft: when, by whom, why, and how each began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.views.card import Card, Field, Fields, short
from handlers.views.choosing import read
from handlers.views.diff import Piece, changed, word_diff
from handlers.views.draft import made_with
from handlers.views.form import FieldType, Form, FormField, Option
from services.domain.media import called, counted, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.views.actions import Action
    from handlers.views.look import Look
    from services.domain.ids import AccountId
    from services.domain.media import Medium
    from services.domain.post import Revision, Variant
    from services.ledger import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One line of the list of versions."""

    number: int
    by: str
    when: str
    why: str
    how: str
    current: bool
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """What became of one account's text from one version to another."""

    network: str
    who: str
    pieces: tuple[Piece, ...]
    changed: bool
    told: str
    """What the words do not show: a text that is new or gone, another picture, another choice."""


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


def version_list(shot: Snapshot, revisions: Sequence[Revision], look: Look) -> tuple[Version, ...]:
    """Newest first; who made one is told by the draft's own log."""
    made = {e.revision: e for e in reversed(shot.audit)}
    approval = shot.draft.approval
    return tuple(
        Version(
            number=r.number,
            by=made[r.number].by_name if r.number in made else "",
            when=look.short_day(r.at),
            why=short(r.note, 200) or (made[r.number].verb if r.number in made else ""),
            how=made_with(r),
            current=r.number == shot.revisions,
            approved=approval is not None and approval.revision == r.number,
        )
        for r in reversed(revisions)
    )


def changes(old: Revision, new: Revision, shot: Snapshot, look: Look) -> tuple[TextChange, ...]:
    """Account by account, in the newer version's order; those that are gone come last."""
    before = {v.account_id: v for v in old.variants}
    after = {v.account_id: v for v in new.variants}
    return tuple(_change(i, before, after, shot, look) for i in dict.fromkeys([*after, *before]))


def _change(
    account_id: AccountId,
    before: Mapping[AccountId, Variant],
    after: Mapping[AccountId, Variant],
    shot: Snapshot,
    look: Look,
) -> TextChange:
    old, new = before.get(account_id), after.get(account_id)
    one = new or old
    pieces = word_diff(old.text if old else "", new.text if new else "")
    media = _media_told(old.media if old else (), new.media if new else ())
    told = " ".join(filter(None, (media, _options_told(old, new, look) if old and new else "")))
    if old is None or new is None:
        told = (
            "This account was not written for before." if old is None else "This account is not written for any more."
        )
    return TextChange(
        network=look.network(one.platform) if one else "",
        who=look.who(shot.accounts.get(account_id)),
        pieces=pieces,
        changed=changed(pieces) or bool(told),
        told=told,
    )


def _media_told(old: Sequence[Medium], new: Sequence[Medium]) -> str:
    """How what is shown differs, in a sentence or two; empty when it does not."""
    before, after = ({source_of(m).digest: m for m in media} for media in (old, new))
    gone = [m for digest, m in before.items() if digest not in after]
    fresh = [m for digest, m in after.items() if digest not in before]
    one = "A" if max(len(before), len(after)) > 1 else "The"
    if len(gone) == len(fresh) == 1 and called(gone[0]) == called(fresh[0]):
        told = [f"{one} {called(fresh[0])} is another one."]
    else:
        told = [_counted(fresh, "added", many_of=False), _counted(gone, "taken away", many_of=len(gone) == len(old))]
    both = [(before[digest], m) for digest, m in after.items() if digest in before]
    if [was for was, _ in both] != [m for digest, m in before.items() if digest in after]:
        told.append("The order is another one.")
    if refitted := [now for was, now in both if was.item.digest != now.item.digest]:
        told.append(f"{one} picture is cut otherwise." if len(refitted) == 1 else "Pictures are cut otherwise.")
    renamed = [now for was, now in both if was.alt != now.alt]
    if renamed:
        what = called(renamed[0])
        words = "title" if what == "document" else "description"
        told.append(f"{one} {what}'s {words} was changed." if len(renamed) == 1 else "Descriptions were changed.")
    return " ".join(filter(None, told))


def _counted(media: Sequence[Medium], how: str, *, many_of: bool) -> str:
    """As "A picture was added." or "A video and 2 pictures were added."; `many_of` says that it was all there was."""
    if not media:
        return ""
    if len(media) > 1:
        told = counted(media)
        return f"{told[0].upper()}{told[1:]} were {how}."
    return f"{'The' if many_of else 'A'} {called(media[0])} was {how}."


def _options_told(old: Variant, new: Variant, look: Look) -> str:
    """What was chosen anew, in a sentence; empty when nothing was."""
    options = [
        o
        for o in look.options.get(new.platform, ())
        if old.options.get(o.name, o.default) != new.options.get(o.name, o.default)
    ]
    said = [f"{o.title}: {read(o, new.options.get(o.name, o.default)) or 'nothing'}" for o in options]
    return f"{'; '.join(said)}." if said else ""


def _line(revision: Revision, look: Look) -> str:
    first = revision.variants[0].parts[0] if revision.variants and revision.variants[0].parts else ""
    how = revision.note or made_with(revision)
    return f"{look.short_moment(revision.at)} · {short(how, 80)} · {short(first, 80)}"
