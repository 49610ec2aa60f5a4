"""The chats as people feel them: how soon fifty at once are acknowledged, also while the desk is at work."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from tests.bench.bench_process import rests
from tests.bench.busy import PRACTICE, WaitingDesk, at_work, waiting_desk
from tests.bench.chats import CROWD, DISCORD, SLACK, Crowd, Kind, at_a_bare_app, at_the_desk, crowded, p95
from tests.bench.harness import Pair, bench, bound
from tests.e2e.process import RunningDesk, until

if TYPE_CHECKING:
    from collections.abc import Iterator

IDLE_LIMIT_MB: Final = 170.0
ACK_LIMIT: Final = 3000.0
"""Milliseconds after which both chats tell people that the app did not answer."""
BRIEF: Final = "Release {n} shortens the build to {n} seconds."


@contextmanager
def _commands(kind: Kind) -> Iterator[Pair]:
    with at_the_desk(kind) as ours, at_a_bare_app(kind) as bare:
        yield Pair(ours=lambda: _drafted(ours), baseline=lambda: _typed(bare))


@contextmanager
def _clicks(kind: Kind) -> Iterator[Pair]:
    with at_the_desk(kind) as ours, at_a_bare_app(kind) as bare:
        yield Pair(ours=lambda: _approved(ours), baseline=lambda: _pressed(bare))


def _typed(crowd: Crowd) -> float:
    told = crowd.types("draft", BRIEF)
    crowd.rest()
    return p95(told)


def _pressed(crowd: Crowd) -> float:
    told = crowd.clicks("Approve")
    crowd.rest()
    return p95(told)


def _drafted(crowd: Crowd) -> float:
    """And the cards are up in the end."""
    before = crowd.cards("Approve")
    taken = _typed(crowd)
    until(lambda: crowd.cards("Approve") == before + CROWD, "the cards")
    return taken


def _approved(crowd: Crowd) -> float:
    """Fresh drafts, and they are approved in the end."""
    _drafted(crowd)
    before = crowd.cards(crowd.kind.approved)
    taken = _pressed(crowd)
    until(lambda: crowd.cards(crowd.kind.approved) == before + CROWD, "the approvals")
    return taken


@bench(name="slack_commands_p95", unit="ms", goal=2.0, better="lower")
@contextmanager
def slack_commands_p95() -> Iterator[Pair]:
    """Fifty write a draft at once, against slack-bolt alone on the same kind of Slack."""
    with _commands(SLACK) as pair:
        yield pair


@bench(name="slack_clicks_p95", unit="ms", goal=2.0, better="lower")
@contextmanager
def slack_clicks_p95() -> Iterator[Pair]:
    """Fifty press Approve at once, against slack-bolt alone with the same card."""
    with _clicks(SLACK) as pair:
        yield pair


@bench(name="discord_commands_p95", unit="ms", goal=2.0, better="lower")
@contextmanager
def discord_commands_p95() -> Iterator[Pair]:
    """The same, against discord.py alone on the same kind of Discord."""
    with _commands(DISCORD) as pair:
        yield pair


@bench(name="discord_clicks_p95", unit="ms", goal=2.0, better="lower")
@contextmanager
def discord_clicks_p95() -> Iterator[Pair]:
    """The same, against discord.py alone."""
    with _clicks(DISCORD) as pair:
        yield pair


@bench(name="slack_ack_busy", unit="ms", goal=0.25, better="lower")
@contextmanager
def slack_ack_busy() -> Iterator[Pair]:
    """Fifty drafts and fifty approvals at once while reports are drawn and a thousand posts go out."""
    with _busy(SLACK) as pair:
        yield pair


@bench(name="discord_ack_busy", unit="ms", goal=0.25, better="lower")
@contextmanager
def discord_ack_busy() -> Iterator[Pair]:
    """The same."""
    with _busy(DISCORD) as pair:
        yield pair


@contextmanager
def _busy(kind: Kind) -> Iterator[Pair]:
    with crowded(kind) as crowd:
        desk = waiting_desk()
        desk.settings = {**PRACTICE, **crowd.chat.settings}
        yield Pair(ours=lambda: _acknowledged(desk, crowd), baseline=bound(ACK_LIMIT))


def _acknowledged(desk: WaitingDesk, crowd: Crowd) -> float:
    """The p95 of both; the sample counts only when there was work to the end."""
    desk.restore()
    desk.start()
    try:
        crowd.chat.connected()
        crowd.types("help")
        crowd.rest()
        up, done = crowd.cards("Approve"), crowd.cards(crowd.kind.approved)
        with at_work(desk):
            told = crowd.types("draft", BRIEF, desk.handle)
            until(lambda: crowd.cards("Approve") == up + CROWD, "the cards")
            told += crowd.clicks("Approve")
        until(lambda: crowd.cards(crowd.kind.approved) == done + CROWD, "the approvals")
        crowd.rest()
    finally:
        desk.stop()
    return p95(told)


@bench(name="chat_idle_memory", unit="MB", goal=1.0, better="lower")
@contextmanager
def chat_idle_memory() -> Iterator[Pair]:
    """Resident memory of the main process with both chats connected and nobody there, before any call to a model."""
    with tempfile.TemporaryDirectory() as folder, crowded(SLACK) as slack, crowded(DISCORD) as discord:
        desk = RunningDesk(Path(folder), settings={**slack.chat.settings, **discord.chat.settings})

        def resident() -> float:
            shutil.rmtree(desk.folder / "var", ignore_errors=True)
            desk.start()
            assert desk.process is not None
            process = psutil.Process(desk.process.pid)
            slack.chat.connected()
            discord.chat.connected()
            until(lambda: rests(process), "the desk to rest")
            found: int = process.memory_info().rss
            desk.stop()
            return found / 1e6

        yield Pair(ours=resident, baseline=bound(IDLE_LIMIT_MB))
