"""The LinkedIn stand-in refuses what LinkedIn refuses, over real sockets and without our adapter."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from bot.practice import practice_accounts
from bot.practice.linkedin import littletext
from tests.bot.practice.driving import PNG, FakeClock, Practice, running
from tests.media_samples import moving_gif


@dataclass
class Person:
    """Somebody with a token, who writes the protocol by hand."""

    practice: Practice
    author: str
    token: str = field(repr=False)

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """A versioned call; a header that is empty is left out."""
        named = {
            "authorization": f"Bearer {self.token}",
            "linkedin-version": "202608",
            "x-restli-protocol-version": "2.0.0",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        kept = {name: value for name, value in named.items() if value}
        return await self.practice.http.request(method, f"/linkedin{path}", json=body, headers=kept)

    async def post(self, commentary: str = "Hello", **more: object) -> httpx.Response:
        return await self.call("POST", "/rest/posts", {**self.frame(), "commentary": commentary, **more})

    def frame(self) -> dict[str, object]:
        way = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
        return {"author": self.author, "visibility": "PUBLIC", "distribution": way, "lifecycleState": "PUBLISHED"}

    async def place(self) -> dict[str, Any]:
        body = {"initializeUploadRequest": {"owner": self.author}}
        answer = await self.call("POST", "/rest/images?action=initializeUpload", body)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()["value"]
        return value

    async def image(self, content: bytes = PNG) -> str:
        place = await self.place()
        put = await self.practice.http.put(place["uploadUrl"], content=content)
        assert put.status_code == 201, put.text
        return str(place["image"])


@pytest_asyncio.fixture
async def page(practice: Practice) -> Person:
    [own] = [fields for fields in practice_accounts(practice.settings) if fields["platform"] == "linkedin"]
    return Person(practice, own["author"], own["access_token"])


@pytest_asyncio.fixture
async def member(practice: Practice) -> Person:
    own = (await practice.http.post("/_practice/tokens", json={"network": "linkedin"})).json()
    return Person(practice, own["author"], own["access_token"])


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    """The status, the code that says most, and the sentence."""
    body = answer.json()
    assert set(body) <= {"status", "serviceErrorCode", "code", "message", "errorDetails", "errorDetailType"}
    assert body["status"] == answer.status_code
    details = body.get("errorDetails")
    return answer.status_code, details["inputErrors"][0]["code"] if details else body["code"], body["message"]


def encoded(urn: str) -> str:
    return quote(urn, safe="")


async def test_a_post_is_answered_by_a_header_alone(page: Person) -> None:
    answer = await page.post(r"A \& B \(plain\) {hashtag|\#|ml}")
    assert (answer.status_code, answer.content) == (201, b"")
    urn = answer.headers["x-restli-id"]
    [shown] = await page.practice.posts("linkedin")
    assert (shown["id"], shown["text"]) == (urn, "A & B (plain) #ml")
    one = (await page.call("GET", f"/rest/posts/{encoded(urn)}")).json()
    assert (one["commentary"], one["author"]) == (r"A \& B \(plain\) {hashtag|\#|ml}", page.author)
    looked = await page.practice.http.get(shown["url"])
    assert looked.status_code == 200
    assert "#ml" in looked.text
    assert (await page.practice.http.get("/linkedin/feed/update/urn:li:share:1/")).status_code == 404


@pytest.mark.parametrize(
    ("commentary", "said"),
    [
        (r"all \(is\) well \_ \\ \~", r"all (is) well _ \ ~"),
        ("Ship it (beta)", "Ship it "),
        ("a_b", "a"),
        ("raw #tag works", "raw #tag works"),
        ("raw #off_now does not", "raw "),
        (r"{hashtag|\#|off\_now} does", "#off_now does"),
        ("@[Name](urn:li:person:x) said", "@[Name](urn:li:person:x) said"),
        ("a mail@example.com", "a mail"),
    ],
)
def test_a_bare_sign_ends_a_post_without_a_word(commentary: str, said: str) -> None:
    assert littletext.read(commentary)[0] == said


@pytest.mark.parametrize("text", ["a #tag, (b) and https://a.example/x_y#z", "no #3 tag", "#größe_"])
def test_the_seeded_history_is_written_so_that_nothing_is_cut(text: str) -> None:
    assert littletext.read(littletext.written(text))[0] == text


BAD: list[tuple[dict[str, Any], int, str, str]] = [
    ({"commentary": ""}, 422, "INVALID_VALUE_FOR_FIELD", "needs text"),
    ({"commentary": 7}, 422, "INVALID_VALUE_FOR_FIELD", "not a string"),
    ({"commentary": "a" * 3001}, 422, "INVALID_VALUE_FOR_FIELD", "maximum of 3000"),
    ({"commentary": "@[No](urn:li:person:nobody)"}, 422, "INVALID_VALUE_FOR_FIELD", "does not exist"),
    ({"colour": "red"}, 422, "INVALID_VALUE_FOR_FIELD", "unrecognized field"),
    ({"visibility": "CONNECTIONS"}, 422, "INVALID_VALUE_FOR_FIELD", "/visibility"),
    ({"lifecycleState": "DRAFT"}, 422, "INVALID_VALUE_FOR_FIELD", "/lifecycleState"),
    ({"distribution": None}, 422, "INVALID_VALUE_FOR_FIELD", "/distribution"),
    ({"reshareContext": {}}, 422, "INVALID_VALUE_FOR_FIELD", "reshareContext"),
    ({"content": {"article": {}}}, 422, "INVALID_VALUE_FOR_FIELD", "source and title"),
    ({"content": {"article": {"source": "ftp://a", "title": "T"}}}, 422, "INVALID_VALUE_FOR_FIELD", "source and title"),
    (
        {"content": {"article": {"source": "https://a.example", "title": "T" * 401}}},
        422,
        "INVALID_VALUE_FOR_FIELD",
        "maximum",
    ),
    (
        {"content": {"article": {"source": "https://a.example", "title": "T", "thumbnail": "urn:li:image:1"}}},
        400,
        "MEDIA_ASSET_NOT_FOUND",
        "not found",
    ),
    ({"content": {"poll": {}}}, 422, "INVALID_VALUE_FOR_FIELD", "question"),
    ({"content": {}}, 422, "INVALID_VALUE_FOR_FIELD", "exactly one"),
    ({"content": {"multiImage": {"images": [{"id": "urn:li:image:1"}]}}}, 422, "INVALID_VALUE_FOR_FIELD", "2 to 20"),
    ({"content": {"media": {"id": "urn:li:image:1"}}}, 400, "MEDIA_ASSET_NOT_FOUND", "not found"),
    ({"content": {"media": {"id": "x", "alt": "y"}}}, 422, "INVALID_VALUE_FOR_FIELD", "unrecognized"),
    ({"author": "urn:li:organization:1"}, 403, "ACCESS_DENIED", "act as"),
    ({"author": "urn:li:person:1"}, 403, "ACCESS_DENIED", "act as"),
]


@pytest.mark.parametrize(("wrong", "status", "code", "words"), BAD)
async def test_what_linkedin_refuses_is_refused(
    page: Person, wrong: dict[str, Any], status: int, code: str, words: str
) -> None:
    found = refused(await page.post(**{"commentary": "Hello", **wrong}))
    assert found[:2] == (status, code)
    assert words.lower() in found[2].lower()
    assert await page.practice.posts("linkedin") == []


async def test_a_duplicate_is_refused_with_the_name_of_the_post(page: Person) -> None:
    urn = (await page.post("Again")).headers["x-restli-id"]
    assert refused(await page.post("Again")) == (422, "DUPLICATE_POST", f"Content is a duplicate of {urn}")
    page.practice.clock.advance(hours=25)
    assert (await page.post("Again")).status_code == 201
    assert (await page.call("DELETE", f"/rest/posts/{encoded(urn)}")).status_code == 204
    assert (await page.call("DELETE", f"/rest/posts/{encoded(urn)}")).status_code == 204
    assert refused(await page.call("GET", f"/rest/posts/{encoded(urn)}"))[0] == 404


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"authorization": ""}, 401, "INVALID_ACCESS_TOKEN"),
        ({"authorization": "Bearer nothing"}, 401, "INVALID_ACCESS_TOKEN"),
        ({"linkedin_version": ""}, 400, "VERSION_MISSING"),
        ({"linkedin_version": "202401"}, 426, "NONEXISTENT_VERSION"),
        ({"x_restli_protocol_version": "1.0.0"}, 400, "ILLEGAL_ARGUMENT"),
    ],
)
async def test_headers_are_insisted_on(page: Person, headers: dict[str, str], status: int, code: str) -> None:
    answer = await page.call("POST", "/rest/posts", {**page.frame(), "commentary": "Hello"}, **headers)
    assert refused(answer)[:2] == (status, code)


async def test_urns_must_be_encoded_and_finders_named(page: Person) -> None:
    urn = (await page.post("Hello")).headers["x-restli-id"]
    assert "encoded" in refused(await page.call("GET", f"/rest/posts/{urn}"))[2]
    path = f"/rest/posts?q=author&author={encoded(page.author)}"
    assert refused(await page.call("GET", path))[0] == 400
    listed = await page.call("GET", f"{path}&count=5&sortBy=CREATED", x_restli_method="FINDER")
    assert [one["id"] for one in listed.json()["elements"]] == [urn]
    for wrong in ("&count=101", "&start=x", "&sortBy=NAME"):
        assert refused(await page.call("GET", path + wrong, x_restli_method="FINDER"))[0] == 400


async def test_pictures_go_to_a_place_of_their_own_and_may_take_time(page: Person) -> None:
    await page.practice.fault(network="linkedin", operation="upload", fault="slow", value=2)
    urn = await page.image()
    shown = {"media": {"id": urn, "altText": "A card"}}
    assert refused(await page.post("Look", content=shown))[1] == "MEDIA_ASSET_WAITING_UPLOAD"
    states = [(await page.call("GET", f"/rest/images/{encoded(urn)}")).json()["status"] for _ in range(3)]
    assert states == ["PROCESSING", "PROCESSING", "AVAILABLE"]
    assert (await page.post("Look", content=shown)).status_code == 201
    two = [{"id": await page.image()}, {"id": await page.image(), "altText": "Second"}]
    assert (await page.post("", content={"multiImage": {"images": two}})).status_code == 201
    posts = await page.practice.posts("linkedin")
    assert [[one["alt"] for one in post["media"]] for post in posts] == [["", "Second"], ["A card"]]
    place = await page.place()
    for wrong in (b"no picture", moving_gif(251)):
        assert (await page.practice.http.put(place["uploadUrl"], content=wrong)).status_code == 400
    assert (await page.practice.http.put(place["uploadUrl"], content=moving_gif(250))).status_code == 201
    page.practice.clock.advance(hours=1, seconds=1)
    assert (await page.practice.http.put(place["uploadUrl"], content=PNG)).status_code == 410
    late = await page.image()
    await page.practice.fault(network="linkedin", operation="publish", fault="expire_uploads")
    assert refused(await page.post("Late", content={"media": {"id": late}}))[1] == "MEDIA_ASSET_NOT_FOUND"


async def test_a_member_of_a_self_serve_app_may_only_write(page: Person, member: Person) -> None:
    urn = (await member.post("As myself", visibility="CONNECTIONS")).headers["x-restli-id"]
    for path in (
        f"/rest/posts/{encoded(urn)}",
        f"/rest/posts?q=author&author={encoded(member.author)}",
        f"/rest/socialActions/{encoded(urn)}/comments",
        f"/rest/networkSizes/{encoded(page.author)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER",
        "/rest/organizationAcls?q=roleAssignee",
    ):
        assert refused(await member.call("GET", path, x_restli_method="FINDER"))[:2] == (403, "ACCESS_DENIED")
    as_page = Person(member.practice, page.author, member.token)
    assert refused(await as_page.post("As the page"))[0] == 403
    comment = {"actor": member.author, "object": urn, "message": {"text": "First"}}
    assert (await member.call("POST", f"/rest/socialActions/{encoded(urn)}/comments", comment)).status_code == 201


async def test_comments_nest_once_and_belong_where_they_are_sent(page: Person) -> None:
    root = (await page.post("Root")).headers["x-restli-id"]

    async def say(below: str, text: str = "Words", **more: object) -> httpx.Response:
        body = {"actor": page.author, "object": root, "message": {"text": text}, **more}
        return await page.call("POST", f"/rest/socialActions/{encoded(below)}/comments", body)

    first = await say(root, "First (plain)")
    assert (first.status_code, first.headers["x-restli-id"]) == (201, first.json()["id"])
    urn = first.json()["commentUrn"]
    second = (await say(urn, parentComment=urn)).json()
    assert second["parentComment"] == urn
    deep = second["commentUrn"]
    for answer in (
        await say(deep, parentComment=deep),
        await say(urn),
        await say(root, ""),
        await say(root, "a" * 1251),
        await say(root, object="urn:li:share:1"),
        await say(root, actor="urn:li:person:1"),
        await say("urn:li:share:1"),
    ):
        assert answer.status_code in {400, 403, 404, 422}
    listed = (await page.call("GET", f"/rest/socialActions/{encoded(root)}/comments")).json()["elements"]
    assert [(one["message"]["text"], one["commentsSummary"]) for one in listed] == [
        ("First (plain)", {"totalFirstLevelComments": 1})
    ]
    path = f"/rest/socialActions/{encoded(root)}/comments/{second['id']}"
    assert refused(await page.call("DELETE", f"{path}?actor=urn%3Ali%3Aperson%3A1"))[0] == 403
    assert (await page.call("DELETE", f"{path}?actor={encoded(page.author)}")).status_code == 204


async def test_a_pages_numbers_are_its_own(page: Person) -> None:
    urn = (await page.post("What would you change, and why? 3 of 7 said speed.")).headers["x-restli-id"]
    page.practice.clock.advance(days=3)
    start = "/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="
    path = f"{start}{encoded(page.author)}"
    [one] = (await page.call("GET", f"{path}&shares=List({encoded(urn)})")).json()["elements"]
    counts = one["totalShareStatistics"]
    assert one["share"] == urn
    assert counts["impressionCount"] > counts["uniqueImpressionsCount"] > counts["likeCount"] > 0
    assert counts["commentCount"] > 0
    assert (await page.call("GET", f"{path}&ugcPosts=List({encoded(urn)})")).json()["elements"] == []
    assert refused(await page.call("GET", f"{path}&shares={encoded(urn)}"))[0] == 400
    assert refused(await page.call("GET", f"{path}&shares=List%28{encoded(urn)}%29"))[0] == 400
    assert refused(await page.call("GET", f"{start}urn%3Ali%3Aorganization%3A1&shares=List({encoded(urn)})"))[0] == 403
    size = f"/rest/networkSizes/{encoded(page.author)}?edgeType="
    assert (await page.call("GET", f"{size}COMPANY_FOLLOWED_BY_MEMBER")).json()["firstDegreeSize"] > 1000
    assert refused(await page.call("GET", f"{size}FRIENDS"))[0] == 400
    comments = (await page.call("GET", f"/rest/socialActions/{encoded(urn)}/comments?count=100")).json()["elements"]
    assert len(comments) == counts["commentCount"]
    assert all(one["actor"].startswith("urn:li:person:") for one in comments)
    roles = (await page.call("GET", "/rest/organizationAcls?q=roleAssignee&state=APPROVED")).json()["elements"]
    assert [one["organization"] for one in roles] == [page.author]


async def test_too_much_says_nothing_of_when_unless_it_is_told_to(page: Person) -> None:
    fine = await page.post("Hello")
    assert not [name for name in fine.headers if "rate" in name or name == "retry-after"]
    await page.practice.fault(network="linkedin", operation="publish", fault="rate_limited_bare")
    bare = await page.post("More")
    assert (bare.status_code, bare.headers.get("retry-after")) == (429, None)
    await page.practice.fault(network="linkedin", operation="publish", fault="rate_limited", value=30)
    assert (await page.post("More")).headers["retry-after"] == "30"
    assert refused(await page.call("GET", "/rest/nothing"))[0] == 404


async def test_history_is_seeded_like_elsewhere(tmp_path: Path, clock: FakeClock) -> None:
    async with running(tmp_path / "p.db", clock, history_weeks=1) as practice:
        past = await practice.posts("linkedin", "history")
        assert len(past) >= 8
        assert any(post["media"] for post in past)
        assert (await practice.http.get(past[0]["url"])).status_code == 200
        assert [littletext.read(str(post["commentary"]))[0] for post in past] == [post["text"] for post in past]


async def test_a_link_card_is_what_was_sent_and_shown_on_the_page(page: Person) -> None:
    card = {"source": "https://a.example/ship", "title": "The ship", "description": "It sails."}
    article = {**card, "thumbnail": await page.image()}
    urn = (await page.post("Read this", content={"article": article})).headers["x-restli-id"]
    one = (await page.call("GET", f"/rest/posts/{encoded(urn)}")).json()
    assert one["content"] == {"article": article}
    [shown] = (await page.practice.http.get("/_practice/feed", params={"network": "linkedin"})).json()["posts"]
    assert shown["card"] == {"url": card["source"], "title": card["title"], "text": card["description"]}
    assert shown["pictures"] == []
