"""A platform begun by `make scaffold-platform` passes every check at birth, and can be added to the desk as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests import test_shape

ROOT: Final = Path(__file__).resolve().parent.parent
NAME: Final = "sea_side"
CODE: Final = f"services/platforms/{NAME}"
TESTS: Final = f"tests/services/platforms/{NAME}"
COPIED: Final = ("bot", "handlers", "services", "storage", "scripts", "tests/fakes")


def run(tree: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=tree, input=given, capture_output=True, text=True, check=False)


def passes(tree: Path, *arguments: str) -> None:
    done = run(tree, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def scaffold(tree: Path, *name: str) -> subprocess.CompletedProcess[str]:
    return run(tree, "scripts/scaffold_platform.py", *name)


def snapshot(tree: Path) -> set[Path]:
    return {path.relative_to(tree) for path in tree.rglob("*") if "__pycache__" not in path.parts}


def register(tree: Path, line: str) -> None:
    """Do what the script tells a person to do."""
    registry = tree / "bot" / "registry.py"
    text = registry.read_text(encoding="utf-8")
    before, after = "from services.platforms import ", "PLATFORMS: Final[tuple[PlatformSpec, ...]] = (\n"
    assert text.count(before) == text.count(after) == 1
    text = text.replace(before, f"{before}{line.partition('.')[0]}, ").replace(after, f"{after}    {line}\n")
    registry.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a new platform touches and stands on."""
    tree = tmp_path_factory.mktemp("copy")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py"):
        shutil.copy2(ROOT / file, tree / file)
    return tree


@pytest.fixture(scope="module")
def born(bare: Path) -> Path:
    """The copy with a new platform in it, on the registry's list by the line the script printed."""
    before = snapshot(bare)
    done = scaffold(bare, NAME)
    assert (done.returncode, done.stderr) == (0, "")
    written, _, told = done.stdout.partition("\n\n")
    assert {Path(path) for path in written.splitlines()} == {p for p in snapshot(bare) - before if (bare / p).is_file()}
    [line] = [line.strip() for line in told.splitlines() if line.endswith(".SPEC,")]
    register(bare, line)
    return bare


def sources(tree: Path) -> list[test_shape.Module]:
    paths = sorted(path for folder in (CODE, TESTS) for path in (tree / folder).glob("*.py"))
    return [test_shape.parse(str(p.relative_to(tree)), p.read_text(encoding="utf-8")) for p in paths]


def test_it_has_the_files_of_a_platform(born: Path) -> None:
    names = {path.name for path in (born / CODE).iterdir()} - {"__pycache__"}
    assert names == {"__init__.py", "adapter.py", "client.py", "errors.py", "rules.py", "README.md"}


def test_it_is_linted_and_formatted(born: Path) -> None:
    passes(born, "-m", "ruff", "check", "--no-cache", CODE, TESTS)
    passes(born, "-m", "ruff", "format", "--no-cache", "--check", CODE, TESTS)


def test_its_types_are_strict(born: Path, tmp_path: Path) -> None:
    passes(born, "-m", "mypy", "--follow-imports=silent", f"--cache-dir={tmp_path}", CODE, TESTS)


def test_it_keeps_the_import_contracts(born: Path) -> None:
    passes(born, "-c", "from importlinter.cli import lint_imports_command as main; main(['--no-cache'])")


def test_it_keeps_the_house_rules(born: Path) -> None:
    rules = (
        test_shape.long_modules,
        test_shape.long_functions,
        test_shape.tangled_functions,
        test_shape.missing_docstring,
        test_shape.missing_future,
        test_shape.not_implemented,
        test_shape.platform_comparisons,
    )
    found = sources(born)
    assert len(found) == 6
    assert [breach for module in found for rule in rules for breach in rule(module)] == []
    texts = [path.read_text(encoding="utf-8") for folder in (CODE, TESTS) for path in (born / folder).glob("*.*")]
    assert [word for text in texts for word in ("$", "TODO", "FIXME") if word in text] == []


def test_its_own_tests_pass(born: Path) -> None:
    passes(born, "-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS)


def test_it_can_be_connected_at_once(born: Path) -> None:
    asked = "from bot.registry import platforms; print(*[f.name for f in platforms()['sea_side'].fields])"
    assert run(born, "-c", asked).stdout.split() == ["base_url", "access_token"]


def test_a_second_time_is_refused(born: Path) -> None:
    before = snapshot(born)
    done = scaffold(born, NAME)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Copydesk: {CODE} is there already; nothing was written.\n"
    assert snapshot(born) == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mastodon", "services/platforms/mastodon is there already"),
        ("openai", "calls something else “openai” already"),
        ("Pinterest", "can't name a platform"),
        ("pin-terest", "can't name a platform"),
        ("../evil", "can't name a platform"),
        ("class", "can't name a platform"),
        ("4chan", "can't name a platform"),
        ("", "Name the platform: make scaffold-platform NAME=pinterest."),
    ],
)
def test_a_name_that_can_not_be_used_is_refused_in_a_sentence(bare: Path, name: str, words: str) -> None:
    before = snapshot(bare)
    done = scaffold(bare, name)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert snapshot(bare) == before
