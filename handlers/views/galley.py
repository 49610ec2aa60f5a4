"""A text set as its network would set it, in pieces that a surface only has to draw."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.marks import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text that is set alike."""

    text: str
    """What readers see; line breaks count."""
    kind: str = ""
    """"link", "mention", "tag", or empty for plain words."""
    href: str = ""
    """Where a link leads, an http(s) address."""
    full: str = ""
    """What was written, where the network shows something shorter."""
    claim: bool = False
    """True for what somebody has to verify before approving."""


Line = tuple[Piece, ...]
"""One post's text."""


def set_text(text: str, marks: Sequence[Mark], claims: Iterable[str] = ()) -> Line:
    """The text in pieces: what the network marks, and the claims in their place; nothing is lost between them."""
    doubtful = [found.span() for claim in claims for found in _places(claim, text)]
    cuts = {0, len(text)}
    for mark in marks:
        cuts |= {mark.start, mark.end}
    for start, end in doubtful:
        cuts |= {cut for cut in (start, end) if not any(m.start < cut < m.end for m in marks)}
    marked = {mark.start: mark for mark in marks}
    edges = sorted(cuts)
    return tuple(
        _piece(text[start:end], marked.get(start), claim=any(a < end and start < b for a, b in doubtful))
        for start, end in pairwise(edges)
    )


def _piece(text: str, mark: Mark | None, *, claim: bool) -> Piece:
    if mark is None:
        return Piece(text=text, claim=claim)
    full = text if mark.shown != text else ""
    return Piece(text=mark.shown, kind=mark.kind.value, href=mark.href, full=full, claim=claim)


def _places(claim: str, text: str) -> Iterable[re.Match[str]]:
    """Wherever the claim stands, however it is spaced and whatever its case."""
    words = claim.strip().rstrip(".!").split()
    return re.finditer(r"\s*".join(map(re.escape, words)), text, re.IGNORECASE) if words else ()
