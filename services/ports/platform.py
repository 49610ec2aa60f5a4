"""What the desk needs from a social network, cut into small roles a platform supplies or leaves out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from services.domain.ids import PlatformSlug
from services.domain.media import MediaItem, Picture, PictureSize, Showing
from services.domain.post import Problem, Severity, Variant
from services.marks import Marker, plain_marks
from services.ports.http import Answer
from services.ports.options import no_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.account import Account, Dedupe, Identity, Limits
    from services.domain.budget import Budget
    from services.domain.cost import Cost
    from services.domain.delivery import Receipt
    from services.domain.media import Medium
    from services.domain.metrics import AccountMetrics, Comment, PastPost, PostMetrics
    from services.ports.clock import Clock
    from services.ports.http import Http
    from services.ports.media import PictureHost
    from services.ports.options import OptionCheck, PostOption
    from services.ports.signin import SignIn


WIDE: Final = PictureSize(width=1600, height=900)
"""What a feed shows without cropping where a network states no size of its own."""
RENEW_AHEAD: Final = timedelta(minutes=5)
"""Enough for the longest publishing turn to begin with a token that lasts."""
MediaReader = Callable[[Picture], Awaitable[bytes]]
"""Gives a picture's bytes."""
Pricing = Callable[[Variant], "Cost | None"]
"""Works out what publishing a variant costs; pure."""
Terms = Callable[[Variant, "Account"], str]
"""Words that have to be read by whoever lets a variant go out; pure, empty when there are none."""
Rest = Callable[[Answer, datetime], datetime | None]
"""Reads from an answer got now until when nothing more should be sent; None: go on."""
PieceReader = Callable[[MediaItem, int, int], Awaitable[bytes]]
"""Gives so many bytes of a file from a place on, fewer at its end: videos are too large to be read whole."""


def free(_variant: Variant) -> Cost | None:
    """For networks that charge nothing."""
    return None


def no_terms(_variant: Variant, _account: Account) -> str:
    """For networks that ask nobody to agree to anything."""
    return ""


def never(_answer: Answer, _now: datetime) -> datetime | None:
    """For networks whose answers say nothing about it."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A text's length as the network counts it; `also` is a second count with its own limit, same shape."""

    length: int
    limit: int
    unit: str
    problems: tuple[Problem, ...] = ()
    also: Measure | None = None

    @property
    def valid(self) -> bool:
        """True when both counts are within their limits and nothing blocks."""
        within = self.length <= self.limit and (self.also is None or self.also.valid)
        return within and not any(p.severity == "block" for p in self.problems)


class Rules(Protocol):
    """Pure text rules of a platform: no network, no clock."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """Count one post's text; over-length is a problem of severity block with how much to cut."""
        ...

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """Cut a long text at sentence and paragraph ends into parts that each fit; nothing is lost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPart(Showing):
    """One irreversible call's worth: a part of a frozen variant with all it depends on."""

    index: int
    count: int
    text: str
    media: tuple[Medium, ...]
    """What it shows, in order: pictures, or one video or document; both only where the limits say so."""
    options: Mapping[str, str]
    handles: Mapping[str, str] = field(repr=False)
    """What `prepare` returned; a place to upload to is a key by itself."""
    key: str
    """Idempotency key, the same at each attempt."""
    first_claimed_at: datetime
    """Stable over attempts: derive record keys and creation times from it, plus `index`."""
    receipts: tuple[Receipt, ...]
    """The parts already live, for reply references."""
    since: datetime | None = None
    """When the call in doubt began; look-ups need not search before it."""


class Publisher(Protocol):
    """Puts a post out in two phases."""

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """Do all repeatable, non-public work (uploads, resolving) and return its handles; empty when there is none.

        `Unavailable` with handles has the next try go on from these.
        """
        ...

    async def send(self, part: OutgoingPart) -> Receipt:
        """Make the one irreversible call; never retried inside.

        `OutcomeUnknown` when the answer was lost, `StillWorking` when the network took it and is not done.
        """
        ...

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """Whether `prepare` has anything to do for this part."""
        ...


class Watcher(Protocol):
    """Tells how far a network is with a part it accepted, reading only."""

    async def watch(self, part: OutgoingPart) -> Receipt | None:
        """The receipt once it is live, None while the network works on it; `Refused` when it never will be.

        `GivenUp` where it never will be by the network's own fault, so that the same may be made anew.
        """
        ...


class Finder(Protocol):
    """Tells whether a part in doubt is live, reading only."""

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """The receipt when found, None when certainly absent; `OutcomeUnknown` when nobody can tell."""
        ...


class Deleter(Protocol):
    """Takes a post down."""

    async def delete(self, receipt: Receipt) -> None:
        """Deleting what is gone already succeeds."""
        ...


class Editor(Protocol):
    """Changes the words of a post that is live."""

    async def edit(self, receipt: Receipt, text: str) -> None:
        """All else about the post stays; the same words again change nothing."""
        ...


class Hider(Protocol):
    """Hides answers under our posts without deleting them."""

    async def hide(self, comment: Comment, *, root: Receipt, hidden: bool) -> None:
        """Hide it, or show it again; doing so twice is fine."""
        ...


class MetricsReader(Protocol):
    """Reads counters."""

    async def post_metrics(self, receipts: Sequence[Receipt]) -> Sequence[PostMetrics]:
        """One entry per post that still exists, in any order."""
        ...

    async def account_metrics(self) -> AccountMetrics:
        """Followers and the like."""
        ...


class CommentReader(Protocol):
    """Reads answers to our posts."""

    async def comments(self, receipt: Receipt, since: datetime | None) -> Sequence[Comment]:
        """Those newer than `since`, oldest first, ours left out."""
        ...


class HistoryReader(Protocol):
    """Reads what an account said before the desk came."""

    async def past_posts(self, since: datetime, *, limit: int) -> Sequence[PastPost]:
        """Our own original posts since then, newest first, with their counters: no answers to others, no reposts."""
        ...


class Replier(Protocol):
    """Answers a comment."""

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:
        """Publish an answer below `comment` in the thread of `root`; `key` and `at` as for a part."""
        ...


class Verifier(Protocol):
    """Proves credentials by reading."""

    async def verify(self) -> Identity:
        """Who we are, what the server is, its limits; raises `NeedsReauth` naming missing rights."""
        ...


class Refresher(Protocol):
    """Keeps short-lived tokens alive."""

    def expires_at(self) -> datetime | None:
        """When the access token dies; None when it does not or is not there yet."""
        ...

    async def refresh(self) -> Mapping[str, str]:
        """The whole new credentials to store before use; a transient failure raises `Unavailable`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a platform needs to speak for one account."""

    credentials: Mapping[str, str] = field(repr=False)
    base_url: str
    """Empty when discovery decides (only before the account exists)."""
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    http: Http
    clock: Clock
    account: Account | None = None
    """None while the account is being added."""
    pictures: PictureHost | None = None
    """For networks that fetch pictures and videos; None when they can't reach the desk."""
    pieces: PieceReader | None = None
    """For networks that take videos in pieces; None where only an account is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The roles one connected account plays; None where the platform can't."""

    verifier: Verifier
    publisher: Publisher
    watcher: Watcher | None = None
    """For networks that answer before a post is live."""
    finder: Finder | None = None
    deleter: Deleter | None = None
    editor: Editor | None = None
    metrics: MetricsReader | None = None
    comments: CommentReader | None = None
    history: HistoryReader | None = None
    replier: Replier | None = None
    hider: Hider | None = None
    refresher: Refresher | None = None
    ends_at: datetime | None = None
    """When its access ends unless a person signs in again; None: never, or nobody knows."""


class Role(StrEnum):
    """What a platform may be able to do beside verifying and publishing, by its name in `Roles`."""

    WATCHER = "watcher"
    FINDER = "finder"
    DELETER = "deleter"
    EDITOR = "editor"
    METRICS = "metrics"
    COMMENTS = "comments"
    HISTORY = "history"
    REPLIER = "replier"
    HIDER = "hider"
    REFRESHER = "refresher"


def always(*roles: Role) -> Mapping[Role, str]:
    """Roles that every account of a platform plays, as `PlatformSpec.roles` has them."""
    return dict.fromkeys(roles, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    """A field of `account add`, named in the network's own words."""

    name: str
    label: str
    secret: bool
    required: bool = True
    usual: bool = False
    """Not required, and yet given by most: without it an account does less, or not for long."""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureShape:
    """The shape of pictures where something people choose asks for one of its own."""

    option: str
    value: str
    size: PictureSize
    """Of a picture made for it."""
    ratio: tuple[float, float] | None = None
    """The narrowest and the widest, as width by height; None: as the account takes others."""
    alone: bool = False
    """Whether there is nothing beside the one that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """When not being shown is proof that a post never went out: networks take their time to show what they have."""

    first: timedelta = timedelta(seconds=5)
    """From the lost answer to the first look, so that a call still on its way has landed or died."""
    waits: tuple[timedelta, ...] = (timedelta(seconds=20), timedelta(seconds=60))
    """Between the looks that found nothing; the one after the last wait is proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSpec:
    """The facts of a platform as data: everything the core may know about it."""

    slug: PlatformSlug
    label: str
    fields: tuple[CredentialField, ...]
    rules: Rules
    default_limits: Limits
    dedupe: Dedupe
    """The best it can be; the account's own value may be weaker."""
    key_life: timedelta | None
    """How long a KEY account's server remembers a key; None: for ever."""
    absence: Absence = Absence()
    """How long a post in doubt is looked for before it is sent again."""
    guidance: str
    """How a text for this network should read, for the writer."""
    connect: Callable[[Connection], Roles]
    roles: Mapping[Role, str] = field(default_factory=dict)
    """What `connect` supplies beside verifier and publisher, each with which accounts get it; empty: all of them."""
    limits_from_instance: bool = False
    default_base_url: str = ""
    """Empty: the account must name its own."""
    renew_ahead: timedelta = RENEW_AHEAD
    """How long before its end an access token is renewed; long where one that has ended can't be renewed any more."""
    pulls_pictures: bool = False
    """The network fetches pictures from the desk; an account that can't be reached has limits of no pictures."""
    pulls_videos: bool = False
    """The same for videos."""
    needs_media: bool = False
    """There is no post without a picture or a video."""
    alike: bool = False
    """Several pictures are all shown in the shape of the first."""
    alt_texts: bool = True
    """Whether the network takes what a picture shows in words; where not, they stay at the desk."""
    options: tuple[PostOption, ...] = ()
    """Choices a person may, or must, make on a variant."""
    cost: Pricing = free
    """What the network charges for a variant; None where posting is free."""
    terms: Terms = no_terms
    """What the network wants read and agreed to before a variant goes out."""
    budgets: tuple[Budget, ...] = ()
    """How many posts an account may send in a time, as far as the network says."""
    rest: Rest = never
    """What an answer says about how long the account had better be quiet."""
    check_options: OptionCheck = no_problems
    """What the network's duties forbid of the choices made."""
    picture: PictureSize = WIDE
    """The size a picture made for this network has."""
    shapes: tuple[PictureShape, ...] = ()
    """Choices with a shape of their own."""
    signin: SignIn | None = None
    """How people connect an account by signing in; None: by pasting alone."""
    marks: Marker = plain_marks
    """What this network makes clickable in a text, and how it shows it."""

    def shape_for(self, options: Mapping[str, str]) -> PictureShape | None:
        """The shape these choices ask for; None: the usual one."""
        return next((shape for shape in self.shapes if options.get(shape.option) == shape.value), None)

    def picture_for(self, options: Mapping[str, str]) -> PictureSize:
        """The size a picture made for a post with these choices has."""
        shape = self.shape_for(options)
        return self.picture if shape is None else shape.size

    def limits_for(self, limits: Limits, options: Mapping[str, str]) -> Limits:
        """What an account with these limits takes of a post with these choices."""
        shape = self.shape_for(options)
        if shape is None:
            return limits
        shaped = replace(limits, image_ratio=shape.ratio or limits.image_ratio)
        return replace(shaped, images=min(limits.images, 1), mixed=0) if shape.alone else shaped

    def unreachable(self, limits: Limits, *, moving: bool = False) -> Problem | None:
        """Why an account's pictures, or `moving` ones, would never be fetched; None when they would, or need not be."""
        what = "video" if moving else "picture"
        fetched = self.pulls_videos and self.default_limits.video is not None if moving else self.pulls_pictures
        if not fetched or (limits.video if moving else limits.images):
            return None
        instead = "" if self.needs_media else f", or post without a {what}"
        return Problem(
            code="no_public_url",
            severity=Severity.BLOCK,
            message=f"{self.label} fetches {what}s from the desk and can't reach it.",
            fix=f"Set COPYDESK_PUBLIC_URL to an https address that leads here{instead}.",
        )


Platforms = Mapping[PlatformSlug, PlatformSpec]
"""The registry's list, by slug."""
