"""Writes and reads records, with the promises a real PDS makes about repeats and swaps, and takes blobs in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.bluesky import lexicon, records
from bot.practice.bluesky.schema import FlawError, thing
from bot.practice.bluesky.wire import XrpcError, asked, bad, demand, how_many, read_input, text_of
from bot.practice.kinds import Network
from bot.practice.media import Item, digest_of
from bot.practice.pictures import sniff
from bot.practice.videos import watch
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from bot.practice.kinds import Json

LARGEST = 52_428_800
"""Bytes of a blob that is no picture; a video that is larger goes by way of the video service."""
MOST_WRITES = 200
WRITE = frozenset({"repo", "collection"})
CHOICES = frozenset({"validate", "swapCommit"})
BATCH = "com.atproto.repo.applyWrites#"


def _repo(world: World, body: Json) -> None:
    repo = text_of(body, "repo")
    if repo not in {world.identity.did, world.identity.bluesky_handle}:
        raise XrpcError(401, "AuthenticationRequired", "Authentication Required")
    swap = body.get("swapCommit")
    if swap is not None and swap != _head(world):
        raise bad(f"Commit was at {_head(world)}", "InvalidSwap")


def _head(world: World) -> str:
    return world.book.recall("commit") or ids.record_cid({"born": world.identity.did})


def _commit(world: World, what: str) -> Json:
    head = ids.record_cid({"before": _head(world), "what": what})
    world.book.remember("commit", head)
    return {"cid": head, "rev": ids.tid(world.now(), 0)}


def _place(world: World, body: Json) -> tuple[str, str]:
    collection = text_of(body, "collection")
    return collection, records.uri_of(world, collection, text_of(body, "rkey"))


def _drawn(sound: records.Sound) -> Json:
    return {"uri": sound.uri, "cid": sound.cid, "validationStatus": "valid"}


def _broken() -> XrpcError:
    """What the real server says of a create where something is, and of an update or delete where nothing is."""
    return XrpcError(500, "InternalServerError", "Internal Server Error")


def _make(world: World, body: Json, value: object) -> records.Sound:
    """Create a record; one that has no key gets the next."""
    rkey = body.get("rkey")
    key = ids.tid(world.now(), world.posts.next_number()) if rkey is None else rkey
    collection, uri = _place(world, {**body, "rkey": key})
    sound = records.read(world, collection, uri, value)
    if records.find(world, uri) is not None:
        raise _broken()
    records.keep(world, sound)
    return sound


async def create(request: Request) -> Response:
    """Answer createRecord; an occupied record key is an internal error, as on the real server."""
    world = demand(request)
    body = await read_input(request, WRITE | {"record"}, CHOICES | {"rkey"})
    _repo(world, body)
    with world.book.together():
        made = _make(world, body, body["record"])
        commit = _commit(world, made.cid)
    return JSONResponse({**_drawn(made), "commit": commit})


async def put(request: Request) -> Response:
    """Answer putRecord: the same record again is no change, another one obeys swapRecord."""
    world = demand(request)
    body = await read_input(request, WRITE | {"record", "rkey"}, CHOICES | {"swapRecord"})
    _repo(world, body)
    collection, uri = _place(world, body)
    sound = records.read(world, collection, uri, body["record"])
    old = records.find(world, uri)
    if old is not None and old.cid == sound.cid:
        return JSONResponse(_drawn(sound))
    stored = None if old is None else old.cid
    if "swapRecord" in body and body["swapRecord"] != stored:
        raise bad(f"Record was at {stored}", "InvalidSwap")
    with world.book.together():
        records.keep(world, sound)
        commit = _commit(world, sound.cid)
    return JSONResponse({**_drawn(sound), "commit": commit})


async def delete(request: Request) -> Response:
    """Answer deleteRecord: gone is gone, however often it is asked."""
    world = demand(request)
    body = await read_input(request, WRITE | {"rkey"}, frozenset({"swapRecord", "swapCommit"}))
    _repo(world, body)
    _, uri = _place(world, body)
    old = records.find(world, uri)
    if old is None:
        return JSONResponse({})
    swap = body.get("swapRecord")
    if swap is not None and swap != old.cid:
        raise bad(f"Record was at {old.cid}", "InvalidSwap")
    with world.book.together():
        records.drop(world, uri)
        commit = _commit(world, f"delete {uri}")
    return JSONResponse({"commit": commit})


async def apply_writes(request: Request) -> Response:
    """Answer applyWrites: one commit for all of them or for none."""
    world = demand(request)
    body = await read_input(request, frozenset({"repo", "writes"}), CHOICES)
    _repo(world, body)
    writes = body["writes"]
    if not isinstance(writes, list):
        raise bad("Input/writes must be an array")
    if len(writes) > MOST_WRITES:
        raise bad(f"Too many writes. Max: {MOST_WRITES}")
    with world.book.together():
        results = [_apply(world, one, f"Input/writes/{turn}") for turn, one in enumerate(writes)]
        commit = _commit(world, str(results))
    return JSONResponse({"commit": commit, "results": results})


def _apply(world: World, write: object, at: str) -> Json:
    kind = str(write.get("$type") if isinstance(write, dict) else "").removeprefix(BATCH)
    if kind not in {"create", "update", "delete"}:
        raise bad(f"{at} must be a create, an update or a delete")
    needed = frozenset({"$type", "collection"} | ({"rkey"} if kind != "create" else set()))
    value = frozenset({"value"} if kind != "delete" else ())
    try:
        told = thing(write, at, needed | value, frozenset({"rkey"}) - needed)
    except FlawError as flaw:
        raise bad(str(flaw)) from None
    result = f"{BATCH}{kind}Result"
    if kind == "create":
        return {"$type": result, **_drawn(_make(world, told, told["value"]))}
    collection, uri = _place(world, told)
    if records.find(world, uri) is None:
        raise _broken()
    if kind == "delete":
        records.drop(world, uri)
        return {"$type": result}
    sound = records.read(world, collection, uri, told["value"])
    records.keep(world, sound)
    return {"$type": result, **_drawn(sound)}


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
    found = records.find(world, uri)
    if found is None or (cid and cid != found.cid):
        raise bad(f"Could not locate record: {uri}", "RecordNotFound")
    return JSONResponse({"uri": uri, "cid": found.cid, "value": found.value})


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
