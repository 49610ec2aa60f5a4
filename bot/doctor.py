"""The verb `check`: every problem at once, each with its next step, and what is in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import httpx

from bot import admin, bootstrap, datadir, registry, serving
from bot.bus import InProcessBus
from bot.config import read
from bot.problems import StartProblem, told
from bot.system_clock import SystemClock
from services.accounts import Accounts
from services.domain.account import PracticeMode
from services.domain.errors import DeskError
from services.transport import Transport
from storage.media import DiskMedia

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Settings
    from services.domain.account import Account
    from services.ports.storage import Store

P = ParamSpec("P")
T = TypeVar("T")
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


class _Idle:
    """Workers for a model that is only asked for its name."""

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return fn(*args, **kwargs)


async def examine() -> Report:
    """Look at the settings, the brand, the data directory, the port, the models, chats, the database and the accounts.

    What hangs on a setting that is wrong is left out: only the setting can be named there.
    """
    report = Report()
    _look(report, "brand", lambda: bootstrap.read_brand().name)
    settings, wrong = read()
    report.problems += map(str, wrong)
    if not wrong:
        report.good.append("settings are readable")
    broken = {str(p).partition(" ")[0].removesuffix(":") for p in wrong}
    writable = "COPYDESK_DATA_DIR" not in broken and _look(
        report, "data directory", lambda: str(datadir.prepare(settings).resolve())
    )
    if not broken & {"COPYDESK_HOST", "COPYDESK_PORT"}:
        await _port(report, settings, token_known="COPYDESK_TOKEN" not in broken and writable)
    if not any("MODEL" in name or name.startswith(("OPENAI_", "ANTHROPIC_", "REPLICATE_")) for name in broken):
        _look(report, "text model", lambda: bootstrap.text_model(settings, SystemClock()).name)
        _look(report, "image model", lambda: bootstrap.image_model(settings, SystemClock(), _Idle()).name)
    if not any(name.startswith(("SLACK_", "DISCORD_")) for name in broken):
        await _chats(report, settings)
    _apps(report, settings)
    if writable:
        await _database(report, settings, key_known="COPYDESK_SECRET_KEY" not in broken)
    return report


def _look(report: Report, what: str, probe: Callable[[], str]) -> bool:
    try:
        report.good.append(f"{what}: {probe()}")
    except (StartProblem, DeskError) as problem:
        words = _words(problem)
        if not any(known.endswith(words) for known in report.problems):  # two models may share one broken setting
            report.problems.append(f"{what}: {words}")
        return False
    return True


def _words(problem: StartProblem | DeskError) -> str:
    """What is wrong and what to do."""
    if isinstance(problem, StartProblem):
        return " ".join(problem.lines)
    return f"{problem.message} {problem.next_step}".strip()


async def _port(report: Report, settings: Settings, *, token_known: bool) -> None:
    """Free, or taken by this very desk, which is as good."""
    where = f"{settings.COPYDESK_HOST}:{settings.COPYDESK_PORT}"
    try:
        serving.bind(settings.COPYDESK_HOST, settings.COPYDESK_PORT).close()
    except StartProblem as problem:
        if token_known and await _our_own(settings):
            report.good.append(f"port: this desk is running at {where}")
        else:
            report.problems.append(f"port: {_words(problem)}")
    else:
        report.good.append(f"port: {where} is free")


async def _our_own(settings: Settings) -> bool:
    """Whether a sign-in link of ours opens it; the token itself goes to nobody."""
    token = admin.signin_link(settings).partition("token=")[2]
    try:
        async with bootstrap.http_client() as client, asyncio.timeout(_PATIENCE):
            answer = await client.get(f"{bootstrap.local_url(settings)}/signin", params={"token": token})
    except (httpx.HTTPError, TimeoutError):
        return False
    return answer.status_code == httpx.codes.SEE_OTHER and not answer.headers.get("location", "").startswith("http")


async def _chats(report: Report, settings: Settings) -> None:
    """Those that are set up; nothing is said there and no connection is held."""
    for name, probe in registry.CHAT_PROBES.items():
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await probe(settings, SystemClock())
        except DeskError as error:
            report.problems.append(f"{name}: {_words(bootstrap.asked_by_hand(error))}")
        except TimeoutError:
            report.problems.append(f"{name}: it did not answer within {_PATIENCE:.0f} s.")
        else:
            report.good += [f"{name}: {found}"] if found is not None else []


def _apps(report: Report, settings: Settings) -> None:
    """Those people sign in with at networks; one that is set by half lets nobody in, and nothing else says so."""
    platforms = registry.platforms()
    for slug, app in bootstrap.apps(settings, platforms).items():
        sign_in = platforms[slug].signin
        kinds = sign_in.apps if sign_in else ()
        begun = [kind for kind in kinds if any(f.told and app.values.get(f.name) for f in kind)]
        if not begun:
            continue
        label = platforms[slug].label
        if sign_in and sign_in.app_of(app.values):
            report.good.append(f"sign-in at {label}: its app is set")
            continue
        missing = [f"{slug}_{f.name}".upper() for f in begun[0] if f.required and not app.values.get(f.name)]
        report.problems.append(
            f"sign-in at {label}: {' and '.join(missing)} is not set, so nobody can sign in there. "
            "Set it too, or empty what is set of this app."
        )


async def _database(report: Report, settings: Settings, *, key_known: bool) -> None:
    try:
        async with bootstrap.storage(settings) as store:
            report.good.append("database: at this version's schema")
            if key_known:
                await _accounts(report, settings, store)
    except Exception as error:
        problem = told(error)
        if problem is None:
            raise
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
        pulled = bootstrap.pulled(settings, store, files, clock, _Idle())
        accounts = Accounts(store, vault, registry.platforms(), http, files, InProcessBus(), clock, pictures=pulled)
        real = [a for a in await accounts.list() if not a.practice]
        for account in real:
            await look_at(report, accounts, account)
        if not real:
            practises = settings.COPYDESK_PRACTICE is not PracticeMode.OFF
            after = "so the desk practises" if practises else "and COPYDESK_PRACTICE is 0, so there is nowhere to post"
            report.good.append(f"accounts: none connected, {after}")


async def look_at(report: Report, accounts: Accounts, account: Account) -> None:
    """Whether the account's credentials work, and what had better be seen to."""
    name = f"{account.platform} @{account.handle}"
    try:
        async with asyncio.timeout(_PATIENCE):
            identity = await accounts.verify(account.id)
    except DeskError as error:
        report.problems.append(f"{name}: {_words(bootstrap.asked_by_hand(error))}")
        return
    except TimeoutError:
        report.problems.append(f"{name}: the server did not answer within {_PATIENCE:.0f} s.")
        return
    report.good.append(f"{name}: credentials work")
    if identity.advice:
        report.good.append(f"{name}: {identity.advice}")
    unreachable = accounts.spec(account.platform).unreachable(identity.limits)
    if unreachable is not None:
        report.good.append(f"{name}: {unreachable.message} {unreachable.fix}")
