"""From a payload to a message: everything Discord checks when an app sends or edits one, whichever way it comes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.fakes.discord import mentions
from tests.fakes.discord.basics import (
    COMPONENTS_V2,
    EPHEMERAL,
    HAS_THREAD,
    LOADING,
    REQUEST_BYTES,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    UPLOAD_BYTES,
    ApiError,
    Json,
    Path,
    Problem,
    length,
    out_of_length,
    refuse,
    walk,
)
from tests.fakes.discord.components import TEXT, media_of, message_problems, numbered
from tests.fakes.discord.model import Attachment, Message
from tests.fakes.discord.world import World

CONTENT_MOST: Final = 2000
EMBEDS_MOST: Final = 10
EMBED_CHARACTERS: Final = 6000
FILES_MOST: Final = 10
SETTABLE: Final = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL
_EMBED: Final = {"title": 256, "description": 4096}
_SAYING: Final = frozenset({"content", "components", "embeds"})
_SCHEME: Final = "attachment://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file of a multipart call; `number` is what `attachments` call it by."""

    number: str
    filename: str
    content: bytes


@dataclass(kw_only=True)
class Sent:
    """What came in, and the call it came with, for complaints."""

    body: Json
    uploads: list[Upload]
    where: str


def fill(world: World, message: Message, sent: Sent, *, fresh: bool) -> Message:
    """Give a message what was sent, or raise; `fresh` when it is not an edit, so that it rings."""
    body = sent.body
    kept = _flags(message, body)
    files = _files(world, message, sent)
    content = str(body.get("content") or "") if "content" in body else message.content
    embeds = list(body.get("embeds") or []) if "embeds" in body else message.embeds
    parts = body.get("components")
    components = copy.deepcopy(parts or []) if "components" in body else message.components
    v2 = bool(kept & COMPONENTS_V2)
    refuse(_problems(body, content=content, embeds=embeds, components=components, v2=v2))
    if not any((content.strip(), embeds, components, files)):
        raise ApiError(400, 50006, "Cannot send an empty message")
    components, embeds = numbered(components), copy.deepcopy(embeds)
    refuse(_point(components, embeds, files))
    _check_mentions(world, sent, message)
    message.content, message.embeds, message.components, message.attachments = content, embeds, components, files
    message.flags = kept & ~LOADING
    _mention(world, message, body, fresh=fresh)
    _unseen(world, message)
    return message


def _flags(message: Message, body: Json) -> int:
    if body.get("flags") is None:
        return message.flags
    asked = int(body["flags"])
    if asked & ~SETTABLE:
        words = f"These flags can't be set: {asked & ~SETTABLE}."
        refuse([Problem(path=("flags",), code="MESSAGE_INVALID_FLAGS", message=words)])
    if message.v2 and not asked & COMPONENTS_V2:
        words = "The flag for components can't be removed from a message."
        refuse([Problem(path=("flags",), code="MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", message=words)])
    return asked & ~EPHEMERAL | message.flags & (EPHEMERAL | LOADING | HAS_THREAD)


def _problems(body: Json, *, content: str, embeds: list[Json], components: list[Json], v2: bool) -> Iterator[Problem]:
    yield from length(content, ("content",), 0, CONTENT_MOST)
    yield from _embed_problems(embeds)
    yield from mentions.problems(body.get("allowed_mentions") or {})
    if v2:
        for field, value in (("content", content), ("embeds", embeds), ("poll", body.get("poll"))):
            if value:
                words = f"The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                yield Problem(path=(field,), code=code, message=words)
    yield from message_problems(components, v2=v2)


def _embed_problems(embeds: list[Json]) -> Iterator[Problem]:
    if len(embeds) > EMBEDS_MOST:
        yield out_of_length(("embeds",), len(embeds), 0, EMBEDS_MOST)
    total = 0
    for number, embed in enumerate(embeds):
        path: Path = ("embeds", number)
        fields = embed.get("fields") or []
        if len(fields) > 25:
            yield out_of_length((*path, "fields"), len(fields), 0, 25)
        texts: list[tuple[Path, str, int]] = [
            ((*path, name), str(embed.get(name) or ""), most) for name, most in _EMBED.items()
        ]
        for place, field in enumerate(fields):
            where = (*path, "fields", place)
            texts += [((*where, "name"), str(field["name"]), 256), ((*where, "value"), str(field["value"]), 1024)]
        footer = str((embed.get("footer") or {}).get("text") or "")
        texts.append(((*path, "footer", "text"), footer, 2048))
        for where, text, most in texts:
            yield from length(text, where, 0, most)
            total += len(text)
    if total > EMBED_CHARACTERS:
        words = f"Embed size exceeds maximum size of {EMBED_CHARACTERS}"
        yield Problem(path=("embeds",), code="MAX_EMBED_SIZE_EXCEEDED", message=words)


# Files


def _files(world: World, message: Message, sent: Sent) -> list[Attachment]:
    """The files the message has afterwards: of the old ones those that are listed, or all when nothing is."""
    listed: list[Any] | None = sent.body.get("attachments")
    sizes = [len(upload.content) for upload in sent.uploads]
    if max(sizes, default=0) > UPLOAD_BYTES or sum(sizes) > REQUEST_BYTES:
        raise ApiError(413, 40005, "Request entity too large")
    entries = {str(entry.get("id")): entry for entry in listed or []}
    old = [file for file in message.attachments if listed is None or file.id in entries]
    known = {file.id for file in old} | {upload.number for upload in sent.uploads}
    refuse(_entry_problems(list(listed or []), known))
    new = []
    for upload in sent.uploads:
        entry = entries.get(upload.number, {})
        name = str(entry.get("filename") or upload.filename)
        made = world.new_file(name, upload.content, description=entry.get("description"), ephemeral=message.ephemeral)
        new.append(world.keep(made, message.channel))
    for file in old:
        if file.id in entries and "description" in entries[file.id]:
            file.description = entries[file.id]["description"]
    if len(old) + len(new) > FILES_MOST:
        refuse([out_of_length(("attachments",), len(old) + len(new), 0, FILES_MOST)])
    return [*old, *new]


def _entry_problems(listed: list[Any], known: set[str]) -> Iterator[Problem]:
    for number, entry in enumerate(listed):
        if str(entry.get("id")) not in known:
            words = f"Attachment not found: {entry.get('id')}"
            yield Problem(path=("attachments", number, "id"), code="ATTACHMENT_NOT_FOUND", message=words)
        if entry.get("description") is not None:
            yield from length(entry["description"], ("attachments", number, "description"), 0, 1024)


def _point(components: list[Json], embeds: list[Json], files: list[Attachment]) -> Iterator[Problem]:
    """Let references to files of the message point to their addresses; complain of those that point nowhere."""
    named = {file.filename: file for file in files}
    there = {file.id for file in files}
    pictures = [embed[field] for embed in embeds for field in ("image", "thumbnail") if embed.get(field)]
    for media in [*(media for media, _ in media_of(components)), *pictures]:
        url = str(media["url"])
        file = named.get(url.removeprefix(_SCHEME)) if url.startswith(_SCHEME) else None
        if file is not None:
            about = {"proxy_url": file.url, "content_type": file.content_type, "loading_state": 2}
            media |= {"url": file.url, "attachment_id": file.id, "flags": 0, **about}
        elif url.startswith(_SCHEME) or media.get("attachment_id") not in {None, *there}:
            words = f"The referenced attachment was not found: {url}"
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            yield Problem(path=("components",), code=code, message=words)


def _unseen(world: World, message: Message) -> None:
    """In a message of components files show only where a component shows them."""
    if message.v2:
        shown = {media["url"] for media, _ in media_of(message.components)}
        for file in message.attachments:
            if file.url not in shown:
                world.note(f"message {message.id} in {message.channel}: nothing shows its file {file.filename}")


# Mentions


def _check_mentions(world: World, sent: Sent, message: Message) -> None:
    if _SAYING & sent.body.keys():
        why = mentions.open_to_anything(sent.body.get("allowed_mentions"))
        if why and message.channel not in world.loud_allowed:
            world.note(f"{sent.where}: the payload {why}")


def _mention(world: World, message: Message, body: Json, *, fresh: bool) -> None:
    parts = [str(node.get("content") or "") for node in walk(message.components) if node.get("type") == TEXT]
    text = "\n".join([message.content, *parts])
    message.mentions = [world.users[one] for one in mentions.named(text) if one in world.users]
    if not fresh or message.ephemeral:
        return
    guild = world.guild_of(world.channels[message.channel])
    roles = guild.roles if guild else {}
    allowed = body.get("allowed_mentions")
    message.pinged = mentions.rings(text, allowed, lambda one: one in roles and roles[one].mentionable)
    answered = world.find(message.channel, message.reply_to or "")
    if answered is not None and (allowed is None or allowed.get("replied_user")):
        message.pinged.add(answered.author.id)
