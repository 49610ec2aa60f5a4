"""Generated shapes in a scheme's colours: waves, rings, tiles, beams, ridges and overprinted discs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.images.colour import mix
from services.images.lettering import Box

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from services.images.colour import Rgb, Scheme

SCALE: Final = 2
"""Shapes are drawn larger and reduced, so that their edges are smooth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a motif is drawn on; coordinates in pixels of the finished picture."""

    sheet: Image
    draw: ImageDraw
    """Bound to the sheet."""
    width: int
    height: int
    scheme: Scheme
    random: random.Random

    @property
    def wide(self) -> bool:
        """Whether there is more room beside than below."""
        return self.width > self.height * 1.15

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side."""
        return min(self.width, self.height) / 100

    def polygon(self, points: Sequence[tuple[float, float]], fill: Rgb) -> None:
        """A filled outline."""
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def rectangle(self, box: Box, fill: Rgb) -> None:
        """A filled rectangle."""
        if box.width > 0 and box.height > 0:
            corners = (box.x0 * SCALE, box.y0 * SCALE, box.x1 * SCALE - 1, box.y1 * SCALE - 1)
            self.draw.rectangle(corners, fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: Rgb) -> None:
        """A filled circle."""
        self.draw.ellipse(
            ((x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE), fill=fill
        )

    def slice(self, at: tuple[float, float], radius: float, angles: tuple[float, float], fill: Rgb) -> None:
        """A part of a circle between two angles in degrees, clockwise from the right."""
        x, y = at
        corners = ((x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE)
        self.draw.pieslice(corners, *angles, fill=fill)

    def line(self, points: Sequence[tuple[float, float]], fill: Rgb, width: float) -> None:
        """A stroke."""
        self.draw.line([(x * SCALE, y * SCALE) for x, y in points], fill, max(1, round(width * SCALE)), joint="curve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Motif:
    """A way to fill a ground."""

    name: str
    """As in "over …", before the colours."""
    paint: Callable[[Field], Box]
    """Draws, and gives the part that stays free for words, margins not yet taken off."""


def blank(width: int, height: int, colour: Rgb) -> Image:
    """A ground to draw on at `SCALE`."""
    from PIL import Image

    return Image.new("RGB", (width * SCALE, height * SCALE), colour)


def waves(field: Field) -> Box:
    """Layers of long swells that darken towards the viewer."""
    w, h, chance = field.width, field.height, field.random
    count = chance.choice((5, 6, 7))
    top = h * (0.54 if field.wide else 0.5)
    shade = mix(field.scheme.shape, field.scheme.ground, 0.0)
    deep = mix(field.scheme.shape, field.scheme.ink, 0.55)
    length, drift = chance.uniform(0.8, 1.5), chance.uniform(0, math.tau)
    for n in range(count):
        share = n / (count - 1)
        colour = mix(field.scheme.tint(0.3), shade, share * 2) if share < 0.5 else mix(shade, deep, share * 2 - 1)
        base = top + (h - top) * (0.06 + 0.82 * share**1.15)
        swell = h * 0.05 * (1 - 0.35 * share)
        phase, second = drift + n * chance.uniform(0.5, 1.1), chance.uniform(0, math.tau)
        edge = [
            (x, base + swell * _swell(x / w, length * (1 + 0.12 * n), phase, second))
            for x in range(-4, w + 9, max(4, w // 240))
        ]
        field.polygon([(-4, h + 4), *edge, (w + 8, h + 4)], colour)
    return Box(x0=0, y0=0, x1=w, y1=top - h * 0.012)


def _swell(x: float, length: float, phase: float, second: float) -> float:
    return 0.72 * math.sin(math.tau * x * length + phase) + 0.28 * math.sin(math.tau * x * length * 2.3 + second)


def rings(field: Field) -> Box:
    """Bands around a corner, like the grooves of a record or the ripples of a stone."""
    w, h, chance, scheme = field.width, field.height, field.random, field.scheme
    reach = min(h * 0.98, w * 0.52) if field.wide else min(w * 0.96, h * 0.54)
    x = float(w)
    y = float(h if chance.random() < 0.6 or not field.wide else 0)
    colours = [
        scheme.shape,
        scheme.tint(0.35),
        mix(scheme.shape, scheme.ink, 0.45),
        scheme.tone(0.14),
        scheme.tint(0.7),
    ]
    chance.shuffle(colours)
    count = chance.choice((6, 7, 9))
    edges = [reach * (1 - (n / count) ** chance.choice((1.0, 1.12))) for n in range(count)]
    for n, radius in enumerate(edges):
        field.disc(x, y, radius, colours[n % len(colours)])
    field.disc(x, y, reach / count * 0.62, scheme.ground)
    if field.wide:
        return Box(x0=0, y0=0, x1=w - reach, y1=h)
    return Box(x0=0, y0=0, x1=w, y1=h - reach)


def tiles(field: Field) -> Box:
    """A grid of quarter discs, halves and squares."""
    w, h, chance = field.width, field.height, field.random
    if field.wide:
        rows = chance.choice((3, 4))
        cell = h / rows
        columns = max(2, round(w * 0.42 / cell))
        left, top = w - columns * cell, 0.0
    else:
        columns = chance.choice((3, 4))
        cell = w / columns
        rows = max(2, int(h * 0.5 / cell))
        left, top = 0.0, h - rows * cell
    bag: list[int] = []
    for row in range(rows):
        for column in range(columns):
            if not bag:
                bag = list(range(8))
                chance.shuffle(bag)
            _tile(field, left + column * cell, top + row * cell, cell, bag.pop())
    return Box(x0=0, y0=0, x1=left, y1=h) if field.wide else Box(x0=0, y0=0, x1=w, y1=top)


def _tile(field: Field, x: float, y: float, cell: float, kind: int) -> None:
    chance, scheme = field.random, field.scheme
    strong = chance.choice((scheme.shape, scheme.shape, mix(scheme.shape, scheme.ink, 0.5), scheme.ink))
    quiet = chance.choice((scheme.tone(0.1), scheme.tint(0.3), scheme.tint(0.16)))
    front, back = (strong, quiet) if chance.random() < 0.72 else (quiet, strong)
    field.rectangle(Box(x0=x, y0=y, x1=x + cell + 1, y1=y + cell + 1), back)
    corner_x, corner_y = chance.choice(((0, 0), (1, 0), (0, 1), (1, 1)))
    cx, cy = x + corner_x * cell, y + corner_y * cell
    turn = {(0, 0): 0, (1, 0): 90, (1, 1): 180, (0, 1): 270}[corner_x, corner_y]
    if kind in {0, 1, 2}:
        field.slice((cx, cy), cell, (turn, turn + 90), front)
        if kind == 2:
            field.slice((cx, cy), cell * 0.5, (turn, turn + 90), back)
    elif kind in {3, 4}:
        edge_x, edge_y, start = chance.choice(((0.5, 0.0, 0), (1.0, 0.5, 90), (0.5, 1.0, 180), (0.0, 0.5, 270)))
        field.slice((x + cell * edge_x, y + cell * edge_y), cell / 2, (start, start + 180), front)
    elif kind == 5:
        field.disc(x + cell / 2, y + cell / 2, cell * 0.3, front)
    elif kind == 6:
        field.polygon([(cx, cy), (x + cell * (1 - corner_x), cy), (cx, y + cell * (1 - corner_y))], front)


def beams(field: Field) -> Box:
    """Slanted bars of different widths, close together, cut by the edges."""
    w, h, chance, scheme = field.width, field.height, field.random, field.scheme
    colours = [
        scheme.shape,
        scheme.tint(0.55),
        scheme.tint(0.28),
        mix(scheme.shape, scheme.ink, 0.5),
        scheme.tone(0.12),
        scheme.shape,
    ]
    lean = chance.choice((0.3, 0.45, 0.6)) * h * (1.0 if field.wide else 0.7)
    start = w * 0.52 if field.wide else -lean
    top = 0.0 if field.wide else h * 0.52
    x, n = start, chance.randrange(6)
    while x < w + lean:
        thick = field.unit * chance.choice((3, 5, 8, 13, 18))
        colour = colours[n % len(colours)]
        field.polygon([(x, h), (x + thick, h), (x + thick + lean, top), (x + lean, top)], colour)
        x += thick + field.unit * chance.choice((0, 0, 1.2, 3))
        n += 1
    return Box(x0=0, y0=0, x1=start, y1=h) if field.wide else Box(x0=0, y0=0, x1=w, y1=top)


def ridges(field: Field) -> Box:
    """Thin lines one behind the other, like a range of hills on a plotter."""
    w, h, chance, scheme = field.width, field.height, field.random, field.scheme
    top = h * (0.6 if field.wide else 0.56)
    count = 26
    peaks = [
        (0.1 + 0.2 * n + chance.uniform(0, 0.16), chance.uniform(0.05, 0.12), chance.uniform(0.25, 1.0))
        for n in range(4)
    ]
    for n in range(count):
        share = n / (count - 1)
        base = top + (h * 1.02 - top) * share
        tall = h * 0.17 * math.sin(math.pi * min(1.0, 0.18 + share * 0.9)) ** 1.2
        shift, wobble = chance.uniform(-0.025, 0.025), chance.uniform(0, math.tau)
        edge = []
        for x in range(-4, w + 9, max(4, w // 260)):
            place = x / w
            lift = sum(size * math.exp(-(((place - at - shift) / wide) ** 2)) for at, wide, size in peaks)
            ripple = 0.05 * math.sin(place * 61 + wobble) + 0.04 * math.sin(place * 117 + wobble * 2)
            edge.append((float(x), base - tall * max(0.0, lift * 0.72 + ripple * min(1.0, lift + 0.15))))
        field.polygon([(-4, h + 9), *edge, (w + 9, h + 9)], mix(scheme.ground, scheme.tint(0.22), share))
        stroke = mix(scheme.tone(0.5), scheme.shape, share * 1.4)
        field.line(edge, stroke, max(1.2, field.unit * 0.26))
    return Box(x0=0, y0=0, x1=w, y1=top - h * 0.12)


def discs(field: Field) -> Box:
    """Large discs printed over each other, darker where they meet."""
    w, h, chance, scheme = field.width, field.height, field.random, field.scheme
    if field.wide:
        radius = h * chance.uniform(0.34, 0.4)
        middle = (w - radius * 1.42, h * chance.uniform(0.45, 0.55))
    else:
        radius = min(w * 0.34, h * 0.23)
        middle = (w * chance.uniform(0.48, 0.6), h - radius * 1.45)
    angle = chance.uniform(0, math.tau)
    spread = radius * chance.uniform(0.5, 0.62)
    inks = [scheme.shape, mix(scheme.shape, scheme.ink, 0.42), scheme.tint(0.5)]
    chance.shuffle(inks)
    places = [
        (middle[0] + spread * math.cos(angle + turn), middle[1] + spread * math.sin(angle + turn))
        for turn in (0, math.tau / 3, 2 * math.tau / 3)
    ]
    _overprint(field, [(x, y, radius, ink) for (x, y), ink in zip(places, inks, strict=True)])
    if field.wide:
        return Box(x0=0, y0=0, x1=middle[0] - radius * 1.3, y1=h)
    return Box(x0=0, y0=0, x1=w, y1=middle[1] - radius * 1.6)


def _overprint(field: Field, placed: Sequence[tuple[float, float, float, Rgb]]) -> None:
    """Each pair's overlap takes a colour of its own: towards the ink, as printing inks do."""
    from PIL import Image, ImageChops, ImageDraw

    sheet = field.sheet
    masks = []
    for x, y, radius, colour in placed:
        mask = Image.new("1", sheet.size, 0)
        box = ((x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE)
        ImageDraw.Draw(mask).ellipse(box, fill=1)
        sheet.paste(colour, mask=mask)
        masks.append((mask, colour))
    for n, (mask, colour) in enumerate(masks):
        for other, second in masks[n + 1 :]:
            both = mix(mix(colour, second, 0.5), field.scheme.ink, 0.34)
            sheet.paste(both, mask=ImageChops.logical_and(mask, other))
    centre = masks[0][0]
    for mask, _ in masks[1:]:
        centre = ImageChops.logical_and(centre, mask)
    sheet.paste(field.scheme.ground, mask=centre)


MOTIFS: Final = (
    Motif(name="layered waves", paint=waves),
    Motif(name="overlapping discs", paint=discs),
    Motif(name="a grid of quarter circles", paint=tiles),
    Motif(name="thin ridge lines", paint=ridges),
    Motif(name="rings around a corner", paint=rings),
    Motif(name="slanted bars", paint=beams),
)
