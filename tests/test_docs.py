"""The pages must agree with the code and with each other: links, settings, commands, states, decisions."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
README_LINES: Final = 150
ADR_PARTS: Final = ["Context", "Decision", "Consequences", "What we measured", "Alternatives refused"]
SETTING: Final = re.compile(r"(?:COPYDESK|SLACK|DISCORD|OPENAI|ANTHROPIC|REPLICATE)_[A-Z_]+")
NAME: Final = re.compile(r"[A-Z]+(?:_[A-Z]+)+")
VERBS: Final = {
    "run",
    "check",
    "account add",
    "account list",
    "db upgrade",
    "manifest",
    "practice",
    "measure",
    "backup",
    "restore",
    "signin",
}


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    skip = {".venv", "var", ".git", "node_modules", ".pytest_cache"}
    return sorted(p for p in ROOT.rglob("*.md") if not skip & set(p.relative_to(ROOT).parts))


def links(text: str) -> list[str]:
    """Targets of the inline links, outside of code."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", prose)


def anchors(text: str) -> set[str]:
    """What the headings are called in a link."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    heads = re.findall(r"^#{1,6} +(.+?) *$", prose, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken_links(page: Path) -> list[str]:
    """Relative links of a page that lead nowhere."""
    found: list[str] = []
    for target in links(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists():
            found.append(f"{page.name}: {target} does not exist")
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text(encoding="utf-8")):
            found.append(f"{page.name}: {target} has no such heading")
    return found


def first_cells(text: str) -> list[str]:
    """The code words in the first cell of each table row, where a reference names what the row is about."""
    rows = re.findall(r"^\| *([^|]*?) *\|", text, flags=re.MULTILINE)
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def normal(requirement: str) -> str:
    """A requirement's name as indexes compare it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def project() -> dict[str, Any]:
    """The project table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def read(name: str) -> str:
    """A page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def table_of_steps(text: str) -> dict[str, set[str]]:
    """The delivery table of the states page as from → to; a row may name several of each."""
    steps: dict[str, set[str]] = {}
    for row in re.findall(r"^\|([^|]+)\|([^|]+)\|", text.partition("## Delivery")[2], flags=re.MULTILINE):
        sources, targets = (re.findall(r"`([A-Z_]+)`", cell) for cell in row)
        for source in sources:
            steps.setdefault(source, set()).update(targets)
    return steps


def test_the_readme_is_short() -> None:
    lines = len((ROOT / "README.md").read_text(encoding="utf-8").splitlines())
    assert lines <= README_LINES, f"README.md has {lines} lines, at most {README_LINES}. Move the rest to docs/."


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_every_page_is_in_the_index() -> None:
    listed = {(DOCS / target).resolve() for target in links(read("README.md"))}
    missing = [p.relative_to(DOCS) for p in pages() if DOCS in p.parents and p != DOCS / "README.md"]
    missing = [p for p in missing if (DOCS / p) not in listed and (p.parent.name != "adr" or p.name == "README.md")]
    assert missing == [], f"docs/README.md does not list {', '.join(map(str, missing))}."


def test_every_dependency_has_exactly_one_line() -> None:
    table = project()
    wanted = [normal(r) for r in [*table["dependencies"], *table["optional-dependencies"]["dev"]]]
    explained = [normal(word) for word in first_cells(read("explanation/dependencies.md"))]
    assert sorted(explained) == sorted(wanted)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_dependency_is_locked(name: str) -> None:
    table = project()
    wanted = list(table["dependencies"]) + (table["optional-dependencies"]["dev"] if "dev" in name else [])
    locked = {normal(line) for line in re.findall(r"^\S+==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)}
    assert {normal(r) for r in wanted} - locked == set(), "Run make lock."


def test_the_development_lock_is_the_runtime_lock_and_more() -> None:
    runtime, development = (
        set(re.findall(r"^(\S+==[^\\]+?) \\?$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime
    assert runtime <= development, "Run make lock: the two locks differ in a pin."


def test_settings_their_page_and_the_example_agree() -> None:
    from bot.config import Settings

    documented = [w for w in first_cells(read("reference/settings.md")) if NAME.fullmatch(w)]
    example = re.findall(rf"^#? ?({NAME.pattern})=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(example) == sorted(documented) == sorted(Settings.model_fields)


def test_every_setting_that_any_page_names_exists() -> None:
    documented = set(first_cells(read("reference/settings.md")))
    for page in pages():
        for name in SETTING.findall(page.read_text(encoding="utf-8")):
            plain = name.removesuffix("_FILE")
            assert plain in documented or name.endswith("_"), f"{page.relative_to(ROOT)} names {name}"


def documented_verbs() -> set[str]:
    """The verbs that have a heading on the commands page."""
    heads = re.findall(r"^### +`python -m bot ([a-z]+(?: [a-z]+)?)", read("reference/commands.md"), re.MULTILINE)
    return set(heads)


def test_every_promised_verb_is_documented() -> None:
    assert documented_verbs() == VERBS


def test_every_verb_of_the_program_is_documented() -> None:
    if not (ROOT / "bot" / "cli.py").exists() and not (ROOT / "bot" / "cli").exists():
        return
    import typer

    program = root_app(list(vars(importlib.import_module("bot.cli")).values()))
    undocumented = verbs_of(typer.main.get_command(program)) - documented_verbs()
    assert undocumented == set(), "Give each a heading in docs/reference/commands.md."


def root_app(values: list[object]) -> Any:
    """The Typer program that is no group of another one."""
    import typer

    apps = {id(value): value for value in values if isinstance(value, typer.Typer)}
    groups = {id(group.typer_instance) for app in apps.values() for group in app.registered_groups}
    (program,) = (app for key, app in apps.items() if key not in groups)
    return program


def verbs_of(command: Any, before: str = "") -> set[str]:
    """The words that reach each command of a Typer program, hidden ones left out."""
    if not hasattr(command, "commands"):
        return {before.strip()}
    found: set[str] = set()
    for name, inner in command.commands.items():
        if not inner.hidden:
            found |= verbs_of(inner, f"{before} {name}")
    return found


def test_every_word_button_and_form_is_documented() -> None:
    from handlers.grammar import Word
    from handlers.routes import ACTIONS, COMMANDS
    from handlers.views.actions import ACTS

    commands, http = read("reference/commands.md"), read("reference/http.md")
    words = re.findall(
        r"^\| ([a-z]+)(?: \*.*)? \|", commands.partition("## Words")[2].partition("### ")[0], re.MULTILINE
    )
    assert set(words) - {"words"} == {word.value for word in Word}
    buttons = commands.partition("## Buttons")[2]
    assert [act.label for act in ACTS.values() if act.label not in buttons] == []
    forms = {route.form for route in (*ACTIONS.values(), *COMMANDS.values()) if route.form}
    assert set(re.findall(r"^\| ([a-z_]+) \| `", http.partition("## Forms")[2], re.MULTILINE)) == forms


def test_every_path_of_the_http_face_is_documented() -> None:
    from fastapi.routing import APIRoute

    from handlers.web import api, events, health, media, pulled

    http = read("reference/http.md")
    routers = (api.router, events.router, health.router, media.router, pulled.router)
    paths = {r.path for router in routers for r in router.routes if isinstance(r, APIRoute) and r.include_in_schema}
    shown = {path.replace("{draft_id}", "{id}") for path in paths}
    assert sorted(path for path in shown if f"`{path}" not in http and f" {path}`" not in http) == []


def bare_address(path: str) -> str:
    """Without its query, and whatever its variables are called: "/drafts/{}/versions"."""
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0])


def test_every_address_of_the_pages_is_documented_and_every_documented_one_is_there() -> None:
    from fastapi import APIRouter
    from fastapi.routing import APIRoute

    import handlers.web

    modules = [importlib.import_module(f"handlers.web.{m.name}") for m in pkgutil.iter_modules(handlers.web.__path__)]
    routers = [r for module in modules for r in vars(module).values() if isinstance(r, APIRouter)]
    routes = [route for router in routers if not router.include_in_schema for route in router.routes]
    there = {bare_address(route.path) for route in routes if isinstance(route, APIRoute)}
    text = read("reference/pages.md")
    assert {bare_address(path) for path in re.findall(r"`(?:POST )?(/[^`\s]*)`", text)} == there | {"/cards/draft-12"}


def test_the_draft_table_is_the_one_the_code_obeys() -> None:
    from services.domain.post import DRAFT_TRANSITIONS

    rows = re.findall(
        r"^\| `([a-z_]+)` \|([^|]+)\|", read("reference/states.md").partition("## Delivery")[0], re.MULTILINE
    )
    written = {source: set(re.findall(r"`([a-z_]+)`", targets)) for source, targets in rows}
    assert written == {str(s): {str(t) for t in targets} for s, targets in DRAFT_TRANSITIONS.items() if targets}


def test_every_target_of_the_makefile_is_documented() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    documented = {w.split()[1] for w in first_cells(read("reference/commands.md")) if w.startswith("make ")}
    assert documented == set(targets)


def test_the_state_table_is_the_one_the_code_obeys() -> None:
    written = table_of_steps(read("reference/states.md"))
    assert written["SENDING"] == {"PUBLISHED", "PROCESSING", "SCHEDULED", "FAILED", "UNCERTAIN"}
    if not (ROOT / "services" / "domain" / "delivery.py").exists():
        return
    table = importlib.import_module("services.domain.delivery").DELIVERY_TRANSITIONS
    obeyed = {str(source): {str(target) for target in targets} for source, targets in table.items() if targets}
    assert written == obeyed


def decisions() -> list[Path]:
    """The decision records in order."""
    return sorted((DOCS / "adr").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps_and_indexed_once() -> None:
    names = [path.name for path in decisions()]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert [target for target in links(read("adr/README.md")) if re.match(r"\d", target)] == names


@pytest.mark.parametrize("page", decisions(), ids=lambda page: page.stem)
def test_a_decision_tells_all_its_parts_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ADR_PARTS
    assert len(text.splitlines()) <= 60
    title = text.splitlines()[0]
    assert title.startswith(f"# {int(page.name[:4])}. ")
    assert title.split(". ", 1)[1] in read("adr/README.md")


def test_generated_pages_are_up_to_date() -> None:
    """A generator is scripts/docs_*.py; with --check it writes nothing and fails when its page is stale."""
    for script in sorted((ROOT / "scripts").glob("docs_*.py")):
        command = [sys.executable, str(script), "--check"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


# The checks themselves.


def test_a_broken_link_is_caught(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# A head: with `code`\n")
    page = tmp_path / "a.md"
    page.write_text("[1](b.md) [2](b.md#a-head-with-code) [3](c.md) [4](b.md#no) [5](https://a.example) `[6](d.md)`\n")
    assert broken_links(page) == ["a.md: c.md does not exist", "a.md: b.md#no has no such heading"]


def test_first_cells_are_read_from_tables_only() -> None:
    assert first_cells("`a`\n| `b`, `c` | `d` |\n|---|---|\n| e | f |\n") == ["b", "c"]


def test_a_table_of_steps_is_read_row_by_row() -> None:
    text = (
        "| `X` | `Y` |\n## Delivery\n| from | to | when |\n|---|---|---|\n| `A`, `B` | `C` | x |\n| `A` | `D` | y |\n"
    )
    assert table_of_steps(text) == {"A": {"C", "D"}, "B": {"C"}}


def test_requirements_are_compared_by_their_normal_name() -> None:
    assert [normal(r) for r in ("Mastodon.py>=2", "a_B[c,d]>=1; x", "uv")] == ["mastodon-py", "a-b", "uv"]


def test_verbs_are_walked_through_groups() -> None:
    import typer

    app, group = typer.Typer(), typer.Typer()
    app.add_typer(group, name="account")
    app.command("run")(lambda: None)
    app.command("secret", hidden=True)(lambda: None)
    group.command("add")(lambda: None)
    group.command("list")(lambda: None)
    program = root_app([group, app, app, "text"])
    assert program is app
    assert verbs_of(typer.main.get_command(program)) == {"run", "account add", "account list"}
