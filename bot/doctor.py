"""The verb `check`: every problem at once, each with its next step, and what is in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot import bootstrap, datadir, registry, serving
from bot.bus import InProcessBus
from bot.config import ConfigurationError, Settings, load
from bot.problems import StartProblem
from bot.system_clock import SystemClock
from services.accounts import Accounts
from services.domain.errors import DeskError
from services.transport import Transport
from storage.media import DiskMedia

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.domain.account import Account
    from services.ports.storage import Store

_PATIENCE: Final = 10.0
"""Seconds an account's server has to answer."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What was found."""

    good: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """As people read it: problems last, where the eye stays."""
        closing = "No problem found." if not self.problems else f"{len(self.problems)} to put right."
        return [*(f"ok       {g}" for g in self.good), *(f"problem  {p}" for p in self.problems), closing]


async def examine() -> Report:
    """Look at the settings, the brand, the data directory, the port, the model, the database and the accounts."""
    report = Report()
    _look(report, "brand", lambda: bootstrap.read_brand().name)
    try:
        settings = load()
    except ConfigurationError as error:
        report.problems += map(str, error.problems)
        return report
    report.good.append("settings are readable")
    writable = _look(report, "data directory", lambda: str(datadir.prepare(settings).resolve()))
    _look(report, "port", lambda: _port(settings))
    _look(report, "text model", lambda: bootstrap.text_model(settings, SystemClock()).name)
    if writable:
        await _database(report, settings)
    return report


def _look(report: Report, what: str, probe: Callable[[], str]) -> bool:
    try:
        report.good.append(f"{what}: {probe()}")
    except (StartProblem, DeskError) as problem:
        report.problems.append(f"{what}: {_words(problem)}")
        return False
    return True


def _words(problem: StartProblem | DeskError) -> str:
    """What is wrong and what to do."""
    if isinstance(problem, StartProblem):
        return " ".join(problem.lines)
    return f"{problem.message} {problem.next_step}".strip()


def _port(settings: Settings) -> str:
    serving.bind(settings.COPYDESK_HOST, settings.COPYDESK_PORT).close()
    return f"{settings.COPYDESK_HOST}:{settings.COPYDESK_PORT} is free"


async def _database(report: Report, settings: Settings) -> None:
    try:
        async with bootstrap.storage(settings) as store:
            report.good.append("database: at this version's schema")
            await _accounts(report, settings, store)
    except StartProblem as problem:
        report.problems.append(f"database: {_words(problem)}")


async def _accounts(report: Report, settings: Settings, store: Store) -> None:
    """Only what accounts need is put together, so that a broken brand or model does not hide a broken account."""
    try:
        vault = bootstrap.vault(settings)
    except StartProblem as problem:
        report.problems.append(f"secret key: {_words(problem)}")
        return
    clock = SystemClock()
    async with bootstrap.http_client() as client:
        files = DiskMedia(settings.COPYDESK_DATA_DIR / "media")
        http = Transport(client, clock)
        accounts = Accounts(store, vault, registry.platforms(), http, files, InProcessBus(), clock)
        real = [a for a in await accounts.list() if not a.practice]
        for account in real:
            await _account(report, accounts, account)
        if not real:
            report.good.append("accounts: none connected, so the desk practises")


async def _account(report: Report, accounts: Accounts, account: Account) -> None:
    name = f"{account.platform} @{account.handle}"
    try:
        async with asyncio.timeout(_PATIENCE):
            await accounts.verify(account.id)
    except DeskError as error:
        report.problems.append(f"{name}: {_words(error)}")
    except TimeoutError:
        report.problems.append(f"{name}: the server did not answer within {_PATIENCE:.0f} s.")
    else:
        report.good.append(f"{name}: credentials work")
