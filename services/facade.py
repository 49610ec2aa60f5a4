"""The frozen bundle that every door receives: one way in, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.access import People
    from services.accounts import Accounts
    from services.analytics.digest import Digests
    from services.analytics.report import Reports
    from services.board import Board
    from services.calendar import Calendar
    from services.connecting import Connecting
    from services.content.writer import Writer
    from services.drafts import Drafts
    from services.identities import Identities
    from services.illustration import Illustration
    from services.images.pulling import PulledPictures
    from services.media.intake import MediaIntake
    from services.piles import Piles
    from services.ports.clock import Clock
    from services.ports.engine import JobEngine
    from services.ports.media import MediaFiles
    from services.ports.platform import Platforms
    from services.ports.storage import Store
    from services.publishing.aftercare import Aftercare
    from services.publishing.control import Control
    from services.results import Results
    from services.review import Review
    from services.routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Use cases and the few ports that doors read from."""

    people: People
    identities: Identities
    routing: Routing
    board: Board
    piles: Piles
    drafts: Drafts
    review: Review
    calendar: Calendar
    control: Control
    aftercare: Aftercare
    accounts: Accounts
    connecting: Connecting
    illustration: Illustration
    media: MediaIntake
    pulled: PulledPictures
    reports: Reports
    digests: Digests
    results: Results
    writer: Writer
    platforms: Platforms
    files: MediaFiles
    store: Store
    engine: JobEngine
    clock: Clock
