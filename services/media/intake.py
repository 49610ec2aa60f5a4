"""The one way a file becomes media of the desk, whoever brings it and however it comes."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from services.domain.errors import InvalidInput, NeedsOperator, Refused, Unavailable
from services.domain.media import MediaItem
from services.images.intake import KINDS, require_size
from services.media.films import MAX_BYTES, Film, clean_film
from services.media.kinds import HEAD, Kind, kind_of
from services.media.papers import MAX_BYTES as MAX_PAPER
from services.media.papers import PDF, pages_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.domain.ids import Digest
    from services.images.intake import PictureIntake
    from services.ports.clock import Clock
    from services.ports.http import Downloads
    from services.ports.media import MediaFiles
    from services.ports.storage import Store
    from services.ports.workers import Workers

FETCH_SECONDS: Final = 180.0
"""For a whole file behind an address."""
JPEG: Final = "image/jpeg"
_BUFFER: Final = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A file that is kept, and the picture that stands for it where it is a video."""

    item: MediaItem
    poster: MediaItem | None = None


class Receiving:
    """A file on its way in: written piece by piece, and gone unless somebody accepts it."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        """Nothing was received yet."""
        self.path = path
        self._file = file
        self._size = 0

    async def write(self, piece: bytes) -> None:
        """The next piece; raises `InvalidInput` (field "upload") once there are more than any file may have."""
        self._size += len(piece)
        if self._size > MAX_BYTES:
            raise too_large(self._size)
        try:
            await asyncio.to_thread(self._file.write, piece)
        except OSError as error:
            raise _full(error) from error

    async def done(self) -> Path:
        """Where it lies whole."""
        try:
            await asyncio.to_thread(self._file.close)
        except OSError as error:
            raise _full(error) from error
        return self.path


class MediaIntake:
    """Judges what comes by its content, cleans it and keeps it."""

    def __init__(
        self,
        *,
        store: Store,
        files: MediaFiles,
        clock: Clock,
        workers: Workers,
        pictures: PictureIntake,
        downloads: Downloads,
    ) -> None:
        """Bytes go to the files, facts to the store; videos and documents are read by the workers."""
        self._store = store
        self._files = files
        self._clock = clock
        self._workers = workers
        self._pictures = pictures
        self._downloads = downloads

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[Receiving]:
        """A place for a file that comes piece by piece; what was not accepted is gone afterwards."""
        path = self._files.workplace() / secrets.token_hex(16)
        try:
            file = await asyncio.to_thread(path.open, "wb", _BUFFER)
        except OSError as error:
            raise _full(error) from error
        try:
            yield Receiving(path, file)
        finally:
            await asyncio.to_thread(_let_go, file, path)

    async def accept(self, given: bytes | Path) -> Brought:
        """Keep a cleaned copy and give its facts; a path lies in `receiving` and is used up.

        Raises `InvalidInput` (field "upload") for what no network could show.
        """
        if isinstance(given, Path):
            return await self._accept_file(given)
        if kind_of(given[:HEAD]) is Kind.PICTURE:
            return Brought(item=await self._pictures.accept(given))
        async with self.receiving() as file:
            await file.write(given)
            return await self._accept_file(await file.done())

    async def fetch(self, address: str) -> Brought:
        """What lies at a public address; raises `InvalidInput` (field "link") for what can't be had or used."""
        try:
            async with self.receiving() as file:
                await self._downloads.fetch_file(address, file.write, timeout=FETCH_SECONDS)
                return await self._accept_file(await file.done())
        except (Refused, Unavailable) as error:
            step = error.next_step or "Check the address, or upload the file."
            raise InvalidInput(error.message, next_step=step, field="link") from None
        except InvalidInput as error:
            raise InvalidInput(error.message, next_step=error.next_step, field="link") from None

    async def find(self, digest: Digest) -> Brought | None:
        """What was kept under this digest."""
        item = await self._store.read(lambda tx: tx.media.get(digest))
        poster = await self._store.read(lambda tx: tx.media.poster(digest))
        return None if item is None else Brought(item=item, poster=poster)

    async def kept(self, digest: Digest) -> bytes:
        """The bytes under this digest; raises `NotFound`."""
        return await self._files.get(digest)

    async def portable(self, digest: Digest) -> bytes:
        """A kept picture as PNG, JPEG or GIF, which every chat shows; raises `NotFound`."""
        return await self._pictures.portable(digest)

    async def preview(self, digest: Digest) -> bytes:
        """A kept picture as a JPEG, large enough to judge; raises `NotFound`, and `InvalidInput` for a damaged one."""
        return await self._pictures.preview(digest)

    async def _accept_file(self, path: Path) -> Brought:
        head, size = await asyncio.to_thread(_looked_at, path)
        kind = kind_of(head)
        match kind:
            case Kind.BOXES | Kind.MATROSKA:
                return await self._film(path, size, kind)
            case Kind.DOCUMENT:
                return await self._paper(path, size)
            case Kind.STILL:
                raise _no_use("This is a HEIC or AVIF picture, which no network takes.", "Export it as a JPEG.")
            case Kind.DRAWING:
                raise _no_use("This is a drawing (SVG), which no network takes.", "Export it as a PNG.")
            case Kind.PAGE:
                raise _no_use("This is a web page, not a picture, video or PDF.", f"Give a {KINDS} itself.")
            case _:
                require_size(size)
                return Brought(item=await self._pictures.accept(await asyncio.to_thread(path.read_bytes)))

    async def _film(self, path: Path, size: int, kind: Kind) -> Brought:
        if size > MAX_BYTES:
            raise too_large(size)
        clean = path.with_name(f"{path.name}.clean")
        try:
            film = await self._workers.run(clean_film, path, clean, kind)
            length = (await asyncio.to_thread(clean.stat)).st_size
            digest = await self._files.take(clean)
        finally:
            await asyncio.to_thread(clean.unlink, missing_ok=True)
        item = MediaItem(
            digest=digest, mime=film.mime, width=film.width, height=film.height, size=length, video=film.facts
        )
        return await self._kept(item, await self._poster(film))

    async def _poster(self, film: Film) -> MediaItem:
        digest = await self._files.put(film.poster)
        width, height = film.poster_size
        return MediaItem(digest=digest, mime=JPEG, width=width, height=height, size=len(film.poster))

    async def _paper(self, path: Path, size: int) -> Brought:
        if size > MAX_PAPER:
            msg = f"This PDF has {size / 1e6:,.0f} MB; {MAX_PAPER // 1_000_000} MB is the most."
            raise _no_use(msg, "Export it smaller.")
        pages = await self._workers.run(pages_of, path)
        digest = await self._files.take(path)
        return await self._kept(MediaItem(digest=digest, mime=PDF, width=0, height=0, size=size, pages=pages), None)

    async def _kept(self, item: MediaItem, poster: MediaItem | None) -> Brought:
        """The facts that count are those that were kept first."""
        now = self._clock.now()
        if poster is not None:
            await self._store.write(lambda tx: tx.media.put(poster, at=now))
        await self._store.write(lambda tx: tx.media.put(item, at=now, poster=poster.digest if poster else None))
        return Brought(item=item, poster=poster)


def _looked_at(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return file.read(HEAD), path.stat().st_size


def _let_go(file: IO[bytes], path: Path) -> None:
    file.close()
    path.unlink(missing_ok=True)


def too_large(size: int) -> InvalidInput:
    """A file nobody reads to its end."""
    msg = f"This file has {size / 1e6:,.0f} MB; {MAX_BYTES // 1_000_000} MB is the most."
    return _no_use(msg, "Upload a smaller one.")


def _no_use(message: str, next_step: str) -> InvalidInput:
    return InvalidInput(message, next_step=next_step, field="upload")


def _full(error: OSError) -> NeedsOperator:
    msg = f"The file can't be received: {error.strerror}."
    return NeedsOperator(msg, next_step="Check the data folder, its permissions and the disk.")
