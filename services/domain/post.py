"""The draft and its revisions: what is said, who agreed to it, and the lawful states in between."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.errors import Conflict
from services.domain.ids import Digest
from services.domain.media import Showing, attachments_of, slides_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from services.domain.ids import AccountId, BrandId, DraftId, PersonId, PlatformSlug
    from services.domain.media import Attachment, Medium, PictureOrigin, PictureWish, Slide

PART_BREAK: Final = "\n---\n"
"""What separates the parts of a thread where people read and edit them as one text."""

MOST_PARTS: Final = 15
"""Posts of a thread that is written from a brief; nobody reads more."""
USUAL_PARTS: Final = 5
"""Posts of a thread when nobody says how many."""
PERSON: Final = "person"
"""`Revision.made_with` of what somebody wrote or changed by hand."""


NO_PICTURE: Final = "no"
"""What a brief says that wants no picture whatever the workspace does."""


_BREAK: Final = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_HALF: Final = re.compile(r"[\ud800-\udfff]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]+")


def kept(text: str) -> str:
    """A text as the desk keeps it: composed, one kind of line end, no control characters.

    The networks count composed characters and some refuse the others, so this makes what is counted what is sent.
    Half a character (a lone surrogate) can be neither stored nor sent and becomes the sign for a lost one.
    """
    return unicodedata.normalize("NFC", _HALF.sub("\ufffd", _CONTROL.sub("", _BREAK.sub("\n", text))))


def parts_of(text: str) -> tuple[str, ...]:
    """The posts of a text as people edit it: a line of three dashes stands between two; empty ones are none."""
    clean = kept(text).strip()
    return tuple(p.strip() for p in f"\n{clean}\n".split(PART_BREAK) if p.strip())


class DraftState(StrEnum):
    """A draft's state; those from SCHEDULED to FAILED are derived from its deliveries and never stored."""

    DRAFTING = "drafting"
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    PARTLY_PUBLISHED = "partly_published"
    FAILED = "failed"
    REJECTED = "rejected"
    ARCHIVED = "archived"


_S = DraftState
DRAFT_TRANSITIONS: Final[Mapping[DraftState, frozenset[DraftState]]] = {
    _S.DRAFTING: frozenset({_S.DRAFT, _S.IN_REVIEW, _S.APPROVED, _S.ARCHIVED}),
    _S.DRAFT: frozenset({_S.DRAFT, _S.DRAFTING, _S.IN_REVIEW, _S.APPROVED, _S.REJECTED, _S.ARCHIVED}),
    _S.IN_REVIEW: frozenset({_S.DRAFT, _S.DRAFTING, _S.APPROVED, _S.REJECTED, _S.ARCHIVED}),
    _S.APPROVED: frozenset({_S.DRAFT, _S.DRAFTING, _S.REJECTED, _S.ARCHIVED}),
    _S.REJECTED: frozenset({_S.DRAFT, _S.ARCHIVED}),
    _S.ARCHIVED: frozenset(),
}
"""Lawful steps between the stored states. From DRAFTING a failed rewrite returns to the state it came from."""


class Severity(StrEnum):
    """Whether a problem keeps the draft from being approved."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a text or picture, with what a person can do about it."""

    code: str
    severity: Severity
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What was asked for; kept whatever happens to the draft."""

    text: str
    notes: str = ""
    """Pasted material to draw facts from."""
    parts: int = 1
    """How many posts it asks for; more than one makes a thread of hook, points, takeaway and close."""
    source: str = ""
    """A finished post to say again for another network; empty when it is written from the brief."""
    tone: str = ""
    """How these posts should sound, within the brand's voice; empty leaves it to the brand."""
    picture: str = ""
    """Whether a picture comes with it: "no", "yes", or its style; empty leaves it to the workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant(Showing):
    """The draft as one account will say it; more than one part makes a thread."""

    account_id: AccountId
    platform: PlatformSlug
    parts: tuple[str, ...]
    media: tuple[Medium, ...] = ()
    """Shown with the first part, in this order."""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole text as people edit it."""
        return PART_BREAK.join(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The idea behind the variants, as the composer put it."""

    topic: str = ""
    hook: str = ""
    body: str = ""
    call_to_action: str = ""
    hashtags: tuple[str, ...] = ()
    tone_notes: str = ""
    image_idea: str = ""
    claims: tuple[str, ...] = ()
    """Statements a person should verify before approving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of the content; never changed after it was written. Number counts from 1."""

    number: int
    outline: Outline
    variants: tuple[Variant, ...]
    by: PersonId
    made_with: str
    """"offline", "openai:…", "person"."""
    note: str = ""
    """Why this version exists ("shorter", "edited LinkedIn")."""
    at: datetime
    slides: tuple[Slide, ...] = ()
    """All that it has to show, in order; each variant shows what its network takes. Unless given, worked out."""

    digest: Digest = field(init=False, repr=False)
    """What an approval binds to: exactly the text, parts, media, alt text, options and accounts."""

    def __post_init__(self) -> None:
        """Work the digest out once: it is asked for at every step."""
        object.__setattr__(self, "digest", content_digest(self.variants))
        if not self.slides:
            object.__setattr__(self, "slides", slides_of(v.media for v in self.variants))

    @property
    def pictured(self) -> bool:
        """Whether any account gets a picture."""
        return any(v.pictures for v in self.variants)

    @property
    def attached(self) -> tuple[Attachment, ...]:
        """The videos and documents that some account gets, in order."""
        shown = {m.item.digest for v in self.variants for m in attachments_of(v.media)}
        return tuple(m for m in attachments_of(s.first for s in self.slides) if m.item.digest in shown)

    @property
    def made_picture(self) -> PictureOrigin | None:
        """How its picture was made; None without one, and for one that somebody brought."""
        return next((p.origin for v in self.variants for p in v.pictures if p.origin is not None), None)


def content_digest(variants: Iterable[Variant]) -> Digest:
    """SHA-256 over everything that would be published, independent of the order of accounts."""
    canonical = [
        {
            "account": v.account_id,
            "parts": list(v.parts),
            "pictures": [[p.item.digest, p.alt] for p in v.pictures],
            "options": dict(sorted(v.options.items())),
            **_attached(v),
        }
        for v in sorted(variants, key=lambda v: v.account_id)
    ]
    data = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Digest(hashlib.sha256(data.encode()).hexdigest())


def _attached(variant: Variant) -> dict[str, list[str] | list[list[str]]]:
    """What there is beside pictures; one alone as it was written before there were several, so that approvals stand."""
    attached = attachments_of(variant.media)
    if not attached:
        return {}
    if len(variant.media) == 1:
        return {"attachment": [attached[0].item.digest, attached[0].alt]}
    return {"media": [[m.item.digest, m.alt] for m in variant.media]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The fact that somebody agreed to exactly this content."""

    draft_id: DraftId
    revision: int
    digest: Digest
    by: PersonId
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of who did what to a draft, append only."""

    draft_id: DraftId
    at: datetime
    by: PersonId
    by_name: str
    verb: str
    """Past tense as people read it: "approved", "edited", "rejected"."""
    revision: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureJob:
    """A picture being made for a draft; nothing can be approved until it is there, failed or given up."""

    id: str
    wish: PictureWish
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The idea with its current revision; `state` is the stored one, see `derive_state`."""

    id: DraftId
    state: DraftState
    brief: Brief
    brand_id: BrandId
    account_ids: tuple[AccountId, ...]
    author: PersonId
    author_name: str
    revision: Revision | None = None
    """None until something was written."""
    approval: Approval | None = None
    """The approval that stands; an edit clears it here while the fact stays in the log."""
    planned_at: datetime | None = None
    picturing: PictureJob | None = None
    """The picture being made right now."""
    problem: str = ""
    """Why the last drafting or picture failed, in words for people; empty when it did not."""
    state_at: datetime
    created_at: datetime

    def require_step(self, to: DraftState) -> None:
        """Raise `Conflict` when `to` can't follow the stored state."""
        if to not in DRAFT_TRANSITIONS[self.state]:
            msg = f"This draft is {self.state.value.replace('_', ' ')} and can't become {to.value.replace('_', ' ')}."
            raise Conflict(msg, next_step="Look at the card as it is now.")

    @property
    def approved_as_is(self) -> bool:
        """True when the standing approval binds exactly the current revision's content."""
        return (
            self.state is DraftState.APPROVED
            and self.approval is not None
            and self.revision is not None
            and self.approval.revision == self.revision.number
            and self.approval.digest == self.revision.digest
        )
