"""Practice mode: the local networks in this process, and our accounts on them."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from bot import datadir, serving
from bot.practice import PracticeSettings, create_app, practice_accounts, serve
from bot.problems import StartProblem
from bot.system_clock import SystemClock
from services.domain.account import PracticeMode

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Sequence

    from bot.config import Settings
    from services.accounts import Accounts
    from services.domain.account import Account

_HOST: Final = "127.0.0.1"


def wanted(mode: PracticeMode, accounts: Sequence[Account]) -> bool:
    """Whether the practice networks are to run."""
    return mode is PracticeMode.ON or (mode is PracticeMode.AUTO and all(a.practice for a in accounts))


class Listing(Protocol):
    """Whoever knows the accounts."""

    async def list(self) -> Sequence[Account]:
        """All of them."""
        ...


class PracticeLine:
    """Whether nothing leaves this machine: read again in short rounds, because another process may add an account."""

    def __init__(self, mode: PracticeMode, accounts: Listing, *, running: bool) -> None:
        """`running` is what was found at the start; without the networks there is no practice to speak of."""
        self._mode = mode
        self._accounts = accounts
        self._running = running
        self._on = running

    def __call__(self) -> bool:
        """As of the last look."""
        return self._on

    async def look(self) -> None:
        """One read."""
        self._on = self._running and wanted(self._mode, await self._accounts.list())


@asynccontextmanager
async def practice_networks(settings: Settings, accounts: Accounts) -> AsyncIterator[str]:
    """Serve the networks on loopback while the block lasts, our accounts connected to them; gives their address."""
    listener = _listen(settings.COPYDESK_PORT + 1)
    chosen = practice_settings(settings, listener.getsockname()[1])
    async with serving.serving(await asyncio.to_thread(create_app, chosen), listener, grace=1):
        await _connect(accounts, chosen)
        yield chosen.root


def practice_root(accounts: Sequence[Account]) -> str:
    """Where another process serves the networks, told by the newest account on them; empty when there is none."""
    known = [a.base_url for a in accounts if a.practice]
    return known[-1].rpartition("/")[0] if known else ""


def practice_settings(settings: Settings, port: int) -> PracticeSettings:
    """The networks' own database beside ours, and the address they are reached at."""
    return PracticeSettings(
        database=settings.COPYDESK_DATA_DIR / "practice.db",
        base_url=f"http://{_HOST}:{port}",
        now=SystemClock().now,
    )


def _listen(port: int) -> socket.socket:
    """The port beside the desk's, so that links stay good over restarts; any other when it is taken."""
    try:
        return serving.bind(_HOST, min(port, 65535))
    except StartProblem:
        return serving.bind(_HOST, 0)


async def _connect(accounts: Accounts, chosen: PracticeSettings) -> None:
    """Every network that isn't connected yet, so also those that are newer than the data directory."""
    known = {(a.platform, a.base_url) for a in await accounts.list() if a.practice}
    for fields in await asyncio.to_thread(practice_accounts, chosen):
        own = {name: value for name, value in fields.items() if name != "platform"}
        if (fields["platform"], fields["base_url"]) not in known:
            await accounts.add(fields["platform"], own, practice=True)


async def serve_alone(settings: Settings, port: int) -> None:
    """The verb `practice`: print what `account add` takes for each network, then serve them until interrupted."""
    datadir.prepare(settings)
    serving.bind(_HOST, port, choose="choose another with --port").close()
    chosen = practice_settings(settings, port)
    for fields in await asyncio.to_thread(practice_accounts, chosen):
        own = {name: value for name, value in fields.items() if name != "platform"}
        sys.stdout.write(f"{fields['platform']} {json.dumps(own)}\n")
    sys.stdout.flush()
    await serve(chosen, _HOST, port)
