"""Small functions that make valid values of the domain, so that a test names only what it is about."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypedDict

from services.domain.account import Account, Dedupe, Health, Limits, VideoLimits
from services.domain.actor import Person, PictureMode, Role, Workspace
from services.domain.brand import Brand, Palette
from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState, Receipt
from services.domain.ids import AccountId, BrandId, DeliveryId, Digest, DraftId, PersonId, PlatformSlug
from services.domain.media import (
    Attachment,
    MediaItem,
    Picture,
    PictureOrigin,
    PictureStyle,
    PictureWish,
    VideoFacts,
)
from services.domain.post import Approval, AuditEntry, Brief, Draft, DraftState, Outline, PictureJob, Revision, Variant
from services.ports.storage import ShownCard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from services.domain.media import Medium

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When builders say things were made; the same instant at which the fake clock starts."""

_numbers = itertools.count(1)


def new_delivery_id() -> DeliveryId:
    """An id that sorts after all earlier ones."""
    return DeliveryId(f"d{next(_numbers):012d}")


class PersonFields(TypedDict, total=False):
    """What `a_person` lets a test choose."""

    id: PersonId
    name: str
    role: Role
    zone: str
    created_at: datetime
    assigned: bool
    zone_chosen: bool
    aliases: tuple[PersonId, ...]


def a_person(**fields: Unpack[PersonFields]) -> Person:
    """Ada, who may do everything."""
    ada = Person(id=PersonId("ada"), name="Ada", role=Role.ADMIN, zone="Europe/Berlin", created_at=NOW)
    return replace(ada, **fields)


class WorkspaceFields(TypedDict, total=False):
    """What `a_workspace` lets a test choose."""

    four_eyes: bool
    submit_required: bool
    late_minutes: int
    frozen_by: str | None
    frozen_at: datetime | None
    pictures: PictureMode


def a_workspace(**fields: Unpack[WorkspaceFields]) -> Workspace:
    """The switches as they come, but no draft gets a picture that nobody asked for."""
    return replace(Workspace(pictures=PictureMode.ON_REQUEST), **fields)


class BrandFields(TypedDict, total=False):
    """What `a_brand` lets a test choose."""

    id: BrandId
    name: str
    industry: str
    tone: str
    audience: str
    values: tuple[str, ...]
    banned_words: tuple[str, ...]
    hashtags: tuple[str, ...]
    examples: tuple[str, ...]
    palette: Palette


def a_brand(**fields: Unpack[BrandFields]) -> Brand:
    """A voice with one forbidden word."""
    drift = Brand(
        id=BrandId("driftseas"),
        name="Driftseas",
        industry="developer tools",
        tone="plain and curious",
        audience="engineers",
        values=("honesty",),
        banned_words=("synergy",),
        hashtags=("driftseas",),
        palette=Palette(background="#faf7f1", text="#1b1a17", accent="#b3261e"),
    )
    return replace(drift, **fields)


class LimitsFields(TypedDict, total=False):
    """What `some_limits` lets a test choose."""

    text: int
    unit: str
    text_bytes: int | None
    url_length: int | None
    images: int
    image_bytes: int | None
    image_pixels: int | None
    image_types: tuple[str, ...]
    image_ratio: tuple[float, float] | None
    mixed: int
    video: VideoLimits | None
    alt_text: int | None
    thread_parts: int


def some_limits(**fields: Unpack[LimitsFields]) -> Limits:
    """What an ordinary server accepts."""
    return replace(Limits(text=500, unit="characters", url_length=23, alt_text=1500), **fields)


class AccountFields(TypedDict, total=False):
    """What `an_account` lets a test choose."""

    id: AccountId
    platform: PlatformSlug
    handle: str
    name: str
    remote_id: str
    base_url: str
    dedupe: Dedupe
    limits: Limits
    limits_at: datetime
    health: Health
    health_note: str
    practice: bool
    created_at: datetime
    ends_at: datetime | None


def an_account(**fields: Unpack[AccountFields]) -> Account:
    """An identity on a server that honours keys; its remote id follows its id unless given."""
    id_ = fields.get("id", AccountId("acc1"))
    account = Account(
        id=id_,
        platform=PlatformSlug("mastodon"),
        handle="driftseas@social.test",
        name="Driftseas",
        remote_id=f"remote-{id_}",
        base_url="https://social.test",
        dedupe=Dedupe.KEY,
        limits=some_limits(),
        limits_at=NOW,
        created_at=NOW,
    )
    return replace(account, **fields)


class MediaItemFields(TypedDict, total=False):
    """What `a_media_item` lets a test choose."""

    digest: Digest
    mime: str
    width: int
    height: int
    size: int


def a_media_item(**fields: Unpack[MediaItemFields]) -> MediaItem:
    """Facts of a small picture."""
    return replace(MediaItem(digest=Digest("ab" * 32), mime="image/png", width=640, height=480, size=12345), **fields)


def some_video_facts(**fields: Any) -> VideoFacts:
    """A short upright video as phones make them."""
    return replace(VideoFacts(seconds=32.0, frame_rate=30.0, codec="h264", audio="aac"), **fields)


def a_video_item(facts: VideoFacts | None = None, **fields: Any) -> MediaItem:
    """Facts of a short upright video."""
    item = MediaItem(digest=Digest("cd" * 32), mime="video/mp4", width=1080, height=1920, size=12_000_000)
    return replace(item, video=facts or some_video_facts(), **fields)


def a_document_item(**fields: Any) -> MediaItem:
    """Facts of a short PDF."""
    item = MediaItem(digest=Digest("ef" * 32), mime="application/pdf", width=0, height=0, size=1_200_000, pages=8)
    return replace(item, **fields)


def an_attachment(item: MediaItem | None = None, **fields: Any) -> Attachment:
    """A video with words and a poster."""
    return replace(Attachment(item=item or a_video_item(), alt="Waves", poster=a_media_item()), **fields)


def a_picture(item: MediaItem | None = None, alt: str = "A quiet sea", origin: PictureOrigin | None = None) -> Picture:
    """A picture with words for those who can't see it."""
    return Picture(item=item or a_media_item(), alt=alt, origin=origin)


def an_origin(style: PictureStyle = PictureStyle.MINIMAL, prompt: str = "", take: int = 0) -> PictureOrigin:
    """A picture made without a vendor, with lettering."""
    return PictureOrigin(made_with="offline", style=style, prompt=prompt, take=take, contrast=9.84)


def a_picture_job() -> PictureJob:
    """A picture that Ada asked for and that is not there yet."""
    return PictureJob(id="job1", wish=PictureWish(style=PictureStyle.MINIMAL), by=PersonId("ada"), at=NOW)


class VariantFields(TypedDict, total=False):
    """What `a_variant` lets a test choose."""

    account_id: AccountId
    platform: PlatformSlug
    parts: tuple[str, ...]
    media: tuple[Medium, ...]
    options: Mapping[str, str]


def a_variant(**fields: Unpack[VariantFields]) -> Variant:
    """One short post for `an_account()`."""
    post = Variant(account_id=AccountId("acc1"), platform=PlatformSlug("mastodon"), parts=("Ships today.",))
    return replace(post, **fields)


class OutlineFields(TypedDict, total=False):
    """What `an_outline` lets a test choose."""

    topic: str
    hook: str
    body: str
    call_to_action: str
    hashtags: tuple[str, ...]
    tone_notes: str
    image_idea: str
    claims: tuple[str, ...]


def an_outline(**fields: Unpack[OutlineFields]) -> Outline:
    """The idea behind the post."""
    idea = Outline(topic="The release", hook="It is here", body="Faster builds.", hashtags=("release",))
    return replace(idea, **fields)


class RevisionFields(TypedDict, total=False):
    """What `a_revision` lets a test choose."""

    number: int
    outline: Outline
    variants: tuple[Variant, ...]
    by: PersonId
    made_with: str
    note: str
    at: datetime


def a_revision(**fields: Unpack[RevisionFields]) -> Revision:
    """The first version, for one account."""
    first = Revision(
        number=1, outline=an_outline(), variants=(a_variant(),), by=PersonId("ada"), made_with="offline", at=NOW
    )
    return replace(first, **fields)


class DraftFields(TypedDict, total=False):
    """What `a_draft` lets a test choose."""

    id: DraftId
    state: DraftState
    brief: Brief
    brand_id: BrandId
    account_ids: tuple[AccountId, ...]
    author: PersonId
    author_name: str
    revision: Revision | None
    approval: Approval | None
    planned_at: datetime | None
    picturing: PictureJob | None
    problem: str
    state_at: datetime
    created_at: datetime


def a_draft(**fields: Unpack[DraftFields]) -> Draft:
    """A draft with its first revision; the store wants that revision added as well."""
    draft = Draft(
        id=DraftId("1"),
        state=DraftState.DRAFT,
        brief=Brief(text="announce the release"),
        brand_id=BrandId("driftseas"),
        account_ids=(AccountId("acc1"),),
        author=PersonId("ada"),
        author_name="Ada",
        revision=a_revision(),
        state_at=NOW,
        created_at=NOW,
    )
    return replace(draft, **fields)


class ApprovalFields(TypedDict, total=False):
    """What `an_approval` lets a test choose."""

    draft_id: DraftId
    revision: int
    digest: Digest
    by: PersonId
    by_name: str
    at: datetime


def an_approval(**fields: Unpack[ApprovalFields]) -> Approval:
    """Ada's agreement to `a_revision()` of `a_draft()`."""
    agreed = Approval(
        draft_id=DraftId("1"), revision=1, digest=a_revision().digest, by=PersonId("ada"), by_name="Ada", at=NOW
    )
    return replace(agreed, **fields)


def an_approved_draft(**fields: Unpack[DraftFields]) -> Draft:
    """A draft whose standing approval binds exactly its revision."""
    draft = a_draft(**fields)
    if draft.revision is None:
        return draft
    approval = an_approval(draft_id=draft.id, revision=draft.revision.number, digest=draft.revision.digest)
    return replace(draft, state=DraftState.APPROVED, approval=approval)


class AuditFields(TypedDict, total=False):
    """What `an_audit_entry` lets a test choose."""

    draft_id: DraftId
    at: datetime
    by: PersonId
    by_name: str
    verb: str
    revision: int
    note: str


def an_audit_entry(**fields: Unpack[AuditFields]) -> AuditEntry:
    """Ada drafted something."""
    line = AuditEntry(draft_id=DraftId("1"), at=NOW, by=PersonId("ada"), by_name="Ada", verb="drafted", revision=1)
    return replace(line, **fields)


class ReceiptFields(TypedDict, total=False):
    """What `a_receipt` lets a test choose."""

    part: int
    remote_id: str
    url: str
    at: datetime
    extra: Mapping[str, str]


def a_receipt(**fields: Unpack[ReceiptFields]) -> Receipt:
    """Proof that the first part is live."""
    live = Receipt(part=0, remote_id="1001", url="https://social.test/@driftseas/1001", at=NOW)
    return replace(live, **fields)


class DeliveryFields(TypedDict, total=False):
    """What `a_delivery` lets a test choose."""

    id: DeliveryId
    draft_id: DraftId
    revision: int
    digest: Digest
    account_id: AccountId
    platform: PlatformSlug
    variant: Variant
    state: DeliveryState
    due_at: datetime
    next_at: datetime
    undo_until: datetime | None
    attempts: int
    fence: int
    lease_owner: str
    lease_until: datetime | None
    first_claimed_at: datetime | None
    sending_at: datetime | None
    handles: Mapping[str, str]
    receipts: tuple[Receipt, ...]
    problem: str
    probes: int
    created_at: datetime


def a_delivery(**fields: Unpack[DeliveryFields]) -> Delivery:
    """A row due in a minute under a fresh id; variant, account and the next look follow what is given."""
    account_id = fields.get("account_id", AccountId("acc1"))
    due_at = fields.get("due_at", NOW + timedelta(minutes=1))
    platform = fields.get("platform", PlatformSlug("mastodon"))
    row = Delivery(
        id=fields.get("id") or new_delivery_id(),
        draft_id=DraftId("1"),
        revision=1,
        digest=a_revision().digest,
        account_id=account_id,
        platform=platform,
        variant=a_variant(account_id=account_id, platform=platform),
        state=DeliveryState.SCHEDULED,
        due_at=due_at,
        next_at=due_at,
        created_at=NOW,
    )
    return replace(row, **fields)


def a_log_entry(
    to: DeliveryState = DeliveryState.SCHEDULED,
    *,
    came_from: DeliveryState | None = None,
    at: datetime = NOW,
    note: str = "planned",
) -> DeliveryLogEntry:
    """The entry that makes a row, or any other step."""
    return DeliveryLogEntry(at=at, from_state=came_from, to_state=to, note=note)


class ShownCardFields(TypedDict, total=False):
    """What `a_shown_card` lets a test choose."""

    card_id: str
    kind: str
    draft_id: DraftId | None
    delivery_id: DeliveryId | None
    surface: str
    place: str
    created_at: datetime
    told: int
    drawn: str


def a_shown_card(**fields: Unpack[ShownCardFields]) -> ShownCard:
    """The card of `a_draft()` on the web page."""
    card = ShownCard(
        card_id="draft-1",
        kind="draft",
        draft_id=DraftId("1"),
        delivery_id=None,
        surface="web",
        place="desk",
        created_at=NOW,
    )
    return replace(card, **fields)
