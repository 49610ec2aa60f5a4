"""The networks' own clients work against the stand-ins, unmodified."""

from __future__ import annotations

import asyncio
import io

import pytest

from bot.practice.ids import blob_cid
from tests.bot.practice.driving import PNG, Practice

# Both clients use things their own dependencies call outdated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


async def test_mastodon_py_posts_a_picture_and_a_thread_and_deletes(practice: Practice) -> None:
    import requests
    from mastodon import Mastodon, MastodonNotFoundError

    def drive() -> tuple[str, str]:
        client = Mastodon(
            access_token=practice.token, api_base_url=f"{practice.settings.base_url}/mastodon", session=session
        )
        assert client.account_verify_credentials().username == "driftseas"
        assert client.instance().configuration.statuses.max_characters == 500
        media = client.media_post(io.BytesIO(PNG), mime_type="image/png", description="A card", file_name="card.png")
        root = client.status_post("One #thread", media_ids=[media], visibility="public", idempotency_key="a")
        same = client.status_post("One #thread", media_ids=[media], visibility="public", idempotency_key="a")
        assert same.id == root.id
        assert root.media_attachments[0].description == "A card"
        part = client.status_post("Two", in_reply_to_id=root.id)
        assert [one.id for one in client.status_context(root.id).descendants] == [part.id]
        assert client.status_source(part.id).text == "Two"
        assert client.status_update(part.id, "Two, corrected").edited_at is not None
        assert client.account_statuses(root.account.id)[0].id == part.id
        assert client.notifications(types=["mention"]) == []
        gone = client.status_post("A mistake")
        client.status_delete(gone.id)
        with pytest.raises(MastodonNotFoundError):
            client.status(gone.id)
        return str(root.id), str(part.id)

    with requests.Session() as session:
        root, part = await asyncio.to_thread(drive)
    live = await practice.posts("mastodon")
    assert {post["id"]: (post["text"], post["reply_to"]) for post in live} == {
        root: ("One #thread", None),
        part: ("Two, corrected", root),
    }


async def test_atproto_signs_in_posts_replies_and_deletes(practice: Practice) -> None:
    from atproto import AsyncClient, AsyncRequest, client_utils, models  # type: ignore[import-untyped, unused-ignore]

    request = AsyncRequest(trust_env=False)
    client = AsyncClient(f"{practice.settings.base_url}/bluesky/xrpc", request=request)
    me = await client.login(practice.identifier, practice.password)
    assert (me.handle, me.display_name) == ("driftseas.practice.test", "Drift Seas")
    text = client_utils.TextBuilder().text("Größe: ").link("notes", "https://a.example/x").text(" ").tag("#ml", "ml")
    ratio = models.AppBskyEmbedDefs.AspectRatio(width=40, height=20)
    root = await client.send_image(text, PNG, "A card", image_aspect_ratio=ratio)
    ref = models.create_strong_ref(root)
    part = await client.send_post("Two", reply_to=models.AppBskyFeedPost.ReplyRef(root=ref, parent=ref))
    thread = await client.get_post_thread(root.uri)
    assert isinstance(thread.thread, models.AppBskyFeedDefs.ThreadViewPost)
    assert [one.post.uri for one in thread.thread.replies or [] if one.py_type == thread.thread.py_type] == [part.uri]
    posts = (await client.get_posts([root.uri, part.uri])).posts
    assert [(post.reply_count, post.like_count) for post in posts] == [(1, 0), (0, 0)]
    feed = await client.get_author_feed(me.did)
    assert len(feed.feed) == 2
    assert (await client.resolve_handle(me.handle)).did == me.did
    practice.clock.advance(minutes=100)
    notes = await client.app.bsky.notification.list_notifications({"reasons": ["reply"]})
    assert {note.reason for note in notes.notifications} <= {"reply"}
    gone = await client.send_post("A mistake")
    assert await client.delete_post(gone.uri)
    live = await practice.posts("bluesky")
    assert [post["id"] for post in live] == [part.uri, root.uri]
    assert live[1]["media"][0]["id"] == blob_cid(PNG)
    assert [one["features"][0]["$type"].rsplit("#", 1)[1] for one in live[1]["facets"]] == ["link", "tag"]
    await request.close()
