"""Comments below posts, one nesting deep, in plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost
from bot.practice.kinds import Json, Network
from bot.practice.linkedin.wire import (
    LinkedInError,
    demand,
    inner,
    invalid,
    missing,
    number,
    read_json,
    read_patch,
    speaks_for,
    word,
)
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post

FIELDS = frozenset({"actor", "object", "message", "parentComment"})
MESSAGE = frozenset({"text", "attributes"})
LIMIT = 1250


def _found(world: World, urn: str) -> Post:
    post = world.posts.find(Network.LINKEDIN, urn)
    if post is None:
        raise missing(urn)
    return post


async def comments(request: Request) -> Response:
    """Answer GET /rest/socialActions/:urn/comments, oldest first."""
    world = demand(request, "r_organization_social", "r_member_social")
    post = _found(world, request.path_params["urn"])
    start, count = number(request, "start", 0, 10_000), number(request, "count", 10, 100)
    below = world.posts.children(Network.LINKEDIN, post.id)[start : start + count]
    paging = {"start": start, "count": count, "links": []}
    return JSONResponse({"elements": [_drawn(world, one) for one in below], "paging": paging})


def _drawn(world: World, comment: Post) -> Json:
    root = comment.root or ""
    nested = comment.parent != root
    return {
        "id": comment.id.rpartition(",")[2].rstrip(")"),
        "commentUrn": comment.id,
        "actor": comment.body["author"],
        "object": root,
        "message": {"text": comment.text, "attributes": []},
        "created": {"actor": comment.body["author"], "time": ids.micros(comment.created_at) // 1000},
        "commentsSummary": {"totalFirstLevelComments": world.posts.replies(comment)},
        **({"parentComment": comment.parent} if nested else {}),
    }


async def comment(request: Request) -> Response:
    """Answer POST /rest/socialActions/:urn/comments."""
    world = demand(request, "w_organization_social", "w_member_social")
    fields = await read_json(request, FIELDS)
    actor, below = word(fields, "actor"), request.path_params["urn"]
    speaks_for(world, request, actor)
    text = _said(inner(fields, "message", MESSAGE))
    place = _found(world, below)
    root = place.root or place.id
    named = word(fields, "parentComment")
    if word(fields, "object") != root or (named or root) != below:
        raise invalid("ERROR :: /object :: does not belong to the address", field="/object")
    if place.parent is not None and place.parent != place.root:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Comments nest only once")
    now, turn = world.now(), world.posts.next_number()
    new = NewPost(
        id=f"urn:li:comment:({root},{ids.entity_number(now, turn)})",
        text=text,
        body={"author": actor, "media_ids": []},
        cid="",
        created_at=now,
        parent=place.id,
        root=root,
    )
    made = world.posts.add(new, network=Network.LINKEDIN, author=world.identity.page_urn)
    drawn = _drawn(world, made)
    return JSONResponse(drawn, 201, headers={"x-restli-id": str(drawn["id"])})


def _said(message: Json | None) -> str:
    text = word(message or {}, "text")
    if not text.strip() or len(text) > LIMIT:
        raise invalid(f"ERROR :: /message/text :: must have from 1 to {LIMIT} characters", field="/message/text")
    return text


def _own(request: Request) -> Post:
    """The comment a call names, by the one who wrote it."""
    world = demand(request, "w_organization_social", "w_member_social")
    urn = f"urn:li:comment:({request.path_params['urn']},{request.path_params['id']})"
    made = _found(world, urn)
    if request.query_params.get("actor") != made.body["author"]:
        raise LinkedInError(403, "ACCESS_DENIED", "Only its author may change or delete a comment")
    speaks_for(world, request, str(made.body["author"]))
    return made


async def update(request: Request) -> Response:
    """Answer POST /rest/socialActions/:urn/comments/:id?actor=… with PARTIAL_UPDATE: other words for a comment."""
    made = _own(request)
    fields = await read_patch(request, frozenset({"message"}))
    message = inner(fields, "message", frozenset({"$set"})) or {}
    new = NewPost(
        id=made.id,
        text=_said(inner(message, "$set", MESSAGE)),
        body=made.body,
        cid="",
        created_at=made.created_at,
        parent=made.parent,
        root=made.root,
    )
    world_of(request).posts.rewrite(made, new)
    return Response(status_code=204)


async def delete(request: Request) -> Response:
    """Answer DELETE /rest/socialActions/:urn/comments/:id?actor=…."""
    world_of(request).posts.delete(_own(request))
    return Response(status_code=204)
