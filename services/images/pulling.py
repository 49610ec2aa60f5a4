"""Single pictures and videos at addresses nobody can guess, for networks that fetch what they are to show."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.content.structured import is_loopback
from services.domain.errors import NotFound, Refused
from services.domain.ids import Digest
from services.domain.media import MediaItem, PictureSize
from services.images.fit import fit_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.ports.clock import Clock
    from services.ports.media import MediaFiles, PictureHost
    from services.ports.storage import Store
    from services.ports.workers import Workers

PULLED: Final = "/pulled/"
"""Where the pictures are served, below the desk's address; no key is asked for there."""
LIFE: Final = timedelta(hours=3)
"""How long an address is good: networks fetch within seconds, and are promised an hour."""
JPEG: Final = "image/jpeg"
CONVERTED: Final = frozenset({"image/png", "image/webp"})
"""What can become a JPEG without anybody seeing it; of an animation only one frame would be left."""
_JPEG_BYTES: Final = 8_000_000
_TIME: Final = 6
_MAC: Final = 16
_DIGEST: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledPictures:
    """Gives addresses out and takes them back; every process with the same key understands the others'."""

    store: Store
    files: MediaFiles
    clock: Clock
    workers: Workers
    key: bytes = field(repr=False)
    public_url: str
    """Where people and networks out there reach the desk; empty when they can't."""
    local_url: str
    """Where programs on this machine reach it."""

    def host(self, base_url: str) -> PictureHost | None:
        """See `PictureHosts.host`: networks take https only, a server on this machine the local address."""
        if is_loopback(base_url):
            return _Host(pulled=self, root=self.local_url.rstrip("/"))
        public = self.public_url.startswith("https://")
        return _Host(pulled=self, root=self.public_url.rstrip("/")) if public else None

    def token(self, digest: Digest) -> str:
        """What opens one picture until `LIFE` from now."""
        ends = int((self.clock.now() + LIFE).timestamp())
        told = ends.to_bytes(_TIME, "big") + bytes.fromhex(digest)
        return base64.urlsafe_b64encode(told + self._mac(told)).decode().rstrip("=")

    async def find(self, token: str) -> MediaItem:
        """The file of an address; raises `NotFound` for one that ended, was made up, or shows none."""
        digest = self._digest(token)
        item = await self.store.read(lambda tx: tx.media.get(digest)) if digest is not None else None
        if item is None:
            raise NotFound("There is no such picture.")
        return item

    def _digest(self, token: str) -> Digest | None:
        try:
            whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        told, mac = whole[:-_MAC], whole[-_MAC:]
        if len(told) != _TIME + _DIGEST or not hmac.compare_digest(mac, self._mac(told)):
            return None
        ends = int.from_bytes(told[:_TIME], "big")
        return Digest(told[_TIME:].hex()) if self.clock.now().timestamp() < ends else None

    def _mac(self, told: bytes) -> bytes:
        return hmac.digest(self.key, told, "sha256")[:_MAC]

    async def as_jpeg(self, item: MediaItem) -> MediaItem:
        """The same picture as a JPEG of the same size, kept like any other."""
        size = PictureSize(width=item.width, height=item.height)
        data = await self.files.get(item.digest)
        made = await self.workers.run(fit_picture, data, size, _JPEG_BYTES, png=False)
        digest = await self.files.put(made)
        jpeg = MediaItem(digest=digest, mime=JPEG, width=item.width, height=item.height, size=len(made))
        now = self.clock.now()
        await self.store.write(lambda tx: tx.media.put(jpeg, at=now))
        return jpeg


@dataclass(frozen=True, slots=True, kw_only=True)
class _Host:
    """`PictureHost` under one address of the desk."""

    pulled: PulledPictures
    root: str

    async def address(self, item: MediaItem, types: Sequence[str]) -> str:
        """See `PictureHost.address`."""
        if item.mime not in types:
            if JPEG not in types or item.mime not in CONVERTED:
                raise Refused(
                    f"The network does not take {item.mime}.",
                    fix="Use a JPEG or PNG picture, or an MP4 video.",
                )
            item = await self.pulled.as_jpeg(item)
        return f"{self.root}{PULLED}{self.pulled.token(item.digest)}"
