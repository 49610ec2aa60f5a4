"""Measures ours against a baseline in interleaved pairs, so that a noisy machine disturbs both alike.

A bench is a function that prepares both sides and hands back a `Pair` of samplers; a sampler does the work once and
returns one number in the bench's unit (it may be async):

    @bench(name="writes", unit="writes/s", goal=3.0)
    def writes() -> Pair:
        return Pair(ours=rate(our_insert, count=1000), baseline=rate(their_insert, count=1000))

A goal is a bound on ours ÷ baseline: at least, or at most with better="lower". An absolute bound is the baseline
`bound(120.0)` with goal 1.0 and better="lower".
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import statistics
import subprocess
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypedDict, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from pathlib import Path
    from typing import TextIO

    Sampler = Callable[[], float | Awaitable[float]]
    Setup = Callable[[], "Pair | AbstractContextManager[Pair]"]

T = TypeVar("T")
PAIRS: Final = 7
"""The fewest pairs a median may stand on."""


class Row(TypedDict):
    """One line of the table and of bench.json; people and scripts read exactly these keys."""

    name: str
    ours: float
    baseline: float
    unit: str
    ratio: float
    goal: float
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two sides of a comparison."""

    ours: Sampler
    baseline: Sampler


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A registered comparison; nothing is prepared until it runs."""

    name: str
    unit: str
    goal: float
    better: Literal["higher", "lower"]
    pairs: int
    setup: Setup

    def holds(self, ratio: float) -> bool:
        """Whether the measured ratio keeps the promise."""
        return ratio >= self.goal if self.better == "higher" else ratio <= self.goal


@dataclass(slots=True)
class Registry:
    """The benches by name, in the order they were met."""

    benches: dict[str, Bench] = field(default_factory=dict)

    def bench(
        self, *, name: str, unit: str, goal: float, better: Literal["higher", "lower"] = "higher", pairs: int = PAIRS
    ) -> Callable[[Setup], Setup]:
        """Register the decorated set-up function; it may be a context manager that cleans up after itself."""
        if name in self.benches:
            msg = f"There are two benches named {name!r}."
            raise ValueError(msg)
        if pairs < PAIRS:
            msg = f"{name}: a median needs at least {PAIRS} pairs."
            raise ValueError(msg)

        def register(setup: Setup) -> Setup:
            self.benches[name] = Bench(name=name, unit=unit, goal=goal, better=better, pairs=pairs, setup=setup)
            return setup

        return register


REGISTRY: Final = Registry()
bench: Final = REGISTRY.bench


def discover(folder: Path, package: str = "tests.bench") -> None:
    """Import every bench_*.py of the folder, which registers what it holds."""
    for path in sorted(folder.glob("bench_*.py")):
        importlib.import_module(f"{package}.{path.stem}")


def finish(value: T | Awaitable[T]) -> T:
    """The value itself, awaited on a loop of its own when it has to be."""
    if not inspect.isawaitable(value):
        return value

    async def wait() -> T:
        return await value

    return asyncio.run(wait())


def measure(one: Bench) -> Row:
    """Run one warm-up pair and then the counted pairs, taking turns at who goes first; the medians make the row."""
    ours: list[float] = []
    baseline: list[float] = []
    with ExitStack() as stack:
        made = one.setup()
        pair = stack.enter_context(made) if isinstance(made, AbstractContextManager) else made
        for number in range(one.pairs + 1):
            turns = [(ours, pair.ours), (baseline, pair.baseline)]
            for into, sampler in turns if number % 2 else reversed(turns):
                into.append(finish(sampler()))
    middle, other = statistics.median(ours[1:]), statistics.median(baseline[1:])
    ratio = middle / other
    return Row(
        name=one.name,
        ours=middle,
        baseline=other,
        unit=one.unit,
        ratio=ratio,
        goal=one.goal,
        holds=one.holds(ratio),
    )


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text."""
    head = ("name", "ours", "baseline", "unit", "ratio", "goal", "holds")
    lines = [head] + [
        (
            row["name"],
            f"{row['ours']:,.4g}",
            f"{row['baseline']:,.4g}",
            row["unit"],
            f"{row['ratio']:.3g}",
            f"{row['goal']:g}",
            "yes" if row["holds"] else "NO",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def run(benches: Sequence[Bench], *, into: Path, out: TextIO = sys.stdout) -> int:
    """Measure all, print the table, write the file; 0 when every bench gave a row, 1 when one broke.

    A goal that does not hold is a result and no error.
    """
    rows: list[Row] = []
    broken: list[str] = []
    for one in benches:
        out.write(f"measuring {one.name} …\n")
        out.flush()
        try:
            rows.append(measure(one))
        except Exception as error:  # noqa: BLE001  # one broken bench must not hide the others
            broken.append(f"{one.name} broke: {type(error).__name__}: {error}")
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    out.write("\n" + table(rows) + "\n" + "".join(f"{line}\n" for line in broken))
    return 1 if broken else 0


def timed(work: Callable[[], object], *, per: int = 1, unit: Literal["s", "ms", "µs"] = "ms") -> Callable[[], float]:
    """A sampler: the time of one call divided by `per`, in the unit; async work runs on a loop of its own."""
    factor = {"s": 1.0, "ms": 1e3, "µs": 1e6}[unit]

    def sample() -> float:
        return _seconds(work) * factor / per

    return sample


def rate(work: Callable[[], object], *, count: int) -> Callable[[], float]:
    """A sampler: how many of `count` things one call does per second."""

    def sample() -> float:
        return count / _seconds(work)

    return sample


def child(command: Sequence[str], *, timeout: float = 600) -> Callable[[], float]:
    """A sampler: the number on the last line that a process of its own prints (memory, start-up, a crash)."""

    def sample() -> float:
        done = subprocess.run(list(command), capture_output=True, text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            msg = f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}"
            raise RuntimeError(msg)
        return float(done.stdout.strip().splitlines()[-1])

    return sample


def bound(limit: float) -> Callable[[], float]:
    """A sampler that is always the limit: the baseline of an absolute promise."""
    return lambda: limit


def _seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    begin = time.perf_counter()
    finish(work())
    return time.perf_counter() - begin
