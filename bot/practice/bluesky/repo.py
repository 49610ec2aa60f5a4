"""Writes and reads records, with the promises a real PDS makes about repeats and swaps, and takes blobs in."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.bluesky import gates, lexicon
from bot.practice.bluesky.schema import FlawError
from bot.practice.bluesky.wire import XrpcError, asked, bad, demand, how_many, read_input, text_of
from bot.practice.composing import NewPost
from bot.practice.kinds import Json, Network
from bot.practice.media import Item, digest_of
from bot.practice.pictures import sniff
from bot.practice.videos import watch
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post

FRESH_FOR = timedelta(hours=1)
LARGEST = 52_428_800
"""Bytes of a blob that is no picture; a video that is larger goes by way of the video service."""
WRITE = frozenset({"repo", "collection"})
CHOICES = frozenset({"validate", "swapCommit"})


def _repo(world: World, body: Json) -> None:
    repo = text_of(body, "repo")
    if repo not in {world.identity.did, world.identity.bluesky_handle}:
        raise XrpcError(401, "AuthenticationRequired", "Authentication Required")
    if text_of(body, "collection") not in {lexicon.POST, gates.GATE}:
        raise bad(f"This practice server keeps posts and gates only ({lexicon.POST}, {gates.GATE})")
    swap = body.get("swapCommit")
    if swap is not None and swap != _head(world):
        raise bad(f"Commit was at {_head(world)}", "InvalidSwap")


def _head(world: World) -> str:
    return world.book.recall("commit") or ids.record_cid({"born": world.identity.did})


def _commit(world: World, what: str) -> Json:
    head = ids.record_cid({"before": _head(world), "what": what})
    world.book.remember("commit", head)
    return {"cid": head, "rev": ids.tid(world.now(), 0)}


def _uri(world: World, rkey: str) -> str:
    if not ids.is_tid(rkey):
        raise bad("Invalid record key for app.bsky.feed.post: it must be a TID", "InvalidRecord")
    return ids.at_uri(world.identity.did, rkey)


def _invalid(flaw: str, collection: str = lexicon.POST) -> XrpcError:
    return bad(f"Invalid {collection} record: {flaw}", "InvalidRecord")


def _checked(world: World, record: object) -> lexicon.Reading:
    try:
        reading = lexicon.read(record)
    except FlawError as flaw:
        raise _invalid(str(flaw)) from None
    for reference in reading.references:
        target = world.posts.find(Network.BLUESKY, reference.uri)
        if target is None or target.cid != reference.cid:
            raise _invalid(f"{reference.at} must name a record that exists, with its cid")
    for blob in reading.blobs:
        _blob(world, blob)
    return reading


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


def _new(world: World, uri: str, record: Json, reading: lexicon.Reading) -> NewPost:
    return NewPost(
        id=uri,
        text=reading.text,
        body=record,
        cid=ids.record_cid(record),
        created_at=world.now(),
        parent=reading.parent,
        root=reading.root,
        pictures=len(reading.blobs),
    )


def _write(world: World, old: Post | None, new: NewPost, reading: lexicon.Reading) -> Json:
    with world.book.together():
        if old is None:
            world.posts.add(new, network=Network.BLUESKY, author=world.identity.did)
        else:
            world.posts.rewrite(old, new)
        world.shelf.attach(Network.BLUESKY, [blob.cid for blob in reading.blobs], new.id)
        commit = _commit(world, new.cid)
    return {"uri": new.id, "cid": new.cid, "validationStatus": "valid", "commit": commit}


def _record(body: Json) -> Json:
    record = body["record"]
    if not isinstance(record, dict):
        raise bad("Input/record must be an object")
    return record


async def create(request: Request) -> Response:
    """Answer createRecord; an occupied record key is an internal error, as on the real server."""
    world = demand(request)
    body = await read_input(request, WRITE | {"record"}, CHOICES | {"rkey"})
    _repo(world, body)
    if body["collection"] == gates.GATE:
        raise bad("On this practice server gates are written with putRecord")
    record = _record(body)
    reading = _checked(world, record)
    rkey = body.get("rkey")
    if rkey is None:
        rkey = ids.tid(world.now(), world.posts.next_number())
    uri = _uri(world, str(rkey))
    if world.posts.find(Network.BLUESKY, uri) is not None:
        raise XrpcError(500, "InternalServerError", "Internal Server Error")
    return JSONResponse(_write(world, None, _new(world, uri, record, reading), reading))


async def put(request: Request) -> Response:
    """Answer putRecord: the same record again is no change, another one obeys swapRecord."""
    world = demand(request)
    body = await read_input(request, WRITE | {"record", "rkey"}, CHOICES | {"swapRecord"})
    _repo(world, body)
    uri, record = _uri(world, text_of(body, "rkey")), _record(body)
    if body["collection"] == gates.GATE:
        return JSONResponse(_put_gate(world, gates.gate_of(uri), record, body))
    reading = _checked(world, record)
    new = _new(world, uri, record, reading)
    post = world.posts.find(Network.BLUESKY, uri)
    if post is not None and post.cid == new.cid:
        return JSONResponse({"uri": uri, "cid": new.cid, "validationStatus": "valid"})
    _swapped(body, None if post is None else post.cid)
    return JSONResponse(_write(world, post, new, reading))


def _swapped(body: Json, stored: str | None) -> None:
    if "swapRecord" in body and body["swapRecord"] != stored:
        raise bad(f"Record was at {stored}", "InvalidSwap")


def _put_gate(world: World, uri: str, record: Json, body: Json) -> Json:
    try:
        gate = gates.read(record, uri)
    except FlawError as flaw:
        raise _invalid(str(flaw), gates.GATE) from None
    old, cid = gates.find(world.book, uri), ids.record_cid(gate)
    if old is not None and old.cid == cid:
        return {"uri": uri, "cid": cid, "validationStatus": "valid"}
    _swapped(body, None if old is None else old.cid)
    with world.book.together():
        gates.keep(world.book, uri, gate)
        commit = _commit(world, cid)
    return {"uri": uri, "cid": cid, "validationStatus": "valid", "commit": commit}


async def delete(request: Request) -> Response:
    """Answer deleteRecord: gone is gone, however often it is asked."""
    world = demand(request)
    body = await read_input(request, WRITE | {"rkey"}, frozenset({"swapRecord", "swapCommit"}))
    _repo(world, body)
    uri = ids.at_uri(world.identity.did, text_of(body, "rkey"))
    if body["collection"] == gates.GATE:
        gates.drop(world.book, gates.gate_of(uri))
        return JSONResponse({"commit": _commit(world, f"delete {gates.gate_of(uri)}")})
    post = world.posts.find(Network.BLUESKY, uri)
    if post is None:
        return JSONResponse({})
    swap = body.get("swapRecord")
    if swap is not None and swap != post.cid:
        raise bad(f"Record was at {post.cid}", "InvalidSwap")
    with world.book.together():
        world.posts.delete(post)
        commit = _commit(world, f"delete {uri}")
    return JSONResponse({"commit": commit})


def _did(world: World, repo: str) -> str:
    for person in world.people.values():
        if repo in {person.did, person.bluesky_handle}:
            return person.did
    raise bad(f"Could not find repo: {repo}", "RepoNotFound")


async def get(request: Request) -> Response:
    """Answer getRecord, for anyone's record."""
    world = world_of(request)
    collection, rkey = asked(request, "collection"), asked(request, "rkey")
    uri = f"at://{_did(world, asked(request, 'repo'))}/{collection}/{rkey}"
    cid = request.query_params.get("cid")
    found = _stored(world, uri)
    if found is None or (cid and cid != found["cid"]):
        raise bad(f"Could not locate record: {uri}", "RecordNotFound")
    return JSONResponse(found)


def _stored(world: World, uri: str) -> Json | None:
    gate = gates.find(world.book, uri)
    if gate is not None:
        return {"uri": uri, "cid": gate.cid, "value": gate.value}
    post = world.posts.find(Network.BLUESKY, uri)
    return None if post is None else {"uri": post.id, "cid": post.cid, "value": post.body}


async def list_records(request: Request) -> Response:
    """Answer listRecords, highest record key first, or lowest first when reversed."""
    world = world_of(request)
    did, collection = _did(world, asked(request, "repo")), asked(request, "collection")
    posts = world.posts.of_author(Network.BLUESKY, did) if collection == lexicon.POST else []
    backwards = request.query_params.get("reverse") == "true"
    posts.sort(key=lambda post: ids.rkey_of(post.id), reverse=not backwards)
    cursor = request.query_params.get("cursor")
    if cursor:
        posts = [
            post for post in posts if (ids.rkey_of(post.id) > cursor) is backwards and ids.rkey_of(post.id) != cursor
        ]
    shown = posts[: how_many(request)]
    answer: Json = {"records": [{"uri": post.id, "cid": post.cid, "value": post.body} for post in shown]}
    if len(shown) < len(posts):
        answer["cursor"] = ids.rkey_of(shown[-1].id)
    return JSONResponse(answer)


async def upload(request: Request) -> Response:
    """Answer uploadBlob: the kind is what the bytes are, whatever the header says."""
    world = demand(request)
    content = await request.body()
    if not content:
        raise bad("Request body is empty")
    item = blob_of(content, request.headers.get("content-type", ""), world.now())
    most = LARGEST if item.mime == lexicon.VIDEO else lexicon.BLOB_BYTES
    if len(content) > most:
        message = f"This file is too large. It is {len(content)} bytes but the maximum size is {most}."
        raise bad(message, "BlobTooLarge")
    await asyncio.to_thread(world.shelf.keep, item, content)
    return JSONResponse({"blob": drawn(item)})


def drawn(item: Item) -> Json:
    """A blob as records refer to it."""
    return {"$type": "blob", "ref": {"$link": item.id}, "mimeType": item.mime, "size": item.size}


def blob_of(content: bytes, claimed: str, now: datetime, polls: int = 0) -> Item:
    """A blob of these bytes: its kind is what they are, or else what was claimed."""
    picture = sniff(content) or watch(content)
    plain = claimed.partition(";")[0].strip() or "application/octet-stream"
    if picture is None and plain.startswith(("image/", "video/")):
        plain = "application/octet-stream"
    return Item(
        network=Network.BLUESKY,
        id=ids.blob_cid(content),
        digest=digest_of(content),
        mime=plain if picture is None else picture.mime,
        size=len(content),
        width=0 if picture is None else picture.width,
        height=0 if picture is None else picture.height,
        alt="",
        focus="",
        created_at=now,
        polls=polls,
    )


async def show_blob(request: Request) -> Response:
    """Answer getBlob."""
    world = world_of(request)
    item = world.shelf.find(Network.BLUESKY, asked(request, "cid"))
    content = None if item is None else await asyncio.to_thread(world.shelf.content, item.digest)
    if item is None or content is None:
        raise bad("Blob not found", "BlobNotFound")
    return Response(content, media_type=item.mime, headers={"content-security-policy": "default-src 'none'; sandbox"})
