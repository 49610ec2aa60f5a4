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
