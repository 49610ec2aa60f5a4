"""The harness must measure what it says: pairs that take turns, medians, bounds, and a file in a fixed shape."""

from __future__ import annotations

import io
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.bench.harness import PAIRS, Pair, Registry, bound, child, discover, measure, rate, run, table, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _numbers(*values: float) -> Iterator[float]:
    yield from values


def _register(registry: Registry, name: str, ours: float, baseline: float, *, lower: bool = False) -> None:
    registry.bench(name=name, unit="u", goal=2.0, better="lower" if lower else "higher")(
        lambda: Pair(ours=bound(ours), baseline=bound(baseline))
    )


def test_medians_leave_the_warm_up_out() -> None:
    registry = Registry()
    ours = _numbers(999, 1, 2, 3, 4, 5, 6, 700)
    registry.bench(name="m", unit="ms", goal=2.0)(lambda: Pair(ours=lambda: next(ours), baseline=bound(2.0)))
    row = measure(registry.benches["m"])
    assert row == {"name": "m", "ours": 4, "baseline": 2.0, "unit": "ms", "ratio": 2.0, "goal": 2.0, "holds": True}


def test_pairs_are_interleaved_and_take_turns() -> None:
    seen: list[str] = []

    def note(word: str) -> float:
        seen.append(word)
        return 1.0

    registry = Registry()
    registry.bench(name="i", unit="u", goal=1.0)(lambda: Pair(ours=lambda: note("o"), baseline=lambda: note("b")))
    measure(registry.benches["i"])
    assert "".join(seen) == "bo" + "obbo" * 3 + "ob"
    assert seen.count("o") == seen.count("b") == PAIRS + 1


@pytest.mark.parametrize(
    ("ours", "lower", "holds"), [(4.0, False, True), (3.9, False, False), (4.0, True, True), (4.1, True, False)]
)
def test_a_goal_is_a_bound_in_the_direction_it_says(*, ours: float, lower: bool, holds: bool) -> None:
    registry = Registry()
    _register(registry, "g", ours, 2.0, lower=lower)
    assert measure(registry.benches["g"])["holds"] is holds


def test_an_absolute_promise_is_a_ratio_to_its_limit() -> None:
    registry = Registry()
    registry.bench(name="rss", unit="MB", goal=1.0, better="lower")(
        lambda: Pair(ours=bound(90.0), baseline=bound(120.0))
    )
    row = measure(registry.benches["rss"])
    assert (row["ratio"], row["holds"]) == (0.75, True)


def test_a_set_up_may_clean_up_after_itself() -> None:
    steps: list[str] = []
    registry = Registry()

    @registry.bench(name="c", unit="u", goal=1.0)
    @contextmanager
    def _set_up() -> Iterator[Pair]:
        steps.append("open")
        yield Pair(ours=bound(1.0), baseline=bound(1.0))
        steps.append("closed")

    measure(registry.benches["c"])
    assert steps == ["open", "closed"]


def test_async_samplers_are_awaited() -> None:
    async def three() -> float:
        return 3.0

    registry = Registry()
    registry.bench(name="a", unit="u", goal=1.0)(lambda: Pair(ours=three, baseline=three))
    assert measure(registry.benches["a"])["ours"] == 3.0


def test_the_file_has_the_promised_shape_and_a_missed_goal_is_no_error(tmp_path: Path) -> None:
    registry = Registry()
    _register(registry, "fast", 6.0, 2.0)
    _register(registry, "slow", 1.0, 2.0)
    out = io.StringIO()
    assert run(list(registry.benches.values()), into=tmp_path / "var" / "bench.json", out=out) == 0
    assert json.loads((tmp_path / "var" / "bench.json").read_text()) == [
        {"name": "fast", "ours": 6.0, "baseline": 2.0, "unit": "u", "ratio": 3.0, "goal": 2.0, "holds": True},
        {"name": "slow", "ours": 1.0, "baseline": 2.0, "unit": "u", "ratio": 0.5, "goal": 2.0, "holds": False},
    ]
    assert out.getvalue().splitlines()[-2:] == [
        "fast  6     2         u     3      2     yes",
        "slow  1     2         u     0.5    2     NO",
    ]


def test_a_broken_bench_leaves_the_table_incomplete_but_the_others_in_it(tmp_path: Path) -> None:
    registry = Registry()
    registry.bench(name="bad", unit="u", goal=1.0)(
        lambda: Pair(ours=child([sys.executable, "-c", "raise SystemExit(3)"]), baseline=bound(1.0))
    )
    _register(registry, "good", 2.0, 1.0)
    out = io.StringIO()
    assert run(list(registry.benches.values()), into=tmp_path / "b.json", out=out) == 1
    assert [row["name"] for row in json.loads((tmp_path / "b.json").read_text())] == ["good"]
    assert "bad broke: RuntimeError" in out.getvalue()
    assert "ended with 3" in out.getvalue()


def test_two_benches_of_one_name_and_too_few_pairs_are_refused() -> None:
    registry = Registry()
    _register(registry, "twin", 1.0, 1.0)
    with pytest.raises(ValueError, match="two benches named 'twin'"):
        _register(registry, "twin", 1.0, 1.0)
    with pytest.raises(ValueError, match="at least 7 pairs"):
        registry.bench(name="few", unit="u", goal=1.0, pairs=6)


def test_benches_are_found_by_their_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "found_here").mkdir()
    (tmp_path / "found_here" / "bench_one.py").write_text("seen = True\n")
    (tmp_path / "found_here" / "other.py").write_text("raise SystemExit\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    discover(tmp_path / "found_here", package="found_here")
    assert sys.modules.pop("found_here.bench_one").seen is True


def test_child_reads_the_number_on_the_last_line() -> None:
    assert child([sys.executable, "-c", "print('warming up'); print(12.5)"])() == 12.5


def test_time_and_rate_measure_the_same_work() -> None:
    calls: list[int] = []
    assert timed(lambda: calls.append(1), unit="s")() < 1
    assert rate(lambda: calls.append(1), count=10)() > 10
    assert len(calls) == 2


def test_the_table_is_aligned_even_when_empty() -> None:
    assert table([]) == "name  ours  baseline  unit  ratio  goal  holds"
