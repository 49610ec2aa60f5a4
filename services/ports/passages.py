"""Remembering who is on the way to connect an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.signin import Passage, Stage


class PassageRepository(Protocol):
    """Ways under way; what a stage needs only as sealed bytes."""

    def add(self, passage: Passage, sealed: bytes) -> None:
        """Raises `Conflict` when its word was given out already."""
        ...

    def get(self, digest: str, stage: Stage, *, now: datetime) -> Passage | None:
        """A live one at this stage; it stays good."""
        ...

    def take(self, digest: str, stage: Stage, *, now: datetime) -> tuple[Passage, bytes] | None:
        """Give a live one at this stage once; expired ones are removed and never given."""
        ...

    def list(self, stage: Stage, *, now: datetime) -> Sequence[Passage]:
        """The live ones at this stage, the one that ends first before the others; they stay good."""
        ...
