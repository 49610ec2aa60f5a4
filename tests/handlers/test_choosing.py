"""Options of a draft and of an account over the web's doors: the button, the form, the card, the page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from typing import Any, Final

import httpx
import pytest

from services.domain.actor import Role
from services.domain.ids import AccountId
from tests.choices import CALM, STRICT
from tests.handlers.visiting import follow, press, text_of, words_of
from tests.handlers.world import BLUESKY, MASTODON, Outside, World, button_id, labels, make_world

LINK: Final = re.compile(r'<a [^>]*href="([^"]+)"[^>]*>([^<]+)</a>')
SEES, REPLIES = f"option.{MASTODON}.visibility", f"option.{BLUESKY}.replies"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Choices that may be made on one network and one that has to be on the other."""
    desk = await make_world(outside=Outside(options={"mastodon": CALM, "bluesky": STRICT}))
    yield desk
    await desk.door.desk.tasks.drain(0.0)
    await desk.client.aclose()
    await desk.stranger.aclose()


def options(card: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    return {b["account_id"]: b["options"] for b in card["blocks"] if b["type"] == "variant"}


async def asked(world: World, card: dict[str, Any]) -> dict[str, Any]:
    """The form of the card's options."""
    answer = await world.act(button_id(card, "Options"))
    assert answer.status_code == 200, answer.text
    [reply] = answer.json()["replies"]
    assert reply["kind"] == "open"
    form: dict[str, Any] = reply["form"]
    return form


async def test_what_has_to_be_chosen_stands_on_the_card_first_and_takes_approve_away(world: World) -> None:
    card = await world.draft()
    assert options(card) == {
        MASTODON: [],
        BLUESKY: [
            {"name": "made_with_ai", "title": "Made with AI", "value": "", "text": "No"},
            {"name": "replies", "title": "Who can reply", "value": "", "text": "not chosen yet"},
        ],
    }
    first = card["buttons"][0]
    assert (first["label"], first["style"], first["form"]) == ("Options", "primary", "options")
    assert "Approve" not in labels(card)
    needed = "Bluesky · @driftseas.test: Bluesky needs to know who can reply. Choose it under Options."
    assert needed in [c["text"] for b in card["blocks"] if b["type"] == "checks" for c in b["items"]]


async def test_once_it_is_chosen_the_draft_can_be_approved_as_it_is_shown(world: World) -> None:
    card = await world.done(button_id(await world.draft(), "Options"), fields={REPLIES: "none", SEES: "private"})
    assert options(card)[MASTODON] == [
        {"name": "visibility", "title": "Who can see it", "value": "private", "text": "Followers only"}
    ]
    assert options(card)[BLUESKY][1] == {
        "name": "replies",
        "title": "Who can reply",
        "value": "none",
        "text": "Nobody",
    }
    assert card["revision"] == 2
    [button] = [b for b in card["buttons"] if b["label"] == "Options"]
    assert button["style"] == "plain"
    agreed = await world.done(button_id(card, "Approve"))
    assert (agreed["state"], agreed["revision"]) == ("approved", 2)
    draft = (await world.client.get(f"/api/drafts/{card['draft_id']}")).json()
    assert {v["account_id"]: v["options"] for v in draft["variants"]} == options(card)
    voided = await world.done(button_id(agreed, "Options"), fields={SEES: "public"})
    assert voided["state"] == "draft"


async def test_the_form_asks_for_every_account_and_holds_what_is_chosen(world: World) -> None:
    card = await world.done(button_id(await world.draft(), "Options"), fields={SEES: "private", REPLIES: "all"})
    form = await asked(world, card)
    assert (form["name"], form["title"]) == ("options", "Options of draft 1")
    fields = {f["name"]: f for f in form["fields"]}
    assert list(fields) == [
        f"option.{BLUESKY}.made_with_ai",
        REPLIES,
        SEES,
        f"option.{MASTODON}.warning",
        f"option.{MASTODON}.poll",
    ]
    sees, replies, poll = fields[SEES], fields[REPLIES], fields[f"option.{MASTODON}.poll"]
    assert (sees["title"], sees["type"], sees["required"], sees["value"]) == (
        "Who can see it · Mastodon",
        "select",
        False,
        "private",
    )
    assert [o["value"] for o in sees["options"]] == ["public", "private"]
    assert [o["text"] for o in replies["options"]] == ["Choose…", "Everybody", "Nobody"]
    assert (replies["required"], replies["value"]) == (True, "all")
    assert (poll["type"], poll["max"], poll["help"]) == ("textarea", 100, "One entry a line.")
    assert fields[f"option.{BLUESKY}.made_with_ai"]["options"] == [
        {"value": "", "text": "No"},
        {"value": "yes", "text": "Yes"},
    ]


async def test_a_list_keeps_one_entry_a_line(world: World) -> None:
    poll = f"option.{MASTODON}.poll"
    card = await world.done(button_id(await world.draft(), "Options"), fields={poll: " Tea\r\n\r\nCoffee "})
    [told] = options(card)[MASTODON]
    assert (told["value"], told["text"]) == ("Tea\nCoffee", "Tea / Coffee")
    assert {f["name"]: f["value"] for f in (await asked(world, card))["fields"]}[poll] == "Tea\nCoffee"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({REPLIES: ""}, REPLIES),
        ({SEES: "direct"}, SEES),
        ({f"option.{MASTODON}.warning": "w" * 21}, f"option.{MASTODON}.warning"),
        ({f"option.{MASTODON}.colour": "red"}, f"option.{MASTODON}.colour"),
        ({"option.acc-z.visibility": "private"}, "option.acc-z"),
        ({"text.acc-m": "no option at all"}, None),
    ],
)
async def test_a_wrong_choice_comes_back_with_the_form_and_changes_nothing(
    world: World, fields: dict[str, str], field: str | None
) -> None:
    card = await world.draft()
    answer = await world.act(button_id(card, "Options"), fields=fields)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    [form] = [r["form"] for r in answer.json()["replies"] if r["kind"] == "open"]
    assert [f["value"] for f in form["fields"] if f["name"] in fields] == [
        v for n, v in fields.items() if n in {f["name"] for f in form["fields"]}
    ]
    assert (await world.client.get("/api/drafts/1")).json()["revision"] == 1


async def test_who_was_slower_gets_their_choices_back_on_a_form_for_the_draft_as_it_is(world: World) -> None:
    card = await world.draft()
    await world.done(button_id(card, "Options"), fields={SEES: "private", REPLIES: "all"}, **{"as": "Bo"})
    answer = await world.act(button_id(card, "Options"), fields={SEES: "public", REPLIES: "none"})
    assert answer.status_code == 409
    [form] = [r["form"] for r in answer.json()["replies"] if r["kind"] == "open"]
    fields = {f["name"]: f for f in form["fields"]}
    assert form["clash"]["by"] == "Bo"
    assert form["note"].startswith("Bo chose options at")
    assert (fields[REPLIES]["value"], fields[REPLIES]["theirs"]) == ("none", "Everybody")
    assert fields[SEES]["value"] == "private", "only Bo changed this"
    done = await world.done(form["action"], fields={REPLIES: "none"})
    assert [o["value"] for o in options(done)[BLUESKY]] == ["", "none"]


async def test_what_was_written_for_a_draft_that_takes_no_choices_any_more_is_given_back(world: World) -> None:
    card = await world.draft()
    await world.done(button_id(card, "Archive"))
    poll = f"option.{MASTODON}.poll"
    answer = await world.act(button_id(card, "Options"), fields={poll: "Tea\nCoffee", SEES: "private"})
    assert answer.status_code == 409
    [kept] = [r["card"] for r in answer.json()["replies"] if r["card"] and r["card"]["state"] == "kept"]
    assert [b["text"] for b in kept["blocks"] if b["type"] == "text"] == ["Tea\nCoffee"]


async def test_a_viewer_is_offered_nothing_to_choose_and_may_not(world: World) -> None:
    card = await world.draft()
    vic = await world.actor("Vic")
    await world.store.write(lambda tx: tx.people.save(replace(vic, role=Role.VIEWER)))
    assert (await world.act(button_id(card, "Options"), **{"as": "Vic"})).status_code == 403
    answer = await world.act(button_id(card, "Options"), fields={SEES: "private"}, **{"as": "Vic"})
    assert answer.status_code == 403


async def test_an_account_with_one_choice_is_not_asked_about_it(world: World) -> None:
    [mastodon] = [a for a in await world.services.accounts.list() if a.id == MASTODON]
    narrow = replace(mastodon, limits=replace(mastodon.limits, choices=(("visibility", ("public",)),)))
    await world.store.write(lambda tx: tx.accounts.save(narrow))
    form = await asked(world, await world.draft())
    assert SEES not in {f["name"] for f in form["fields"]}


async def test_two_accounts_of_a_network_are_told_apart(world: World) -> None:
    [mastodon] = [a for a in await world.services.accounts.list() if a.id == MASTODON]
    second = replace(mastodon, id=AccountId("acc-n"), handle="other@social.test", remote_id="2")
    await world.store.write(lambda tx: tx.accounts.add(second, b"sealed"))
    form = await asked(world, await world.draft())
    titles = [f["title"] for f in form["fields"] if "visibility" in f["name"]]
    assert titles == [
        f"Who can see it · Mastodon · @{mastodon.handle}",
        "Who can see it · Mastodon · @other@social.test",
    ]


async def test_versions_tell_what_was_chosen(world: World, signed_in: httpx.AsyncClient) -> None:
    card = await world.done(button_id(await world.draft(), "Options"), fields={SEES: "private", REPLIES: "all"})
    await world.done(button_id(card, "Options"), fields={SEES: "public"})
    told = await text_of(signed_in, "/drafts/1/versions?from=1&to=2")
    assert "Who can see it: Followers only" in told
    assert "Who can reply: Everybody" in told
    assert "Who can see it: Everyone" in await text_of(signed_in, "/drafts/1/versions?from=2&to=3")


class TestStandingChoices:
    """`account options @handle`, and the accounts' card and page."""

    async def opened(self, world: World, text: str) -> dict[str, Any]:
        [reply] = (await world.say(text))["replies"]
        assert reply["kind"] == "open"
        form: dict[str, Any] = reply["form"]
        return form

    async def test_the_word_opens_the_form_and_new_drafts_begin_with_the_answer(self, world: World) -> None:
        form = await self.opened(world, "account options @driftseas.test")
        assert (form["name"], form["title"]) == ("account_options", "What drafts for @driftseas.test begin with")
        replies = form["fields"][1]
        assert (replies["title"], replies["required"]) == ("Who can reply", False)
        assert [o["text"] for o in replies["options"]] == ["Each post asks", "Everybody", "Nobody"]
        card = await world.done(form["action"], fields={REPLIES: "none"})
        [line] = [f["text"] for b in card["blocks"] for f in b["items"] if "Bluesky" in f["name"]]
        assert line == "Works. Drafts begin with Who can reply: Nobody."
        drafted = await world.draft()
        assert options(drafted)[BLUESKY][1]["value"] == "none"
        assert "Approve" in labels(drafted)
        again = await self.opened(world, "accounts options @driftseas.test")
        assert again["fields"][1]["value"] == "none"

    async def test_what_belongs_to_one_post_is_not_asked(self, world: World) -> None:
        form = await self.opened(world, "account options mastodon")
        assert [f["title"] for f in form["fields"]] == ["Who can see it", "Content warning"]

    async def test_the_card_of_accounts_has_a_button_for_each_and_for_admins_alone(self, world: World) -> None:
        [reply] = (await world.say("accounts"))["replies"]
        assert labels(reply["card"]) == [
            "Options of Bluesky · @driftseas.test",
            "Options of Mastodon · @driftseas@social.test",
        ]
        answer = await world.act(reply["card"]["buttons"][0]["id"])
        assert answer.json()["replies"][0]["form"]["name"] == "account_options"
        [other] = (await world.say("accounts", **{"as": "Bo"}))["replies"]
        assert labels(other["card"]) == []
        assert (await world.act(reply["card"]["buttons"][0]["id"], **{"as": "Bo"})).status_code == 403
        typed = await world.client.post("/api/command", json={"text": "account options bluesky", "as": "Bo"})
        assert typed.status_code == 403

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("account options @nobody", "No connected account is called @nobody."),
            ("account options myspace", "I don't know a network called “myspace”."),
            ("account remove @driftseas.test", "There is nothing called “remove @driftseas.test” to do with accounts."),
        ],
    )
    async def test_what_is_not_there_is_told(self, world: World, text: str, sentence: str) -> None:
        answer = await world.client.post("/api/command", json={"text": text})
        assert answer.status_code == 422
        assert answer.json()["error"]["message"] == sentence

    async def test_one_handle_on_two_networks_is_told_apart_by_the_network(self, world: World) -> None:
        [bluesky] = [a for a in await world.services.accounts.list() if a.id == BLUESKY]
        await world.store.write(lambda tx: tx.accounts.save(replace(bluesky, handle="driftseas")))
        answer = await world.client.post("/api/command", json={"text": "account options @driftseas"})
        error = answer.json()["error"]
        assert error["message"] == "“@driftseas” is several accounts: which one?"
        assert sorted(error["next"].removeprefix("It can be ").partition(";")[0].split(", ")) == ["bluesky", "mastodon"]

    async def test_a_wrong_answer_comes_back_with_the_form(self, world: World) -> None:
        form = await self.opened(world, "account options bluesky")
        for fields in ({REPLIES: "perhaps"}, {SEES: "private"}, {"zone": "UTC"}):
            answer = await world.act(form["action"], fields=fields)
            assert answer.status_code == 422
            assert [r["form"]["name"] for r in answer.json()["replies"] if r["kind"] == "open"] == ["account_options"]

    async def test_the_page_of_accounts_leads_there_and_takes_it_without_a_script(
        self, world: World, signed_in: httpx.AsyncClient
    ) -> None:
        page = await text_of(signed_in, "/accounts")
        form = await text_of(signed_in, next(a for a, words in LINK.findall(page) if words == "Options of new drafts"))
        assert "What drafts for @driftseas.test begin with" in form
        answer = await press(signed_in, form, "Each post asks", **{REPLIES: "none"})
        assert answer.headers["location"].startswith("/accounts")
        assert "Who can reply: Nobody" in await follow(signed_in, answer)


class TestPage:
    """The same without a script."""

    async def test_the_form_is_a_page_that_takes_choices(self, world: World, signed_in: httpx.AsyncClient) -> None:
        await world.draft()
        page = await text_of(signed_in, "/")
        assert '<li class="over">Who can reply: not chosen yet' in page
        form = await text_of(signed_in, next(address for address, words in LINK.findall(page) if words == "Options"))
        assert form.index("<legend>Bluesky</legend>") < form.index("<legend>Mastodon</legend>")
        assert re.search(r'<label for="f-\d+">Who can reply</label>', form)
        wrong = await press(signed_in, form, "Choose…", **{SEES: "private", REPLIES: ""})
        assert wrong.status_code == 422
        assert "Bluesky needs to know who can reply." in unescape(wrong.text)
        assert '<option value="private" selected>' in wrong.text
        done = await follow(signed_in, await press(signed_in, form, "Choose…", **{SEES: "private", REPLIES: "all"}))
        assert "Who can see it: Followers only" in done
        assert "not chosen yet" not in done

    async def test_who_was_slower_reads_what_is_there_now(self, world: World, signed_in: httpx.AsyncClient) -> None:
        card = await world.draft()
        page = await text_of(signed_in, "/")
        form = await text_of(signed_in, next(address for address, words in LINK.findall(page) if words == "Options"))
        await world.done(button_id(card, "Options"), fields={REPLIES: "all"}, **{"as": "Bo"})
        clash = await press(signed_in, form, "Choose…", **{REPLIES: "none"})
        assert clash.status_code == 409
        words = words_of(unescape(clash.text))
        assert "Bo chose options" in words
        assert "You and Bo both changed this. There now: Everybody" in words
        done = await follow(signed_in, await press(signed_in, clash.text, "Choose…", **{REPLIES: "none"}))
        assert "Who can reply: Nobody" in done

    async def test_approvals_tell_what_was_chosen(self, world: World, signed_in: httpx.AsyncClient) -> None:
        await world.done(button_id(await world.draft(), "Options"), fields={SEES: "private"})
        words = words_of(await text_of(signed_in, "/approvals"))
        assert "Who can see it: Followers only" in words
        assert "Who can reply: not chosen yet" in words
