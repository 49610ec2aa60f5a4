"""The records of the desk's own repository: posts, and the gates beside them; read strictly, kept by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.practice import ids
from bot.practice.bluesky import gates, lexicon
from bot.practice.bluesky.schema import FlawError
from bot.practice.bluesky.wire import XrpcError, bad
from bot.practice.composing import NewPost
from bot.practice.kinds import Json, Network

if TYPE_CHECKING:
    from bot.practice.media import Item
    from bot.practice.world import World

FRESH_FOR = timedelta(hours=1)
COLLECTIONS = (lexicon.POST, *gates.LEXICONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it is kept."""

    uri: str
    cid: str
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A record that passed all checks and may be kept; `reading` is what a post refers to, a gate has none."""

    uri: str
    cid: str
    value: Json
    reading: lexicon.Reading | None


def uri_of(world: World, collection: str, rkey: str) -> str:
    """Name a record; its key must be one the collection takes."""
    if collection not in COLLECTIONS:
        raise bad(f"This practice server keeps posts and gates only ({', '.join(COLLECTIONS)})")
    if not ids.is_tid(rkey):
        raise bad(f"Invalid record key for {collection}: it must be a TID", "InvalidRecord")
    return gates.beside(ids.at_uri(world.identity.did, rkey), collection)


def read(world: World, collection: str, uri: str, value: object) -> Sound:
    """Hold a record to its lexicon, and what it refers to to being there."""
    if not isinstance(value, dict):
        raise bad("Input/record must be an object")
    try:
        if collection in gates.LEXICONS:
            gate = gates.read(value, uri, collection)
            return Sound(uri=uri, cid=ids.record_cid(gate), value=gate, reading=None)
        reading = lexicon.read(value)
    except FlawError as flaw:
        raise _invalid(str(flaw), collection) from None
    for reference in reading.references:
        target = world.posts.find(Network.BLUESKY, reference.uri)
        if target is None or target.cid != reference.cid:
            raise _invalid(f"{reference.at} must name a record that exists, with its cid", collection)
    for blob in reading.blobs:
        _blob(world, blob)
    return Sound(uri=uri, cid=ids.record_cid(value), value=value, reading=reading)


def _invalid(flaw: str, collection: str) -> XrpcError:
    return bad(f"Invalid {collection} record: {flaw}", "InvalidRecord")


def stale(world: World, item: Item) -> bool:
    """Whether a blob is gone, because no record has shown it for too long."""
    return item.post is None and world.now() - item.created_at > FRESH_FOR


def _blob(world: World, use: lexicon.BlobUse) -> None:
    item = world.shelf.find(Network.BLUESKY, use.cid)
    if item is None or item.polls or stale(world, item):
        raise bad(f"Could not find blob: {use.cid}", "BlobNotFound")
    if item.mime != use.mime:
        message = f"Referenced Mimetype does not match stored mimetype. Expected: {item.mime}, Got: {use.mime}"
        raise bad(message, "InvalidMimeType")
    if item.size != use.size:
        raise bad(
            f"Referenced size does not match stored size. Expected: {item.size}, Got: {use.size}", "InvalidRecord"
        )
    if item.size > use.most:
        raise bad(
            f"This file is too large. It is {item.size} bytes but the maximum size is {use.most}.", "BlobTooLarge"
        )


def find(world: World, uri: str) -> Record | None:
    """The record of this name, whoever's it is."""
    gate = gates.find(world.book, uri)
    if gate is not None:
        return Record(uri=uri, cid=gate.cid, value=gate.value)
    post = world.posts.find(Network.BLUESKY, uri)
    return None if post is None else Record(uri=uri, cid=post.cid, value=post.body)


def keep(world: World, sound: Sound) -> None:
    """Write it, over the one before; whom a gate keeps out stays silent from then on."""
    if sound.reading is None:
        gates.keep(world.book, sound.uri, sound.value)
        root = str(sound.value["post"])
    else:
        _keep_post(world, sound, sound.reading)
        root = sound.reading.root or sound.uri
    if gates.keeps_out(world.book, root):
        world.posts.hush(Network.BLUESKY, root)


def _keep_post(world: World, sound: Sound, reading: lexicon.Reading) -> None:
    new = NewPost(
        id=sound.uri,
        text=reading.text,
        body=sound.value,
        cid=sound.cid,
        created_at=world.now(),
        parent=reading.parent,
        root=reading.root,
        pictures=len(reading.blobs),
    )
    old = world.posts.find(Network.BLUESKY, sound.uri)
    if old is None:
        world.posts.add(new, network=Network.BLUESKY, author=world.identity.did)
    else:
        world.posts.rewrite(old, new)
    world.shelf.attach(Network.BLUESKY, [blob.cid for blob in reading.blobs], new.id)


def drop(world: World, uri: str) -> None:
    """Take a record away; the gates beside a post stay, as on the real network."""
    gates.drop(world.book, uri)
    post = world.posts.find(Network.BLUESKY, uri)
    if post is not None:
        world.posts.delete(post)
