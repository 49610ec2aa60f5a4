"""What X answers, read leniently: it is renaming tweets to posts, so both names are taken and the rest is ignored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from services.text import tidy_sentence

_EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_LOW_BITS: Final = 22
_FIRST: Final = 10**15
"""Ids from before they carried the time are smaller."""


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
Id = Annotated[str, Field(min_length=1, pattern=r"^[0-9]{1,19}$")]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)


class PublicCounts(_Wire):
    """What everybody sees."""

    impressions: Count = Field(None, alias="impression_count")
    likes: Count = Field(None, alias="like_count")
    replies: Count = Field(None, alias="reply_count")
    quotes: Count = Field(None, alias="quote_count")
    bookmarks: Count = Field(None, alias="bookmark_count")
    reposts: Count = Field(None, validation_alias=AliasChoices("repost_count", "retweet_count"))


class PrivateCounts(_Wire):
    """What only the author sees, for 30 days."""

    clicks: Count = Field(None, alias="url_link_clicks")
    impressions: Count = Field(None, alias="impression_count")


class Link(_Wire):
    """An address X put one of its own in the place of."""

    url: Text = ""
    expanded: Text = Field("", alias="expanded_url")
    media_key: Text = ""


class Entities(_Wire):
    """What was found in a text."""

    urls: Annotated[tuple[Link, ...], BeforeValidator(_sequence)] = ()


class LongText(_Wire):
    """The whole text of a post that is longer than 280."""

    text: Text = ""
    entities: Annotated[Entities, BeforeValidator(_mapping)] = Entities()


class Attachments(_Wire):
    """What a post shows."""

    media_keys: tuple[str, ...] = ()


class Reference(_Wire):
    """Another post that this one answers, quotes or repeats."""

    type: Text = ""
    id: Text = ""


class WirePost(_Wire):
    """A post; its id is the one thing without which it is useless."""

    id: Id
    text: Text = ""
    author_id: Text = ""
    entities: Annotated[Entities, BeforeValidator(_mapping)] = Entities()
    attachments: Annotated[Attachments, BeforeValidator(_mapping)] = Attachments()
    long: Annotated[LongText, BeforeValidator(_mapping)] = Field(
        LongText(), validation_alias=AliasChoices("note_post", "note_tweet")
    )
    references: Annotated[tuple[Reference, ...], BeforeValidator(_sequence)] = Field(
        (), validation_alias=AliasChoices("referenced_posts", "referenced_tweets")
    )
    public: Annotated[PublicCounts, BeforeValidator(_mapping)] = Field(PublicCounts(), alias="public_metrics")
    private: Annotated[PrivateCounts, BeforeValidator(_mapping)] = Field(PrivateCounts(), alias="non_public_metrics")

    @property
    def at(self) -> datetime:
        """When it was made."""
        return instant_of(self.id)

    @property
    def parent(self) -> str | None:
        """The post it answers."""
        return next((one.id for one in self.references if one.type == "replied_to"), None)

    @property
    def repeats(self) -> bool:
        """Whether it only repeats another post."""
        return any(one.type in {"retweeted", "reposted"} for one in self.references)


def instant_of(post_id: str) -> datetime:
    """The time an id carries, to the millisecond; the epoch for ids from before."""
    number = int(post_id)
    return _EPOCH + timedelta(milliseconds=number >> _LOW_BITS) if number >= _FIRST else _EPOCH


class UserCounts(_Wire):
    """An account's standing."""

    followers: Count = Field(None, alias="followers_count")
    posts: Count = Field(None, validation_alias=AliasChoices("post_count", "tweet_count"))


class WireUser(_Wire):
    """Who we are, or whose post it is."""

    id: Id
    username: Text = ""
    name: Text = ""
    subscription: Text = Field("", alias="subscription_type")
    counts: Annotated[UserCounts, BeforeValidator(_mapping)] = Field(UserCounts(), alias="public_metrics")


class MediaCounts(_Wire):
    """What everybody sees of a video."""

    views: Count = Field(None, alias="view_count")


class WireMedia(_Wire):
    """What a post shows."""

    key: Text = Field("", alias="media_key")
    counts: Annotated[MediaCounts, BeforeValidator(_mapping)] = Field(MediaCounts(), alias="public_metrics")


class Includes(_Wire):
    """What a list refers to."""

    media: Annotated[tuple[WireMedia, ...], BeforeValidator(_sequence)] = ()

    users: Annotated[tuple[WireUser, ...], BeforeValidator(_sequence)] = ()


class Meta(_Wire):
    """Where a list goes on."""

    next_token: Text = ""


class Trouble(_Wire):
    """Why one of several things asked for is not among the answers."""

    type: Text = ""
    title: Text = ""
    resource_id: Text = ""
    value: Text = ""

    @property
    def gone(self) -> bool:
        """Whether it does not exist, rather than being kept from us."""
        return self.type.endswith("/resource-not-found") or self.title == "Not Found Error"


class WirePosts(_Wire):
    """A list of posts; what is missing may be told under `errors`."""

    data: tuple[WirePost, ...] = ()
    includes: Annotated[Includes, BeforeValidator(_mapping)] = Includes()
    meta: Annotated[Meta, BeforeValidator(_mapping)] = Meta()
    errors: Annotated[tuple[Trouble, ...], BeforeValidator(_sequence)] = ()


class OnePost(_Wire):
    """The answer to publishing."""

    data: WirePost


class WireHidden(_Wire):
    """Whether a reply is folded away."""

    hidden: bool


class OneHidden(_Wire):
    """The answer to hiding a reply."""

    data: WireHidden


class OneUser(_Wire):
    """The answer to who we are."""

    data: WireUser


class Why(_Wire):
    """What X found wrong with a file."""

    message: Text = ""
    name: Text = ""


class Processing(_Wire):
    """How far X is with a file; no state: it has nothing to do."""

    state: Text = ""
    wait: Count = Field(None, alias="check_after_secs")
    error: Annotated[Why, BeforeValidator(_mapping)] = Why()

    @property
    def reason(self) -> str:
        """Why it failed, fit to be shown; empty when X does not say."""
        return tidy_sentence(self.error.message or self.error.name)


class WireUpload(_Wire):
    """An uploaded file."""

    id: Id
    expires_after: Count = Field(None, alias="expires_after_secs")
    processing: Annotated[Processing, BeforeValidator(_mapping)] = Field(Processing(), alias="processing_info")

    @property
    def failed(self) -> bool:
        """Whether X can't use it."""
        return self.processing.state == "failed"

    @property
    def working(self) -> bool:
        """Whether X is not done with it."""
        return self.processing.state not in {"", "succeeded", "failed"}


class OneUpload(_Wire):
    """The answer to an upload."""

    data: WireUpload


class WireTokens(_Wire):
    """The answer to a renewal; the life of the access token in seconds."""

    access_token: str = Field(min_length=1)
    refresh_token: Text = ""
    expires_in: Count = None
    scope: Text = ""
