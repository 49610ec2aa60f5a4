"""The one table from what Meta answers to what follows from it.

Subcodes decide before codes. Sources: developers.facebook.com, "Handling errors" of the Graph API, "Error codes" of the
Instagram platform, Threads "Posts", as printed from January to July 2026; pairs that only maintained clients know
(subcodes of Page photos) from their source, August 2026; uploads from "Video API error codes".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.graph.usage import regained_at
from services.ports.http import Effect
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.http import Answer

AGAIN: Final = "It is tried again by itself."
ANEW: Final = "It is prepared anew and tried again by itself."
HOUR: Final = timedelta(hours=1)
_LINK_LIMIT: Final = "LINK_LIMIT_EXCEEDED"
_SUBCODE: Final = re.compile(r"\b(?:2207\d{3}|4279\d{3})\b")


class Gone(Refused):
    """The thing asked for is not there (any more), or was never ours."""


class Denied(NeedsReauth):
    """The token is good and lacks the right to this one thing."""


class TopicRefused(Refused):
    """Only the topic is at fault: without it the post may go out."""


class Repeated(Refused):
    """The network has just this already, and does not say which post it is."""


class NotReady(Unavailable):
    """A container can't be published now: not finished, ended, or lost; the next try makes its own."""


class Slow(NotReady):
    """A container that the network is still working on."""


class OutOfStep(NotReady):
    """A piece of an upload is not the one the network waits for; `offsets` are where that begins and ends."""

    offsets: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error as Meta words it."""

    code: int
    subcode: int = 0
    message: str = ""
    transient: bool = False
    trace: str = ""
    """What Meta's support asks for."""
    links: bool = False
    """Whether it is about the number of links, which Threads says in a word of its own and no number."""
    offsets: tuple[int, int] | None = None
    """Where the piece of an upload begins and ends that it waits for."""

    @property
    def words(self) -> str:
        """The network's own sentence in brackets, safe to show; empty when it said nothing."""
        return f" (it says: {self.message.rstrip('.')})" if self.message else ""


def fault_of(answer: Answer) -> Fault | None:
    """The error in an answer; None for one that is not in Meta's form."""
    try:
        body: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    told = error.get("error_user_msg") or error.get("message")
    return Fault(
        code=_number(error.get("code")),
        subcode=_number(error.get("error_subcode")),
        message=tidy_sentence(told) if isinstance(told, str) else "",
        transient=error.get("is_transient") is True,
        trace=tidy_sentence(str(error.get("fbtrace_id") or ""), 40),
        links=any(isinstance(value, str) and _LINK_LIMIT in value for value in error.values()),
        offsets=_offsets(error.get("error_data")),
    )


def _offsets(data: object) -> tuple[int, int] | None:
    told = data if isinstance(data, dict) else {}
    start, end = (str(told.get(name, "")) for name in ("start_offset", "end_offset"))
    return (int(start), int(end)) if start.isdecimal() and end.isdecimal() else None


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def problem(answer: Answer, *, label: str, now: datetime) -> DeskError:
    """The error for an answer that is not 2xx, or that carries an error all the same."""
    fault = fault_of(answer)
    if fault is None:
        return _wordless(answer, label)
    known = _SUBCODES.get(fault.subcode) or _code(fault)
    match known:
        case _Limited():
            until = regained_at(answer.headers, now) or now + HOUR
            return RateLimited(f"{known.message.format(label=label)}{fault.words}.", until=until)
        case _Passing():
            return _passing(answer.effect, label, fault)
        case _Says():
            error = known.error(label, fault)
            if isinstance(error, OutOfStep):
                error.offsets = fault.offsets
            return error
        case _:
            trace = f" Meta's trace of it: {fault.trace}." if fault.trace else ""
            message = f"{label} refused it (code {fault.code}, subcode {fault.subcode}){fault.words}.{trace}"
            return Refused(message, fix="Change it as the network asks.")


def of_words(words: str, *, label: str) -> DeskError | None:
    """What follows from a container's own words, which may name a subcode; None when nothing does."""
    if _LINK_LIMIT in words:
        return _LINKS.error(label, Fault(code=0))
    coded = _SUBCODE.search(words)
    known = _SUBCODES.get(int(coded.group())) if coded else None
    if not isinstance(known, _Says):
        return None
    # Waiting on is no help where the container has failed.
    row = replace(known, kind=NotReady, step=ANEW) if known.kind is Slow else known
    return row.error(label, Fault(code=0, message=words))


def _passing(effect: Effect, label: str, fault: Fault) -> DeskError:
    if effect is Effect.IRREVERSIBLE:
        return OutcomeUnknown(f"{label} did not say whether it worked{fault.words}.")
    return Unavailable(f"{label} could not do it now{fault.words}.", next_step=AGAIN)


def _wordless(answer: Answer, label: str) -> DeskError:
    """A page or half an answer comes from something in between, or from a fault of the network's."""
    status = answer.status
    if status < 400:
        return NeedsOperator(f"{label} redirects instead of answering.", next_step="Check the account's base_url.")
    if status in {408, 409, 425}:
        return _passing(answer.effect, label, Fault(code=0))
    if status == 401:
        return NeedsReauth(
            f"{label} does not accept the access token.", next_step=_NEW_TOKEN.format(slug=label.casefold())
        )
    if status in {404, 405}:
        return NeedsOperator(f"{label} does not answer at this address.", next_step="Check the account's base_url.")
    if answer.effect is Effect.IRREVERSIBLE:
        return Refused(f"{label} refused it without words (status {status}).", fix="Look at the account, then retry.")
    return Unavailable(f"{label} answered {status} with something that can't be read.", next_step=AGAIN)


# -- the table -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limited:
    """Too many requests; the headers may tell until when."""

    message: str = "{label} asks to slow down"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passing:
    """A fault of Meta's own that passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Says:
    """One kind of error with its sentences; `{label}` stands for the network, `{slug}` for its word."""

    kind: type[DeskError]
    message: str
    step: str
    quoted: bool = True
    """Whether the network's own words add something."""

    def error(self, label: str, fault: Fault) -> DeskError:
        """As raised."""
        message = f"{self.message.format(label=label)}{fault.words if self.quoted else ''}."
        step = self.step.format(slug=label.casefold())
        if issubclass(self.kind, Refused):
            return self.kind(message, fix=step)
        return self.kind(message, next_step=step)


_LOG_IN: Final = "Log in on the network's website and follow what it asks, then connect again: /desk connect {slug}"
_NEW_TOKEN: Final = "Connect the account again with /desk connect {slug}, or with a new access token."  # noqa: S105 - a sentence
_BLOCKED: Final = "Look at the account in the network's own app, wait at least a day, then retry."
_SMALLER: Final = "Use a smaller picture: at most 8 MB."
_ADDRESS: Final = "Check that COPYDESK_PUBLIC_URL leads to this desk from outside, without a login before it."
_Row = _Limited | _Passing | _Says
_LIMITED: Final = _Limited()
_DAY: Final = _Limited(message="{label} takes no more posts for today")
_PASSING: Final = _Passing()


def _again(message: str) -> _Says:
    return _Says(kind=NotReady, message=message, step=ANEW)


def _slow(message: str) -> _Says:
    return _Says(kind=Slow, message=message, step=AGAIN)


def _fix(message: str, fix: str) -> _Says:
    return _Says(kind=Refused, message=message, step=fix)


def _person(message: str, step: str) -> _Says:
    return _Says(kind=NeedsReauth, message=message, step=step)


def _token(message: str, step: str = _NEW_TOKEN) -> _Says:
    return _Says(kind=NeedsReauth, message=message, step=step, quoted=False)


def _operator(message: str, step: str) -> _Says:
    return _Says(kind=NeedsOperator, message=message, step=step)


_NO_VIDEO: Final = _fix("{label} does not take this kind of video", "Use an MP4 of H.264, 23 to 60 pictures a second.")
_LINKED: Final[Mapping[int, _Row]] = {
    1609005: _fix("{label} can't post this link", "Change or remove the link."),
    1609008: _fix("{label} does not post links to itself this way", "Remove the link."),
    1609010: _PASSING,
}
"""Come as codes and as subcodes."""
_SUBCODES: Final[Mapping[int, _Row]] = {
    33: _Says(
        kind=Gone, message="{label} does not have this, or does not show it to this account", step="Check it there."
    ),
    458: _token("The app was taken off the account"),
    459: _token("{label} wants the account's owner to log in", _LOG_IN),
    460: _token("The password was changed, which ended the access token"),
    463: _token("The access token has expired"),
    464: _token("{label} wants the account's owner to confirm the account", _LOG_IN),
    467: _token("The access token is not valid any more"),
    2207001: _again("{label} failed at the picture or video"),
    2207003: _again("{label} took too long to fetch the picture or video"),
    2207006: _again("{label} no longer has what was prepared"),
    2207008: _again("What was prepared has expired"),
    2207020: _again("What was prepared has expired"),
    2207027: _slow("{label} has not finished preparing"),
    2207032: _again("{label} failed to prepare it"),
    2207053: _again("{label} failed at the upload"),
    2207082: _again("{label} failed at the upload"),
    4279009: _again("{label} does not have what was prepared"),
    2207004: _fix("The picture is too large for {label}", _SMALLER),
    2207005: _fix("{label} does not take this kind of picture", "Use a JPEG picture."),
    2207009: _fix("{label} does not take a picture of this shape", "Crop it: from 4:5 to 1.91:1."),
    2207010: _fix("The text is too long for {label}", "Shorten it."),
    2207023: _fix("{label} does not know this kind of post", "Share it in another way, or change its pictures."),
    2207026: _NO_VIDEO,
    2207028: _fix("{label} does not take these pictures together", "Use 2 to 10 pictures."),
    2207057: _fix("{label} does not take this cover", "Choose another moment."),
    2207042: _DAY,
    2207050: _person("{label} has restricted or closed the account", _LOG_IN),
    2207051: _operator("{label} takes this for spam and has blocked it", _BLOCKED),
    2207052: _operator("{label} could not fetch the picture or video", _ADDRESS),
    4279013: _person("{label} has restricted the account", _LOG_IN),
    4279071: _Says(
        kind=TopicRefused, message="{label} does not take this topic", step="Choose another topic, or none."
    ),
    1363019: _again("{label} failed at the upload"),
    1363022: _fix("The video is too small for {label}", "Use another file."),
    1363023: _fix("The video is too large for {label}", "Use a smaller file."),
    1363030: _again("The upload to {label} took too long and has ended"),
    1363037: _Says(kind=OutOfStep, message="{label} waits for another piece of the upload", step=ANEW),
    1363047: _PASSING,
    1366046: _fix("The picture is too large for {label}, or of a kind it does not take", "Use a JPEG of at most 4 MB."),
    1366051: _Says(kind=Repeated, message="{label} has these pictures already", step="Use other pictures."),
    1346003: _fix("{label} takes this for abuse", "Say it in another way."),
    1404006: _fix("{label} finds this against its community standards", "Say it in another way."),
    1404102: _fix("{label} finds this against its community standards", "Say it in another way."),
    1404078: _person("The Page needs Page Publishing Authorization", _LOG_IN),
    1390008: _LIMITED,
    **_LINKED,
}
_CODES: Final[Mapping[int, _Row]] = {
    1: _PASSING,
    2: _PASSING,
    4: _LIMITED,
    17: _LIMITED,
    32: _LIMITED,
    613: _LIMITED,
    80014: _LIMITED,
    9: _DAY,
    24: _again("{label} does not have what was prepared, or has not finished it"),
    102: _token("{label} does not accept the access token"),
    190: _token("{label} does not accept the access token"),
    341: _operator("{label} has stopped this account for a while", _BLOCKED),
    368: _operator("{label} has stopped this account for a while", _BLOCKED),
    352: _NO_VIDEO,
    506: _Says(kind=Repeated, message="{label} has just this post already", step="Change the text."),
    6000: _fix("{label} can't read the video", "Use another file, best an MP4."),
    9004: _operator("{label} could not fetch the picture or video", _ADDRESS),
    9007: _slow("{label} has not finished preparing"),
    36000: _fix("The picture is too large for {label}", _SMALLER),
    36001: _fix("{label} does not take this kind of picture", "Use a JPEG picture."),
    36003: _fix("{label} does not take a picture of this shape", "Crop it: from 4:5 to 1.91:1."),
    36004: _fix("The text is too long for {label}", "Shorten it."),
    **_LINKED,
}
_MISSING: Final = _Says(
    kind=Denied,
    message="The access token lacks a right, or the account a role",
    step="Connect again with /desk connect {slug}, or with an access token that has the rights its page in the docs "
    "lists.",
)
_LINKS: Final = _fix("The post has more links than {label} takes", "Leave at most five different links.")


def _code(fault: Fault) -> _Row | None:
    if fault.links:
        return _LINKS
    known = _CODES.get(fault.code)
    if known is not None:
        return known
    if fault.code in {3, 10} or 200 <= fault.code <= 299:
        return _MISSING
    if 80000 <= fault.code <= 80009:
        return _LIMITED
    return _PASSING if fault.transient else None
