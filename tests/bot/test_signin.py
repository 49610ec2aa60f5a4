"""A link lets one browser in once, for a day, over restarts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.signin import LIFE, OneTimeLinks, derived
from tests.fakes.clock import FakeClock

SECRET = derived("token", "sign in")


def test_a_link_works_once_also_after_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    token = OneTimeLinks(SECRET, tmp_path / "used", clock).new()

    assert OneTimeLinks(SECRET, tmp_path / "used", clock).consume(token)
    assert not OneTimeLinks(SECRET, tmp_path / "used", clock).consume(token)


def test_two_links_are_independent_and_end_after_a_day(tmp_path: Path) -> None:
    clock = FakeClock()
    links = OneTimeLinks(SECRET, tmp_path / "used", clock)
    first, second = links.new(), links.new()

    assert links.consume(first)
    clock.set(clock.now() + LIFE - timedelta(seconds=1))
    assert links.consume(second)
    third = links.new()
    clock.set(clock.now() + LIFE + timedelta(seconds=1))
    assert not links.consume(third)


def test_another_secret_or_a_changed_token_opens_nothing(tmp_path: Path) -> None:
    links = OneTimeLinks(SECRET, tmp_path / "used", FakeClock())
    token = links.new()
    changed = ("A" if token[0] != "A" else "B") + token[1:]

    assert not links.consume(changed)
    assert not OneTimeLinks(derived("other", "sign in"), tmp_path / "used", FakeClock()).consume(token)


@given(st.text(max_size=60))
def test_junk_is_refused(token: str) -> None:
    assert not OneTimeLinks(SECRET, Path("/nonexistent/used"), FakeClock()).consume(token)
