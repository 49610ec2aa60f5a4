"""Plain pages for people who click the address of a practice post."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from bot.practice.kinds import Network
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{name}</title>
<style>body{{font:1.1rem/1.5 serif;max-width:36rem;margin:3rem auto;padding:0 1rem}}
p{{white-space:pre-wrap}}small{{color:#6b675e}}</style></head>
<body><small>Practice network: only this machine can see this page.</small>
{body}</body></html>"""
POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}


async def mastodon_page(request: Request) -> Response:
    """Show one status."""
    world = world_of(request)
    post = world.posts.find(Network.MASTODON, request.path_params["id"])
    hidden = post is not None and post.body["visibility"] in {"private", "direct"}
    return _page(world, None if hidden else post)


async def bluesky_page(request: Request) -> Response:
    """Show one post."""
    world = world_of(request)
    rkey, asked = request.path_params["rkey"], request.path_params["actor"]
    did = next((one.did for one in world.people.values() if asked in {one.did, one.bluesky_handle}), asked)
    return _page(world, world.posts.find(Network.BLUESKY, f"at://{did}/app.bsky.feed.post/{rkey}"))


def _page(world: World, post: Post | None) -> Response:
    if post is None:
        body = "<h1>No such post</h1><p>It was deleted, or it never was.</p>"
        return HTMLResponse(PAGE.format(name="No such post", body=body), 404, headers=POLICY)
    name = world.author(post).display
    counts = world.posts.counts(post)
    numbers = f"{world.posts.replies(post)} replies, {counts.reposts} reposts, {counts.likes} likes"
    body = f"<h1>{escape(name)}</h1><p>{escape(post.text)}</p><small>{numbers}</small>"
    body += "".join(
        f"<hr><p><b>{escape(world.author(child).display)}</b>\n{escape(child.text)}</p>"
        for child in world.posts.children(post.network, post.id)
    )
    return HTMLResponse(PAGE.format(name=escape(name), body=body), headers=POLICY)
