"""Containers: waited for, asked about, and published once, whatever becomes of the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.delivery import Receipt
from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.graph.containers import Containers, State
from services.graph.errors import NotReady
from services.graph.publishing import CONTAINER, WAITED, ContainerPublisher, Dialect, Plan
from services.ports.http import Effect
from services.ports.platform import OutgoingPart
from tests.fakes.http import FakeHttp
from tests.services.graph.support import NOW, MovingClock, client, fault

if TYPE_CHECKING:
    from services.domain.media import Picture

ME = "77"


def containers(http: FakeHttp, clock: MovingClock | None = None) -> Containers:
    return Containers(client=client(http, clock), edge="threads", state_field="status", reason_field="error_message")


def publisher(http: FakeHttp, plan: Plan | None = None, clock: MovingClock | None = None) -> ContainerPublisher:
    made = containers(http, clock)

    async def compose(part: OutgoingPart) -> Plan:
        return plan or Plan(post={"media_type": "TEXT", "text": part.text})

    return ContainerPublisher(
        client=made.client,
        containers=made,
        dialect=Dialect(publish="threads_publish", words="text", home="https://threads.example/@us"),
        user_id=ME,
        compose=compose,
        listing=lambda part: "replies" if part.index else "threads",
    )


def part(text: str = "Hello", **changes: Any) -> OutgoingPart:
    values: dict[str, Any] = {
        "index": 0,
        "count": 1,
        "text": text,
        "media": (),
        "options": {},
        "handles": {CONTAINER: "C1"},
        "key": "k",
        "first_claimed_at": NOW - timedelta(minutes=5),
        "receipts": (),
        "since": NOW,
    }
    return OutgoingPart(**{**values, **changes})


def state(word: str, reason: str = "") -> dict[str, str]:
    return {"id": "C1", "status": word, "error_message": reason}


def post(remote_id: str, text: str = "Hello", at: str = "2026-11-23T09:00:10+0000") -> dict[str, str]:
    return {"id": remote_id, "text": text, "timestamp": at, "permalink": f"https://threads.example/{remote_id}"}


async def nothing(_: Picture) -> bytes:
    return b""


# -- waiting -------------------------------------------------------------------------------------------------------


async def test_a_container_is_waited_for_ever_more_patiently() -> None:
    clock, http = MovingClock(), FakeHttp()
    for _ in range(4):
        http.on("GET", "/C1", json_body=state("IN_PROGRESS"))
    http.on("GET", "/C1", json_body=state("FINISHED"))
    await containers(http, clock).finished("C1")
    assert clock.slept == [1.0, 1.0, 2.0, 3.0]


async def test_five_minutes_are_enough() -> None:
    clock, http = MovingClock(), FakeHttp()
    for _ in range(15):
        http.on("GET", "/C1", json_body=state("A_WORD_OF_TOMORROW"))
    with pytest.raises(NotReady):
        await containers(http, clock).finished("C1")
    assert sum(clock.slept) == pytest.approx(300, abs=5)
    http.finish()


@pytest.mark.parametrize(
    ("word", "reason", "kind"),
    [
        ("EXPIRED", "", NotReady),
        ("ERROR", "", NotReady),
        ("ERROR", "UNKNOWN", NotReady),
        ("ERROR", "FAILED_DOWNLOADING_VIDEO", NeedsOperator),
        ("ERROR", "Error: The media could not be fetched from this URI", NeedsOperator),
        ("ERROR", "Error: Media upload has failed with error code 2207052", NeedsOperator),
        ("ERROR", "Error: Media upload has failed with error code 2207009", Refused),
        ("ERROR", "Error: Media upload has failed with error code 2207003", NotReady),
        ("ERROR", "INVALID_ASPECT_RATIO", Refused),
    ],
)
async def test_a_container_that_failed_says_why(word: str, reason: str, kind: type[DeskError]) -> None:
    http = FakeHttp().on("GET", "/C1", json_body=state(word, reason))
    with pytest.raises(kind) as caught:
        await containers(http).finished("C1")
    assert type(caught.value) is kind
    assert caught.value.next_step


async def test_a_container_without_a_name_is_made_again_later() -> None:
    http = FakeHttp().on("POST", "/77/threads", json_body={})
    with pytest.raises(Unavailable):
        await containers(http).make(ME, {"text": "x"})


# -- preparing -----------------------------------------------------------------------------------------------------


async def test_a_carousels_pictures_are_ready_before_it_is_made() -> None:
    plan = Plan(post={"media_type": "CAROUSEL", "text": "Look"}, children=({"image_url": "a"}, {"image_url": "b"}))
    http = FakeHttp().on("POST", "/77/threads", json_body={"id": "A"}).on("POST", "/77/threads", json_body={"id": "B"})
    http.on("GET", "/A", json_body=state("FINISHED")).on("GET", "/B", json_body=state("FINISHED"))
    http.on("POST", "/77/threads", json_body={"id": 12}).on("GET", "/12", json_body=state("FINISHED"))
    assert await publisher(http, plan).prepare(part(handles={}), nothing) == {CONTAINER: "12"}
    assert dict(http.requests[4].form) == {"media_type": "CAROUSEL", "text": "Look", "children": "A,B"}
    assert all(request.effect is not Effect.IRREVERSIBLE for request in http.requests)


async def test_what_is_prepared_is_not_prepared_again() -> None:
    http = FakeHttp()
    made = publisher(http)
    assert (made.needs_preparing(part()), made.needs_preparing(part(handles={}))) == (False, True)
    assert await made.prepare(part(), nothing) == {CONTAINER: "C1"}


async def test_a_refused_topic_is_left_out() -> None:
    plan = Plan(post={"text": "x", "topic_tag": "odd"}, may_drop=frozenset({"topic_tag"}))
    http = FakeHttp().on("POST", "/77/threads", status=400, json_body=fault(100, 4279071))
    http.on("POST", "/77/threads", json_body={"id": "C1"}).on("GET", "/C1", json_body=state("FINISHED"))
    assert await publisher(http, plan).prepare(part(handles={}), nothing) == {CONTAINER: "C1"}
    assert [dict(r.form) for r in http.requests[:2]] == [{"text": "x", "topic_tag": "odd"}, {"text": "x"}]
    http.on("POST", "/77/threads", status=400, json_body=fault(100, 4279071))
    with pytest.raises(Refused):
        await publisher(http).prepare(part(handles={}), nothing)


async def test_a_topic_that_fails_the_container_is_left_out_of_the_next_one() -> None:
    plan = Plan(post={"text": "x", "topic_tag": "odd"}, may_drop=frozenset({"topic_tag"}))
    http = FakeHttp().on("POST", "/77/threads", json_body={"id": "C1"})
    http.on("GET", "/C1", json_body=state("ERROR", "The topic tag is not valid (4279071)"))
    http.on("POST", "/77/threads", json_body={"id": "C2"}).on("GET", "/C2", json_body=state("FINISHED"))
    assert await publisher(http, plan).prepare(part(handles={}), nothing) == {CONTAINER: "C2"}
    assert [dict(r.form) for r in http.requests if r.method == "POST"] == [
        {"text": "x", "topic_tag": "odd"},
        {"text": "x"},
    ]


# -- publishing ----------------------------------------------------------------------------------------------------


async def test_publishing_is_one_call_and_a_look() -> None:
    http = FakeHttp().on("POST", "/77/threads_publish", json_body={"id": "P1"}).on("GET", "/P1", json_body=post("P1"))
    receipt = await publisher(http).send(part())
    assert receipt == Receipt(part=0, remote_id="P1", url="https://threads.example/P1", at=NOW + timedelta(seconds=10))
    commit, look = http.requests
    assert (commit.effect, dict(commit.form)) == (Effect.IRREVERSIBLE, {"creation_id": "C1"})
    assert look.timeout == 5.0


@pytest.mark.parametrize("trouble", [{"lost": True}, {"status": 500}, {"status": 429}, {"body": "<html>"}])
async def test_a_post_that_is_out_stays_out_though_its_address_is_not_told(trouble: dict[str, Any]) -> None:
    http = FakeHttp().on("POST", "/threads_publish", json_body={"id": "P1"}).on("GET", "/P1", **trouble)
    receipt = await publisher(http).send(part())
    assert (receipt.remote_id, receipt.url, receipt.at) == ("P1", "https://threads.example/@us", NOW)


async def test_an_answer_that_names_no_post_is_in_doubt() -> None:
    http = FakeHttp().on("POST", "/threads_publish", json_body={"success": True})
    with pytest.raises(OutcomeUnknown):
        await publisher(http).send(part())


async def test_without_a_container_nothing_is_sent() -> None:
    http = FakeHttp()
    with pytest.raises(Unavailable):
        await publisher(http).send(part(handles={}))
    assert http.requests == []


async def test_a_container_that_is_out_already_is_found_and_not_refused() -> None:
    http = FakeHttp().on("POST", "/threads_publish", status=400, json_body=fault(24, 4279009))
    http.on("GET", "/C1", json_body=state("PUBLISHED"))
    http.on("GET", "/77/threads", json_body={"data": [post("P2", "Other"), post("P1")]})
    assert (await publisher(http).send(part())).remote_id == "P1"


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [(fault(24), NotReady), (fault(100), Refused), (fault(24, 2207008), NotReady)],
)
async def test_a_refusal_stands_when_the_container_is_not_out(refusal: dict[str, Any], kind: type[DeskError]) -> None:
    gone = {"status": 400, "json_body": fault(100, 33)}
    for looked in ({"json_body": state("EXPIRED")}, gone, {"json_body": state("FINISHED")}):
        http = FakeHttp().on("POST", "/threads_publish", status=400, json_body=refusal).on("GET", "/C1", **looked)
        with pytest.raises(kind) as caught:
            await publisher(http).send(part())
        assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("refusal", "word"), [(fault(9007, 2207027), "FINISHED"), (fault(9007), "IN_PROGRESS"), (fault(24), "IN_PROGRESS")]
)
async def test_what_is_published_too_early_is_waited_for_again_and_not_made_anew(
    refusal: dict[str, Any], word: str
) -> None:
    http = FakeHttp().on("POST", "/threads_publish", status=400, json_body=refusal)
    http.on("GET", "/C1", json_body=state(word)).on("GET", "/C1", json_body=state("FINISHED"))
    made = publisher(http)
    with pytest.raises(Unavailable) as caught:
        await made.send(part())
    assert caught.value.handles == {WAITED: "C1"}
    assert await made.prepare(part(handles=caught.value.handles), nothing) == {CONTAINER: "C1"}
    http.finish()


async def test_what_was_published_while_it_was_waited_for_is_found_and_not_made_anew() -> None:
    """A call whose answer was lost may have its effect after it was taken for absent."""
    http = FakeHttp().on("GET", "/C1", json_body=state("PUBLISHED"))
    made = publisher(http)
    assert await made.prepare(part(handles={WAITED: "C1"}), nothing) == {CONTAINER: "C1"}
    http.on("POST", "/threads_publish", status=400, json_body=fault(24)).on("GET", "/C1", json_body=state("PUBLISHED"))
    http.on("GET", "/77/threads", json_body={"data": [post("P1")]})
    assert (await made.send(part())).remote_id == "P1"
    http.finish()


@pytest.mark.parametrize("looked", [{"lost": True}, {"status": 429}, {"body": "<html>"}])
async def test_a_refusal_is_in_doubt_while_the_container_cannot_be_asked(looked: dict[str, Any]) -> None:
    http = FakeHttp().on("POST", "/threads_publish", status=400, json_body=fault(24)).on("GET", "/C1", **looked)
    with pytest.raises(OutcomeUnknown):
        await publisher(http).send(part())


async def test_a_container_that_is_out_and_not_shown_yet_is_in_doubt() -> None:
    http = FakeHttp().on("POST", "/threads_publish", status=400, json_body=fault(24))
    http.on("GET", "/C1", json_body=state("PUBLISHED")).on("GET", "/77/threads", json_body={"data": []})
    with pytest.raises(OutcomeUnknown):
        await publisher(http).send(part())


@pytest.mark.parametrize(("code", "kind"), [(190, NeedsReauth), (4, RateLimited), (368, NeedsOperator)])
async def test_other_refusals_are_not_looked_into(code: int, kind: type[DeskError]) -> None:
    http = FakeHttp().on("POST", "/threads_publish", status=400, json_body=fault(code))
    with pytest.raises(kind):
        await publisher(http).send(part())
    assert len(http.requests) == 1


# -- finding out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["FINISHED", "ERROR", "EXPIRED"])
async def test_a_container_that_was_never_published_is_proof(word: str) -> None:
    http = FakeHttp().on("GET", "/C1", json_body=state(word))
    assert await publisher(http).find(part()) is None


async def test_a_container_in_progress_proves_nothing() -> None:
    with pytest.raises(OutcomeUnknown):
        await publisher(FakeHttp().on("GET", "/C1", json_body=state("IN_PROGRESS"))).find(part())


async def test_the_oldest_post_with_these_words_since_the_call_is_the_one() -> None:
    shown = [
        post("P4", "hello there"),
        post("P3", at="2026-11-23T09:05:00+0000"),
        post("P2", at="2026-11-23T08:59:30+0000"),
        post("P1", at="2026-11-23T08:50:00+0000"),
    ]
    http = FakeHttp().on("GET", "/C1", json_body=state("PUBLISHED")).on("GET", "/77/threads", json_body={"data": shown})
    found = await publisher(http).find(part())
    assert found is not None
    assert (found.remote_id, found.url, found.part) == ("P2", "https://threads.example/P2", 0)


async def test_a_tag_that_became_the_topic_is_still_the_same_post() -> None:
    http = FakeHttp().on("GET", "/C1", json_body=state("PUBLISHED"))
    http.on("GET", "/77/threads", json_body={"data": [post("P1", "Notes on builds today")]})
    found = await publisher(http).find(part("Notes on #builds today"))
    assert found is not None


async def test_a_later_part_is_looked_for_among_our_answers_and_is_none_of_those_before() -> None:
    above = Receipt(part=0, remote_id="P0", url="https://threads.example/P0", at=NOW)
    http = FakeHttp().on("GET", "/C1", json_body=state("PUBLISHED"))
    http.on("GET", "/77/replies", json_body={"data": [post("P1"), post("P0")]})
    found = await publisher(http).find(replace(part(index=1, count=2), receipts=(above,)))
    assert found is not None
    assert (found.remote_id, found.part) == ("P1", 1)


@pytest.mark.parametrize("asked", [{"json_body": state("PUBLISHED")}, {"status": 400, "json_body": fault(100, 33)}])
async def test_what_is_said_to_be_live_and_is_not_shown_is_in_doubt(asked: dict[str, Any]) -> None:
    http = FakeHttp().on("GET", "/C1", **asked).on("GET", "/77/threads", json_body={"data": []})
    with pytest.raises(OutcomeUnknown):
        await publisher(http).find(part())


async def test_a_container_the_network_forgot_leaves_the_list_as_evidence() -> None:
    http = FakeHttp().on("GET", "/C1", status=400, json_body=fault(100, 33))
    http.on("GET", "/77/threads", json_body={"data": [post("P1")]})
    found = await publisher(http).find(part())
    assert found is not None


def test_states_are_the_networks_own_words() -> None:
    assert set(State) == {"IN_PROGRESS", "FINISHED", "PUBLISHED", "ERROR", "EXPIRED"}
