"""People's and models' words as Discord shows them and never reads them: no mark-up, no mention, no link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from handlers.views.instants import Instant, Precision, pieces
from handlers.views.sheet import SurfaceLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_MOST: Final = 4000
"""Characters over all texts of one message (docs.discord.com, 2026-08)."""
_MARKS: Final = re.compile(
    r"[\\*_~`|<\[\]]"
    r"|^(?=[ \t]*(?:#|>|-|\+|\d+[.)][ \t]))[ \t]*(?:\d+)?(?P<line>[#>\-+.)])"
    r"|@(?=everyone|here)"
    r"|:(?=//|[\w+~\-]+:)",
    re.MULTILINE,
)
"""What Discord would take for mark-up: signs anywhere, signs that begin a line, mentions, addresses, names of emoji."""
_PRECISIONS: Final = {Precision.MOMENT: "F", Precision.SHORT: "f"}


def inert(text: str) -> str:
    """The text with everything escaped that Discord would read."""
    return _MARKS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def spoken(text: str) -> str:
    """The text as a message shows it: words inert, instants on each reader's own clock."""
    return "".join(_spoken(text))


def _spoken(text: str) -> Iterator[str]:
    for piece in pieces(text):
        if isinstance(piece, Instant):
            yield f"<t:{piece.unix}:{_PRECISIONS[piece.precision]}>"
        else:
            yield inert(piece)


def length(text: str) -> int:
    """Characters as Discord's clients count them: one outside the basic plane, an emoji for one, is two."""
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)


LIMITS: Final = SurfaceLimits(
    text=TEXT_MOST,
    block_text=TEXT_MOST,
    form_fields=5,
    field_text=4000,
    menu=25,
    excerpt=600,
    size=lambda text: length(spoken(text)),
)
"""What one message and one form hold (docs.discord.com, 2026-08)."""
