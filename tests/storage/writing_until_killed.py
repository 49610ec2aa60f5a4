"""A program that writes drafts from many tasks and says which were acknowledged, until it is killed."""

from __future__ import annotations

import asyncio
import os
import sys

from services.domain.ids import DraftId
from storage.store import SqlStore
from tests.contracts.stores import with_drafts

WRITERS = 16


async def _write(store: SqlStore, numbers: range) -> None:
    for number in numbers:
        await with_drafts(store, DraftId(str(number)))
        os.write(1, f"{number}\n".encode())


async def main(url: str) -> None:
    """Write for ever."""
    async with SqlStore.open(url) as store:
        await asyncio.gather(*(_write(store, range(first, 10**9, WRITERS)) for first in range(1, WRITERS + 1)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
