"""Other words for a live post or for the comment that a later part became."""

from __future__ import annotations

import pytest

from services.domain.errors import Refused, Unavailable
from services.ports.http import Effect
from tests.services.platforms.linkedin.helpers import MEMBER, URN, Desk, desk, receipt, refusal

POST = f"/rest/posts/{URN.replace(':', '%3A')}"
COMMENT = f"urn:li:comment:({URN},700)"
MISSING = refusal(404, "NOT_FOUND", "Could not find entity")


async def edit(at: Desk, text: str, urn: str = URN) -> None:
    assert at.roles.editor is not None
    await at.roles.editor.edit(receipt(urn), text)


async def test_a_patch_of_the_words_alone_in_little_text() -> None:
    # A member's token may not read, and corrects all the same.
    at = desk(author=MEMBER)
    at.http.on("POST", POST, status=204, body="")
    await edit(at, "Ship it (beta) #launch off_now")
    [sent] = at.http.requests
    assert sent.json == {"patch": {"$set": {"commentary": r"Ship it \(beta\) {hashtag|\#|launch} off\_now"}}}
    assert (sent.headers["X-RestLi-Method"], sent.effect) == ("PARTIAL_UPDATE", Effect.REPEATABLE)


async def test_a_comment_is_plain_text_and_named_with_its_author() -> None:
    at = desk()
    at.http.on("POST", "/comments/700", json_body={"id": "700"})
    await edit(at, "Second (part)", COMMENT)
    [sent] = at.http.requests
    assert sent.json == {"patch": {"message": {"$set": {"text": "Second (part)"}}}}
    assert sent.url.endswith("/comments/700?actor=urn%3Ali%3Aorganization%3A12345")
    with pytest.raises(Refused, match="1251 characters"):
        await edit(at, "y" * 1251, COMMENT)
    at.http.on("POST", "/comments/700", json_body={"id": "700"})
    await edit(at, "Second, with @[Harbour](urn:li:organization:5)", COMMENT)
    assert at.http.requests[-1].json == {"patch": {"message": {"$set": {"text": "Second, with Harbour"}}}}


async def test_what_is_gone_says_what_it_was() -> None:
    for urn, path, what in ((URN, POST, "post"), (COMMENT, "/comments/700", "comment")):
        at = desk()
        at.http.on("POST", path, status=404, json_body=MISSING)
        with pytest.raises(Refused, match=f"The {what} is gone"):
            await edit(at, "Late", urn)


async def test_a_page_in_between_is_not_taken_for_yes() -> None:
    at = desk()
    at.http.on("POST", POST, status=200, body="<html>Welcome</html>")
    with pytest.raises(Unavailable):
        await edit(at, "First")
