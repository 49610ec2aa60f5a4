"""What every style of a poster works from: words that can be set, a scheme, margins, and chance bound to the task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services.fonts import BOLD, HEAD
from services.images.colour import readable
from services.images.lettering import Box, Run, place, set_in
from services.images.motifs import Field, blank

if TYPE_CHECKING:
    import random

    from PIL.Image import Image

    from services.images.colour import Scheme

_MARGIN: Final = 0.065
"""Of the longer side, all around: what phones and feeds cover stays free."""
_TALL: Final = 1.6
"""From this ratio on, apps lay their buttons over the top and the foot."""
_COVERED: Final = 0.115
"""Of the height, at either end of a tall picture."""


@dataclass(slots=True, kw_only=True)
class Poster:
    """A picture being composed: its ground, what is written on it, and what it shows in words."""

    ground: Image
    runs: list[Run] = field(default_factory=list)
    shows: str = ""
    said: str = ""
    """The headline as it is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A task with what every style needs: words that can be set, a scheme and chance bound to the task."""

    width: int
    height: int
    headline: str
    points: tuple[str, ...]
    signature: str
    schemes: tuple[Scheme, Scheme, Scheme, Scheme]
    random: random.Random
    start: int
    """Which variant the first take has, so that different posts look different."""
    take: int

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side."""
        return min(self.width, self.height) / 100

    @property
    def wide(self) -> bool:
        """Whether there is more room beside than below."""
        return self.width > self.height * 1.15

    @property
    def inner(self) -> Box:
        """Inside the margins."""
        x = round(max(self.width, self.height) * _MARGIN)
        y = round(self.height * _COVERED) if self.height > self.width * _TALL else x
        return Box(x0=x, y0=y, x1=self.width - x, y1=self.height - y)

    def inside(self, box: Box) -> Box:
        """The part of a box within the margins."""
        inner = self.inner
        return Box(
            x0=max(box.x0, inner.x0), y0=max(box.y0, inner.y0), x1=min(box.x1, inner.x1), y1=min(box.y1, inner.y1)
        )

    def field(self, scheme: Scheme) -> Field:
        """A ground in the scheme's colour, ready for shapes."""
        from PIL import ImageDraw

        sheet = blank(self.width, self.height, scheme.ground)
        draw = ImageDraw.Draw(sheet)
        return Field(sheet=sheet, draw=draw, width=self.width, height=self.height, scheme=scheme, random=self.random)


def signed(plan: Plan, scheme: Scheme, x: float, top: float, *, right: float | None = None) -> list[Run]:
    """The brand's name, small, with the top of its ink at `top`; ends at `right` when that is given."""
    if not plan.signature:
        return []
    room = Box(x0=0, y0=0, x1=plan.inner.width * 0.7, y1=plan.unit * 8)
    setting = set_in(plan.signature, room, BOLD, largest=plan.unit * 3.3, smallest=plan.unit * 1.6, max_lines=1)
    at = x if right is None else right - setting.width
    return place(setting, at, top, readable(scheme.tone(0.82), scheme.ground))


def headline(
    plan: Plan, box: Box, scheme: Scheme, *, largest: float, foot: bool = False, accent: bool = True
) -> list[Run]:
    """The headline in the box, from its top, or standing on its foot."""
    if not plan.headline:
        return []
    setting = set_in(plan.headline, box, HEAD, largest=plan.unit * largest, smallest=plan.unit * 2.6)
    top = box.y1 - setting.height if foot else box.y0
    return place(setting, box.x0, top, scheme.ink, accent=scheme.accent if accent else None)
