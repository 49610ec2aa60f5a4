"""What the server's answers must hold for the desk to use them; anything else in them is ignored."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

_Text = Annotated[str, Field(min_length=1)]
_Count = Annotated[int, Field(ge=0)]


class Wire(BaseModel):
    """Servers add fields at will, so unknown ones never fail."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class SessionFacts(Wire):
    """Whose session it is."""

    did: _Text
    handle: str = ""
    did_document: dict[str, object] | None = Field(default=None, alias="didDoc")
    active: bool = True
    status: str = ""
    """Why the account is not active: "takendown", "suspended", "deactivated"."""


class Session(SessionFacts):
    """A session with both tokens; an answer without them is no session."""

    access_jwt: _Text = Field(alias="accessJwt", repr=False)
    refresh_jwt: _Text = Field(alias="refreshJwt", repr=False)


class ResolvedHandle(Wire):
    """The identity behind a handle."""

    did: Annotated[str, Field(pattern=r"^did:[a-z]+:\S+$")]


class BlobLink(Wire):
    """The address of a blob by its content."""

    link: _Text = Field(alias="$link")


class Blob(Wire):
    """An uploaded file as records refer to it; `mime` is what the server found in the bytes."""

    ref: BlobLink
    mime: _Text = Field(alias="mimeType")
    size: _Count

    def as_record(self) -> dict[str, object]:
        """The shape that goes into a record."""
        return {"$type": "blob", "ref": {"$link": self.ref.link}, "mimeType": self.mime, "size": self.size}


class BlobAnswer(Wire):
    """Answer to an upload."""

    blob: Blob


class Token(Wire):
    """What vouches for the account at another server."""

    token: _Text = Field(repr=False)


class UploadLimits(Wire):
    """What the video service still takes of the account; a count that is missing is no limit."""

    allowed: bool = Field(alias="canUpload")
    videos: int | None = Field(default=None, alias="remainingDailyVideos")
    size: int | None = Field(default=None, alias="remainingDailyBytes")
    message: str = ""
    error: str = ""


class Job(Wire):
    """A video in the hands of the video service; some answers carry it bare and some in an envelope."""

    id: str = Field(default="", alias="jobId")
    state: str = ""
    blob: Blob | None = None
    error: str = ""
    message: str = ""
    failure: str = Field(default="", alias="failureCode")

    @model_validator(mode="before")
    @classmethod
    def _opened(cls, data: object) -> object:
        inner = data.get("jobStatus") if isinstance(data, dict) else None
        return inner if isinstance(inner, dict) else data


class Written(Wire):
    """Proof of a written record."""

    uri: _Text
    cid: _Text


class Applied(Wire):
    """Proof of records that were written together; the first is the one that counts."""

    results: Annotated[list[Written], Field(min_length=1)]


class RecordAnswer(Wire):
    """A record as it sits in the repository."""

    uri: _Text
    cid: str = ""
    value: dict[str, object]


class Profile(Wire):
    """An account as readers see it."""

    did: _Text
    handle: str = ""
    name: str = Field(default="", alias="displayName")
    followers: int | None = Field(default=None, alias="followersCount")
    posts: int | None = Field(default=None, alias="postsCount")


class PostView(Wire):
    """A post with its counters; a counter that is missing is not zero."""

    uri: _Text
    likes: int | None = Field(default=None, alias="likeCount")
    replies: int | None = Field(default=None, alias="replyCount")
    reposts: int | None = Field(default=None, alias="repostCount")
    quotes: int | None = Field(default=None, alias="quoteCount")
    bookmarks: int | None = Field(default=None, alias="bookmarkCount")


class PostsAnswer(Wire):
    """Several posts."""

    posts: list[PostView]


class Author(Wire):
    """Who wrote a post or an answer."""

    did: _Text
    handle: str = ""


class FeedPost(PostView):
    """A post in a feed, with its words."""

    cid: _Text
    author: Author
    record: dict[str, object]
    indexed_at: str = Field(default="", alias="indexedAt")


class FeedItem(Wire):
    """A place in a feed; `reason` says why a post is there that was not simply written."""

    post: FeedPost
    reason: dict[str, object] | None = None

    def reposted(self, kind: str) -> bool:
        """Whether the reason is of this kind."""
        return self.reason is not None and self.reason.get("$type") == kind


class FeedAnswer(Wire):
    """A page of a feed; no cursor on the last."""

    feed: list[FeedItem]
    cursor: str | None = None


class ThreadAnswer(Wire):
    """A tree of answers, read node by node because any node may be deleted or blocked."""

    thread: dict[str, object]


class ReplyView(Wire):
    """One answer in a thread."""

    uri: _Text
    cid: _Text
    author: Author
    record: dict[str, object]
    indexed_at: str = Field(default="", alias="indexedAt")
