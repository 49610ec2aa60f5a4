"""A draft's picture, video or document: made, made again, brought, or taken away."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from handlers.endpoints.draft import as_shown
from handlers.problems import of_several
from handlers.request import Open
from handlers.views.actions import Verb, action_for
from handlers.views.forms import MOST_FILES, arrange_form, image_form, style_form, upload_form
from services.access import Permission
from services.domain.errors import InvalidInput
from services.domain.ids import Digest
from services.domain.media import PictureStyle, PictureWish
from services.images.intake import KINDS, MAX_BYTES
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from handlers.desk import Call
    from handlers.grammar import Linked
    from handlers.request import Replies
    from handlers.views.form import Form
    from services.ledger import Snapshot
    from services.media.intake import Brought

_STYLES: Final = f"It can be {', '.join(PictureStyle)}."
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ORDER: Final = re.compile(r"\s*\d{1,3}(?:[\s,;]+\d{1,3})*[\s,;]*")
_NUMBER: Final = re.compile(r"\d+")
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
    """By its number: show what lies at addresses, or make what is wished for; with neither, ask."""
    await call.need(Permission.WRITE)
    number, command = call.draft_meant("image 12 https://example.com/picture.jpg"), call.command
    snapshot = await call.services.board.draft(number)
    if command is None or not (command.links or command.notes or command.picture):
        action = action_for(snapshot, Verb.IMAGE)
        return (Open(form=image_form(action, snapshot)),)
    actor, illustration = call.request.actor, call.services.illustration
    if command.links and command.picture:
        msg = "A style is for a picture that is made, and an address leads to one that is there."
        raise InvalidInput(msg, next_step="Leave one of them out.", field="style")
    if command.links:
        brought = await _fetched(call, command.links)
        # It may have taken minutes: what is there by now gets it.
        snapshot = await call.services.board.draft(number)
        ref = action_for(snapshot, Verb.UPLOAD).ref
        return call.show(await illustration.attach(actor, ref, brought, [one.words for one in command.links]))
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
    """Add somebody's own pictures, videos or document to every text whose network takes them."""
    await call.need(Permission.WRITE)
    given, link = _uploaded(call), call.text("link").strip()
    if given and link:
        msg = "A file and an address were given; one of them is enough."
        raise InvalidInput(msg, next_step="Empty the address, or choose no file.", field="link")
    if not given and not link:
        raise _missing()
    _require_few(len(given), "files", "upload")
    alts = _alts(call.text("alt"), len(given))
    brought = [await call.services.media.fetch(link)] if link else await _accepted(call, given)
    illustration = call.services.illustration
    return call.update(await illustration.attach(call.request.actor, call.button.ref, brought, alts))


async def arrange(call: Call) -> Replies:
    """Show them in another order, or fewer of them."""
    said = call.text("order").strip()
    if not said or not _ORDER.fullmatch(said):
        msg = "Which should be shown?" if not said else f"“{said[:40]}” is no order."
        raise InvalidInput(msg, next_step="Write the numbers, like 2, 1, 3.", field="order")
    order = [int(number) for number in _NUMBER.findall(said)]
    return call.update(await call.services.illustration.arrange(call.request.actor, call.button.ref, order))


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


async def ask_arrange(call: Call) -> Form:
    """In which order."""
    return arrange_form(call.button, await as_shown(call))


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


def _uploaded(call: Call) -> tuple[str | bytes | Path, ...]:
    """The files, the digests of some, or data: URLs, in their order."""
    value = (call.request.fields or {}).get("upload", "")
    return tuple(value.split()) if isinstance(value, str) else value


def _alts(said: str, count: int) -> tuple[str, ...]:
    """The description; of several files one in each line, an empty one for none.

    Raises `InvalidInput` (field "alt") for more lines than files.
    """
    if count <= 1:
        return (said,)
    lines = tuple(said.rstrip().splitlines())
    if len(lines) > count:
        msg = f"There are {len(lines)} descriptions for {count} files."
        raise InvalidInput(msg, next_step="Write one in each line, in the order of the files.", field="alt")
    return lines


async def _accepted(call: Call, given: Sequence[str | bytes | Path]) -> list[Brought]:
    """All of them; raises `InvalidInput` that names which one can't be used, and then none is."""
    found: list[Brought] = []
    for number, one in enumerate(given, start=1):
        with of_several(number, len(given)):
            found.append(await _media(call, one))
    return found


async def _media(call: Call, given: str | bytes | Path) -> Brought:
    """A file, the digest of one, or a data: URL; raises `InvalidInput` (field "upload")."""
    if isinstance(given, str):
        return await _named(call, given)
    return await call.services.media.accept(given)


async def _named(call: Call, given: str) -> Brought:
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


async def _fetched(call: Call, links: Sequence[Linked]) -> list[Brought]:
    """What lies at all of them; raises `InvalidInput` (field "link") that names which can't be had."""
    _require_few(len(links), "addresses", "link")
    found: list[Brought] = []
    for number, one in enumerate(links, start=1):
        with of_several(number, len(links), what="Address", field="link"):
            found.append(await call.services.media.fetch(one.link))
    return found


def _require_few(count: int, what: str, field: str) -> None:
    if count > MOST_FILES:
        msg = f"There are {count} {what}; {MOST_FILES} at once is the most."
        raise InvalidInput(msg, next_step="Add the others afterwards.", field=field)


def _missing() -> InvalidInput:
    return InvalidInput("A file is missing.", next_step=f"Choose a {KINDS}, or give its address.", field="upload")
