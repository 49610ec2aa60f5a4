"""Colours that can be read: mixing as the eye sees it, WCAG contrast, and a brand's palette put to use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.domain.brand import Palette

Rgb = tuple[int, int, int]
"""Eight bits each, sRGB."""
READABLE: Final = 4.5
"""The WCAG ratio of level AA for text of any size."""
_AT_EASE: Final = 12.0
"""What a new ink aims for; where the ground allows less, it is black or white."""
_VISIBLE: Final = 1.7
"""What a shape needs against its ground to be seen as one."""
BLACK: Final[Rgb] = (0, 0, 0)
WHITE: Final[Rgb] = (255, 255, 255)
_STEPS: Final = 40
_MIDDLE: Final = 0.1791
"""The luminance at which black and white contrast alike."""
LINEAR: Final = tuple(
    v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (n / 255 for n in range(256))
)
"""Light of each sRGB step, from 0 to 1 (IEC 61966-2-1)."""
_HUES: Final = (
    (20, "pink"),
    (48, "red"),
    (75, "orange"),
    (115, "yellow"),
    (165, "green"),
    (215, "teal"),
    (280, "blue"),
    (325, "purple"),
    (361, "pink"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A palette put to use: everything that is lettering can be read on the ground."""

    ground: Rgb
    ink: Rgb
    accent: Rgb
    """For lettering."""
    shape: Rgb
    """The brand's accent for areas: seen on the ground, though not always fit for letters."""

    def tone(self, share: float) -> Rgb:
        """The ground with a share of ink."""
        return mix(self.ground, self.ink, share)

    def tint(self, share: float) -> Rgb:
        """The ground with a share of the accent."""
        return mix(self.ground, self.shape, share)


def schemes(palette: Palette) -> tuple[Scheme, Scheme, Scheme, Scheme]:
    """The palette as given, inverted, tinted and on its accent; each corrected until it can be read."""
    ground, ink, accent = (parse(value) for value in (palette.background, palette.text, palette.accent))
    ink = _inked(ink, ground)
    tinted = mix(ground, accent, 0.16)
    on_accent, other = sorted((ground, ink), key=lambda colour: -contrast(colour, accent))
    return (
        _scheme(ground, ink, accent),
        _scheme(ink, ground, accent),
        _scheme(tinted, ink, accent),
        _scheme(accent, on_accent, other),
    )


def _scheme(ground: Rgb, ink: Rgb, accent: Rgb) -> Scheme:
    return Scheme(
        ground=ground,
        ink=_inked(ink, ground),
        accent=readable(accent, ground),
        shape=readable(accent, ground, _VISIBLE),
    )


def _inked(ink: Rgb, ground: Rgb) -> Rgb:
    """For heads and text: an ink that has to be corrected is corrected until it is at ease."""
    return ink if contrast(ink, ground) >= READABLE else readable(ink, ground, _AT_EASE)


def parse(value: str) -> Rgb:
    """Read #rrggbb; what is none is black."""
    digits = value.strip().lstrip("#")
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        return BLACK
    return red, green, blue


def luminance(colour: Rgb) -> float:
    """Relative luminance from 0 to 1 as WCAG 2.2 defines it."""
    red, green, blue = colour
    return 0.2126 * LINEAR[red] + 0.7152 * LINEAR[green] + 0.0722 * LINEAR[blue]


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG ratio from 1 to 21."""
    return ratio(luminance(one), luminance(other))


def ratio(one: float, other: float) -> float:
    """The same from luminances."""
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def readable(ink: Rgb, ground: Rgb, wanted: float = READABLE) -> Rgb:
    """The ink, moved towards black or white until it stands out; every ground allows 4.5."""
    goal = extreme(luminance(ground))
    for step in range(_STEPS + 1):
        moved = mix(ink, goal, step / _STEPS)
        if contrast(moved, ground) >= wanted:
            return moved
    return goal


def extreme(light: float) -> Rgb:
    """Black or white, whichever stands out more on that luminance."""
    return BLACK if light > _MIDDLE else WHITE


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Between two colours in OKLab, where halfway looks halfway (B. Ottosson, 2020)."""
    if share <= 0:
        return one
    if share >= 1:
        return other
    a, b = _oklab(one), _oklab(other)
    return _rgb(tuple(x + (y - x) * share for x, y in zip(a, b, strict=True)))


def name_of(colour: Rgb) -> str:
    """A word or two for those who can't see it."""
    light, a, b = _oklab(colour)
    if math.hypot(a, b) < 0.022:
        greys = ((0.2, "black"), (0.45, "dark grey"), (0.75, "grey"), (0.93, "light grey"), (2.0, "white"))
        return next(name for limit, name in greys if light < limit)
    angle = math.degrees(math.atan2(b, a)) % 360
    hue = next(name for limit, name in _HUES if angle < limit)
    return f"dark {hue}" if light < 0.42 else f"light {hue}" if light > 0.82 else hue


def _oklab(colour: Rgb) -> tuple[float, float, float]:
    r, g, b = (LINEAR[v] for v in colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _rgb(lab: tuple[float, ...]) -> Rgb:
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _step(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _step(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _step(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _step(light: float) -> int:
    value = min(1.0, max(0.0, light))
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))
