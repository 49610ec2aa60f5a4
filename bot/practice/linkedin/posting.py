"""Publishes, shows and deletes posts; the answer to publishing is a header."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost
from bot.practice.kinds import Json, Network
from bot.practice.linkedin import content as contents
from bot.practice.linkedin import littletext
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

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post
    from bot.practice.world import World

FIELDS = frozenset(
    {
        "author",
        "commentary",
        "visibility",
        "distribution",
        "lifecycleState",
        "isReshareDisabledByAuthor",
        "content",
        "reshareContext",
        "contentLandingPage",
        "contentCallToActionLabel",
    }
)
DISTRIBUTION = frozenset({"feedDistribution", "targetEntities", "thirdPartyDistributionChannels"})
VISIBILITIES = frozenset({"PUBLIC", "CONNECTIONS", "LOGGED_IN"})
LIMIT = 3000
SAME_FOR = timedelta(hours=24)
READ = ("r_organization_social", "r_member_social")


async def create(request: Request) -> Response:
    """Answer POST /rest/posts: 201, no body, the post's URN in a header."""
    world = demand(request, "w_organization_social", "w_member_social")
    fields = await read_json(request, FIELDS)
    author = word(fields, "author")
    speaks_for(world, request, author)
    _check_frame(fields, page=author == world.identity.page_urn)
    commentary = word(fields, "commentary")
    text = _said(world, commentary)
    content = await contents.read(world, fields)
    # Nothing below waits, so of two equal requests one is the second.
    if not text.strip() and content.empty:
        raise invalid("ERROR :: /commentary :: a post needs text or content", field="/commentary")
    _refuse_twin(world, author, commentary, content.urns)
    post = _make(world, author, fields, text=text, content=content)
    for one in content.uploads:
        world.shelf.describe(one.item, alt=one.alt, focus="")
    return Response(status_code=201, headers={"x-restli-id": post.id, "x-linkedin-id": post.id})


def _said(world: World, commentary: str) -> str:
    text, named = littletext.read(commentary)
    if len(littletext.visible(text)) > LIMIT:
        raise invalid(f"ERROR :: /commentary :: length is over the maximum of {LIMIT}", field="/commentary")
    for urn in named:
        if urn not in world.people:
            raise invalid(f"ERROR :: /commentary :: {urn} does not exist", field="/commentary")
    return text


def _check_frame(fields: Json, *, page: bool) -> None:
    visibility = word(fields, "visibility")
    if visibility not in VISIBILITIES or (page and visibility != "PUBLIC"):
        raise invalid("ERROR :: /visibility :: is not a member of the enumeration", field="/visibility")
    if word(fields, "lifecycleState") != "PUBLISHED":
        raise invalid("ERROR :: /lifecycleState :: must be PUBLISHED", field="/lifecycleState")
    way = inner(fields, "distribution", DISTRIBUTION)
    if way is None or word(way, "feedDistribution") != "MAIN_FEED":
        raise invalid("ERROR :: /distribution :: field is required but not found", field="/distribution")
    if not isinstance(fields.get("isReshareDisabledByAuthor", False), bool):
        raise invalid("ERROR :: /isReshareDisabledByAuthor :: is not a boolean", field="/isReshareDisabledByAuthor")
    for name in ("reshareContext", "contentLandingPage", "contentCallToActionLabel"):
        if fields.get(name) is not None:
            raise invalid(f"{name} is not part of the practice network", field=f"/{name}")


def _refuse_twin(world: World, author: str, commentary: str, shown: list[str]) -> None:
    for post in world.posts.of_author(Network.LINKEDIN, world.identity.page_urn):
        young = world.now() - post.created_at < SAME_FOR
        same = post.body.get("commentary") == commentary and (commentary or post.body.get("media_ids") == shown)
        if post.parent is None and young and same and post.body.get("author") == author:
            message = f"Content is a duplicate of {post.id}"
            raise invalid(message, field="/commentary", code="DUPLICATE_POST")


def _make(world: World, author: str, fields: Json, *, text: str, content: contents.Content) -> Post:
    now, turn = world.now(), world.posts.next_number()
    body: Json = {
        "author": author,
        "commentary": fields.get("commentary", ""),
        "visibility": fields["visibility"],
        **content.told(),
    }
    new = NewPost(
        id=f"urn:li:share:{ids.entity_number(now, turn)}",
        text=text,
        body=body,
        cid="",
        created_at=now,
        pictures=len(content.uploads),
    )
    with world.book.together():
        post = world.posts.add(new, network=Network.LINKEDIN, author=world.identity.page_urn)
        world.shelf.attach(Network.LINKEDIN, content.urns, post.id)
    return post


def found(world: World, urn: str) -> Post:
    """The post of this name, or 404."""
    post = world.posts.find(Network.LINKEDIN, urn)
    if post is None or post.parent is not None:
        raise missing(urn)
    return post


async def one(request: Request) -> Response:
    """Answer GET /rest/posts/:urn."""
    world = demand(request, *READ)
    return JSONResponse(_drawn(world, found(world, request.path_params["urn"])))


async def of_author(request: Request) -> Response:
    """Answer GET /rest/posts?q=author, newest first."""
    world = demand(request, *READ)
    if request.headers.get("x-restli-method", "").upper() != "FINDER" or request.query_params.get("q") != "author":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Use X-RestLi-Method: FINDER and q=author")
    if request.query_params.get("sortBy", "LAST_MODIFIED") not in {"CREATED", "LAST_MODIFIED"}:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Invalid value for sortBy")
    start, count = number(request, "start", 0, 10_000), number(request, "count", 10, 100)
    author = request.query_params.get("author")
    live = [
        post
        for post in world.posts.of_author(Network.LINKEDIN, world.identity.page_urn)
        if post.parent is None and post.body.get("author") == author
    ]
    page = [_drawn(world, post) for post in live[start : start + count]]
    return JSONResponse({"elements": page, "paging": {"start": start, "count": count, "links": []}})


def _drawn(world: World, post: Post) -> Json:
    at, last = (ids.micros(one) // 1000 for one in (post.created_at, post.edited_at or post.created_at))
    drawn: Json = {
        "id": post.id,
        "author": post.body["author"],
        "commentary": post.body["commentary"],
        "visibility": post.body["visibility"],
        "createdAt": at,
        "publishedAt": at,
        "lastModifiedAt": last,
        "lifecycleState": "PUBLISHED",
        "lifecycleStateInfo": {"isEditedByAuthor": post.edited_at is not None},
        "isReshareDisabledByAuthor": False,
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
    }
    content = contents.drawn(world, post)
    return drawn if content is None else {**drawn, "content": content}


async def update(request: Request) -> Response:
    """Answer POST /rest/posts/:urn with PARTIAL_UPDATE: other words for a post, which keeps all else."""
    world = demand(request, "w_organization_social", "w_member_social")
    fields = await read_patch(request, frozenset({"$set"}))
    post = found(world, request.path_params["urn"])
    speaks_for(world, request, str(post.body["author"]))
    changed = inner(fields, "$set", frozenset({"commentary"})) or {}
    commentary = word(changed, "commentary")
    text = _said(world, commentary)
    if not text.strip() and contents.drawn(world, post) is None:
        raise invalid("ERROR :: /commentary :: a post needs text or content", field="/commentary")
    new = NewPost(
        id=post.id, text=text, body={**post.body, "commentary": commentary}, cid="", created_at=post.created_at
    )
    world.posts.rewrite(post, new)
    return Response(status_code=204)


async def delete(request: Request) -> Response:
    """Answer DELETE /rest/posts/:urn; what is gone already is deleted too."""
    world = demand(request, "w_organization_social", "w_member_social")
    post = world.posts.find(Network.LINKEDIN, request.path_params["urn"])
    if post is not None and post.parent is None:
        speaks_for(world, request, str(post.body["author"]))
        names = post.body.get("media_ids")
        with world.book.together():
            world.posts.delete(post)
            world.shelf.attach(Network.LINKEDIN, [str(n) for n in names] if isinstance(names, list) else [], None)
    return Response(status_code=204)
