"""What the practice networks need to be told, so that nothing in them reads the environment or the wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

REDIRECTS = ("http://127.0.0.1:*/connect/callback", "http://localhost:*/connect/callback")
"""Where a desk on this machine takes people back after they signed in; it may listen on any port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSettings:
    """Where the practice networks live, who tells them the time, and how fast their audience lives.

    `pace` is how many audience seconds pass in one real second: at 60 the likes of a day arrive in 24 minutes.
    `now` must return aware datetimes. `base_url` is the address people's browsers and the desk use, without a slash.
    `redirects` are what the desk's apps are registered with; `:*` in one stands for any port.
    """

    database: Path
    base_url: str
    now: Callable[[], datetime]
    pace: float = 60.0
    seed: int = 7
    history_weeks: int = 6
    redirects: tuple[str, ...] = REDIRECTS

    def __post_init__(self) -> None:
        """Refuse settings that would make the audience stand still or run backwards."""
        if self.pace <= 0:
            message = "The practice pace must be greater than 0."
            raise ValueError(message)
        if self.history_weeks < 0:
            message = "The practice history cannot be shorter than 0 weeks."
            raise ValueError(message)

    @property
    def root(self) -> str:
        """The base address without a trailing slash."""
        return self.base_url.rstrip("/")
