"""Facebook's way of counting: characters, of which there are many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.domain.post import Problem, Severity
from services.ports.platform import Measure
from services.text import nfc, split_text

if TYPE_CHECKING:
    from services.domain.account import Limits


class FacebookRules:
    """`Rules` of Pages."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules.measure`."""
        length = len(nfc(text))
        problems: tuple[Problem, ...] = ()
        if length > limits.text:
            message, fix = f"{length} of {limits.text} {limits.unit}.", f"Shorten by {length - limits.text}."
            problems = (Problem(code="too_long", severity=Severity.BLOCK, message=message, fix=fix),)
        return Measure(length=length, limit=limits.text, unit=limits.unit, problems=problems)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules.split`."""
        return split_text(text, lambda part: len(nfc(part)) <= limits.text)
