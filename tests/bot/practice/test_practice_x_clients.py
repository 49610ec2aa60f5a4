"""X's own SDK works against the stand-in, unmodified, with both ways to sign in."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from bot.practice import practice_accounts
from tests.bot.practice.driving import PNG, Practice
from tests.media_samples import tiny_video

# Both clients use things their own dependencies call outdated.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pydantic.warnings.PydanticDeprecatedSince20"
)


def keys(practice: Practice) -> dict[str, str]:
    [own] = [fields for fields in practice_accounts(practice.settings) if fields["platform"] == "x"]
    return own


def drive(client: Any) -> tuple[str, str]:
    """Publish a picture and a thread, read both, and take a mistake back; the same for both ways to sign in."""
    from xdk.media.models import CreateMetadataRequest, UploadRequest
    from xdk.posts.models import CreateRequest

    own = client.users.get_me(user_fields=["public_metrics"]).data
    assert own.username == "driftseas"
    picture = base64.b64encode(PNG).decode()
    media = client.media.upload(UploadRequest(media=picture, media_category="tweet_image")).data
    words = CreateMetadataRequest.model_validate({"id": media.id, "metadata": {"alt_text": {"text": "A card"}}})
    client.media.create_metadata(words)
    shown = CreateRequest.model_validate({"text": "One https://example.com/x", "media": {"media_ids": [media.id]}})
    root = client.posts.create(shown).data
    assert root.text.startswith("One https://t.co/")
    after = CreateRequest.model_validate({"text": "Two", "reply": {"in_reply_to_tweet_id": root.id}})
    part = client.posts.create(after).data
    found = client.posts.get_by_ids([root.id, part.id], post_fields=["public_metrics", "referenced_posts"]).data
    assert [one.id for one in found] == [root.id, part.id]
    pages = list(client.users.get_posts(own.id, max_results=5, post_fields=["entities"]))
    assert [one.id for page in pages for one in page.data] == [part.id, root.id]
    below = list(client.posts.search_recent(f"conversation_id:{root.id}", max_results=10))
    assert {one.id for page in below for one in page.data} == {root.id, part.id}
    drive_video(client)
    gone = client.posts.create(CreateRequest(text="A mistake")).data
    assert client.posts.delete(gone.id).data.deleted
    return str(root.id), str(part.id)


def drive_video(client: Any) -> None:
    """Upload a video by pieces, follow it until it is ready, show it, and put something to the vote."""
    from xdk.media.models import AppendUploadRequest, InitializeUploadRequest
    from xdk.posts.models import CreateRequest

    video = tiny_video()
    half = len(video) // 2
    wish = {"media_type": "video/mp4", "media_category": "tweet_video", "total_bytes": len(video)}
    name = client.media.initialize_upload(InitializeUploadRequest.model_validate(wish)).data.id
    for turn, piece in enumerate((video[:half], video[half:])):
        body = {"media": base64.b64encode(piece).decode(), "segment_index": turn}
        assert client.media.append_upload(name, AppendUploadRequest.model_validate(body)).data.expires_at
    states = [client.media.finalize_upload(name).data.processing_info.state]
    while states[-1] not in {"succeeded", "failed"}:
        states.append(client.media.get_upload_status(name, command="STATUS").data.processing_info.state)
    assert states == ["pending", "in_progress", "succeeded"]
    shown = CreateRequest.model_validate({"text": "Moving", "media": {"media_ids": [name]}})
    poll = CreateRequest.model_validate({"text": "Vote", "poll": {"options": ["A", "B"], "duration_minutes": 60}})
    for post in (client.posts.create(shown).data, client.posts.create(poll).data):
        assert client.posts.delete(post.id).data.deleted


async def proved(practice: Practice, root: str, part: str) -> None:
    live = await practice.posts("x")
    assert [(post["id"], post["text"], post["reply_to"]) for post in live] == [
        (part, "Two", root),
        (root, "One https://example.com/x", None),
    ]
    assert [one["alt"] for one in live[1]["media"]] == ["A card"]


async def test_xdk_with_the_keys_of_oauth_1(practice: Practice) -> None:
    from xdk import Client
    from xdk.oauth1_auth import OAuth1

    own = keys(practice)
    signer = OAuth1(own["consumer_key"], own["consumer_secret"], "oob", own["access_token"], own["access_token_secret"])
    client = Client(base_url=own["base_url"], auth=signer)
    client.session.trust_env = False
    await proved(practice, *await asyncio.to_thread(drive, client))
    client.session.close()


async def test_xdk_with_tokens_of_oauth_2_and_a_renewal(practice: Practice) -> None:
    from xdk import Client

    minted = (await practice.http.post("/_practice/tokens", json={"network": "x"})).json()
    client = Client(
        base_url=f"{practice.settings.base_url}/x",
        client_id=minted["client_id"],
        client_secret=minted["client_secret"],
        token={"access_token": minted["access_token"], "refresh_token": minted["refresh_token"], "expires_at": 9e9},
    )
    client.session.trust_env = False
    await proved(practice, *await asyncio.to_thread(drive, client))
    client.session.close()
