"""What publishing costs where a network charges for it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The sum for one variant in US dollars, from a price list read on a day."""

    dollars: Decimal
    read_on: date

    @property
    def sum(self) -> str:
        """As "$0.015"; at least two places."""
        exact = self.dollars.normalize()
        return f"${exact if -int(exact.as_tuple().exponent) > 2 else exact.quantize(Decimal('0.01'))}"
