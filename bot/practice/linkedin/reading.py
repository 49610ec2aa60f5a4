"""Shows who somebody is, what a page's posts earned, and who follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.identity import DISPLAY, HANDLE
from bot.practice.kinds import Json, Network
from bot.practice.linkedin.wire import LinkedInError, demand, missing

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post
    from bot.practice.world import World

LISTS = {"shares": "share", "ugcPosts": "ugcPost"}


async def userinfo(request: Request) -> Response:
    """Answer GET /v2/userinfo."""
    world = demand(request, "openid")
    member = world.people[world.identity.did].member_urn
    name, _, family = DISPLAY.partition(" ")
    who = {"sub": member.rpartition(":")[2], "name": DISPLAY, "given_name": name, "family_name": family}
    return JSONResponse({**who, "locale": {"country": "US", "language": "en"}})


async def organization(request: Request) -> Response:
    """Answer GET /rest/organizations/:id."""
    world = demand(request, "rw_organization_admin", "r_organization_admin")
    page = world.identity.page_urn
    if f"urn:li:organization:{request.path_params['id']}" != page:
        raise missing(f"urn:li:organization:{request.path_params['id']}")
    number = int(page.rpartition(":")[2])
    return JSONResponse(
        {"id": number, "localizedName": DISPLAY, "vanityName": HANDLE, "primaryOrganizationType": "NONE"}
    )


async def roles(request: Request) -> Response:
    """Answer GET /rest/organizationAcls?q=roleAssignee: the pages the token's member manages."""
    world = demand(request, "rw_organization_admin")
    if request.query_params.get("q") != "roleAssignee":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "q must be roleAssignee")
    member = world.people[world.identity.did].member_urn
    role: Json = {"role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": member}
    wanted = all(request.query_params.get(name, role[name]) == role[name] for name in ("role", "state"))
    return JSONResponse({"elements": [{**role, "organization": world.identity.page_urn}] if wanted else []})


async def followers(request: Request) -> Response:
    """Answer GET /rest/networkSizes/:urn."""
    world = demand(request, "rw_organization_admin")
    if request.query_params.get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Invalid value for edgeType")
    if request.path_params["urn"] != world.identity.page_urn:
        raise missing(request.path_params["urn"])
    return JSONResponse({"firstDegreeSize": world.followers(Network.LINKEDIN)})


async def statistics(request: Request) -> Response:
    """Answer GET /rest/organizationalEntityShareStatistics for some posts; what is gone is left out."""
    world = demand(request, "rw_organization_admin")
    query = request.query_params
    if (query.get("q"), query.get("organizationalEntity")) != ("organizationalEntity", world.identity.page_urn):
        raise LinkedInError(403, "ACCESS_DENIED", "The member has no role on this organization")
    given = [name for name in LISTS if name in query]
    raw = bytes(request.scope["query_string"]).decode()
    if len(given) != 1 or f"{given[0]}=List(" not in raw:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Give shares or ugcPosts as a List")
    urns = query[given[0]].removeprefix("List(").removesuffix(")").split(",")
    posts = [world.posts.find(Network.LINKEDIN, urn) for urn in urns]
    page = world.identity.page_urn
    elements = [
        {"organizationalEntity": page, LISTS[given[0]]: post.id, "totalShareStatistics": _earned(world, post)}
        for post in posts
        if post is not None and post.id.startswith(f"urn:li:{LISTS[given[0]]}:") and post.body.get("author") == page
    ]
    return JSONResponse({"elements": elements, "paging": {"start": 0, "count": 10, "links": []}})


def _earned(world: World, post: Post) -> Json:
    counts, comments = world.posts.counts(post), world.posts.replies(post)
    seen = 35 * counts.likes + 60 * counts.reposts + 20 * comments
    return {
        "impressionCount": seen,
        "uniqueImpressionsCount": seen * 2 // 3,
        "clickCount": counts.likes // 3,
        "likeCount": counts.likes,
        "commentCount": comments,
        "shareCount": counts.reposts,
        "engagement": 0.05,
    }
