"""From a task to a poster: which words can be set, which chance it gets, which style composes it."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, Final

from services.domain.media import PictureStyle
from services.images.colour import schemes
from services.images.lettering import cleaned, settable
from services.images.motifs import SCALE
from services.images.styles.artistic import artistic
from services.images.styles.infographic import infographic
from services.images.styles.minimal import minimal
from services.images.styles.plan import Plan
from services.images.styles.professional import professional

if TYPE_CHECKING:
    from PIL.Image import Image

    from services.images.styles.plan import Poster
    from services.ports.models import PictureTask

MAX_POINTS: Final = 4
_STYLES: Final = {
    PictureStyle.PROFESSIONAL: professional,
    PictureStyle.ARTISTIC: artistic,
    PictureStyle.MINIMAL: minimal,
    PictureStyle.INFOGRAPHIC: infographic,
}


def compose(task: PictureTask) -> tuple[Poster, tuple[str, ...]]:
    """The poster of a task, and sentences about words it could not carry."""
    headline, all_letters = settable(task.headline)
    points = tuple(text for text, whole in map(settable, task.points[:MAX_POINTS]) if whole and text)
    seed = hashlib.sha256(f"{task.headline or task.scene}\0{task.take}".encode()).digest()
    plan = Plan(
        width=task.size.width,
        height=task.size.height,
        headline=headline,
        points=points if headline or not task.headline.strip() else (),
        signature=settable(task.signature)[0],
        schemes=schemes(task.palette),
        random=random.Random(seed),
        start=hashlib.sha256((task.headline or task.scene).encode()).digest()[0],
        take=task.take,
    )
    poster = _STYLES[task.style](plan)
    poster.said = headline
    return poster, _notes(task, headline, all_letters=all_letters)


def _notes(task: PictureTask, headline: str, *, all_letters: bool) -> tuple[str, ...]:
    if not all_letters:
        return ("The bundled typefaces lack some letters of this headline, so the picture carries no words.",)
    if task.headline.strip() and not headline:
        return ("The headline has nothing that can be set, so the picture carries no words.",)
    if len(headline) < len(cleaned(task.headline)):
        return ("Emoji and symbols are left out of the picture's lettering.",)
    return ()


def reduced(poster: Poster) -> Image:
    """The ground at its final size, edges smoothed."""
    return poster.ground.reduce(SCALE)
