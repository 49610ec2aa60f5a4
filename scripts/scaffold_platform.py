"""Begins a platform: a small adapter that works, its tests, and what to add where; `make scaffold-platform NAME=…`."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
TEMPLATES: Final = Path(__file__).resolve().parent / "scaffold"
REGISTRY: Final = Path("bot") / "registry.py"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,23}")


class Unusable(Exception):
    """The name can't become a platform; its text is the whole answer."""


def homes(name: str) -> dict[str, Path]:
    """Where each folder of templates goes, from the project's root."""
    return {
        "platform": Path("services") / "platforms" / name,
        "tests": Path("tests") / "services" / "platforms" / name,
    }


def check(name: str) -> None:
    """Raise `Unusable` for what is no name of a package, or is taken."""
    if not name:
        raise Unusable("Name the platform: make scaffold-platform NAME=pinterest.")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Unusable(f"“{name}” can't name a platform: give small letters, digits and underscores, a letter first.")
    for home in homes(name).values():
        if (ROOT / home).exists():
            raise Unusable(f"{home} is there already; nothing was written.")
    if re.search(rf"^from .* import .*\b{name}\b", (ROOT / REGISTRY).read_text(encoding="utf-8"), re.MULTILINE):
        raise Unusable(f"{REGISTRY} calls something else “{name}” already; nothing was written.")


def write(name: str) -> list[Path]:
    """Fill in the templates; gives what was written, from the project's root."""
    words = name.split("_")
    filled = {
        "slug": name,
        "Name": "".join(word.capitalize() for word in words),
        "label": " ".join(word.capitalize() for word in words if word),
    }
    written = []
    for folder, home in homes(name).items():
        (ROOT / home).mkdir(parents=True)
        for source in sorted((TEMPLATES / folder).iterdir()):
            target = home / source.name.removesuffix(".txt")
            text = Template(source.read_text(encoding="utf-8")).substitute(filled)
            (ROOT / target).write_text(text, encoding="utf-8")
            written.append(target)
    return written


def tidy(paths: Iterable[Path]) -> None:
    """Fold lines for the length of this name."""
    python = [str(path) for path in paths if path.suffix == ".py"]
    subprocess.run(  # noqa: S603 (our own paths)
        [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", *python], cwd=ROOT, check=True
    )


def next_steps(name: str) -> str:
    """What a person does now, line by line."""
    return f"""
Add to {REGISTRY}, to the import from services.platforms and to PLATFORMS:

    {name}.SPEC,

Then, in any order:
- hold client.py, rules.py and errors.py to the network's own documents, name these in README.md, and give SPEC the
  label that people know it by;
- write its stand-in under bot/practice/, and its lines in FACTS (tests/contracts/test_platforms.py) and PASTED
  (tests/contracts/test_roles.py);
- run python scripts/docs_platforms.py, and add a how-to page.
"""


def main(arguments: Sequence[str]) -> int:
    """Write the folders, or say in one sentence why not."""
    name = arguments[0] if len(arguments) == 1 else ""
    try:
        check(name)
    except Unusable as error:
        print(f"Copydesk: {error}", file=sys.stderr)
        return 2
    written = write(name)
    tidy(written)
    print(*written, sep="\n")
    print(next_steps(name), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
