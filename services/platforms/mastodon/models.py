"""What comes back from a server, read leniently: ids are opaque strings, and what a fork leaves out is absent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _lenient_int(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _lenient_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _lenient_truth(value: object) -> bool:
    return value is True


def _named(value: object) -> bool:
    return isinstance(value, dict) and bool(value.get("id"))


def _things(value: object) -> object:
    return [one for one in value if _named(one)] if isinstance(value, list) else []


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Count = Annotated[int | None, BeforeValidator(_lenient_int)]
Text = Annotated[str, BeforeValidator(_lenient_text)]
Truth = Annotated[bool, BeforeValidator(_lenient_truth)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class WireAccount(_Wire):
    """Whose post it is, or who we are."""

    id: str = Field(min_length=1)
    username: Text = ""
    acct: Text = ""
    display_name: Text = ""
    url: Text = ""
    followers_count: Count = None
    statuses_count: Count = None


class WireMedia(_Wire):
    """An upload or an attachment."""

    id: str = Field(min_length=1)


class WireAnswer(_Wire):
    """What one may vote for."""

    title: Text = ""


class WirePoll(_Wire):
    """A poll below a post."""

    options: tuple[WireAnswer, ...] = ()
    multiple: Truth = False
    expires_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it is over, aware and UTC; None when the server does not say."""
        return None if self.expires_at is None else _utc(self.expires_at)


class WireStatus(_Wire):
    """A post; its id is the one thing without which it is useless."""

    id: str = Field(min_length=1)
    created_at: datetime
    url: Text = ""
    uri: Text = ""
    content: Text = ""
    text: Text = ""
    """The text as written, which some servers add for the author."""
    spoiler_text: Text = ""
    visibility: Text = ""
    sensitive: Truth = False
    language: Text = ""
    in_reply_to_id: str | None = None
    account: Annotated[WireAccount | None, BeforeValidator(lambda value: value if _named(value) else None)] = None
    media_attachments: Annotated[tuple[WireMedia, ...], BeforeValidator(_things)] = ()
    poll: Annotated[WirePoll | None, BeforeValidator(lambda value: value if isinstance(value, dict) else None)] = None
    reblog: object = None
    """The post that was boosted, whose words this entry only repeats; None for one of its own."""
    favourites_count: Count = None
    reblogs_count: Count = None
    replies_count: Count = None
    quotes_count: Count = None

    @property
    def at(self) -> datetime:
        """When it was made, aware and UTC."""
        return _utc(self.created_at)


class WireContext(_Wire):
    """The thread around a post."""

    descendants: tuple[WireStatus, ...] = ()


class WireSource(_Wire):
    """A post's text as it was written."""

    text: Text = ""
    spoiler_text: Text = ""


class WireApp(_Wire):
    """The application a token belongs to."""

    scopes: tuple[str, ...] | None = None


class WireMadeApp(_Wire):
    """An application that was made for the desk."""

    client_id: str = Field(min_length=1)
    client_secret: str = Field(min_length=1)


class WireToken(_Wire):
    """The answer to a sign-in."""

    access_token: str = Field(min_length=1)
    scope: Text = ""


class WireStatusLimits(_Wire):
    """Limits of a post."""

    max_characters: Count = None
    max_media_attachments: Count = None
    characters_reserved_per_url: Count = None


class WireMediaLimits(_Wire):
    """Limits of an upload, in bytes and pixels."""

    supported_mime_types: tuple[str, ...] = ()
    image_size_limit: Count = None
    image_matrix_limit: Count = None
    description_limit: Count = None
    video_size_limit: Count = None
    video_matrix_limit: Count = None
    video_frame_rate_limit: Count = None


class WirePollLimits(_Wire):
    """Limits of a poll, its time in seconds."""

    max_options: Count = None
    max_characters_per_option: Count = None
    min_expiration: Count = None
    max_expiration: Count = None


class WireConfiguration(_Wire):
    """The instance's limits."""

    statuses: Annotated[WireStatusLimits, BeforeValidator(_mapping)] = WireStatusLimits()
    media_attachments: Annotated[WireMediaLimits, BeforeValidator(_mapping)] = WireMediaLimits()
    polls: Annotated[WirePollLimits, BeforeValidator(_mapping)] = WirePollLimits()


class WireInstance(_Wire):
    """The instance document, version 2 or 1; `uri` and `max_toot_chars` are version 1's."""

    domain: Text = ""
    uri: Text = ""
    title: Text = ""
    version: Text = ""
    source_url: Text = ""
    max_toot_chars: Count = None
    configuration: Annotated[WireConfiguration, BeforeValidator(_mapping)] = WireConfiguration()
