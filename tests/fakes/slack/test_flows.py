"""An app on the unmodified slack-bolt goes through everything people do with it."""

from __future__ import annotations

import asyncio

import pytest
from slack_sdk.errors import SlackApiError

from tests.fakes.clock import FakeClock
from tests.fakes.slack.basics import AckTimeout, Refused
from tests.fakes.slack.model import Message, View
from tests.fakes.slack.person import Person
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.tinybot import PNG, TinyBot, card, form, plain


@pytest.fixture
def ana(fake_slack: FakeSlack) -> Person:
    person = fake_slack.join("ana", is_admin=True, email="ana@example.org", tz="Europe/Oslo")
    fake_slack.channel("desk", "ana")
    return person


async def drafted(slack: FakeSlack, person: Person, text: str = "Hello") -> Message:
    before = len(slack.messages("desk"))
    await person.slash(f"/desk draft {text}", "desk")
    await slack.until(lambda: len(slack.messages("desk")) > before)
    return slack.messages("desk")[-1]


def front(person: Person) -> View | None:
    """What is in front of somebody now; a type checker would remember what it was before."""
    return person.modal


async def opened(slack: FakeSlack, person: Person) -> View:
    await person.click(await drafted(slack, person), "Edit")
    return await slack.until(lambda: person.modal)


async def test_a_command_a_card_and_a_click(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        message = await drafted(fake_slack, ana)
        assert bot.told("command")[0]["channel_name"] == "desk"
        assert [b["type"] for b in message.blocks] == ["section", "actions"]
        answer = await ana.click(message, "Approve")
        assert answer.acked
        await fake_slack.until(lambda: message.text.startswith("Approved"))
        assert message.blocks == [
            {"type": "section", "block_id": "cd:2:body", "text": plain(f"Approved by <@{ana.id}>")}
        ]
        assert message.edited is None
        body = bot.told("action")[0]
        assert body["actions"][0]["value"] == '{"r":1}'
        assert body["container"] == {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": False,
        }
        assert body["message"]["blocks"] == card("Hello")


async def test_the_client_refuses_what_is_not_there(fake_slack: FakeSlack, ana: Person) -> None:
    ben = fake_slack.join("ben")
    async with TinyBot(fake_slack) as bot:
        message = await drafted(fake_slack, ana)
        seen = message.snapshot()
        with pytest.raises(Refused, match=r"'Publish' is not there\. There is: Approve, "):
            await ana.click(message, "Publish")
        with pytest.raises(Refused, match="choose something"):
            await ana.click(message, "cd.more")
        with pytest.raises(Refused, match="@ben is not in #desk"):
            await ben.click(message, "Approve")
        with pytest.raises(Refused, match="Slack asks first: Reject"):
            await ana.click(message, "Reject")
        with pytest.raises(Refused, match="asks nothing"):
            await ana.click(message, "Approve", confirm=True)
        with pytest.raises(Refused, match="/post is not a valid command"):
            await ana.slash("/post", "desk")
        assert bot.told("action") == []
        await ana.click(message, "Reject", confirm=True)
        await fake_slack.until(lambda: message.text.startswith("Approved"))
        with pytest.raises(Refused, match="no longer on the message"):
            await ana.click(seen, "Approve")
        await ana.click(seen, "Approve", stale=True)
        assert [body["actions"][0]["action_id"] for body in bot.told("action")] == ["cd.reject", "cd.approve"]


async def test_a_menu(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        message = await drafted(fake_slack, ana)
        with pytest.raises(Refused, match="'Delete' is not in the menu"):
            await ana.choose(message, "cd.more", "Delete")
        await ana.choose(message, "cd.more", "Duplicate")
        await fake_slack.until(lambda: message.text.startswith("Approved"))
        assert bot.told("action")[0]["actions"][0]["selected_option"]["value"] == "dup"


async def test_a_modal_keeps_what_was_typed(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        view = await opened(fake_slack, ana)
        first = view.hash
        await ana.submit(view, {"Text": "bad", "When": "Tomorrow"})
        assert view.errors == {"text": "312 of 280 characters. Shorten by 32."}
        assert front(ana) is view
        await ana.submit(view, {"Text": "again"})
        assert (view.title, view.errors, view.hash == first) == ("Again", {}, False)
        values = view.state()["values"]
        assert values["text"]["text"] == {"type": "plain_text_input", "value": "again"}
        assert values["when"]["when"]["selected_option"]["value"] == "tomorrow"
        await ana.submit(view, {"Text": "fine"})
        assert front(ana) is None
        sent = bot.told("submitted")[-1]["view"]["state"]["values"]
        assert sent == values | {"text": {"text": {"type": "plain_text_input", "value": "fine"}}}


async def test_the_client_enforces_fields(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        view = await opened(fake_slack, ana)
        with pytest.raises(Refused, match="Please complete this required field: Text"):
            await ana.submit(view)
        with pytest.raises(Refused, match="takes 20 characters, not 21"):
            await ana.submit(view, {"Text": "x" * 21})
        with pytest.raises(Refused, match="'Never' is not among the options: Today, Tomorrow"):
            await ana.submit(view, {"When": "Never"})
        with pytest.raises(Refused, match="'Title' is not there"):
            await ana.submit(view, {"Title": "a"})
        (option,) = await ana.suggest(view, "Tag", "news")
        await ana.submit(view, {"Text": "ok", "Tag": option})
        sent = bot.told("submitted")[0]["view"]["state"]["values"]
        assert sent["tag"]["tag"]["selected_option"] == {"text": plain("#news"), "value": "news"}


async def test_a_stack_of_three(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack):
        root = await opened(fake_slack, ana)
        await ana.submit(root, {"Text": "push"})
        second = front(ana)
        assert second is not None
        assert (second.previous_id, second.root_id) == (root.id, root.id)
        with pytest.raises(Refused, match="not open in front"):
            await ana.submit(root, {"Text": "ok"})
        await ana.click(second, "More")
        third = await fake_slack.until(lambda: ana.modal if ana.modal is not second else None)
        await ana.submit(third, {"Text": "push"})
        fake_slack.excuse("push_limit_reached")
        assert front(ana) is third
        await ana.submit(third, {"Text": "fine"})
        assert front(ana) is second
        await ana.submit(second, {"Text": "clear"})
        assert front(ana) is None


async def test_an_error_for_no_field_is_noticed(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack):
        view = await opened(fake_slack, ana)
        await ana.submit(view, {"Text": "misplaced"})
        fake_slack.excuse("an error for 'act', which is no input block")


async def test_closing_tells_only_who_asked(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        view = await opened(fake_slack, ana)
        assert await ana.close(view) is None
        view = await opened(fake_slack, ana)
        await bot.client.views_update(view_id=view.id, view=form(notify_on_close=True))
        await ana.close()
        assert [body["is_cleared"] for body in bot.told("closed")] == [False]


async def test_views_need_a_fresh_trigger_and_the_right_hash(
    fake_slack: FakeSlack, ana: Person, clock: FakeClock
) -> None:
    async with TinyBot(fake_slack) as bot:
        view = await opened(fake_slack, ana)
        trigger = bot.told("action")[0]["trigger_id"]

        async def error(call: str, **args: object) -> str:
            with pytest.raises(SlackApiError) as caught:
                await bot.client.api_call(f"views.{call}", json={"view": form(), **args})
            return str(caught.value.response["error"])

        assert await error("open", trigger_id=trigger) == "exchanged_trigger_id"
        assert await error("open", trigger_id="1.2.3") == "invalid_trigger_id"
        assert await error("update", view_id=view.id, hash="1.old") == "hash_conflict"
        assert await error("update", view_id="V404") == "not_found"
        await bot.client.views_update(view_id=view.id, hash=view.hash, view=form(external_id="edit-1"))
        await bot.client.views_update(external_id="edit-1", view=form(title=plain("By name")))
        assert view.title == "By name"
        late = fake_slack.world.new_trigger(ana.id).id
        await clock.advance(3)
        punctual = fake_slack.world.new_trigger(ana.id).id
        await clock.advance(0.1)
        assert await error("open", trigger_id=late) == "expired_trigger_id"
        await bot.client.views_open(trigger_id=punctual, view=form())


@pytest.fixture
def clock(fake_slack: FakeSlack) -> FakeClock:
    assert isinstance(fake_slack.clock, FakeClock)
    return fake_slack.clock


async def test_a_picture_is_usable_only_when_it_was_processed(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        done = await bot.client.files_upload_v2(content=PNG, filename="card.png", title="Card", alt_txt="A harbour")
        file = done["file"]["id"]
        blocks = [{"type": "image", "alt_text": "A harbour", "slack_file": {"id": file}}]
        channel = fake_slack.world.channel("desk").id
        with pytest.raises(SlackApiError) as caught:
            await bot.client.chat_postMessage(channel=channel, text="Card", blocks=blocks)
        assert caught.value.response["response_metadata"] == {
            "messages": ["[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"]
        }
        kinds = [(await bot.client.files_info(file=file))["file"]["mimetype"] for _ in range(3)]
        assert kinds == ["", "image/png", "image/png"]
        await bot.client.chat_postMessage(channel=channel, text="Card", blocks=blocks)
        assert [m.text for m in ana.sees("desk")] == ["Card"]


@pytest.mark.parametrize("content", [b"RIFF0000WEBP", b"just text"])
async def test_only_png_jpeg_and_gif_are_shown(fake_slack: FakeSlack, ana: Person, content: bytes) -> None:
    fake_slack.world.polls_until_ready = 0
    async with TinyBot(fake_slack) as bot:
        done = await bot.client.files_upload_v2(content=content, filename="card.png", title="Card")
        blocks = [{"type": "image", "alt_text": "A", "slack_file": {"id": done["file"]["id"]}}]
        with pytest.raises(SlackApiError, match="invalid slack file"):
            await bot.client.chat_postMessage(channel=fake_slack.world.channel("desk").id, text="Card", blocks=blocks)


async def test_an_upload_of_another_length_is_refused(fake_slack: FakeSlack) -> None:
    async with TinyBot(fake_slack) as bot:
        told = await bot.client.files_getUploadURLExternal(filename="a.png", length=10)
        async with bot.session.post(told["upload_url"], data=PNG) as answer:
            assert (answer.status, await answer.text()) == (400, "Length mismatch: 72 of 10 bytes")
        with pytest.raises(SlackApiError, match="file_not_found"):
            await bot.client.files_completeUploadExternal(files=[{"id": told["file_id"], "title": "a"}])


async def test_answers_in_the_acknowledgement(fake_slack: FakeSlack, ana: Person) -> None:
    ben = fake_slack.join("ben")
    async with TinyBot(fake_slack):
        await ana.slash("/desk help", "desk")
        assert ([m.text for m in ana.ephemerals], ben.ephemerals, ana.sees("desk")) == (["Try draft."], [], [])
        await ana.slash("/desk broken", "desk")
        fake_slack.excuse("invalid_command_response")
        assert len(ana.ephemerals) == 1


async def test_a_response_url_works_five_times_and_thirty_minutes(
    fake_slack: FakeSlack, ana: Person, clock: FakeClock
) -> None:
    async with TinyBot(fake_slack) as bot:
        await ana.slash("/desk respond hi", "desk")
        await fake_slack.until(lambda: len(fake_slack.world.transcript.named("response_url")) == 6)
        await fake_slack.until(lambda: len(ana.ephemerals) == 5)
        await ana.slash("/desk help", "desk")
        url = bot.told("command")[-1]["response_url"]
        await clock.advance(30 * 60 + 1)
        async with bot.session.post(url, json={"text": "late"}) as answer:
            assert (answer.status, await answer.json()) == (404, {"ok": False, "error": "expired_url"})
        assert bot.answers == [200, 200, 200, 200, 200, 404]


async def test_an_ephemeral_is_replaced_and_deleted_by_its_response_url_alone(
    fake_slack: FakeSlack, ana: Person
) -> None:
    channel = fake_slack.world.channel("desk").id
    async with TinyBot(fake_slack) as bot:
        posted = await bot.client.chat_postEphemeral(channel=channel, user=ana.id, text="Pick", blocks=card("Pick"))
        with pytest.raises(SlackApiError, match="message_not_found"):
            await bot.client.chat_update(channel=channel, ts=posted["message_ts"], text="Changed")
        (message,) = ana.ephemerals
        await ana.click(message, "Approve")
        body = bot.told("action")[0]
        assert body["container"]["is_ephemeral"] is True
        assert "message" not in body
        async with bot.session.post(body["response_url"], json={"replace_original": True, "text": "Done"}) as answer:
            assert answer.status == 200
        assert ([m.text for m in ana.ephemerals], message.blocks) == (["Done"], [])
        async with bot.session.post(body["response_url"], json={"delete_original": True}) as answer:
            assert answer.status == 200
        assert ana.ephemerals == []


async def test_home(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        await ana.open_home()
        view = await fake_slack.until(lambda: ana.home)
        assert [block["type"] for block in view.blocks] == ["section"]
        await ana.open_home()
        await fake_slack.until(lambda: len(bot.told("home")) == 2)
        assert [("view" in body["event"], body["event"]["tab"]) for body in bot.told("home")] == [
            (False, "home"),
            (True, "home"),
        ]


async def test_shortcuts(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        note = await ana.say("desk", "We open on <Monday>")
        await ana.message_shortcut("draft_from_message", note)
        await fake_slack.until(lambda: ana.modal)
        assert bot.told("shortcut")[0]["message"]["text"] == "We open on &lt;Monday&gt;"
        await ana.shortcut("new_draft")
        with pytest.raises(Refused, match="no global shortcut draft_from_message"):
            await ana.shortcut("draft_from_message")


async def test_a_mention_is_answered_in_its_thread(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        asked = await ana.mention("desk", "what is due?")
        (answer,) = await fake_slack.until(lambda: fake_slack.thread(asked))
        assert (answer.text, answer.user) == ("Here.", fake_slack.world.bot.id)
        assert bot.told("mention")[0]["event"]["text"] == f"<@{fake_slack.world.bot.id}> what is due?"
        assert ana.sees("desk") == [asked]


async def test_a_direct_message_and_the_echo_of_the_apps_own(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        await ana.dm("hello")
        opened = await bot.client.conversations_open(users=ana.id)
        await bot.client.chat_postMessage(channel=opened["channel"]["id"], text="Hello yourself")
        await fake_slack.settle()
        await fake_slack.until(lambda: bot.told("message"))
        assert [body["event"]["text"] for body in bot.told("message")] == ["hello"]
        assert [m.text for m in ana.inbox] == ["hello", "Hello yourself"]
        echoed = [e for e in fake_slack.world.transcript.entries if "Hello yourself" in e.detail and e.way == "slack"]
        assert len(echoed) == 1


async def test_words_people_type_are_escaped(fake_slack: FakeSlack, ana: Person) -> None:
    ben = fake_slack.join("ben")
    async with TinyBot(fake_slack) as bot:
        await ana.slash("/desk help @ben in #desk about https://e.org & more", "desk")
        channel = fake_slack.world.channel("desk").id
        text = bot.told("command")[0]["text"]
        assert text == f"help <@{ben.id}|ben> in <#{channel}|desk> about <https://e.org> & more"


async def test_what_is_never_acknowledged_is_an_error(ana: Person, fake_slack: FakeSlack) -> None:
    fake_slack.hub.patience = 0.1
    async with TinyBot(fake_slack):
        with pytest.raises(AckTimeout, match="/desk was not acknowledged within 3 s"):
            await ana.slash("/desk silent", "desk")
        fake_slack.excuse("/desk was not acknowledged")


async def test_what_is_acknowledged_late_by_the_clock_is_an_error(
    ana: Person, fake_slack: FakeSlack, clock: FakeClock
) -> None:
    async with TinyBot(fake_slack) as bot:
        bot.gate = asyncio.Event()
        typed = asyncio.ensure_future(ana.slash("/desk help", "desk"))
        await bot.heard.wait()
        await clock.advance(3.5)
        bot.gate.set()
        with pytest.raises(AckTimeout, match="timeout"):
            await typed
        fake_slack.excuse("/desk was not acknowledged")


async def test_guests_and_strangers(fake_slack: FakeSlack, ana: Person) -> None:
    fake_slack.join("guest", is_restricted=True)
    fake_slack.join("vera", team_id="T0OTHER0001")
    place = fake_slack.channel("shared", "ana", "guest", "vera")
    guest, vera = fake_slack.person("guest"), fake_slack.person("vera")
    async with TinyBot(fake_slack) as bot:
        await ana.slash("/desk draft Hi", "shared")
        message = (await fake_slack.until(lambda: fake_slack.messages("shared")))[0]
        with pytest.raises(Refused, match="@guest is not in #desk"):
            await guest.slash("/desk draft Hi", "desk")
        with pytest.raises(Refused, match="belongs to another organisation"):
            await vera.slash("/desk draft Hi", "shared")
        with pytest.raises(Refused, match="needs an invitation"):
            await guest.join("desk")
        seen = message.snapshot()
        await guest.click(message, "Approve")
        await vera.click(seen, "Approve", stale=True)
        assert [body["user"]["team_id"] for body in bot.told("action")] == [fake_slack.world.team_id, "T0OTHER0001"]
        told = (await bot.client.users_info(user=guest.id))["user"]
        assert (told["is_restricted"], told["team_id"], told["tz"]) == (True, fake_slack.world.team_id, "Europe/London")
        assert vera.id in place.members


async def test_fifty_at_once(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        await asyncio.gather(*(ana.slash(f"/desk draft {n}", "desk") for n in range(50)))
        await fake_slack.until(lambda: len(ana.sees("desk")) == 50)
        assert len({body["trigger_id"] for body in bot.told("command")}) == 50
        assert len(fake_slack.latencies) == 50
        assert sorted(int(m.text) for m in ana.sees("desk")) == list(range(50))


async def test_an_answer_for_everybody(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        await ana.slash("/desk help", "desk")
        url = bot.told("command")[0]["response_url"]
        blocks = [{"type": "section", "text": plain("x" * 3001)}]
        async with bot.session.post(url, json={"text": "Long", "blocks": blocks}) as answer:
            assert (answer.status, await answer.json()) == (404, {"ok": False, "error": "invalid_blocks"})
        async with bot.session.post(url, json={"text": "Done", "response_type": "in_channel"}) as answer:
            assert answer.status == 200
        assert [m.text for m in ana.sees("desk")] == ["Done"]
