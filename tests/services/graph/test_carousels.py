"""Carousels: their items made once, waited for together, kept from turn to turn, and made anew when they are lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.errors import NeedsOperator, RateLimited, Refused, Unavailable
from services.graph.publishing import CONTAINER, WAITED, Plan
from tests.fakes.http import FakeHttp
from tests.services.graph.support import MovingClock, fault
from tests.services.graph.test_containers import ME, nothing, part, publisher, state

if TYPE_CHECKING:
    from services.ports.http import Answer, HttpRequest

FILM = {"media_type": "VIDEO", "video_url": "b"}
PLAN = Plan(post={"media_type": "CAROUSEL", "text": "Look"}, children=({"image_url": "a"}, FILM, {"image_url": "c"}))
MADE = {"item 1": "A", "item 2": "B", "item 3": "C"}


def made(http: FakeHttp, *names: str) -> FakeHttp:
    for name in names:
        http.on("POST", f"/{ME}/threads", json_body={"id": name})
    return http


def told(http: FakeHttp, **words: str) -> FakeHttp:
    for name, word in words.items():
        http.on("GET", f"/{name}", json_body=state(word))
    return http


async def prepared(http: FakeHttp, handles: dict[str, str] | None = None, clock: MovingClock | None = None) -> Any:
    return await publisher(http, PLAN, clock).prepare(part(handles=handles or {}), nothing)


async def left(http: FakeHttp, handles: dict[str, str] | None = None, clock: MovingClock | None = None) -> Unavailable:
    """What a turn that came to nothing leaves to the next one."""
    with pytest.raises(Unavailable) as caught:
        await prepared(http, handles, clock)
    http.finish()
    return caught.value


def posted(http: FakeHttp) -> list[dict[str, str]]:
    return [dict(request.form) for request in http.requests if request.method == "POST"]


async def test_the_network_works_on_all_of_them_while_they_are_waited_for() -> None:
    clock, http = MovingClock(), made(FakeHttp(), "A", "B", "C")
    told(told(told(http, A="FINISHED", B="IN_PROGRESS"), B="IN_PROGRESS"), B="FINISHED", C="FINISHED")
    told(made(http, "P"), P="FINISHED")
    assert await prepared(http, clock=clock) == {CONTAINER: "P"}
    assert [call.partition(" ")[0] for call in http.calls()] == ["POST"] * 3 + ["GET"] * 5 + ["POST", "GET"]
    assert posted(http) == [*PLAN.children, {**PLAN.post, "children": "A,B,C"}]
    assert clock.slept == [1.0, 1.0]


async def test_a_slow_item_is_waited_for_again_and_none_is_made_twice() -> None:
    clock, http = MovingClock(), told(made(FakeHttp(), "A", "B", "C"), A="FINISHED")
    for _ in range(15):
        told(http, B="IN_PROGRESS")
    slow = await left(http, clock=clock)
    assert (slow.handles, sum(clock.slept)) == (MADE, 300.0)
    assert slow.next_step == "It is tried again by itself."

    again = told(made(told(FakeHttp(), A="FINISHED", B="FINISHED", C="FINISHED"), "P"), P="FINISHED")
    assert await prepared(again, dict(slow.handles)) == {CONTAINER: "P"}
    assert posted(again) == [{**PLAN.post, "children": "A,B,C"}]


@pytest.mark.parametrize("lost", [{"lost": True}, {"status": 500}, {"json_body": {}}])
async def test_the_next_turn_goes_on_behind_a_lost_answer(lost: dict[str, Any]) -> None:
    http = made(FakeHttp(), "A").on("POST", f"/{ME}/threads", **lost)
    assert (await left(http)).handles == {"item 1": "A"}
    again = told(made(FakeHttp(), "B", "C"), A="FINISHED", B="FINISHED", C="FINISHED")
    told(made(again, "P"), P="FINISHED")
    assert await prepared(again, {"item 1": "A"}) == {CONTAINER: "P"}
    assert posted(again)[:2] == [*PLAN.children[1:]]


@pytest.mark.parametrize("lost", [{"lost": True}, {"status": 400, "json_body": fault(9007, 2207027)}])
async def test_the_items_stay_when_the_whole_was_not_made(lost: dict[str, Any]) -> None:
    http = told(FakeHttp(), A="FINISHED", B="FINISHED", C="FINISHED").on("POST", f"/{ME}/threads", **lost)
    assert (await left(http, MADE)).handles == MADE


async def test_a_whole_whose_item_is_gone_is_made_from_new_ones() -> None:
    http = told(FakeHttp(), A="FINISHED", B="FINISHED", C="FINISHED")
    http.on("POST", f"/{ME}/threads", status=400, json_body=fault(24, 2207006))
    assert (await left(http, MADE)).handles == {}


@pytest.mark.parametrize("word", ["EXPIRED", "ERROR"])
async def test_only_what_came_to_nothing_is_made_anew(word: str) -> None:
    http = told(FakeHttp(), A=word, B="FINISHED").on("GET", "/C", status=400, json_body=fault(100, 33))
    lost = await left(http, MADE)
    assert (lost.handles, lost.next_step) == ({"item 2": "B"}, "It is prepared anew and tried again by itself.")
    again = told(made(FakeHttp(), "D", "E"), D="FINISHED", B="FINISHED", E="FINISHED")
    told(made(again, "P"), P="FINISHED")
    assert await prepared(again, dict(lost.handles)) == {CONTAINER: "P"}
    assert posted(again)[-1]["children"] == "D,B,E"


async def test_all_that_ended_are_told_at_once() -> None:
    assert (await left(told(FakeHttp(), A="EXPIRED", B="EXPIRED", C="EXPIRED"), MADE)).handles == {}


async def test_a_refusal_says_which_one_it_is() -> None:
    http = told(made(FakeHttp(), "A", "B", "C"), A="FINISHED")
    http.on("GET", "/B", json_body=state("ERROR", "INVALID_DURATION"))
    with pytest.raises(Refused, match=r"^Number 2 of 3: Threads can't prepare it"):
        await prepared(http)
    http = made(FakeHttp(), "A", "B").on("POST", f"/{ME}/threads", status=400, json_body=fault(36003, 2207009))
    with pytest.raises(Refused) as caught:
        await prepared(http)
    assert caught.value.message.startswith("Number 3 of 3: Threads does not take a picture of this shape")
    assert caught.value.fix == "Crop it: from 4:5 to 1.91:1."


async def test_a_network_that_asks_to_slow_down_is_handed_nothing_twice() -> None:
    http = made(FakeHttp(), "A").on("POST", f"/{ME}/threads", status=400, json_body=fault(4))
    whole = told(FakeHttp(), A="FINISHED", B="FINISHED", C="FINISHED")
    whole.on("POST", f"/{ME}/threads", status=400, json_body=fault(4))
    waiting = FakeHttp().on("GET", "/P", status=400, json_body=fault(4))
    for asked, there, kept in (
        (http, {}, {"item 1": "A"}),
        (whole, MADE, MADE),
        (waiting, {WAITED: "P"}, {WAITED: "P"}),
    ):
        with pytest.raises(RateLimited) as caught:
            await prepared(asked, there)
        assert caught.value.handles == kept


@pytest.mark.parametrize(("answer", "kind"), [(fault(4), RateLimited), (fault(9004, 2207052), NeedsOperator)])
async def test_what_is_not_about_one_of_them_stays_what_it_is(answer: dict[str, Any], kind: type[Exception]) -> None:
    http = made(FakeHttp(), "A").on("POST", f"/{ME}/threads", status=400, json_body=answer)
    with pytest.raises(kind):
        await prepared(http)


async def test_a_turn_that_took_all_its_time_for_making_leaves_the_rest_to_the_next() -> None:
    clock = MovingClock()

    class Sluggish(FakeHttp):
        """Takes two and a half minutes for each answer."""

        async def send(self, request: HttpRequest) -> Answer:
            """See `FakeHttp.send`."""
            clock.at += timedelta(minutes=2.5)
            return await super().send(request)

    late = await left(made(Sluggish(), "A", "B"), clock=clock)
    assert (late.handles, clock.slept) == ({"item 1": "A", "item 2": "B"}, [])
