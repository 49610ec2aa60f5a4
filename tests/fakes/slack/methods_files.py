"""files.*: an upload in three steps, and a picture that is usable only later."""

from __future__ import annotations

from aiohttp import web

from tests.fakes.slack.api import Call, method
from tests.fakes.slack.basics import ApiError, Json, invalid
from tests.fakes.slack.blocks import check_message
from tests.fakes.slack.model import File
from tests.fakes.slack.world import World


def payload(world: World, file: File) -> Json:
    """A file as Slack writes it."""
    kind = file.mimetype
    shown = {"url_private": f"{world.base}/files/{file.id}"} if kind else {}
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": kind,
        "filetype": kind.rpartition("/")[2],
        "size": file.length,
        "user": file.owner,
        "alt_txt": file.alt,
        "channels": file.channels,
        **shown,
    }


def _file(world: World, identity: str) -> File:
    file = world.files.get(identity)
    if file is None:
        raise ApiError("file_not_found")
    return file


@method("files.getUploadURLExternal")
async def upload_url(world: World, call: Call) -> Json:
    """Step one: announce name and length."""
    try:
        length = int(call.text("length"))
    except ValueError:
        raise invalid("must be an integer [json-pointer:/length]") from None
    if length < 1:
        raise invalid("must be greater than 0 [json-pointer:/length]")
    file = File(
        id=world.new_id("F"),
        name=call.text("filename"),
        length=length,
        owner=world.bot.id,
        alt=str(call.args.get("alt_txt") or ""),
        polls_left=world.polls_until_ready,
    )
    world.files[file.id] = file
    return {"upload_url": f"{world.base}/upload/{file.id}", "file_id": file.id}


async def receive(world: World, request: web.Request) -> web.Response:
    """Step two: the bytes, raw or as a form, exactly as many as announced."""
    file = world.files.get(request.match_info["file"])
    if file is None or file.content is not None:
        return web.Response(status=404, text="Not found")
    if request.content_type.startswith("multipart/"):
        parts = [part.file.read() for part in (await request.post()).values() if isinstance(part, web.FileField)]
        content = parts[0] if parts else b""
    else:
        content = await request.read()
    world.transcript.add("app", "upload", f"{file.id} {len(content)} bytes")
    if len(content) != file.length:
        return web.Response(status=400, text=f"Length mismatch: {len(content)} of {file.length} bytes")
    file.content = content
    return web.Response(text=f"OK - {file.length}")


async def send(world: World, request: web.Request) -> web.Response:
    """`GET /files/{id}`: the bytes, for those whose token may read them; others get Slack's sign-in page."""
    file = world.files.get(request.match_info["file"])
    grant = world.grants.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    allowed = grant is not None and not grant.revoked and "files:read" in grant.scopes
    world.transcript.add("app", "download", request.path)
    if file is None or not file.mimetype or not allowed:
        return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
    return web.Response(body=file.content, content_type=file.mimetype)


@method("files.completeUploadExternal")
async def complete(world: World, call: Call) -> Json:
    """Step three: say that all is there, and perhaps post it."""
    listed = call.args.get("files")
    if not isinstance(listed, list) or not listed:
        raise invalid("missing required field: files")
    if call.args.get("initial_comment") is None and _has_markdown(call.args.get("blocks")):
        raise ApiError("internal_error")
    files = [_file(world, str(one.get("id"))) for one in listed]
    for file, one in zip(files, listed, strict=True):
        if file.content is None:
            raise ApiError("file_not_found")
        file.complete = True
        file.title = str(one.get("title") or file.name)
    if target := call.args.get("channel_id"):
        _share(world, str(target), files, call)
    return {"files": [payload(world, file) for file in files]}


def _has_markdown(blocks: object) -> bool:
    return isinstance(blocks, list) and any(block.get("type") == "markdown" for block in blocks)


def _share(world: World, target: str, files: list[File], call: Call) -> None:
    channel = world.channels.get(target)
    if channel is None or world.bot.id not in channel.members:
        raise ApiError("channel_not_found")
    text, blocks = str(call.args.get("initial_comment") or ""), []
    if not text and call.args.get("blocks"):  # a comment wins over blocks
        blocks = list(call.args["blocks"])
        check_message(blocks)
    names = [payload(world, file) for file in files]
    world.post(channel, world.bot.id, text, blocks=blocks, files=names, thread_ts=call.args.get("thread_ts"))
    for file in files:
        file.channels.append(channel.id)


@method("files.info")
async def info(world: World, call: Call) -> Json:
    """Tell what is known of a file; its type only once it was processed."""
    file = _file(world, call.text("file"))
    if file.complete and file.polls_left > 0:
        file.polls_left -= 1
    return {"file": payload(world, file)}


@method("files.delete")
async def delete(world: World, call: Call) -> Json:
    """Remove a file."""
    del world.files[_file(world, call.text("file")).id]
    return {}
