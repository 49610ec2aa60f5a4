"""What LinkedIn answers, read leniently: what it leaves out is absent, and nothing else of it matters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

_MILLISECONDS: Final = 1000


def _lenient_int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lenient_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _sequence(value: object) -> object:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


Count = Annotated[int | None, BeforeValidator(_lenient_int)]
Text = Annotated[str, BeforeValidator(_lenient_text)]
Urn = Annotated[str, Field(pattern=r"^urn:li:\w+:\S+$")]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)


class WirePerson(_Wire):
    """The member a token speaks for."""

    sub: str = Field(min_length=1, pattern=r"^[\w-]+$")
    name: Text = ""


class WireOrganization(_Wire):
    """A page."""

    name: Text = Field("", alias="localizedName")
    vanity: Text = Field("", alias="vanityName")


class UploadPlace(_Wire):
    """Where the bytes of a picture or document go, and what it will be called."""

    url: str = Field(alias="uploadUrl", min_length=1, repr=False)
    urn: Urn = Field(validation_alias=AliasChoices("image", "document"))


class OneUploadPlace(_Wire):
    """The answer to beginning an upload."""

    value: UploadPlace


class VideoRange(_Wire):
    """Where some bytes of a video go; both ends are among them."""

    url: str = Field(alias="uploadUrl", min_length=1, repr=False)
    first: int = Field(alias="firstByte", ge=0)
    last: int = Field(alias="lastByte", ge=0)


class VideoPlace(_Wire):
    """Where a video's bytes go, what it will be called, and what ends its upload."""

    urn: Urn = Field(alias="video")
    token: Text = Field("", alias="uploadToken", repr=False)
    ranges: tuple[VideoRange, ...] = Field(alias="uploadInstructions", min_length=1)

    def covers(self, size: int) -> bool:
        """Whether the ranges are the whole file, one behind the other."""
        ends = [-1, *(one.last for one in self.ranges)]
        return ends[-1] == size - 1 and all(
            one.first == end + 1 and one.last >= one.first for one, end in zip(self.ranges, ends[:-1], strict=True)
        )


class OneVideoPlace(_Wire):
    """The answer to beginning the upload of a video."""

    value: VideoPlace


class WireUpload(_Wire):
    """An upload's standing."""

    status: Text = ""
    reason: Text = Field("", alias="processingFailureReason")


class OneMedia(_Wire):
    """A single picture, video or document."""

    id: Text = ""


class ManyImages(_Wire):
    """Several pictures."""

    images: Annotated[tuple[OneMedia, ...], BeforeValidator(_sequence)] = ()


class WireContent(_Wire):
    """What a post shows beside its text."""

    media: Annotated[OneMedia, BeforeValidator(_mapping)] = OneMedia()
    many: Annotated[ManyImages, BeforeValidator(_mapping)] = Field(ManyImages(), alias="multiImage")

    @property
    def images(self) -> tuple[str, ...]:
        """The URNs of its pictures."""
        return tuple(urn for urn in self.uploads if urn.startswith("urn:li:image:"))

    @property
    def uploads(self) -> tuple[str, ...]:
        """The URNs of its pictures, its video or its document."""
        return tuple(urn for urn in (self.media.id, *(image.id for image in self.many.images)) if urn)


class WirePost(_Wire):
    """A post."""

    id: Urn
    author: Text = ""
    commentary: Text = ""
    created: Count = Field(None, validation_alias=AliasChoices("createdAt", "publishedAt"))
    content: Annotated[WireContent, BeforeValidator(_mapping)] = WireContent()
    reshare: object = Field(None, alias="reshareContext")

    @property
    def at(self) -> datetime:
        """When it was made; the epoch when LinkedIn does not say."""
        return instant(self.created)


def instant(milliseconds: int | None) -> datetime:
    """A time of LinkedIn's, aware and UTC."""
    try:
        return datetime.fromtimestamp((milliseconds or 0) / _MILLISECONDS, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


class WirePosts(_Wire):
    """A page of posts."""

    elements: tuple[WirePost, ...] = ()


class ShareCounts(_Wire):
    """What a page's post earned."""

    impressions: Count = Field(None, alias="impressionCount")
    reach: Count = Field(None, validation_alias=AliasChoices("uniqueImpressionsCount", "uniqueImpressionsCounts"))
    clicks: Count = Field(None, alias="clickCount")
    likes: Count = Field(None, alias="likeCount")
    comments: Count = Field(None, alias="commentCount")
    shares: Count = Field(None, alias="shareCount")


class WireStatistic(_Wire):
    """A post's line of a page's statistics."""

    post: Text = Field("", validation_alias=AliasChoices("share", "ugcPost"))
    counts: Annotated[ShareCounts, BeforeValidator(_mapping)] = Field(ShareCounts(), alias="totalShareStatistics")


class WireStatistics(_Wire):
    """A page's statistics."""

    elements: Annotated[tuple[WireStatistic, ...], BeforeValidator(_sequence)] = ()


class WireSize(_Wire):
    """How many follow."""

    followers: Count = Field(None, alias="firstDegreeSize")


class Message(_Wire):
    """A comment's words."""

    text: Text = ""


class Moment(_Wire):
    """When and by whom."""

    time: Count = None


class Summary(_Wire):
    """What hangs below a comment."""

    replies: Count = Field(None, validation_alias=AliasChoices("totalFirstLevelComments", "aggregatedTotalComments"))


class WireComment(_Wire):
    """A comment."""

    id: Text = ""
    urn: Text = Field("", validation_alias=AliasChoices("commentUrn", "$URN"))
    actor: Text = ""
    message: Annotated[Message, BeforeValidator(_mapping)] = Message()
    created: Annotated[Moment, BeforeValidator(_mapping)] = Moment()
    summary: Annotated[Summary, BeforeValidator(_mapping)] = Field(Summary(), alias="commentsSummary")

    @property
    def at(self) -> datetime:
        """When it was made."""
        return instant(self.created.time)


class WireComments(_Wire):
    """A page of comments."""

    elements: Annotated[tuple[WireComment, ...], BeforeValidator(_sequence)] = ()


class WireTokens(_Wire):
    """The answer to a renewal; lives in seconds."""

    access_token: str = Field(min_length=1)
    refresh_token: Text = ""
    expires_in: Count = None
    refresh_token_expires_in: Count = None
    scope: Text = ""


class WireRole(_Wire):
    """A role somebody has on a page."""

    organization: Text = ""
    role: Text = ""


class WireRoles(_Wire):
    """All of them."""

    elements: tuple[WireRole, ...] = ()
