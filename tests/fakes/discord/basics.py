"""The few words every part of the fake Discord shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]

ACK_SECONDS: Final = 3.0
"""How long Discord waits for the first response to an interaction."""
TOKEN_SECONDS: Final = 15 * 60
"""How long an interaction's token lives after that."""
UPLOAD_BYTES: Final = 10 * 1024 * 1024
"""The default limit for one file, which every interaction also carries."""
REQUEST_BYTES: Final = 25 * 1024 * 1024
"""What all files of one message may have together."""

EPHEMERAL: Final = 1 << 6
LOADING: Final = 1 << 7
HAS_THREAD: Final = 1 << 5
SUPPRESS_EMBEDS: Final = 1 << 2
SUPPRESS_NOTIFICATIONS: Final = 1 << 12
COMPONENTS_V2: Final = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a payload, said and placed as Discord does."""

    path: Path
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.message} ({self.code})"


class Refused(Exception):
    """A person can't do this in the real client."""


class AckTimeout(Exception):
    """The app did not answer within three seconds, so the person saw that it did not respond."""


class ApiError(Exception):
    """The REST API says no."""

    def __init__(
        self, status: int, code: int, message: str, *, headers: Mapping[str, str] | None = None, **extra: object
    ) -> None:
        """`code` is Discord's own number for it; `extra` goes into the answer beside it."""
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.extra = extra

    def body(self) -> Json:
        """The answer as Discord writes it."""
        return {"message": self.message, "code": self.code, **self.extra}


def unknown(what: str) -> ApiError:
    """A 404 for something that is not, or no longer, there."""
    codes = {
        "Application": 10002,
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "Role": 10011,
        "User": 10013,
        "Webhook": 10015,
        "interaction": 10062,
        "application command": 10063,
    }
    return ApiError(404, codes[what], f"Unknown {what}")


def invalid(problems: Iterable[Problem]) -> ApiError:
    """`Invalid Form Body`, with every problem where it is."""
    errors: Json = {}
    for problem in problems:
        node = errors
        for key in problem.path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return ApiError(400, 50035, "Invalid Form Body", errors=errors)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `Invalid Form Body` when there is anything wrong."""
    found = list(problems)
    if found:
        raise invalid(found)


def required(path: Path) -> Problem:
    """What is missing."""
    return Problem(path=path, code="BASE_TYPE_REQUIRED", message="This field is required")


def length(value: object, path: Path, least: int, most: int) -> Iterator[Problem]:
    """What is wrong with a string's length."""
    if not isinstance(value, str):
        yield Problem(path=path, code="BASE_TYPE_BAD_TYPE", message="Must be a string.")
    elif not least <= len(value) <= most:
        yield out_of_length(path, len(value), least, most)


def out_of_length(path: Path, found: int, least: int, most: int) -> Problem:
    """Too long, too short or too many, in Discord's words."""
    if found > most and not least:
        return Problem(path=path, code="BASE_TYPE_MAX_LENGTH", message=f"Must be {most} or fewer in length.")
    words = f"Must be between {least} and {most} in length."
    return Problem(path=path, code="BASE_TYPE_BAD_LENGTH", message=words)


def walk(node: object) -> Iterator[Json]:
    """Every component inside, with whatever hangs beneath it, in the order of the page."""
    for one in node if isinstance(node, list) else [node]:
        if isinstance(one, dict):
            yield one
            for key in ("components", "accessory", "component"):
                if key in one:
                    yield from walk(one[key])
