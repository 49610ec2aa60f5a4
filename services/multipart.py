"""A form with files as the bytes of a request, made while they are sent, so that a large file is never held whole."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services.domain.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.ports.http import Upload

_PIECE: Final = 256 * 1024
"""Bytes read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipart:
    """One body; `stream` may be asked for more than once."""

    form: Sequence[tuple[str, str]]
    uploads: Sequence[Upload]
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def content_type(self) -> str:
        """What the header says."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """Bytes of the whole."""
        fields = sum(len(self._field(name, value)) for name, value in self.form)
        files = sum(len(self._head(upload)) + upload.length + 2 for upload in self.uploads)
        return fields + files + len(self._end)

    async def stream(self) -> AsyncIterator[bytes]:
        """The bytes, in pieces."""
        for name, value in self.form:
            yield self._field(name, value)
        for upload in self.uploads:
            yield self._head(upload)
            if upload.pieces is None:
                yield upload.data
            else:
                for start in range(0, upload.size, _PIECE):
                    wanted = min(_PIECE, upload.size - start)
                    piece = await upload.pieces(start, wanted)
                    if len(piece) != wanted:
                        raise NotFound("The file is shorter than it was when it came.")
                    yield piece
            yield b"\r\n"
        yield self._end

    def _field(self, name: str, value: str) -> bytes:
        head = f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        return f"{head}\r\n\r\n{value}\r\n".encode()

    def _head(self, upload: Upload) -> bytes:
        names = f'name="{_quoted(upload.name)}"; filename="{_quoted(upload.filename)}"'
        return (
            f"--{self.boundary}\r\nContent-Disposition: form-data; {names}\r\nContent-Type: {upload.mime}\r\n\r\n"
        ).encode()

    @property
    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """A name as the HTML standard writes it within quotes."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
