"""The draft's card: what each account will say, what was looked at, what may be done, who did what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from handlers.views.actions import blocked, draft_buttons, undo_open
from handlers.views.card import (
    MAX_TITLE,
    Asked,
    Card,
    Check,
    Checks,
    Field,
    Fields,
    Head,
    Note,
    Text,
    Tone,
    VariantBlock,
    short,
)
from handlers.views.choosing import chosen_of
from handlers.views.delivery import delivery_line
from handlers.views.galley import set_text
from handlers.views.shown import described_well, illustrated, left_out, undescribed
from services.domain.delivery import DeliveryState
from services.domain.post import PERSON, DraftState, Severity
from services.ledger import CHOSE, PICTURED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.views.card import Block
    from handlers.views.galley import Line
    from handlers.views.look import Look, Proof
    from services.domain.post import AuditEntry, Draft, Problem, Revision, Variant
    from services.ledger import Snapshot

WORDS: Final = {
    DraftState.DRAFTING: "Being written",
    DraftState.DRAFT: "Waits for approval",
    DraftState.IN_REVIEW: "In review",
    DraftState.APPROVED: "Approved",
    DraftState.SCHEDULED: "Scheduled",
    DraftState.PUBLISHING: "Going out",
    DraftState.PUBLISHED: "Published",
    DraftState.PARTLY_PUBLISHED: "Partly published",
    DraftState.FAILED: "Not published",
    DraftState.REJECTED: "Rejected",
    DraftState.ARCHIVED: "Archived",
}
"""A state as people read it."""
TONES: Final = {
    DraftState.DRAFT: Tone.WAITING,
    DraftState.IN_REVIEW: Tone.WAITING,
    DraftState.APPROVED: Tone.GOOD,
    DraftState.SCHEDULED: Tone.GOOD,
    DraftState.PUBLISHED: Tone.GOOD,
    DraftState.PARTLY_PUBLISHED: Tone.WARNING,
    DraftState.FAILED: Tone.DANGER,
}
_DECIDING: Final = frozenset({DraftState.DRAFT, DraftState.IN_REVIEW})
_CHECKED: Final = frozenset({DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.SCHEDULED})
"""States in which somebody may still mend what was found."""
_SHOWN_AUDIT: Final = 3
_SHOWN_STORY: Final = 5
_MADE: Final = {"offline": "written without a model", "person": "last changed by hand"}
_SHORTER: Final = {"asked for a draft": "{who} asked", "drafted": "v{number} written", "rewrote": "v{number} written"}
_OF_A_VERSION: Final = frozenset({"approved", "rejected", "edited"})
"""Verbs of the audit whose object is a version."""
_NEAR_BLOCK: Final = "needs a change before it can be approved"
_LENGTH_CODES: Final = frozenset({"too_long", "length", "over_length"})
_ALT_CODE: Final = "alt_text"


def draft_card(snapshot: Snapshot, look: Look) -> Card:
    """A draft in any state, for this reader."""
    draft = snapshot.draft
    return Card(
        card_id=draft_card_id(draft.id),
        draft_id=draft.id,
        revision=draft.revision.number if draft.revision else 0,
        state=snapshot.state.value,
        title=short(f"Draft {draft.id} · {topic(draft)}", MAX_TITLE),
        tone=_tone(snapshot),
        blocks=tuple(_blocks(snapshot, look)),
        buttons=draft_buttons(snapshot, look),
        audit=tuple(_audit_line(e, look) for e in snapshot.audit[-_SHOWN_AUDIT:]),
        working=draft.picturing is not None or snapshot.state is DraftState.DRAFTING,
        head=_head(snapshot, look),
        story=tuple(_told(e, look) for e in snapshot.audit[-_SHOWN_STORY:]),
    )


def full_text_card(snapshot: Snapshot, look: Look) -> Card:
    """Nothing but the texts, whole."""
    draft = snapshot.draft
    variants = draft.revision.variants if draft.revision else ()
    blocks: tuple[Block, ...] = tuple(_variant(v, snapshot, look) for v in variants)
    return Card(
        card_id=f"text-{draft.id}",
        draft_id=draft.id,
        revision=draft.revision.number if draft.revision else 0,
        state="text",
        title=short(f"All of draft {draft.id} · {topic(draft)}", MAX_TITLE),
        blocks=blocks or (Text(text=draft.brief.text),),
    )


def draft_card_id(draft_id: str) -> str:
    """The stable id of a draft's card."""
    return f"draft-{draft_id}"


def topic(draft: Draft) -> str:
    """What the draft is about, in a few words."""
    outline = draft.revision.outline.topic if draft.revision else ""
    return short(outline or draft.brief.text, 80)


def _head(snapshot: Snapshot, look: Look) -> Head:
    draft = snapshot.draft
    written = draft.revision.at if draft.revision else draft.state_at
    return Head(
        topic=topic(draft),
        status=_status(snapshot, look),
        facts=tuple(_quiet_facts(snapshot, look)),
        at=look.clock(max(written, draft.created_at)),
        asked=Asked(
            by=draft.author_name, at=look.clock(draft.created_at), command="/desk draft", text=draft.brief.text
        ),
    )


def _quiet_facts(snapshot: Snapshot, look: Look) -> Iterator[str]:
    draft = snapshot.draft
    yield f"Draft {draft.id}"
    if draft.revision is not None:
        yield f"version {draft.revision.number}"
    yield f"for {draft.author_name}"
    yield snapshot.brand.name
    if draft.revision is not None:
        yield _MADE.get(draft.revision.made_with, f"written by {draft.revision.made_with}")
    if draft.planned_at is not None and not snapshot.deliveries:
        yield f"planned for {look.moment(draft.planned_at)}"
    if cost := _cost(draft, look):
        yield cost


def _cost(draft: Draft, look: Look) -> str:
    """What the networks that charge take for this version; empty when it is free."""
    variants = draft.revision.variants if draft.revision else ()
    charged = [(v, p.cost) for v in variants if (p := look.proofs.get(v.account_id)) and p.cost is not None]
    return ", ".join(f"{look.network(v.platform)} charges {cost.sum}" for v, cost in charged)


def _status(snapshot: Snapshot, look: Look) -> str:
    """The state in words, or that something keeps it from being approved."""
    deciding = snapshot.state in {DraftState.DRAFT, DraftState.IN_REVIEW} and snapshot.draft.revision is not None
    return "Needs a change" if deciding and blocked(snapshot, look) else status_word(snapshot)


def status_word(snapshot: Snapshot) -> str:
    """The state in words, with what the state alone does not tell."""
    draft = snapshot.draft
    if snapshot.state is DraftState.DRAFT and draft.revision is None:
        return "Not written"
    if snapshot.state in _DECIDING and draft.picturing is not None:
        return "Picture being made"
    return WORDS[snapshot.state]


def made_with(revision: Revision) -> str:
    """Who wrote this version, in words."""
    if revision.made_with == "offline":
        return "Written offline from your brief, without a model"
    return "Last changed by hand" if revision.made_with == PERSON else f"Written by {revision.made_with}"


def _tone(snapshot: Snapshot) -> Tone:
    if snapshot.state is DraftState.DRAFT and snapshot.draft.revision is None:
        return Tone.DANGER
    if snapshot.state in _DECIDING and snapshot.draft.picturing is not None:
        return Tone.QUIET
    return TONES.get(snapshot.state, Tone.QUIET)


def _blocks(snapshot: Snapshot, look: Look) -> Iterator[Block]:
    draft = snapshot.draft
    yield Fields(items=tuple(_facts(snapshot, look)), headed=True)
    if snapshot.state is DraftState.DRAFTING:
        yield Note(text="This is being written; it takes about ten seconds. The card changes by itself.")
    if draft.problem:
        yield Note(text=draft.problem, tone=Tone.WARNING if draft.revision else Tone.DANGER)
    if draft.revision is None:
        yield Text(text=f"Your brief:\n{draft.brief.text}" + (f"\n\n{draft.brief.notes}" if draft.brief.notes else ""))
        return
    for variant in draft.revision.variants:
        yield _variant(variant, snapshot, look)
    yield from illustrated(draft.revision, look)
    if draft.picturing is not None:
        yield Note(text="A picture is being made; it takes up to a minute. The card changes by itself.")
    if snapshot.state in _CHECKED:
        yield Checks(items=tuple(_checks(snapshot, draft.revision, look)))
    if snapshot.deliveries:
        yield Fields(
            items=tuple(delivery_line(d, snapshot.accounts.get(d.account_id), look) for d in snapshot.deliveries)
        )
    yield from _last_notes(snapshot, look)


def _facts(snapshot: Snapshot, look: Look) -> Iterator[Field]:
    draft = snapshot.draft
    yield Field(name="Status", text=_status(snapshot, look))
    yield Field(name="Brand", text=snapshot.brand.name)
    yield Field(name="Author", text=draft.author_name)
    if draft.revision is not None:
        yield Field(name="Version", text=str(draft.revision.number))
        yield Field(name="How", text=made_with(draft.revision))
    if draft.planned_at is not None:
        yield Field(name="Planned", text=look.moment(draft.planned_at))
    if cost := _cost(draft, look):
        yield Field(name="Cost", text=cost)


def _variant(variant: Variant, snapshot: Snapshot, look: Look) -> VariantBlock:
    proof = look.proofs.get(variant.account_id)
    return VariantBlock(
        account_id=variant.account_id,
        platform=variant.platform,
        network=look.network(variant.platform),
        who=look.who(snapshot.accounts.get(variant.account_id)),
        text=variant.text,
        parts=variant.parts if len(variant.parts) > 1 else (),
        length=proof.length if proof else 0,
        limit=proof.limit if proof else 0,
        unit=proof.unit if proof else "characters",
        valid=proof is not None and proof.valid,
        problems=proof.problems if proof else (),
        lines=_lines(variant, proof, snapshot),
        options=chosen_of(variant, snapshot.accounts.get(variant.account_id), look),
    )


def _lines(variant: Variant, proof: Proof | None, snapshot: Snapshot) -> tuple[Line, ...]:
    revision = snapshot.draft.revision
    claims = tuple(_open_claims(revision)) if revision and snapshot.state in _CHECKED else ()
    marks = proof.marks if proof and len(proof.marks) == len(variant.parts) else ((),) * len(variant.parts)
    return tuple(set_text(part, found, claims) for part, found in zip(variant.parts, marks, strict=True))


def _checks(snapshot: Snapshot, revision: Revision, look: Look) -> Iterator[Check]:
    found = [(v, p) for v in revision.variants for p in _problems(v, look)]
    gone = [v for v in revision.variants if v.account_id not in look.proofs]
    if not gone and not any(p.code in _LENGTH_CODES for _, p in found):
        yield Check(name="length", text="within every limit", tone=Tone.GOOD)
    if told := described_well(revision):
        yield Check(name="alt", text=told, tone=Tone.GOOD)
    if told := left_out(revision, look):
        yield Check(name="attachment", text=told, tone=Tone.WARNING)
    if not found and not gone:
        yield Check(name="text", text="no banned words, no left-over marks", tone=Tone.GOOD)
    for variant in gone:
        network = look.network(variant.platform)
        text = f"An account on {network} is not connected any more. Connect it again, or duplicate the draft."
        yield Check(name="account", text=text, tone=Tone.DANGER)
    bare = [v for v, p in found if p.code == _ALT_CODE]
    apart = [Check(name=_ALT_CODE, text=told, tone=Tone.WARNING) for told in undescribed(revision, bare)]
    yield from apart
    seen: dict[str, Check] = {}
    for variant, problem in found:
        if apart and problem.code == _ALT_CODE:
            continue
        where = look.account(snapshot.accounts.get(variant.account_id), variant.platform)
        block = problem.severity is Severity.BLOCK
        text = " ".join(filter(None, (f"{where}: {problem.message}" if block else problem.message, problem.fix)))
        seen.setdefault(text, Check(name=problem.code, text=text, tone=Tone.DANGER if block else Tone.WARNING))
    yield from seen.values()
    for claim in _open_claims(revision):
        yield Check(name="claim", text=f"Verify before approving: “{short(claim, 200)}”", tone=Tone.WARNING)


def _open_claims(revision: Revision) -> Iterator[str]:
    """Those of the writer; after a person's edit those that still stand in some text, however it is spaced."""
    said = [_bare(" ".join(v.parts)) for v in revision.variants]
    for claim in revision.outline.claims:
        if revision.made_with != PERSON or any(_bare(claim).rstrip(".!") in text for text in said):
            yield claim


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


def _problems(variant: Variant, look: Look) -> tuple[Problem, ...]:
    proof = _proof(variant, look)
    return proof.problems if proof else ()


def _proof(variant: Variant, look: Look) -> Proof | None:
    return look.proofs.get(variant.account_id)


def _last_notes(snapshot: Snapshot, look: Look) -> Iterator[Note]:
    draft = snapshot.draft
    deciding = snapshot.state in _DECIDING
    if draft.picturing is not None and snapshot.state is DraftState.APPROVED:
        yield Note(text="Approved without it: with the new picture it waits for approval again.")
    elif deciding and blocked(snapshot, look):
        yield Note(text=f"This version {_NEAR_BLOCK}.", tone=Tone.WARNING)
    elif deciding and draft.planned_at is not None:
        yield Note(text=f"When somebody approves it, it goes out {look.moment(draft.planned_at)}.")
    elif snapshot.state is DraftState.APPROVED:
        yield Note(text="Approved, and not planned yet: choose a time or publish it now.", tone=Tone.GOOD)
    elif undo_open(snapshot, look) and any(d.state is DeliveryState.SCHEDULED for d in snapshot.deliveries):
        yield Note(text="It is about to go out. Undo takes it back as long as the button is here.", tone=Tone.WAITING)
    if deciding and draft.revision is not None:
        yield from _terms(draft.revision, look)
    if deciding and draft.revision is not None and _worth_saying(draft.revision):
        yield Note(text=f"Version {draft.revision.number}: {short(draft.revision.note, 300)}")


def _terms(revision: Revision, look: Look) -> Iterator[Note]:
    """What networks want read before somebody lets it go out, each once."""
    told = [f"{look.network(v.platform)}: {p.terms}" for v in revision.variants if (p := _proof(v, look)) and p.terms]
    yield from (Note(text=text) for text in dict.fromkeys(told))


def _worth_saying(revision: Revision) -> bool:
    """Whether its note tells more than the card does."""
    return revision.made_with != PERSON and revision.note not in {"", PICTURED, CHOSE}


def _told(entry: AuditEntry, look: Look) -> str:
    version = f" v{entry.revision}" if entry.revision and entry.verb in _OF_A_VERSION else ""
    said = _SHORTER.get(entry.verb, f"{{who}} {entry.verb}{version}").format(who=entry.by_name, number=entry.revision)
    note = _audit_note(entry, look).removeprefix(" · ")
    return " ".join(filter(None, (said, look.clock(entry.at), note)))


def _audit_line(entry: AuditEntry, look: Look) -> str:
    version = f" · v{entry.revision}" if entry.revision else ""
    return f"{entry.by_name} {entry.verb} · {look.short_moment(entry.at)}{version}{_audit_note(entry, look)}"


def _audit_note(entry: AuditEntry, look: Look) -> str:
    if not entry.note:
        return ""
    try:
        return f" · for {look.moment(datetime.fromisoformat(entry.note))}"
    except ValueError:
        return f" · “{short(entry.note, 120)}”"
