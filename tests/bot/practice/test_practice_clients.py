"""The networks' own clients work against the stand-ins, unmodified."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.practice.ids import blob_cid
from tests.bot.practice.driving import PNG, Practice
from tests.bot.practice.graph import graph, pictures
from tests.media_samples import tiny_video

if TYPE_CHECKING:
    from facebook_business.api import FacebookAdsApi

# The clients use things their own dependencies call outdated, and one does not know all of its own lists.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:value of metric might not be compatible:UserWarning"),
]


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
        film = client.media_post(io.BytesIO(tiny_video()), mime_type="video/mp4", file_name="a.mp4", synchronous=True)
        shown = client.status_post("Moving", media_ids=[film])
        assert [one.type for one in shown.media_attachments] == ["video"]
        vote = client.status_post("Which?", poll=client.make_poll(["Bow", "Stern"], expires_in=300, multiple=True))
        assert [one.title for one in vote.poll.options] == ["Bow", "Stern"]
        gone = client.status_post("A mistake")
        for one in (shown, vote, gone):
            client.status_delete(one.id)
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


async def test_atproto_sends_a_video_by_way_of_the_video_service(practice: Practice) -> None:
    from atproto import AsyncClient, AsyncRequest, models
    from atproto_client.models.base import ParamsModelBase  # type: ignore[import-untyped, unused-ignore]

    class Whose(ParamsModelBase):  # type: ignore[misc, unused-ignore]
        """What the service wants to know and the lexicon leaves out."""

        did: str
        name: str

    video = tiny_video()
    root, requests = f"{practice.settings.base_url}/bluesky/xrpc", [AsyncRequest(trust_env=False) for _ in range(2)]
    client, service = (AsyncClient(root, request=request) for request in requests)
    me = await client.login(practice.identifier, practice.password)

    async def vouched(method: str) -> dict[str, str]:
        ends = int(practice.clock().timestamp()) + 1_800
        wish = {"aud": "did:web:127.0.0.1", "lxm": method, "exp": ends}
        token = (await client.com.atproto.server.get_service_auth(wish)).token
        return {"Authorization": f"Bearer {token}"}

    limits = await service.app.bsky.video.get_upload_limits(headers=await vouched("app.bsky.video.getUploadLimits"))
    assert limits.can_upload
    upload = await service.app.bsky.video.upload_video(
        video,
        params=Whose(did=me.did, name="wave.mp4"),
        headers={**await vouched("com.atproto.repo.uploadBlob"), "Content-Type": "video/mp4"},
    )
    found = await service.app.bsky.video.get_job_status({"job_id": upload.job_status.job_id})
    assert (found.job_status.state, found.job_status.blob.mime_type) == ("JOB_STATE_COMPLETED", "video/mp4")
    ratio = models.AppBskyEmbedDefs.AspectRatio(width=64, height=64)
    embed = models.AppBskyEmbedVideo.Main(video=found.job_status.blob, alt="A wave", aspect_ratio=ratio)
    made = await client.send_post("Look", embed=embed)
    [view] = (await client.get_posts([made.uri])).posts
    assert isinstance(view.embed, models.AppBskyEmbedVideo.View)
    assert (view.embed.cid, view.embed.alt) == (blob_cid(video), "A wave")
    plain = await client.send_video("Another way", video, "The same wave", video_aspect_ratio=ratio)
    live = await practice.posts("bluesky")
    assert [(post["id"], post["media"][0]["mime"]) for post in live] == [
        (plain.uri, "video/mp4"),
        (made.uri, "video/mp4"),
    ]
    for request in requests:
        await request.close()


@contextmanager
def meta(practice: Practice, network: str, token: str) -> Iterator[FacebookAdsApi]:
    """Meta's own client, as it is but for the address it calls."""
    from facebook_business.api import FacebookAdsApi
    from facebook_business.session import FacebookSession

    session = FacebookSession(access_token=token, timeout=5)
    session.GRAPH = f"{practice.settings.base_url}/{network}"
    with session.requests:
        session.requests.trust_env = False
        yield FacebookAdsApi(session, enable_debug_logger=False)


async def test_metas_client_posts_photos_and_comments_to_a_page(practice: Practice, tmp_path: Path) -> None:
    from facebook_business.adobjects.page import Page
    from facebook_business.adobjects.pagepost import PagePost
    from facebook_business.exceptions import FacebookRequestError

    own = graph(practice, "facebook", "v26.0", "page_id")
    picture = tmp_path / "card.png"
    picture.write_bytes(PNG)

    def drive() -> tuple[str, str]:
        with meta(practice, "facebook", own.token) as api:
            page = Page(own.user_id, api=api)
            assert page.api_get(fields=["name", "username"])["username"] == "driftseas"
            with picture.open("rb") as file:
                call = api.call("POST", (own.user_id, "photos"), params={"published": "false"}, files={"source": file})
            photo = call.json()["id"]
            shown = page.create_feed(params={"message": "With a card", "attached_media": [{"media_fbid": photo}]})
            plain = page.create_feed(params={"message": "Größe", "link": "https://example.com/a"})
            with pytest.raises(FacebookRequestError) as again:
                page.create_feed(params={"message": "Größe"})
            assert again.value.api_error_code() == 506
            post = PagePost(plain["id"], api=api)
            comment = post.create_comment(params={"message": "First"})
            assert [one["id"] for one in post.get_comments(fields=["message"])] == [comment["id"]]
            listed = page.get_published_posts(fields=["message"], params={"limit": 1})
            assert [one["message"] for one in listed] == ["Größe", "With a card"]
            views = PagePost(shown["id"], api=api).get_insights(params={"metric": ["post_media_view"]})
            assert views[0]["values"][0]["value"] == 0
            gone = page.create_feed(params={"message": "A mistake"})
            PagePost(gone["id"], api=api).api_delete()
            return str(shown["id"]), str(plain["id"])

    shown, plain = await asyncio.to_thread(drive)
    live = {post["id"]: post for post in await practice.posts("facebook") if post["reply_to"] is None}
    assert set(live) == {shown, plain}
    assert [len(live[name]["media"]) for name in (shown, plain)] == [1, 0]


async def test_metas_client_publishes_by_containers_on_threads(practice: Practice) -> None:
    own = graph(practice, "threads", "v1.0", "user_id")

    def drive(root: str) -> str:
        with meta(practice, "threads", own.token) as api:

            def ask(method: str, *path: str, **params: object) -> dict[str, object]:
                found: dict[str, object] = api.call(method, path, params=params, api_version="v1.0").json()
                return found

            fields = {"media_type": "IMAGE", "image_url": f"{root}/a", "text": "Größe", "alt_text": "A card"}
            container = ask("POST", own.user_id, "threads", **fields)["id"]
            assert ask("GET", str(container), fields="status")["status"] == "FINISHED"
            made = ask("POST", own.user_id, "threads_publish", creation_id=container)["id"]
            assert ask("GET", str(made), fields="text")["text"] == "Größe"
            return str(made)

    async with pictures({"a": (PNG, "image/png")}) as root:
        made = await asyncio.to_thread(drive, root)
    [post] = await practice.posts("threads")
    assert (post["id"], [one["alt"] for one in post["media"]]) == (made, ["A card"])


async def test_metas_client_publishes_pictures_and_a_video_together_on_instagram(practice: Practice) -> None:
    from facebook_business.adobjects.igmedia import IGMedia
    from facebook_business.adobjects.iguser import IGUser

    own = graph(practice, "instagram", "v26.0", "user_id")
    out = io.BytesIO()
    Image.new("RGB", (100, 80), (9, 8, 7)).save(out, "JPEG")
    shown = {"a": (out.getvalue(), "image/jpeg"), "b": (tiny_video(3.0, (64, 64), 24), "video/mp4")}

    def drive(root: str) -> str:
        with meta(practice, "instagram", own.token) as api:
            user = IGUser(own.user_id, api=api)
            items = [
                user.create_media(params={"image_url": f"{root}/a", "is_carousel_item": True, "alt_text": f"Card {n}"})
                for n in (1, 2)
            ]
            film = {"media_type": "VIDEO", "video_url": f"{root}/b", "is_carousel_item": True}
            items.insert(1, user.create_media(params=film))
            state = {"status_code": "IN_PROGRESS"}
            while state["status_code"] == "IN_PROGRESS":
                state = api.call("GET", (items[1]["id"],), params={"fields": "status_code"}).json()
            whole = {"media_type": "CAROUSEL", "caption": "Größe #a", "children": [one["id"] for one in items]}
            container = user.create_media(params=whole)
            state = api.call("GET", (container["id"],), params={"fields": "status_code"}).json()
            assert state["status_code"] == "FINISHED"
            made = user.create_media_publish(params={"creation_id": container["id"]})
            limit = user.get_content_publishing_limit(fields=["quota_usage", "config"])[0]
            assert (limit["quota_usage"], limit["config"]["quota_total"]) == (1, 100)
            post = IGMedia(made["id"], api=api)
            assert post.api_get(fields=["caption", "media_type"])["media_type"] == "CAROUSEL_ALBUM"
            comment = post.create_comment(params={"message": "First"})
            assert [one["id"] for one in post.get_comments(fields=["text"])] == [comment["id"]]
            assert [one["id"] for one in user.get_media(fields=["caption"])] == [made["id"]]
            return str(made["id"])

    async with pictures(shown) as root:
        made = await asyncio.to_thread(drive, root)
    [post] = [one for one in await practice.posts("instagram") if one["reply_to"] is None]
    assert (post["id"], [one["alt"] for one in post["media"]]) == (made, ["Card 1", "", "Card 2"])
    assert [one["mime"] for one in post["media"]] == ["image/jpeg", "video/mp4", "image/jpeg"]


async def test_metas_client_publishes_a_reel_and_a_story_on_instagram(practice: Practice) -> None:
    from facebook_business.adobjects.igmedia import IGMedia
    from facebook_business.adobjects.iguser import IGUser

    own = graph(practice, "instagram", "v26.0", "user_id")

    def drive(root: str) -> tuple[str, str]:
        with meta(practice, "instagram", own.token) as api:
            user = IGUser(own.user_id, api=api)

            def published(**params: object) -> str:
                container = str(user.create_media(params=params)["id"])
                state = "IN_PROGRESS"
                while state == "IN_PROGRESS":
                    state = api.call("GET", (container,), params={"fields": "status_code"}).json()["status_code"]
                assert state == "FINISHED"
                return str(user.create_media_publish(params={"creation_id": container})["id"])

            wish = {"media_type": "REELS", "video_url": f"{root}/a", "caption": "Größe", "share_to_feed": True}
            reel, story = published(**wish), published(media_type="STORIES", video_url=f"{root}/a")
            assert IGMedia(reel, api=api).api_get(fields=["media_product_type"])["media_product_type"] == "REELS"
            assert [one["id"] for one in user.get_stories(fields=["media_type"])] == [story]
            assert [one["id"] for one in user.get_media(fields=["caption"])] == [reel]
            return reel, story

    async with pictures({"a": (tiny_video(3.0, (64, 64), 24), "video/mp4")}) as root:
        made = await asyncio.to_thread(drive, root)
    assert {post["id"] for post in await practice.posts("instagram")} == set(made)


async def test_metas_client_sends_a_video_a_reel_and_stories_to_a_page(practice: Practice, tmp_path: Path) -> None:
    from facebook_business.adobjects.page import Page
    from facebook_business.exceptions import FacebookRequestError

    own = graph(practice, "facebook", "v26.0", "page_id")
    film, tall = tiny_video(3.0, (64, 64), 24), tiny_video(3.0, (540, 960), 24)
    there = tmp_path / "film.mp4"
    there.write_bytes(film)

    def drive() -> None:
        with meta(practice, "facebook", own.token) as api:
            page = Page(own.user_id, api=api)

            def ask(edge: str, files: Mapping[str, object] | None = None, **params: object) -> dict[str, str]:
                found: dict[str, str] = api.call("POST", (own.user_id, edge), params=params, files=files).json()
                return found

            begun = ask("videos", upload_phase="start", file_size=len(film))
            session = begun["upload_session_id"]
            with there.open("rb") as file:
                chunk = {"video_file_chunk": file}
                ask("videos", chunk, upload_phase="transfer", upload_session_id=session, start_offset="0")
            ask("videos", upload_phase="finish", upload_session_id=session, description="Größe")
            fields = {"fields": "status,post_id"}
            first, second = (api.call("GET", (begun["video_id"],), params=fields).json() for _ in range(2))
            assert (first["status"]["video_status"], second["status"]["video_status"]) == ("processing", "ready")
            for make, start, finish, state in (
                (page.create_video_reel, "start", "finish", {"video_state": "PUBLISHED"}),
                (page.create_video_story, "START", "FINISH", {}),
            ):
                started = make(params={"upload_phase": start})
                headers = {"Authorization": f"OAuth {own.token}", "offset": "0", "file_size": str(len(tall))}
                sent = api._session.requests.post(started["upload_url"], data=tall, headers=headers)
                assert sent.json() == {"success": True}
                make(params={"upload_phase": finish, "video_id": started["video_id"], **state})
            assert len(page.get_stories()) == 1
            with pytest.raises(FacebookRequestError):
                page.create_photo_story(params={"photo_id": "1"})

    await asyncio.to_thread(drive)
