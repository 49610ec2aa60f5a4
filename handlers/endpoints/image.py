"""A draft's picture, video or document: made, made again, brought, or taken away."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from handlers.request import Open
from handlers.views.actions import Verb, action_for
from handlers.views.forms import image_form, style_form, upload_form
from services.access import Permission
from services.domain.errors import InvalidInput
from services.domain.ids import Digest
from services.domain.media import PictureStyle, PictureWish
from services.images.intake import MAX_BYTES
from services.media.intake import KINDS
from services.selection import nearest

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import FieldValue, Replies
    from handlers.views.form import Form
    from services.ledger import Snapshot
    from services.media.intake import Brought

_STYLES: Final = f"It can be {', '.join(PictureStyle)}."
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DATA_URL: Final = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,", re.IGNORECASE)


async def image(call: Call) -> Replies:
    """Make a picture as it was wished for, or use the one that was brought."""
    prompt, alt = call.text("prompt").strip(), call.text("alt")
    if _brought(call):
        if prompt:
            msg = "Either a picture is made as you wish, or your own is used; both were given."
            raise InvalidInput(msg, next_step="Empty the wish, or choose no file and no address.", field="upload")
        return await upload(call)
    if alt.strip() and not prompt:
        raise _missing()
    wish = PictureWish(prompt=prompt, style=_style(call.text("style")), alt=alt)
    return await _made(call, await call.services.illustration.begin(call.request.actor, call.button.ref, wish))


async def bring(call: Call) -> Replies:
    """By its number: show what lies at an address, or make what is wished for; with neither, ask."""
    await call.need(Permission.WRITE)
    number, command = call.draft_meant("image 12 https://example.com/picture.jpg"), call.command
    snapshot = await call.services.board.draft(number)
    if command is None or not (command.link or command.notes or command.picture):
        action = action_for(snapshot, Verb.IMAGE)
        return (Open(form=image_form(action, snapshot)),)
    actor, illustration = call.request.actor, call.services.illustration
    if command.link and command.picture:
        msg = "A style is for a picture that is made, and an address leads to one that is there."
        raise InvalidInput(msg, next_step="Leave one of them out.", field="style")
    if command.link:
        brought = await call.services.media.fetch(command.link)
        # It may have taken minutes: what is there by now gets it.
        snapshot = await call.services.board.draft(number)
        ref = action_for(snapshot, Verb.UPLOAD).ref
        return call.show(await illustration.attach(actor, ref, brought, command.notes))
    wish = PictureWish(prompt=command.notes, style=_style(command.picture), alt="")
    begun = await illustration.begin(actor, action_for(snapshot, Verb.IMAGE).ref, wish)
    return call.show(await _painted(call, begun))


async def another(call: Call) -> Replies:
    """Another take of the picture there is."""
    return await _made(call, await call.services.illustration.another(call.request.actor, call.button.ref))


async def style(call: Call) -> Replies:
    """The same picture in another style."""
    wanted = _style(call.text("style"))
    if wanted is None:
        raise InvalidInput("Which style?", next_step=_STYLES, field="style")
    begun = await call.services.illustration.another(call.request.actor, call.button.ref, style=wanted)
    return await _made(call, begun)


async def _made(call: Call, begun: Snapshot) -> Replies:
    """Let the painter work in the background and wait as long as the caller does; the card tells the rest."""
    return call.update(await _painted(call, begun))


async def _painted(call: Call, begun: Snapshot) -> Snapshot:
    work = call.services.illustration.make(call.request.actor, begun.draft.id)
    return await call.through(work, begun.draft.id, name="picture")


async def upload(call: Call) -> Replies:
    """Use somebody's own picture, video or document with every text whose network takes it."""
    await call.need(Permission.WRITE)
    brought = await _media(call)
    illustration = call.services.illustration
    return call.update(await illustration.attach(call.request.actor, call.button.ref, brought, call.text("alt")))


async def remove_image(call: Call) -> Replies:
    """Publish without a picture, video or document."""
    return call.update(await call.services.illustration.remove(call.request.actor, call.button.ref))


async def ask_picture(call: Call) -> Form:
    """Which picture."""
    return image_form(call.button, await call.services.board.draft(call.button.draft_id))


async def ask_style(call: Call) -> Form:
    """Which style."""
    return style_form(call.button, await call.services.board.draft(call.button.draft_id))


async def ask_upload(call: Call) -> Form:
    """Which file."""
    return upload_form(call.button)


def _style(said: str) -> PictureStyle | None:
    """The style asked for; raises `InvalidInput` (field "style") for a word that is none."""
    word = said.strip().casefold()
    if not word:
        return None
    if word in set(PictureStyle):
        return PictureStyle(word)
    near = nearest(word, list(PictureStyle))
    hint = f"Did you mean {near}?" if near else _STYLES
    raise InvalidInput(f"There is no style “{word[:40]}”.", next_step=hint, field="style")


def _brought(call: Call) -> bool:
    """Whether a file, its digest, a data: URL or an address was given."""
    return bool(_uploaded(call) or call.text("link").strip())


def _uploaded(call: Call) -> FieldValue:
    value = (call.request.fields or {}).get("upload", "")
    return value.strip() if isinstance(value, str) else value


async def _media(call: Call) -> Brought:
    """The file, the digest of one, a data: URL, or what an address leads to; raises `InvalidInput` with the field."""
    given, link = _uploaded(call), call.text("link").strip()
    if given and link:
        msg = "A file and an address were given; one of them is enough."
        raise InvalidInput(msg, next_step="Empty the address, or choose no file.", field="link")
    if link:
        return await call.services.media.fetch(link)
    if not given:
        raise _missing()
    if not isinstance(given, str):
        return await call.services.media.accept(given)
    if head := _DATA_URL.match(given):
        return await call.services.media.accept(_decoded(given[head.end() :]))
    digest = given.removeprefix("/api/media/")
    found = await call.services.media.find(Digest(digest)) if _DIGEST.fullmatch(digest) else None
    if found is None:
        raise InvalidInput(
            "There is no uploaded file with this digest.",
            next_step="Upload it to /api/media first and give the digest from the answer.",
            field="upload",
        )
    return found


def _decoded(text: str) -> bytes:
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        msg = f"This data: URL holds more than {MAX_BYTES // 1_000_000} MB."
        raise InvalidInput(msg, next_step="Upload the file to /api/media and give its digest.", field="upload")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("This data: URL is damaged.", next_step="Encode the file again.", field="upload") from None


def _missing() -> InvalidInput:
    return InvalidInput("A file is missing.", next_step=f"Choose a {KINDS}, or give its address.", field="upload")
