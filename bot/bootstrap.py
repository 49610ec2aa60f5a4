"""Putting the desk together: storage, vendors, use cases, engine and doors, every part replaceable by a test."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from bot import datadir, registry
from bot.bus import InProcessBus
from bot.clock import ScheduledClock
from bot.problems import StartProblem
from bot.system_clock import SystemClock
from services.access import People
from services.accounts import Accounts
from services.board import Board
from services.calendar import Calendar
from services.content import choice
from services.content.brand_file import load_brand
from services.content.offline import OfflineComposer
from services.content.writer import Writer
from services.domain.errors import DeskError
from services.drafts import Drafts
from services.facade import Services
from services.images.intake import PictureIntake
from services.publishing.control import Control
from services.publishing.dispatch import Dispatcher
from services.transport import Transport
from storage.jobs_embedded import EmbeddedEngine
from storage.media import DiskMedia
from storage.schema import ensure_schema
from storage.store import SqlStore
from storage.vault import KeyedVault, load_or_create_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.config import Settings
    from services.ports.clock import Clock
    from services.ports.models import TextModel
    from services.ports.platform import Platforms
    from services.ports.storage import Store

BRAND_FILE: Final = Path("brand.toml")
_LOCAL: Final = ("all://127.0.0.1", "all://localhost", "all://[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk put together but not yet started."""

    settings: Settings
    services: Services
    engine: EmbeddedEngine
    clock: Clock
    rounds: ScheduledClock
    bus: InProcessBus
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacements:
    """What a test puts in the place of the real thing; None keeps it."""

    clock: Clock | None = None
    text_model: TextModel | None = None
    platforms: Platforms | None = None


@asynccontextmanager
async def storage(settings: Settings) -> AsyncIterator[Store]:
    """An open store with the schema of this version; raises `StartProblem`."""
    datadir.prepare(settings)
    try:
        ensure_schema(settings.database_url)
        store = SqlStore.open(settings.database_url)
    except DeskError as error:
        raise start_problem(error) from None
    async with store:
        yield store


def http_client() -> httpx.AsyncClient:
    """The shared client: certificates and proxies from the environment, but never a proxy for this machine."""
    return httpx.AsyncClient(
        mounts=dict.fromkeys(_LOCAL),
        headers={"User-Agent": "Copydesk"},
        limits=httpx.Limits(max_connections=40, max_keepalive_connections=20, keepalive_expiry=30),
    )
