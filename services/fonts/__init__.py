"""The two open type families of the house as files, for pictures and charts; the page has its own copies."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
HEAD: Final = _HERE / "Newsreader-Medium.ttf"
TEXT: Final = _HERE / "PublicSans-Regular.ttf"
BOLD: Final = _HERE / "PublicSans-SemiBold.ttf"
