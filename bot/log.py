"""Logs for people and machines on stderr, with secrets taken out wherever they hide."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

import structlog

from services.redaction import HIDDEN, SECRET_NAME, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

_PLAIN: Final = (bool, int, float, type(None))
"""What can hold no secret; anything else is cleaned as it would be written."""


class Redactor:
    """A structlog processor that hides what looks like, or is known to be, a secret."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets` are literal values to hide wherever they appear."""
        self._known = tuple(s for s in secrets if len(s) >= 6)

    def __call__(self, _logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        """Clean every value of a log entry."""
        for key, value in event.items():
            event[key] = HIDDEN if SECRET_NAME.search(key) and value else self._clean(value)
        return event

    def _clean(self, value: object) -> object:
        if isinstance(value, dict):
            return {k: HIDDEN if SECRET_NAME.search(str(k)) else self._clean(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(v) for v in value]
        if isinstance(value, _PLAIN):
            return value
        return self.text(value if isinstance(value, str) else repr(value))

    def text(self, value: str) -> str:
        """A text without secrets."""
        for secret in self._known:
            value = value.replace(secret, HIDDEN)
        return plain(value)


def configure(*, secrets: Iterable[str] = (), json: bool | None = None) -> None:
    """Send our logs and the libraries' to stderr: readable on a terminal, one JSON object a line elsewhere."""
    as_json = not sys.stderr.isatty() if json is None else json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    shown: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    tail: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, Redactor(secrets), shown]
    structlog.configure(
        processors=[*shared[:2], *shared[3:], *tail],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tail]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
