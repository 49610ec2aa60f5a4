"""Replies folded away on X."""

from __future__ import annotations

import pytest

from services.domain.errors import Refused, Unavailable
from services.domain.metrics import Comment
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.platforms.x.helpers import NEW, NOW, PROBLEMS, desk, receipt

HIDDEN = "/2/tweets/200/hidden"
SAID = Comment(remote_id="200", parent_id="100", author="somebody", text="No.", at=NOW, url="")


async def hide(http: FakeHttp, *, hidden: bool = True) -> None:
    hider = desk(http=http, credentials=NEW).roles.hider
    assert hider is not None
    await hider.hide(SAID, root=receipt("100"), hidden=hidden)


@pytest.mark.parametrize("hidden", [True, False])
async def test_one_call_says_which(*, hidden: bool) -> None:
    http = FakeHttp(now=NOW).on("PUT", HIDDEN, json_body={"data": {"hidden": hidden}})
    await hide(http, hidden=hidden)
    [sent] = http.requests
    assert (sent.json, sent.effect) == ({"hidden": hidden}, Effect.REPEATABLE)


async def test_what_x_does_not_allow_names_the_right() -> None:
    forbidden = {"title": "Forbidden", "detail": "Forbidden", "type": "about:blank", "status": 403}
    with pytest.raises(Refused, match="does not let the desk hide") as caught:
        await hide(FakeHttp(now=NOW).on("PUT", HIDDEN, status=403, json_body=forbidden))
    assert "tweet.moderate.write" in caught.value.fix
    missing = {"title": "Not Found Error", "type": f"{PROBLEMS}/resource-not-found", "status": 404}
    with pytest.raises(Refused, match="gone from X"):
        await hide(FakeHttp(now=NOW).on("PUT", HIDDEN, status=404, json_body=missing))


async def test_an_answer_that_says_otherwise_is_not_believed() -> None:
    told: tuple[dict[str, object], ...] = ({"data": {"hidden": False}}, {"data": {}}, {"errors": []})
    for body in told:
        with pytest.raises(Unavailable):
            await hide(FakeHttp(now=NOW).on("PUT", HIDDEN, json_body=body))
