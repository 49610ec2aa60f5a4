"""The verbs that look after an installation, without starting the desk."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import structlog

from bot import bootstrap, datadir, registry
from bot.problems import StartProblem
from bot.system_clock import SystemClock
from services.domain.errors import DeskError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings

_log = structlog.get_logger(__name__)


async def add_account(settings: Settings, platform: str, document: str, *, verify: bool) -> dict[str, object]:
    """Connect an account, making directory, schema and key when needed; raises `StartProblem` in a sentence."""
    try:
        fields = json.loads(document)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise StartProblem("The input is not a JSON object.", 'Give one such as {"base_url": "https://…", …} on stdin.')
    async with bootstrap.desk(settings) as desk:
        try:
            account = await desk.services.accounts.add(platform, fields, verify=verify)
        except DeskError as error:
            raise bootstrap.asked_by_hand(error) from None
        unreachable = desk.services.platforms[account.platform].unreachable(account.limits)
    if unreachable is not None:
        _log.warning("pictures can't be posted", account=account.handle, why=unreachable.message, to_do=unreachable.fix)
    return {
        "id": account.id,
        "platform": account.platform,
        "handle": account.handle,
        "name": account.name,
        "verified": verify,
    }


async def list_accounts(settings: Settings) -> list[dict[str, object]]:
    """Every account without its secrets."""
    async with bootstrap.desk(settings) as desk:
        return [
            {
                "id": a.id,
                "platform": a.platform,
                "handle": a.handle,
                "name": a.name,
                "base_url": a.base_url,
                "health": a.health.value,
                "practice": a.practice,
            }
            for a in await desk.services.accounts.list()
        ]


def upgrade(settings: Settings) -> str:
    """Upgrade the schema; gives a sentence on what was done."""
    from storage.schema import ensure_schema

    datadir.prepare(settings)
    try:
        ensure_schema(settings.database_url)
    except DeskError as error:
        raise bootstrap.start_problem(error) from None
    return "The database is at this version's schema."


async def make_backup(settings: Settings, target: Path | None) -> Path:
    """Write the archive; raises `StartProblem` when it can't be."""
    from storage.backup import backup

    root = datadir.prepare(settings)
    name = f"copydesk-{SystemClock().now():%Y%m%d-%H%M%S}.tar.gz"
    chosen = target or root / name
    try:
        await asyncio.to_thread(backup, settings.database_url, root / "media", chosen)
    except DeskError as error:
        raise bootstrap.start_problem(error) from None
    return chosen


def signin_link(settings: Settings) -> str:
    """A link that signs one browser in, once, within an hour."""
    datadir.prepare(settings)
    token = registry.one_time_links(datadir.api_token(settings), SystemClock()).new()
    return f"{bootstrap.page_url(settings)}/signin?token={token}"
