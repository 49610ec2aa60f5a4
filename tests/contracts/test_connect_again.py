"""Whoever is asked to connect an account again is told what to type: every sentence of an adapter that says so."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICES: Final = Path(__file__).parent.parent.parent / "services"
ASKS: Final = re.compile(r"\bconnect (?:it |the account |them )?again\b", re.IGNORECASE)
FOLDERS: Final = sorted(p for p in (SERVICES / "platforms").iterdir() if p.is_dir() and p.name != "__pycache__")


def sentences(source: str) -> Iterator[str]:
    """What is written in a module beside its docstrings, a made text as one with its gaps."""
    tree = ast.parse(source)
    inner = {id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values}
    told = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner | told:
            yield node.value


@pytest.mark.parametrize("folder", [*FOLDERS, SERVICES / "graph"], ids=lambda p: p.name)
def test_it_names_the_command(folder: Path) -> None:
    command = f"/desk connect {'{slug}' if folder.name == 'graph' else folder.name}"
    asking = [s for path in folder.glob("*.py") for s in sentences(path.read_text(encoding="utf-8")) if ASKS.search(s)]
    assert [s for s in asking if command not in s] == []
    raised = [path for path in folder.glob("*.py") if "NeedsReauth(" in path.read_text(encoding="utf-8")]
    assert asking or not raised
