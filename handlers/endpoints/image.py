"""A draft's picture: put in place, or taken away."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from handlers.views.forms import image_form
from services.domain.errors import InvalidInput
from services.domain.ids import Digest
from services.images.intake import MAX_BYTES

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form
    from services.domain.media import MediaItem

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DATA_URL: Final = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,", re.IGNORECASE)


async def image(call: Call) -> Replies:
    """Use a picture with every text of the draft."""
    item = await _picture(call)
    return call.update(
        await call.services.illustration.attach(call.request.actor, call.button.ref, item, call.text("alt"))
    )


async def remove_image(call: Call) -> Replies:
    """Publish without a picture."""
    return call.update(await call.services.illustration.remove(call.request.actor, call.button.ref))


async def ask_picture(call: Call) -> Form:
    """Which picture."""
    return image_form(call.button)


async def _picture(call: Call) -> MediaItem:
    """The uploaded file, the digest of one, or a data: URL; raises `InvalidInput` (field "upload")."""
    value = (call.request.fields or {}).get("upload", "")
    if isinstance(value, bytes):
        if not value:
            raise _missing()
        return await call.services.pictures.accept(value)
    given = value.strip()
    if not given:
        raise _missing()
    if head := _DATA_URL.match(given):
        return await call.services.pictures.accept(_decoded(given[head.end() :]))
    digest = given.removeprefix("/api/media/")
    item = (
        await call.services.store.read(lambda tx: tx.media.get(Digest(digest))) if _DIGEST.fullmatch(digest) else None
    )
    if item is None:
        raise InvalidInput(
            "There is no uploaded picture with this digest.",
            next_step="Upload it to /api/media first and give the digest from the answer.",
            field="upload",
        )
    return item


def _decoded(text: str) -> bytes:
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        msg = f"This picture is larger than {MAX_BYTES // 1_000_000} MB."
        raise InvalidInput(msg, next_step="Upload a smaller picture.", field="upload")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("This data: URL is damaged.", next_step="Encode the file again.", field="upload") from None


def _missing() -> InvalidInput:
    return InvalidInput("A picture is missing.", next_step="Choose a PNG, JPEG, WebP or GIF.", field="upload")
