"""What an instance document says about a server: its limits, its name, and whether it keeps idempotency keys."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.domain.account import Dedupe, Limits, PollLimits, VideoLimits
from services.platforms.mastodon.polls import HOURS, POLLS, hours_within
from services.polls import LEAST

if TYPE_CHECKING:
    from services.platforms.mastodon.models import WireAccount, WireInstance, WireMediaLimits, WirePollLimits

_VIDEO: Final = VideoLimits(
    size=103_809_024,
    types=("video/mp4", "video/quicktime", "video/webm", "video/x-m4v"),
    pixels=8_294_400,
    frame_rate=(0.0, 120.0),
)
DEFAULT_LIMITS: Final = Limits(
    text=500,
    unit="characters",
    url_length=23,
    images=4,
    image_bytes=16_777_216,
    image_pixels=33_177_600,
    image_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    alt_text=1500,
    video=_VIDEO,
    poll=POLLS,
)
"""Mastodon's own defaults, for a server that does not tell."""
_PLAIN_VERSION: Final = re.compile(r"(\d+)\.\d+\.\d+(?:[-+.][0-9A-Za-z.+~_-]*)?")
_REPOSITORIES: Final = frozenset({"mastodon", "hometown"})
"""How Mastodon and the forks that share its posting code name their repository (glitch-soc's is "mastodon")."""
_OTHERS: Final = re.compile(
    r"gotosocial|pleroma|akkoma|snac|pixelfed|friendica|takahe|misskey|firefish|iceshrimp|sharkey|calckey|catodon"
    r"|hollo|mitra|ktistec|honk|rebased|soapbox|wordpress|neodb|bookwyrm|wafrn|smithereen|socialhome|microblogpub",
    re.IGNORECASE,
)


def limits_of(instance: WireInstance | None) -> Limits:
    """The server's limits, with the defaults where it is silent or says something impossible."""
    if instance is None:
        return DEFAULT_LIMITS
    posts, media = instance.configuration.statuses, instance.configuration.media_attachments
    polls = instance.configuration.polls
    hours = hours_within(_positive(polls.min_expiration), _positive(polls.max_expiration))
    images = tuple(mime for mime in media.supported_mime_types if mime.startswith("image/"))
    return replace(
        DEFAULT_LIMITS,
        text=_positive(posts.max_characters) or _positive(instance.max_toot_chars) or DEFAULT_LIMITS.text,
        url_length=_positive(posts.characters_reserved_per_url) or DEFAULT_LIMITS.url_length,
        images=_positive(posts.max_media_attachments) or DEFAULT_LIMITS.images,
        image_bytes=_positive(media.image_size_limit) or DEFAULT_LIMITS.image_bytes,
        image_pixels=_positive(media.image_matrix_limit) or DEFAULT_LIMITS.image_pixels,
        image_types=images or DEFAULT_LIMITS.image_types,
        alt_text=_positive(media.description_limit) or DEFAULT_LIMITS.alt_text,
        video=_video_of(media),
        poll=_poll_of(polls),
        choices=() if len(hours) == len(HOURS.choices) else ((HOURS.name, hours),),
    )


def _video_of(media: WireMediaLimits) -> VideoLimits | None:
    """None only when the server names what it takes and no video is among it."""
    types = tuple(mime for mime in media.supported_mime_types if mime.startswith("video/"))
    if media.supported_mime_types and not types:
        return None
    rate = _positive(media.video_frame_rate_limit)
    return replace(
        _VIDEO,
        size=_positive(media.video_size_limit) or _VIDEO.size,
        types=types or _VIDEO.types,
        pixels=_positive(media.video_matrix_limit) or _VIDEO.pixels,
        frame_rate=_VIDEO.frame_rate if rate is None else (0.0, float(rate)),
    )


def _poll_of(polls: WirePollLimits) -> PollLimits | None:
    """None when the server takes fewer answers than make a poll."""
    answers = POLLS.answers if polls.max_options is None else polls.max_options
    if answers < LEAST:
        return None
    return PollLimits(answers=answers, characters=_positive(polls.max_characters_per_option) or POLLS.characters)


def _positive(value: int | None) -> int | None:
    return value if value is not None and value > 0 else None


def dedupe_of(second: WireInstance | None) -> Dedupe:
    """KEY only for what is surely Mastodon, judged by the version 2 document; LOOKUP for all else.

    A version alone proves nothing: GoToSocial can call itself "4.1.1+0.17.3". A server must link its source, and
    Mastodon's forks keep the repository's name, so both have to agree. Asking once too often is harmless, trusting a
    key that is ignored posts twice.
    """
    if second is None:
        return Dedupe.LOOKUP
    match = _PLAIN_VERSION.fullmatch(second.version.strip())
    told = f"{second.version} {second.source_url} {second.title}"
    segments = {part.lower().removesuffix(".git") for part in second.source_url.split("/")}
    if match is None or int(match[1]) < 4 or _OTHERS.search(told) or not segments & _REPOSITORIES:
        return Dedupe.LOOKUP
    return Dedupe.KEY


def handle_of(account: WireAccount, instance: WireInstance | None, base_url: str) -> str:
    """user@host, the host being the one the network knows the server by, which may differ from where its API is."""
    name = (account.acct or account.username).lstrip("@")
    if "@" in name:
        return name
    for known in (instance.domain if instance else "", instance.uri if instance else "", account.url, base_url):
        host = _host(known)
        if host:
            return f"{name}@{host}"
    return name


def _host(known: str) -> str:
    try:
        return urlsplit(known if "://" in known else f"//{known}").netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


_RIGHTS: Final = ("write:statuses", "write:media")


def missing_rights(scopes: tuple[str, ...], dedupe: Dedupe) -> tuple[str, ...]:
    """What a token needs and does not have; reading posts is needed where only the timeline tells what happened."""
    needed = (*_RIGHTS, "read:statuses") if dedupe is Dedupe.LOOKUP else _RIGHTS
    return tuple(right for right in needed if right not in scopes and right.partition(":")[0] not in scopes)
