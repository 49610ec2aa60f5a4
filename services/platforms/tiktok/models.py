"""What TikTok answers, read leniently: only what a thing is useless without is insisted on."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _lenient_int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _lenient_text(value: object) -> str:
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, (str, int)) else ""


def _lenient_truth(value: object) -> bool:
    return value is True


def _texts(value: object) -> object:
    return [text for one in value if (text := _lenient_text(one))] if isinstance(value, list) else []


def _objects(value: object) -> object:
    return [one for one in value if isinstance(one, dict) and one.get("id")] if isinstance(value, list) else []


Count = Annotated[int | None, BeforeValidator(_lenient_int)]
Text = Annotated[str, BeforeValidator(_lenient_text)]
Known = Annotated[str, BeforeValidator(_lenient_text), Field(min_length=1)]
Truth = Annotated[bool, BeforeValidator(_lenient_truth)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class WireCreator(_Wire):
    """What this creator may choose now."""

    username: Known = Field(alias="creator_username")
    nickname: Text = Field("", alias="creator_nickname")
    levels: Texts = Field(alias="privacy_level_options")
    comments_off: Truth = Field(False, alias="comment_disabled")
    duets_off: Truth = Field(False, alias="duet_disabled")
    stitches_off: Truth = Field(False, alias="stitch_disabled")
    seconds: Count = Field(None, alias="max_video_post_duration_sec")


class WireUser(_Wire):
    """The account."""

    open_id: Text = ""
    name: Text = Field("", alias="display_name")
    followers: Count = Field(None, alias="follower_count")
    posts: Count = Field(None, alias="video_count")


class OneUser(_Wire):
    """The answer to who we are."""

    user: WireUser


class WireBegun(_Wire):
    """A post that TikTok took."""

    publish_id: Known
    upload_url: Text = Field("", repr=False)


class WireStatus(_Wire):
    """How far it is."""

    status: Text = ""
    reason: Text = Field("", alias="fail_reason")
    uploaded: Count = Field(None, alias="uploaded_bytes")
    # TikTok spells it so.
    posts: Texts = Field((), alias="publicaly_available_post_id")


class WireVideo(_Wire):
    """A public post, of photos too."""

    id: Known
    created: Count = Field(None, alias="create_time")
    title: Text = ""
    description: Text = Field("", alias="video_description")
    likes: Count = Field(None, alias="like_count")
    comments: Count = Field(None, alias="comment_count")
    shares: Count = Field(None, alias="share_count")
    views: Count = Field(None, alias="view_count")


class WireVideos(_Wire):
    """A page of them."""

    videos: Annotated[tuple[WireVideo, ...], BeforeValidator(_objects)] = ()
    cursor: Count = None
    more: Truth = Field(False, alias="has_more")


class WireTokens(_Wire):
    """The answer to a renewal; the life of the access token in seconds."""

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: Text = Field("", repr=False)
    expires_in: Count = None
    refresh_expires_in: Count = None
    scope: Text = ""
