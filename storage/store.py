"""The store on SQLite: writes through one thread in shared commits, reads on connections of their own."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from storage.engine import BUSY_MS, open_engines
from storage.problems import in_words
from storage.repositories.accounts import Accounts
from storage.repositories.brands import Brands
from storage.repositories.budgets import Budgets
from storage.repositories.cards import Cards
from storage.repositories.chat import Chat
from storage.repositories.comments import Comments
from storage.repositories.deliveries import Deliveries
from storage.repositories.digests import Digests
from storage.repositories.drafts import Drafts
from storage.repositories.identities import Identities
from storage.repositories.installations import Installations
from storage.repositories.media import Media
from storage.repositories.metrics import Metrics
from storage.repositories.people import People
from storage.repositories.workspace import Switches
from storage.schema import ensure_schema
from storage.writer import MAX_GROUP, MAX_QUEUE, PATIENCE, GroupWriter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy.engine import Connection

    from services.domain.actor import Workspace
    from services.ports.storage import Transaction

T = TypeVar("T")


class SqlTransaction:
    """All repositories on one connection; implements the port's `Transaction`."""

    __slots__ = ("_driver", "_writable")

    def __init__(self, driver: sqlite3.Connection, *, writable: bool) -> None:
        """Live as long as the transaction that was begun on `driver`."""
        self._driver = driver
        self._writable = writable

    @property
    def people(self) -> People:
        """Who may use the desk."""
        return People(self._driver, writable=self._writable)

    @property
    def accounts(self) -> Accounts:
        """Social identities."""
        return Accounts(self._driver, writable=self._writable)

    @property
    def brands(self) -> Brands:
        """Voices."""
        return Brands(self._driver, writable=self._writable)

    @property
    def drafts(self) -> Drafts:
        """Drafts, revisions, approvals and audit lines."""
        return Drafts(self._driver, writable=self._writable)

    @property
    def deliveries(self) -> Deliveries:
        """The outbox."""
        return Deliveries(self._driver, writable=self._writable)

    @property
    def budgets(self) -> Budgets:
        """What was spent of what networks allow."""
        return Budgets(self._driver, writable=self._writable)

    @property
    def cards(self) -> Cards:
        """Where each card was shown."""
        return Cards(self._driver, writable=self._writable)

    @property
    def media(self) -> Media:
        """Facts about files."""
        return Media(self._driver, writable=self._writable)

    @property
    def metrics(self) -> Metrics:
        """Measured posts and their numbers."""
        return Metrics(self._driver, writable=self._writable)

    @property
    def comments(self) -> Comments:
        """Answers to our posts."""
        return Comments(self._driver, writable=self._writable)

    @property
    def digests(self) -> Digests:
        """Daily reports and who gets them."""
        return Digests(self._driver, writable=self._writable)

    @property
    def identities(self) -> Identities:
        """Chat accounts and whom they speak for."""
        return Identities(self._driver, writable=self._writable)

    @property
    def installations(self) -> Installations:
        """Chat teams that let the desk in."""
        return Installations(self._driver, writable=self._writable)

    @property
    def chat(self) -> Chat:
        """What was handled in chat, and which channels are for what."""
        return Chat(self._driver, writable=self._writable)

    def workspace(self) -> Workspace:
        """The switches."""
        return Switches(self._driver, writable=self._writable).get()

    def save_workspace(self, workspace: Workspace) -> None:
        """Replace the switches."""
        Switches(self._driver, writable=self._writable).save(workspace)


class SqlStore:
    """Implements the port's `Store`; `start` before use, `close` when done, or `async with SqlStore.open(url)`."""

    def __init__(
        self,
        url: str,
        *,
        max_group: int = MAX_GROUP,
        max_queue: int = MAX_QUEUE,
        patience: float = PATIENCE,
        busy_ms: int = BUSY_MS,
    ) -> None:
        """Prepare for the database at `url`; `patience` in seconds, `busy_ms` for another program's lock."""
        self.url = url
        self._engines = open_engines(url, busy_ms=busy_ms)
        self._writer = GroupWriter(self._engines.writer, max_group=max_group, max_queue=max_queue, patience=patience)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[SqlStore]:
        """A started store that is closed at the end, with everything queued written."""
        store = cls(url)
        await store.start()
        try:
            yield store
        finally:
            await store.close()

    async def start(self) -> None:
        """Bring the schema up to date and begin taking work."""
        await asyncio.to_thread(ensure_schema, self.url)
        self.start_writing()

    def start_writing(self) -> None:
        """Begin taking work on a database whose schema is already right."""
        self._writer.start()

    async def close(self) -> None:
        """Write what is queued, then let go of the file."""
        await self._writer.close()
        await self._engines.readers.close()

    @property
    def commits(self) -> int:
        """Transactions committed so far; fewer than writes when these shared them."""
        return self._writer.commits

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        """Run `fn` in a transaction that is durable when this returns."""

        def unit(connection: Connection) -> T:
            # A writer's connection is SQLite's own below SQLAlchemy's.
            driver = cast("sqlite3.Connection", connection.connection.driver_connection)
            return fn(SqlTransaction(driver, writable=True))

        return cast("T", await self._writer.submit(unit))

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        """Run `fn` against one consistent snapshot."""
        try:
            return await self._engines.readers.run(lambda driver: fn(SqlTransaction(driver, writable=False)))
        except sqlite3.Error as error:
            raise in_words(error) or error from error
