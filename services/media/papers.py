"""Reads how many pages a PDF has; blocking, run it in a worker."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 100_000_000
"""As much as any network takes of a document."""
PDF: Final = "application/pdf"
_AGAIN: Final = "Export it again as a PDF without a password."


def pages_of(path: Path) -> int:
    """How many; raises `InvalidInput` (field "upload") for a PDF that is locked, damaged or empty."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    damage = (PyPdfError, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError)
    try:
        with path.open("rb") as file:
            reader = PdfReader(file, strict=False)
            if reader.is_encrypted:
                raise _unusable("This PDF is locked with a password.")
            pages = len(reader.pages)
    except InvalidInput:
        raise
    except (*damage, DependencyError, struct.error, ArithmeticError, AssertionError):
        raise _unusable("This PDF is damaged: its pages can't be read.") from None
    if not pages:
        raise _unusable("This PDF has no pages.")
    return pages


def _unusable(message: str) -> InvalidInput:
    return InvalidInput(message, next_step=_AGAIN, field="upload")
