"""The few words every part of the fake Slack shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]

ACK_SECONDS: Final = 3.0
"""How long Slack waits for an answer to anything it sends, and how long a trigger lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with blocks or a view, said and placed as Slack does."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


class Refused(Exception):
    """A person can't do this in the real client."""


class AckTimeout(Exception):
    """The app did not answer within three seconds, so the person saw Slack's own error."""


class ApiError(Exception):
    """The Web API says no."""

    def __init__(
        self, code: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **extra: object
    ) -> None:
        """`code` is Slack's word for it; `extra` goes into the answer beside it."""
        super().__init__(code)
        self.code = code
        self.status = status
        self.headers = dict(headers or {})
        self.extra = extra

    def body(self) -> Json:
        """The answer as Slack writes it."""
        return {"ok": False, "error": self.code, **self.extra}


def invalid(*messages: str) -> ApiError:
    """`invalid_arguments` with its reasons."""
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {text}" for text in messages]})


def walk(node: object, pointer: str = "", key: str = "") -> Iterator[tuple[str, str, Json]]:
    """Every object inside, with its JSON pointer and the field it hangs under; items of a list share their list's."""
    if isinstance(node, dict):
        yield pointer, key, node
        for name, child in node.items():
            yield from walk(child, f"{pointer}/{name}", name)
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from walk(child, f"{pointer}/{number}", key)
