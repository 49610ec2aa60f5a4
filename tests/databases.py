"""Fresh databases of today's shape for tests, copied from one that was migrated once."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from storage.schema import ensure_schema

ROOT: Final = Path(__file__).parents[1]
"""Where other interpreters must start to find the code."""


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        ensure_schema(url_of(path))
        return path.read_bytes()


def files_in(folder: Path) -> list[str]:
    """The names of what lies in `folder` and below, folders themselves left out."""
    return sorted(str(found.relative_to(folder)) for found in folder.rglob("*") if found.is_file())


def url_of(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{path}"


def fresh_database(folder: Path, name: str = "copydesk.db") -> str:
    """The address of an empty database in `folder`, made without running the migrations again."""
    path = folder / name
    path.write_bytes(_template())
    return url_of(path)
