"""The verb `check`: every problem at once, each with its next step, and what is in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot import bootstrap, datadir, serving
from bot.config import ConfigurationError, Settings, load
from bot.problems import StartProblem
from bot.system_clock import SystemClock
from services.domain.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.domain.account import Account

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
    """Look at the settings, the data directory, the database, the port, the brand, the model and the accounts."""
    report = Report()
    try:
        settings = load()
    except ConfigurationError as error:
        report.problems += map(str, error.problems)
        return report
    report.good.append("settings are readable")
    _look(report, "data directory", lambda: str(datadir.prepare(settings).resolve()))
    _look(report, "port", lambda: _port(settings))
    _look(report, "brand", lambda: bootstrap.read_brand().name)
    _look(report, "text model", lambda: bootstrap.text_model(settings, SystemClock()).name)
    if not any("data directory" in p for p in report.problems):
        await _accounts(report, settings)
    return report


def _look(report: Report, what: str, probe: Callable[[], str]) -> None:
    try:
        report.good.append(f"{what}: {probe()}")
    except StartProblem as problem:
        report.problems.append(f"{what}: {' '.join(problem.lines)}")
    except DeskError as error:
        report.problems.append(f"{what}: {error.message} {error.next_step}".strip())


def _port(settings: Settings) -> str:
    serving.bind(settings.COPYDESK_HOST, settings.COPYDESK_PORT).close()
    return f"{settings.COPYDESK_HOST}:{settings.COPYDESK_PORT} is free"


async def _accounts(report: Report, settings: Settings) -> None:
    try:
        async with bootstrap.desk(settings) as desk:
            report.good.append("database: at this version's schema")
            real = [a for a in await desk.services.accounts.list() if not a.practice]
            for account in real:
                await _account(report, desk, account)
            if not real:
                report.good.append("accounts: none connected, so the desk practises")
    except StartProblem as problem:
        report.problems.append(f"database: {' '.join(problem.lines)}")


async def _account(report: Report, desk: bootstrap.Desk, account: Account) -> None:
    name = f"{account.platform} @{account.handle}"
    try:
        async with asyncio.timeout(_PATIENCE):
            await (await desk.services.accounts.open(account.id)).verifier.verify()
    except DeskError as error:
        report.problems.append(f"{name}: {error.message} {error.next_step}".strip())
    except TimeoutError:
        report.problems.append(f"{name}: the server did not answer within {_PATIENCE:.0f} s.")
    else:
        report.good.append(f"{name}: credentials work")
