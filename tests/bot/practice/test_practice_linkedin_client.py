"""LinkedIn's own Python client works against the stand-in, unmodified."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from bot.practice import practice_accounts
from tests.bot.practice.driving import PNG, Practice
from tests.file_samples import padded, tiny_document
from tests.media_samples import tiny_video

# The client uses things its own dependencies call outdated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
VERSION = "202608"
VIDEO = padded(tiny_video(4.0), 4_194_304 + 9_000)


class Here(HTTPAdapter):
    """The client's address is fixed, so what is meant for it goes to this machine."""

    def __init__(self, root: str) -> None:
        super().__init__()
        self.root = root

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://api.linkedin.com", self.root)
        return super().send(request, *args, **kwargs)


def frame(author: str, **more: object) -> dict[str, object]:
    """A post as LinkedIn's documentation shows it."""
    return {
        "author": author,
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
        **more,
    }


def publish(client: Any, author: str, common: dict[str, str]) -> str:
    """Upload a picture, publish it, be refused a duplicate, and read the post back."""
    wish = {"initializeUploadRequest": {"owner": author}}
    place = client.action(resource_path="/images", action_name="initializeUpload", action_params=wish, **common).value
    headers = {"Authorization": f"Bearer {common['access_token']}"}
    assert client.session.put(place["uploadUrl"], data=PNG, headers=headers).status_code == 201
    text = r"Ship it \(beta\) {hashtag|\#|launch} with @[Drift Seas](" + author + ")"
    post = frame(author, commentary=text, content={"media": {"id": place["image"], "altText": "A card"}})
    made = client.create(resource_path="/posts", entity=post, **common)
    assert made.status_code == 201
    urn = str(made.decoded_entity_id)
    again = client.create(resource_path="/posts", entity=post, **common)
    assert again.status_code == 422
    assert again.entity["errorDetails"]["inputErrors"][0]["code"] == "DUPLICATE_POST"
    assert urn in again.entity["message"]
    one = client.get(resource_path="/posts/{id}", path_keys={"id": urn}, **common).entity
    assert (one["commentary"], one["content"]["media"]["altText"]) == (text, "A card")
    asked = {"author": author, "count": 10, "sortBy": "CREATED"}
    listed = client.finder(resource_path="/posts", finder_name="author", query_params=asked, **common)
    assert [element["id"] for element in listed.elements] == [urn]
    return urn


def talk(client: Any, author: str, urn: str, common: dict[str, str]) -> str:
    """Comment, count, and take a mistake back."""
    place: dict[str, Any] = {"resource_path": "/socialActions/{id}/comments", "path_keys": {"id": urn}}
    said = {"actor": author, "object": urn, "message": {"text": "First (plain) comment"}}
    assert client.create(**place, entity=said, **common).status_code == 201
    below = client.get_all(**place, **common).elements
    assert [element["message"]["text"] for element in below] == ["First (plain) comment"]
    wanted = {"organizationalEntity": author, "shares": [urn]}
    path = "/organizationalEntityShareStatistics"
    counted = client.finder(resource_path=path, finder_name="organizationalEntity", query_params=wanted, **common)
    assert counted.elements[0]["totalShareStatistics"]["commentCount"] == 1
    gone = client.create(resource_path="/posts", entity=frame(author, commentary="A mistake"), **common)
    taken = client.delete(resource_path="/posts/{id}", path_keys={"id": gone.decoded_entity_id}, **common)
    assert taken.status_code == 204
    return str(below[0]["commentUrn"])


async def test_linkedin_api_client_publishes_reads_comments_and_deletes(practice: Practice) -> None:
    from linkedin_api.clients.restli.client import RestliClient

    [own] = [fields for fields in practice_accounts(practice.settings) if fields["platform"] == "linkedin"]
    author, client = own["author"], RestliClient()
    client.session.trust_env = False
    client.session.mount("https://api.linkedin.com", Here(own["base_url"]))
    common = {"access_token": own["access_token"], "version_string": VERSION}
    urn = await asyncio.to_thread(publish, client, author, common)
    comment = await asyncio.to_thread(talk, client, author, urn, common)
    client.session.close()
    live = await practice.posts("linkedin")
    assert [(post["id"], post["text"], post["reply_to"]) for post in live] == [
        (comment, "First (plain) comment", urn),
        (urn, f"Ship it (beta) #launch with @[Drift Seas]({author})", None),
    ]
    assert [one["alt"] for one in live[1]["media"]] == ["A card"]


async def test_linkedin_api_client_speaks_for_a_member_who_may_only_write(practice: Practice) -> None:
    from linkedin_api.clients.restli.client import RestliClient

    own = (await practice.http.post("/_practice/tokens", json={"network": "linkedin"})).json()
    client = RestliClient()
    client.session.trust_env = False
    client.session.mount("https://api.linkedin.com", Here(f"{practice.settings.base_url}/linkedin"))

    def drive() -> None:
        me = client.get(resource_path="/userinfo", access_token=own["access_token"]).entity
        assert (f"urn:li:person:{me['sub']}", me["name"]) == (own["author"], "Drift Seas")
        common = {"access_token": own["access_token"], "version_string": VERSION}
        made = client.create(resource_path="/posts", entity=frame(own["author"], commentary="Hello"), **common)
        assert made.status_code == 201
        keys = {"id": made.decoded_entity_id}
        assert client.get(resource_path="/posts/{id}", path_keys=keys, **common).status_code == 403

    await asyncio.to_thread(drive)
    client.session.close()
    assert [post["text"] for post in await practice.posts("linkedin")] == ["Hello"]


def show(client: Any, author: str, common: dict[str, str]) -> list[str]:
    """Publish a video, a document and a poll the way LinkedIn's documentation shows."""
    begin = {"action_name": "initializeUpload", **common}
    wish = {"owner": author, "fileSizeBytes": len(VIDEO), "uploadCaptions": False, "uploadThumbnail": False}
    params: dict[str, object] = {"initializeUploadRequest": wish}
    video = client.action(resource_path="/videos", action_params=params, **begin).value
    parts = []
    for one in video["uploadInstructions"]:
        data = VIDEO[one["firstByte"] : one["lastByte"] + 1]
        put = client.session.put(one["uploadUrl"], data=data, headers={"Content-Type": "application/octet-stream"})
        parts.append(put.headers["ETag"].strip('"'))
    end = {"video": video["video"], "uploadToken": video["uploadToken"], "uploadedPartIds": parts}
    params = {"finalizeUploadRequest": end}
    done = client.action(resource_path="/videos", action_name="finalizeUpload", action_params=params, **common)
    assert (done.status_code, done.value) == (200, None)
    state = client.get(resource_path="/videos/{id}", path_keys={"id": video["video"]}, **common).entity
    assert state["status"] == "AVAILABLE"
    params = {"initializeUploadRequest": {"owner": author}}
    paper = client.action(resource_path="/documents", action_params=params, **begin).value
    assert client.session.put(paper["uploadUrl"], data=tiny_document(2)).status_code == 201
    poll = {
        "question": "Is it late?",
        "options": [{"text": "Yes"}, {"text": "No"}],
        "settings": {"duration": "THREE_DAYS"},
    }
    urns = []
    for commentary, content in (
        ("A video", {"media": {"id": video["video"], "title": "The sea"}}),
        ("A document", {"media": {"id": paper["document"], "title": "The tides"}}),
        ("A poll", {"poll": poll}),
    ):
        entity = frame(author, commentary=commentary, content=content)
        made = client.create(resource_path="/posts", entity=entity, **common)
        assert made.status_code == 201
        urns.append(str(made.decoded_entity_id))
        one = client.get(resource_path="/posts/{id}", path_keys={"id": urns[-1]}, **common).entity
        shown = one["content"].get("media", {})
        assert one["content"].get("poll", poll) == poll
        assert shown.get("title", "") == content.get("media", {}).get("title", "")
    return urns


async def test_linkedin_api_client_shows_a_video_a_document_and_a_poll(practice: Practice) -> None:
    from linkedin_api.clients.restli.client import RestliClient

    [own] = [fields for fields in practice_accounts(practice.settings) if fields["platform"] == "linkedin"]
    client = RestliClient()
    client.session.trust_env = False
    client.session.mount("https://api.linkedin.com", Here(own["base_url"]))
    common = {"access_token": own["access_token"], "version_string": VERSION}
    urns = await asyncio.to_thread(show, client, own["author"], common)
    client.session.close()
    live = await practice.posts("linkedin")
    assert [post["id"] for post in live] == urns[::-1]
    assert [[one["mime"] for one in post["media"]] for post in live] == [[], ["application/pdf"], ["video/mp4"]]
