"""The small vocabulary every part of the practice networks shares."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = dict[str, object]


class Network(StrEnum):
    """The networks that have a stand-in."""

    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    X = "x"
    LINKEDIN = "linkedin"
    THREADS = "threads"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"


class Origin(StrEnum):
    """Where a post came from: seeded history, the desk under practice, or the simulated audience."""

    HISTORY = "history"
    DESK = "desk"
    AUDIENCE = "audience"


class Operation(StrEnum):
    """What a call is for; faults are scripted against these words."""

    SESSION = "session"
    VERIFY = "verify"
    PUBLISH = "publish"
    EDIT = "edit"
    DELETE = "delete"
    UPLOAD = "upload"
    PIECE = "piece"
    FINISH = "finish"
    POLL = "poll"
    FILE = "file"
    LOOKUP = "lookup"
    RESOLVE = "resolve"
    METRICS = "metrics"
    REPLIES = "replies"
    OTHER = "other"
