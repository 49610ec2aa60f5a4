"""Pages for people who open the address of a practice post: the post as its network would set it, and its answers."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, Response

from bot.practice import feed
from bot.practice.kinds import Json, Network
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post

STYLE: Final = """
:root{--paper:#faf7f1;--sheet:#fffdf9;--ink:#1b1a17;--soft:#6b675e;--rule:#ddd6c8;--link:#1d5c8a;color-scheme:light}
@media(prefers-color-scheme:dark){:root{--paper:#15140f;--sheet:#1c1b16;--ink:#efeadf;--soft:#a29c8d;--rule:#38352b;
--link:#8fc1e8;color-scheme:dark}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1.05rem/1.5 system-ui,"Segoe UI",Arial,sans-serif;
overflow-wrap:anywhere}
main{max-width:38rem;margin:0 auto;padding:1.5rem 1rem 4rem}
.stand{color:var(--soft);font-size:.9rem;border-bottom:1px solid var(--rule);padding-bottom:.75rem;margin:0 0 1.25rem}
article{background:var(--sheet);border:1px solid var(--rule);padding:1rem 1.25rem}
article+article{border-top:0}
header{display:grid;grid-template-columns:2.75rem 1fr;gap:0 .75rem;align-items:center}
header i{grid-row:1/3;display:grid;place-items:center;height:2.75rem;border-radius:50%;background:var(--ink);
color:var(--paper);font:600 1.2rem/1 Georgia,serif}
h1,h2{font-size:1rem;line-height:1.3;margin:0}
header span,time,.nums{color:var(--soft);font-size:.9rem}
.words{white-space:pre-wrap;margin:.75rem 0}
a,.mark{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
img,video{display:block;max-width:100%;height:auto;border:1px solid var(--rule)}
figure{margin:.75rem 0}
figcaption{color:var(--soft);font-size:.85rem;margin-top:.3rem}
.nums{margin:.5rem 0 0;font-variant-numeric:tabular-nums}
section{margin-top:1.75rem}
section>h2{margin-bottom:.6rem}
.link{display:block;border:1px solid var(--rule);padding:.6rem .8rem;color:inherit;margin:.75rem 0}
.link b,.link span{display:block}
.link span{color:var(--soft);font-size:.9rem}
"""
PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title><style>{style}</style></head>
<body><main><p class="stand">Practice network, standing in for {network}. Only this machine can see this page.</p>
{body}</main></body></html>"""
POLICY: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'"
}
NAMES: Final = {
    Network.MASTODON: "Mastodon",
    Network.BLUESKY: "Bluesky",
    Network.X: "X",
    Network.LINKEDIN: "LinkedIn",
    Network.THREADS: "Threads",
    Network.FACEBOOK: "Facebook",
    Network.INSTAGRAM: "Instagram",
}


async def mastodon_page(request: Request) -> Response:
    """Show one status."""
    world = world_of(request)
    post = world.posts.find(Network.MASTODON, request.path_params["id"])
    hidden = post is not None and post.body["visibility"] in {"private", "direct"}
    return _page(world, Network.MASTODON, None if hidden else post)


async def bluesky_page(request: Request) -> Response:
    """Show one post."""
    world = world_of(request)
    rkey, asked = request.path_params["rkey"], request.path_params["actor"]
    did = next((one.did for one in world.people.values() if asked in {one.did, one.bluesky_handle}), asked)
    return _page(world, Network.BLUESKY, world.posts.find(Network.BLUESKY, f"at://{did}/app.bsky.feed.post/{rkey}"))


async def x_page(request: Request) -> Response:
    """Show one post; the name in the address does not matter, as on X."""
    world = world_of(request)
    return _page(world, Network.X, world.posts.find(Network.X, request.path_params["id"]))


async def linkedin_page(request: Request) -> Response:
    """Show one post of a page or a member."""
    world = world_of(request)
    return _page(world, Network.LINKEDIN, world.posts.find(Network.LINKEDIN, request.path_params["urn"]))


async def threads_page(request: Request) -> Response:
    """Show one post."""
    world = world_of(request)
    return _page(world, Network.THREADS, world.posts.find(Network.THREADS, request.path_params["id"]))


async def facebook_page(request: Request) -> Response:
    """Show one post or comment."""
    world = world_of(request)
    return _page(world, Network.FACEBOOK, world.posts.find(Network.FACEBOOK, request.path_params["id"]))


async def instagram_page(request: Request) -> Response:
    """Show one post or comment."""
    world = world_of(request)
    return _page(world, Network.INSTAGRAM, world.posts.find(Network.INSTAGRAM, request.path_params["id"]))


def _page(world: World, network: Network, post: Post | None) -> Response:
    if post is None:
        gone = "<h1>No such post</h1><p>It was deleted, or it never was.</p>"
        return _answer("No such post", network, gone, status=404)
    replies = [feed.shown(world, child) for child in world.posts.children(post.network, post.id)]
    body = _post(feed.shown(world, post), head="h1", replies=len(replies))
    if replies:
        body += "<section><h2>Answers</h2>" + "".join(_post(one) for one in replies) + "</section>"
    return _answer(world.author(post).display, network, body)


def _answer(name: str, network: Network, body: str, *, status: int = 200) -> Response:
    text = PAGE.format(name=escape(name), network=NAMES[network], style=STYLE, body=body)
    return HTMLResponse(text, status, headers=POLICY)


def _post(post: Json, head: str = "h2", replies: int | None = None) -> str:
    name, at = str(post["author"]), datetime.fromisoformat(str(post["at"]))
    count = len(feed.items(post["replies"])) if replies is None else replies
    numbers = f"{count} replies, {post['reposts']} reposts, {post['likes']} likes"
    note = f'<p class="nums">{escape(str(post["note"]))}</p>' if post["note"] else ""
    return (
        f"<article><header><i aria-hidden='true'>{escape(name[:1])}</i><{head}>{escape(name)}</{head}>"
        f"<span>{escape(str(post['handle']))}</span></header>{note}"
        f'<p class="words">{"".join(_piece(one) for one in feed.items(post["pieces"]))}</p>'
        f"{''.join(_picture(one) for one in feed.items(post['pictures']))}{_card(post['card'])}"
        f'<time datetime="{escape(str(post["at"]))}">{at.day} {at:%b %Y %H:%M} UTC</time>'
        f'<p class="nums">{numbers}</p></article>'
    )


def _piece(piece: object) -> str:
    if not isinstance(piece, dict):
        return ""
    text, target = escape(str(piece["text"])), str(piece["target"])
    if piece["kind"] == "link" and target.startswith(("http://", "https://")):
        return f'<a href="{escape(target)}" rel="nofollow noopener noreferrer">{text}</a>'
    return f'<span class="mark">{text}</span>' if piece["kind"] else text


def _picture(picture: object) -> str:
    if not isinstance(picture, dict):
        return ""
    alt, digest = escape(str(picture["alt"])), escape(str(picture["sha256"]))
    size = f'width="{picture["width"]}" height="{picture["height"]}"'
    told = f"Description: {alt}" if alt else "Without a description."
    where = f"/_practice/pictures/{digest}"
    if str(picture["mime"]).startswith("video/"):
        video = f'<video src="{where}" aria-label="Video. {alt}" {size} controls preload="metadata"></video>'
        return f"<figure>{video}<figcaption>Video. {told}</figcaption></figure>"
    return f'<figure><img src="{where}" alt="{alt}" {size}><figcaption>{told}</figcaption></figure>'


def _card(card: object) -> str:
    if not isinstance(card, dict) or not str(card["url"]).startswith(("http://", "https://")):
        return ""
    address, title, text = (escape(card[name]) for name in ("url", "title", "text"))
    said = f"<b>{title}</b><span>{text}</span>"
    return f'<a class="link" href="{address}" rel="nofollow noopener noreferrer">{said}</a>'
