"""The page as oneself: a link from chat, a session that names its person, and what that person may not do."""

from __future__ import annotations

import hashlib
import hmac
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.registry import page_as
from handlers.views.actions import Verb, action_for
from handlers.web.auth import OneTimeLinks
from services.domain.actor import Role
from services.domain.ids import DraftId, PersonId
from tests.builders import a_person
from tests.fakes.practice_feed import FakePracticeFeed
from tests.handlers.visiting import follow, form_on, press, text_of, words_of
from tests.handlers.world import BASE, SECRET, World, a_png, button_id, make_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.domain.actor import Person

VI = a_person(id=PersonId("slack:T1:Ü 1"), name="Vi", role=Role.VIEWER)
ANA = a_person(id=PersonId("slack:T1:U2"), name="Ana", role=Role.AUTHOR)
BO = a_person(id=PersonId("p-bo"), name="Bo", role=Role.APPROVER)
COOKIE = "copydesk_session"


@pytest.fixture(autouse=True)
async def people(world: World) -> None:
    """Three who came from chat."""
    for person in (VI, ANA, BO):
        await world.store.write(lambda tx, p=person: tx.people.add(p))  # type: ignore[misc]  # a default binds the loop's value


@asynccontextmanager
async def browsing(world: World, person: Person | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, signed in as somebody by their link."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE) as client:
        if person is not None:
            page = await text_of(client, page_as(world.links, BASE)(person.id))
            answer = await press(client, page, "Sign in")
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
        yield client


class TestLink:
    """Getting in."""

    async def test_says_whom_it_signs_in_and_is_not_used_up_by_looking(self, world: World) -> None:
        token = world.links.new(ANA.id)
        async with browsing(world) as browser:
            page = ""
            for _ in range(3):
                page = await text_of(browser, f"/signin/as?token={token}")
                assert "Sign in as Ana? This browser will see and do what Ana may: the role is author." in words_of(
                    page
                )
                assert browser.cookies.get(COOKIE) is None
            assert (await press(browser, page, "Sign in")).status_code == 303
            home = words_of(await text_of(browser, "/"))
            assert "Ana · Sign out" in home
            again = await browser.post("/signin/as", data={"token": token})
            assert (again.status_code, "set-cookie" in again.headers) == (401, False)
            assert "used up or too old" in await text_of(browser, f"/signin/as?token={token}", 401)

    @pytest.mark.parametrize("token", ["", "1.2", "1.2.cC1ibw", "{forged}", "{late}", "{swapped}"])
    async def test_what_is_no_link_of_ours_opens_nothing(self, world: World, token: str) -> None:
        late, good = world.links.new(ANA.id), world.links.new(VI.id)
        await world.clock.advance(3601)
        made, nonce, _, mac = good.split(".")
        bo = world.links.new(BO.id).split(".")[2]
        forged = OneTimeLinks(b"another secret", world.clock).new(BO.id)
        token = token.format(forged=forged, late=late, swapped=f"{made}.{nonce}.{bo}.{mac}")
        async with browsing(world) as browser:
            await text_of(browser, f"/signin/as?token={token}", 401)
            answer = await browser.post("/signin/as", data={"token": token})
            assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)

    async def test_from_elsewhere_is_refused(self, world: World) -> None:
        token = world.links.new(ANA.id)
        async with browsing(world) as browser:
            for header in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
                answer = await browser.post("/signin/as", data={"token": token}, headers=header)
                assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
            assert world.links.whose(token) == ANA.id

    async def test_of_somebody_unknown_opens_nothing(self, world: World) -> None:
        async with browsing(world) as browser:
            token = world.links.new(PersonId("gone"))
            await text_of(browser, f"/signin/as?token={token}", 401)
            assert (await browser.post("/signin/as", data={"token": token})).status_code == 401

    async def test_replaces_who_was_signed_in(self, world: World, signed_in: httpx.AsyncClient) -> None:
        page = await text_of(signed_in, f"/signin/as?token={world.links.new(ANA.id)}")
        assert "Whoever is signed in here now is signed out" in words_of(page)
        await press(signed_in, page, "Sign in")
        assert "Ana · Sign out" in words_of(await text_of(signed_in, "/"))


class TestSession:
    """Staying in."""

    async def test_a_cookie_from_before_people_is_the_owners(self, world: World) -> None:
        text = f"{int(world.clock.now().timestamp())}.{'ab' * 16}"
        mac = hmac.new(SECRET, f"session:{text}".encode(), hashlib.sha256).hexdigest()
        async with browsing(world) as browser:
            browser.cookies.set(COOKIE, f"{text}.{mac}")
            page = await text_of(browser, "/")
            await press(browser, page, "What shall we do?", text="draft Hello")
        drafts = (await world.client.get("/api/drafts")).json()["drafts"]
        assert [d["author"] for d in drafts] == ["owner"]

    async def test_nobody_can_make_it_somebody_elses(self, world: World) -> None:
        async with browsing(world, VI) as browser, browsing(world, BO) as other:
            made, nonce, _, mac = browser.cookies[COOKIE].split(".")
            bo = other.cookies[COOKIE].split(".")[2]
            for forged in (f"{made}.{nonce}.{bo}.{mac}", f"{made}.{nonce}.{mac}", f"{made}.{nonce}..{mac}"):
                async with browsing(world) as thief:
                    thief.cookies.set(COOKIE, forged)
                    await text_of(thief, "/", 401)
                    assert (await thief.get("/api/drafts")).status_code == 401

    async def test_from_chat_ends_after_a_week(self, world: World, signed_in: httpx.AsyncClient) -> None:
        async with browsing(world, ANA) as browser:
            await world.clock.advance(7 * 86400)
            await text_of(browser, "/")
            await world.clock.advance(1)
            await text_of(browser, "/", 401)
        await text_of(signed_in, "/")

    async def test_of_somebody_who_is_gone_opens_nothing_and_is_taken_away(self, world: World) -> None:
        card = await world.draft()
        async with browsing(world, ANA) as browser:
            page = await text_of(browser, "/")
            await world.store.write(lambda tx: tx.people.remove(ANA.id))
            kept = browser.cookies[COOKIE]
            for path in ("/cards/draft-1", "/side", "/approvals", "/calendar", "/accounts", "/practice"):
                browser.cookies.set(COOKIE, kept)
                answer = await browser.get(path)
                assert (answer.status_code, "You are signed out" in answer.text) == (401, True), path
                assert 'copydesk_session=""' in answer.headers["set-cookie"]
            for path in ("/api/drafts", "/api/cards", "/api/events", "/api/media/" + "0" * 64, "/metrics"):
                browser.cookies.set(COOKIE, kept)
                answer = await browser.get(path)
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized"), path
            for path, data in (("/command", {"text": "draft Hello"}), ("/action", {"id": button_id(card, "Approve")})):
                browser.cookies.set(COOKIE, kept)
                answer = await browser.post(path, data={"csrf": form_on(page, "What shall")["csrf"], **data})
                assert answer.status_code == 401
        drafts = (await world.client.get("/api/drafts")).json()["drafts"]
        assert [d["state"] for d in drafts] == ["draft"]

    async def test_a_role_counts_as_it_is_now(self, world: World) -> None:
        await world.draft()
        async with browsing(world, ANA) as browser:
            assert "Approve" not in buttons(await text_of(browser, "/"))
            await world.store.write(lambda tx: tx.people.save(replace(ANA, role=Role.APPROVER)))
            assert "Approve" in buttons(await text_of(browser, "/"))


def buttons(page: str) -> set[str]:
    """Everything on it that can be pressed."""
    found = re.findall(r'<(?:button|a) [^>]*class="(?:button|starter)[^>]*>(.*?)</(?:button|a)>', page)
    return {re.sub(r"<[^>]+>.*?</[^>]+>", "", text).strip() for text in found}


class TestWhatOneMay:
    """Pages and forms act as who is signed in."""

    async def test_an_approver_approves_in_their_own_name(self, world: World) -> None:
        await world.draft()
        async with browsing(world, BO) as browser:
            page = await follow(
                browser,
                await press(browser, await text_of(browser, "/"), ">Approve<", id=await action_on(world, Verb.APPROVE)),
            )
            assert "Bo approved" in words_of(page)
        (draft,) = (await world.client.get("/api/drafts")).json()["drafts"]
        assert draft["approval"]["by"] == "Bo"

    async def test_an_author_writes_in_their_own_name_and_does_not_approve(self, world: World) -> None:
        async with browsing(world, ANA) as browser:
            page = await text_of(browser, "/")
            assert "Begin with one of these" in page
            page = await follow(browser, await press(browser, page, "What shall we do?", text="draft Hello"))
            assert {"Edit", "Regenerate", "Schedule", "Draft"} <= buttons(page)
            assert not {"Approve", "Publish now", "Reject"} & buttons(page)
            refused = await browser.post(
                "/action",
                data={"csrf": form_on(page, "What shall")["csrf"], "id": await action_on(world, Verb.APPROVE)},
            )
            told = words_of(await follow(browser, refused))
            assert "Your role here is author; to approve it takes an approver." in told
            assert (await browser.get("/accounts/freeze")).status_code == 403
        (draft,) = (await world.client.get("/api/drafts")).json()["drafts"]
        assert (draft["author"], draft["state"]) == ("Ana", "draft")

    async def test_a_viewer_sees_everything_and_nothing_to_press(self, world: World) -> None:
        approved = await world.done(button_id(await world.draft("Ships today"), "Approve"))
        await world.done(button_id(approved, "Schedule"), fields={"when": "2026-03-03T09:00+01:00"})
        await world.draft("Waits")
        async with browsing(world, VI) as browser:
            home = await text_of(browser, "/")
            assert "Ships today" in home
            assert buttons(home) == {"Go", "Queue", "Report", "Help"}
            assert "draft and what the post is about" not in home
            calendar = await text_of(browser, "/calendar?day=2026-03-03")
            assert "Ships today" in calendar
            assert "data-move" not in calendar
            approvals = await text_of(browser, "/approvals")
            assert buttons(approvals) <= {"Show", "Open"}
            assert buttons(await text_of(browser, "/drafts/1")) == set()
            accounts = words_of(await text_of(browser, "/accounts"))
            assert "Freeze" not in accounts
            assert "1 decision waits What worked" in words_of(home)
            publish, edit = await action_on(world, Verb.PUBLISH), await action_on(world, Verb.EDIT)
            for path in ("/accounts/freeze", f"/confirm?id={publish}"):
                assert (await browser.get(path)).status_code == 403, path
            told = await follow(browser, await browser.get(f"/form?id={edit}"))
            assert "Your role here is viewer; to write and edit drafts it takes an author." in words_of(told)

    async def test_a_viewer_finds_an_empty_desk_without_examples(self, world: World) -> None:
        async with browsing(world, VI) as browser:
            page = await text_of(browser, "/")
            assert "Nothing is on the desk yet" in page
            assert "Begin with one of these" not in page
            assert buttons(page) == {"Go", "Queue", "Report", "Help"}

    async def test_settings_tell_who_one_is_and_give_a_code(self, world: World) -> None:
        async with browsing(world, ANA) as browser:
            page = await text_of(browser, "/")
            told = await follow(
                browser, await press(browser, page, "What shall we do?", text="settings zone Asia/Tokyo")
            )
            assert "Your role author" in words_of(told)
            assert (await world.actor("Ana")).zone == "Asia/Tokyo"
            assert (await world.actor("owner")).zone == "Europe/Berlin"
            run = re.search(r'name="id" value="([^"]+)">Link another account', told)
            assert run is not None
            code = await follow(browser, await press(browser, told, "Link another account", id=run[1]))
            assert "Your code is " in words_of(code)


async def action_on(world: World, verb: Verb) -> str:
    """The id of a button of draft 1 as it is now."""
    return action_for(await world.services.board.draft(DraftId("1")), verb).encode()


class TestOverHttp:
    """The session of the page asking the HTTP face."""

    async def test_acts_as_its_person_whoever_it_names(self, world: World) -> None:
        async with browsing(world, ANA) as browser:
            csrf = form_on(await text_of(browser, "/"), "Sign out")["csrf"]
            header = {"x-csrf-token": csrf}
            for name in ({}, {"as": "owner"}, {"as": "ana"}):
                answer = await browser.post("/api/command", json={"text": "settings", **name}, headers=header)
                facts = answer.json()["replies"][0]["card"]["blocks"][0]["items"]
                assert {"name": "Your role", "text": "author", "link": ""} in facts
            for path, body in (("/api/command", {"text": "queue"}), ("/api/action", {"id": "cd:1:help:0:0:-"})):
                answer = await browser.post(path, json={**body, "as": "Bo"}, headers=header)
                assert answer.status_code == 403
                assert answer.json()["error"]["message"] == "You are signed in as Ana and speak for nobody else."
            assert (await browser.get("/api/cards?as=Bo")).status_code == 403
            assert (await browser.get("/api/cards")).status_code == 200
        assert (await world.client.get("/api/cards?as=Bo")).status_code == 200

    async def test_the_owners_session_may_name_anybody_as_before(
        self, world: World, signed_in: httpx.AsyncClient
    ) -> None:
        await world.draft()
        labels = [
            [b["label"] for b in (await signed_in.get(f"/api/cards{query}")).json()["cards"][0]["buttons"]]
            for query in ("", "?as=Vi")
        ]
        assert "Approve" in labels[0]
        assert labels[1] == []

    async def test_a_viewer_keeps_no_pictures(self, world: World) -> None:
        for person, status in ((VI, 403), (ANA, 200)):
            async with browsing(world, person) as browser:
                csrf = form_on(await text_of(browser, "/"), "Sign out")["csrf"]
                answer = await browser.post("/api/media", content=a_png(), headers={"x-csrf-token": csrf})
                assert answer.status_code == status


async def test_only_who_runs_the_desk_lets_things_go_wrong_in_practice() -> None:
    feed = FakePracticeFeed([])
    world = await make_world(practice_feed=feed)
    await world.store.write(lambda tx: tx.people.add(ANA))
    async with browsing(world, ANA) as browser:
        page = await text_of(browser, "/practice")
        assert "Practice feeds" in page
        assert "Let something go wrong" not in page
        csrf = form_on(page, "Sign out")["csrf"]
        answer = await browser.post("/practice/faults", data={"csrf": csrf, "mishap": "none"})
        assert answer.status_code == 403
    await world.client.aclose()
    await world.stranger.aclose()
