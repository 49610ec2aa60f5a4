"""The house rules that no linter knows, each with a message that says what to do, and each shown to catch a breach."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = ("bot", "handlers", "services", "storage")
SLUGS: Final = frozenset(
    {"twitter", "tiktok", *(folder.parent.name for folder in (ROOT / "services" / "platforms").glob("*/__init__.py"))}
)
"""Every platform there is, and names that stand for one."""
# Words that are also names of other things, so they count only beside something that is called a platform.
AMBIGUOUS: Final = frozenset({"x", "threads"})
FREE_OF_SLUGS: Final = ("services/platforms/", "bot/practice/", "tests/")
# Written with gaps, so that this file doesn't break its own rules.
INDEX_HOSTS: Final = re.compile(
    r"p[y]pi\.org|p[y]thonhosted|registry\.n[p]mjs|registry\.y[a]rnpkg|d[e]b\.debian|archive\.u[b]untu|a[n]aconda\.org",
    re.IGNORECASE,
)
WORKPLACE: Final = re.compile(
    r"(?<![\w.])/w[o]rk/|\.\./s[h]ared\b|\bissue #\d"
    r"|\b(?:D[E]SIGN|A[P]I|PLATF[O]RMS|ENG[I]NES|ST[Y]LE|CH[A]T|AG[E]NTS|CLA[U]DE)\.md\b"
)
MODULE_LINES: Final = 500
TEST_MODULE_LINES: Final = 900
MEDIAN_LINES: Final = 130
FUNCTION_LINES: Final = 60
P95_LINES: Final = 40
BRANCHES: Final = 10

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file as the rules see it."""

    path: str
    source: str
    tree: ast.Module = field(repr=False)

    @property
    def lines(self) -> int:
        return len(self.source.splitlines())

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, node: ast.AST, message: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {message}"


def parse(path: str, source: str) -> Module:
    return Module(path=path, source=source, tree=ast.parse(source, path))


@cache
def tracked() -> tuple[str, ...]:
    """Every file of the project that isn't ignored, whether or not it was added yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive has no git
        skip = {".venv", "var", ".git"}
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        return tuple(
            sorted(str(path) for path in paths if path.parts[0] not in skip and "__pycache__" not in path.parts)
        )
    return tuple(sorted(name for name in done.stdout.split("\0") if name))


@cache
def modules(*, tests: bool) -> tuple[Module, ...]:
    roots = (*FOLDERS, "tests", "scripts") if tests else FOLDERS
    paths = (p for p in tracked() if p.endswith(".py") and p.split("/", 1)[0] in roots and (ROOT / p).is_file())
    return tuple(parse(path, (ROOT / path).read_text(encoding="utf-8")) for path in paths)


def span(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def complexity(function: Function) -> int:
    """McCabe's number over statements, as ruff counts it: one, and one more for every way the path can fork.

    Functions inside count for themselves.
    """
    total = 1
    queue = list(ast.iter_child_nodes(function))
    while queue:
        node = queue.pop()
        if isinstance(node, Function | ast.ClassDef):
            continue
        forks = isinstance(node, ast.If | ast.For | ast.AsyncFor | ast.While | ast.ExceptHandler)
        total += forks or (isinstance(node, ast.match_case) and ast.unparse(node.pattern) != "_")
        queue.extend(ast.iter_child_nodes(node))
    return total


def long_modules(module: Module) -> Iterator[str]:
    cap = TEST_MODULE_LINES if module.path.startswith("tests/") else MODULE_LINES
    if module.lines > cap:
        yield f"{module.path}: {module.lines} lines, at most {cap}. Split it by what changes together."


def long_functions(module: Module) -> Iterator[str]:
    for function in module.functions:
        if span(function) > FUNCTION_LINES:
            what = f"{function.name} has {span(function)} lines, at most {FUNCTION_LINES}."
            yield module.at(function, f"{what} Give its steps names of their own.")


def tangled_functions(module: Module) -> Iterator[str]:
    for function in module.functions:
        if complexity(function) > BRANCHES:
            what = f"{function.name} forks {complexity(function)} times, at most {BRANCHES}."
            yield module.at(function, f"{what} Use a table, or split it.")


def not_implemented(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield module.at(
                node, "A platform or surface that can't do a thing does not supply the role; drop the stub."
            )


def _named_platform(node: ast.expr) -> bool:
    text = ast.unparse(node).lower()
    return any(word in text for word in ("platform", "slug", "network"))


def _literals(node: ast.expr) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    if isinstance(node, ast.Call) and node.args:  # PlatformSlug("x"), frozenset({"x"})
        return set().union(*(_literals(argument) for argument in node.args))
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _compared(node: ast.AST) -> Iterator[tuple[set[str], bool]]:
    """Each set of texts a value is compared with, and whether the other side is called a platform."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        yield set().union(*map(_literals, sides)), any(map(_named_platform, sides))
    elif isinstance(node, ast.Match):
        values = (p.value for case in node.cases for p in ast.walk(case.pattern) if isinstance(p, ast.MatchValue))
        yield set().union(*map(_literals, values)), _named_platform(node.subject)
    elif (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"startswith", "get"}
    ):
        named = _named_platform(node.func.value)
        yield (set().union(*map(_literals, node.args)) if named else set()), named


def platform_comparisons(module: Module) -> Iterator[str]:
    if module.path.startswith(FREE_OF_SLUGS):
        return
    for node in ast.walk(module.tree):
        for texts, named in _compared(node):
            for text in sorted(texts & (SLUGS if named else SLUGS - AMBIGUOUS)):
                yield module.at(node, f'Compares with "{text}". Ask the platform\'s SPEC, limits or roles instead.')


def missing_docstring(module: Module) -> Iterator[str]:
    if module.source.strip() and ast.get_docstring(module.tree) is None:
        yield f"{module.path}: has no docstring. Say in one sentence why the module exists."


def missing_future(module: Module) -> Iterator[str]:
    if module.path.rsplit("/", 1)[-1] in {"__init__.py", "__main__.py"}:
        return
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            return
    yield f'{module.path}: begin with "from __future__ import annotations", after the docstring.'


def loose_dataclasses(module: Module) -> Iterator[str]:
    if not module.path.startswith("services/domain/"):
        return
    for node in ast.walk(module.tree):
        for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else ():
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(call) not in {"dataclass", "dataclasses.dataclass"}:
                continue
            words = decorator.keywords if isinstance(decorator, ast.Call) else []
            on = {w.arg for w in words if isinstance(w.value, ast.Constant) and w.value.value is True}
            if lacking := {"frozen", "slots", "kw_only"} - on:
                yield module.at(node, f"{', '.join(sorted(lacking))} missing: domain values don't change.")


def loose_ids(module: Module) -> Iterator[str]:
    if module.path != "services/domain/ids.py":
        return
    for node in module.tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is None:
            continue
        if not (isinstance(value, ast.Call) and ast.unparse(value.func) in {"NewType", "typing.NewType"}):
            yield module.at(node, "An id is a NewType, so that one kind can't be handed in where another is meant.")


def undocumented_ports(module: Module) -> Iterator[str]:
    if not module.path.startswith("services/ports/"):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield module.at(node, f"{node.name} has no docstring. A port tells shapes, units and errors.")


def index_hosts(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if INDEX_HOSTS.search(line):
            yield f"{path}:{number}: names a package index. Lock with versions and hashes only."


def workplace_words(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := WORKPLACE.search(line):
            yield f"{path}:{number}: {found.group()!r} means nothing to the project's readers. Say it in its own words."


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        if (ROOT / path).is_file():
            try:
                yield path, (ROOT / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:  # a picture or a font
                continue


def report(breaches: Iterator[str]) -> None:
    found = list(breaches)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("rule", [long_modules, long_functions, tangled_functions, missing_docstring, missing_future])
def test_everywhere(rule: Callable[[Module], Iterator[str]]) -> None:
    report(breach for module in modules(tests=True) for breach in rule(module))


@pytest.mark.parametrize(
    "rule", [not_implemented, platform_comparisons, loose_dataclasses, loose_ids, undocumented_ports]
)
def test_in_the_four_folders(rule: Callable[[Module], Iterator[str]]) -> None:
    report(breach for module in modules(tests=False) for breach in rule(module))


def median_lines(found: tuple[Module, ...]) -> float:
    """Median of the modules that hold anything; packages with one line of docstring would flatter it."""
    return statistics.median([m.lines for m in found if m.lines > 5] or [0])


def p95_lines(found: tuple[Module, ...]) -> float:
    sizes = sorted(span(function) for module in found for function in module.functions)
    return sizes[int(len(sizes) * 0.95)] if sizes else 0


def test_the_median_module_is_short() -> None:
    middle = median_lines(modules(tests=False))
    assert middle <= MEDIAN_LINES, (
        f"The median module has {middle} lines, at most {MEDIAN_LINES}. Split the large ones."
    )


def test_nearly_all_functions_are_short() -> None:
    size = p95_lines(modules(tests=False))
    assert size <= P95_LINES, f"One function in twenty has over {size} lines, at most {P95_LINES}. Name their steps."


@pytest.mark.parametrize("rule", [index_hosts, workplace_words])
def test_in_every_file(rule: Callable[[str, str], Iterator[str]]) -> None:
    report(breach for path, text in texts() for breach in rule(path, text))


# The rules themselves: each must catch a breach and let the lawful neighbour pass.


def source(body: str, docstring: str = '"""Why."""') -> str:
    return f"{docstring}\n\nfrom __future__ import annotations\n\n{body}\n"


def function(lines: int) -> str:
    return "def f() -> None:\n" + "    x = 1\n" * (lines - 1)


FORKS: Final = "def f(a):\n" + "    if a: pass\n" * 9
FORKS_MORE: Final = FORKS + "    for b in a: pass\n"

PLANTED: Final[list[tuple[Callable[[Module], Iterator[str]], str, str, str]]] = [
    (long_modules, "bot/a.py", "x = 1\n" * 501, "x = 1\n" * 500),
    (long_modules, "tests/test_a.py", "x = 1\n" * 901, "x = 1\n" * 900),
    (long_functions, "bot/a.py", function(61), function(60)),
    (long_functions, "bot/a.py", "async " + function(61), "async " + function(60)),
    (tangled_functions, "bot/a.py", FORKS_MORE, FORKS),
    (
        tangled_functions,
        "bot/a.py",
        FORKS + "    match a:\n        case 1: pass\n",
        FORKS + "    match a:\n        case _: pass\n",
    ),
    (not_implemented, "services/a.py", "raise NotImplementedError", "raise LookupError"),
    (not_implemented, "services/a.py", "raise NotImplementedError('later')", "x = 'NotImplementedError'"),
    (platform_comparisons, "services/a.py", 'a.platform == "x"', 'axis == "x"'),
    (platform_comparisons, "services/a.py", 'name == "mastodon"', 'name == "mast"'),
    (platform_comparisons, "handlers/a.py", 'slug != "threads"', 'tab != "threads"'),
    (platform_comparisons, "handlers/a.py", 'a in ("bluesky", "x")', 'a in ("b", "x")'),
    (platform_comparisons, "handlers/a.py", 'a == PlatformSlug("bluesky")', 'a = PlatformSlug("bluesky")'),
    (
        platform_comparisons,
        "bot/a.py",
        'match a.platform:\n    case "x": pass',
        'match a.axis:\n    case "x": pass',
    ),
    (platform_comparisons, "bot/a.py", 'a.platform.startswith("insta" "gram")', 'a.startswith("x")'),
    (missing_docstring, "bot/a.py", "x = 1", '"""Why."""\nx = 1'),
    (missing_future, "bot/a.py", '"""Why."""\nx = 1', source("x = 1")),
    (loose_dataclasses, "services/domain/a.py", "@dataclass\nclass A: ...", "class A: ..."),
    (
        loose_dataclasses,
        "services/domain/a.py",
        "@dataclass(frozen=True, slots=True)\nclass A: ...",
        "@dataclass(frozen=True, slots=True, kw_only=True)\nclass A: ...",
    ),
    (
        loose_dataclasses,
        "services/domain/a.py",
        "@dataclasses.dataclass(frozen=True, slots=False, kw_only=True)\nclass A: ...",
        "@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)\nclass A: ...",
    ),
    (loose_ids, "services/domain/ids.py", "DraftId = str", 'DraftId = NewType("DraftId", str)'),
    (undocumented_ports, "services/ports/a.py", "def send(): ...", 'def send():\n    """Why."""'),
    (
        undocumented_ports,
        "services/ports/a.py",
        'class A:\n    """Why."""\n    async def send(self): ...',
        'class A:\n    """Why."""\n    async def _send(self): ...',
    ),
]


@pytest.mark.parametrize(("rule", "path", "breach", "lawful"), PLANTED)
def test_a_rule_catches_a_breach_and_nothing_else(
    rule: Callable[[Module], Iterator[str]], path: str, breach: str, lawful: str
) -> None:
    caught = list(rule(parse(path, breach)))
    assert len(caught) == 1, caught
    assert caught[0].startswith(path)
    assert list(rule(parse(path, lawful))) == []


@pytest.mark.parametrize("path", ["services/platforms/mastodon/adapter.py", "bot/practice/app.py"])
def test_a_platform_may_know_its_own_name(path: str) -> None:
    assert list(platform_comparisons(parse(path, 'platform == "mastodon"'))) == []


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_package_files_need_no_future_import(name: str) -> None:
    assert list(missing_future(parse(f"bot/{name}", '"""Why."""'))) == []


def test_a_function_inside_counts_for_itself() -> None:
    inner = "def f(a):\n    def g(b):\n" + "        if b: pass\n" * 10
    assert [complexity(f) for f in parse("bot/a.py", inner).functions] == [1, 11]


def test_the_median_and_the_95th_percentile_are_what_they_say() -> None:
    found = tuple(parse("bot/a.py", function(lines)) for lines in [*[10] * 18, 50, 55])
    found += (parse("b.py", "1"),)
    assert median_lines(found) == 10
    assert p95_lines(found) == 55
    assert p95_lines(found[:18]) == 10
    assert (median_lines(()), p95_lines(())) == (0, 0)


@pytest.mark.parametrize("host", ["https://p" + "ypi.org/simple", "https://files.p" + "ythonhosted.org/a.whl"])
def test_an_index_host_is_caught(host: str) -> None:
    assert list(index_hosts("a.toml", f"\n{host}")) == [
        "a.toml:2: names a package index. Lock with versions and hashes only."
    ]
    assert list(index_hosts("a.toml", "https://example.org/simple")) == []


@pytest.mark.parametrize("word", ["/wor" + "k/a", "../share" + "d/b", "see issue " + "#12", "DESIGN" + ".md"])
def test_a_workplace_word_is_caught(word: str) -> None:
    assert len(list(workplace_words("a.md", f"as {word} says"))) == 1
    assert list(workplace_words("a.md", "docs/work/x, https://a.example/work/, an issue, design.md")) == []


def test_this_file_is_among_those_that_are_checked() -> None:
    assert "tests/test_shape.py" in {module.path for module in modules(tests=True)}
    assert {"Makefile", "pyproject.toml", "requirements.lock"} <= set(tracked())
