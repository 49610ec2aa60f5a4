"""The rest of the workspace: people, groups, channels, threads, streams, and what is judged at the end."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.errors import SlackApiError

from tests.fakes.clock import FakeClock
from tests.fakes.slack.basics import Json, Refused
from tests.fakes.slack.person import Person
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.tinybot import PNG, TinyBot, card, form, plain
from tests.fakes.slack.world import SCOPES, AppConfig


@pytest.fixture
def ana(fake_slack: FakeSlack) -> Person:
    person = fake_slack.join("ana", is_owner=True, email="ana@example.org")
    fake_slack.channel("desk", "ana")
    return person


async def error(bot: TinyBot, method: str, **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await bot.client.api_call(method, json=args)
    return str(caught.value.response["error"])


async def test_user_groups(fake_slack: FakeSlack, ana: Person) -> None:
    group = fake_slack.group("approvers", "ana")
    async with TinyBot(fake_slack, socket=False) as bot:
        assert (await bot.client.usergroups_users_list(usergroup=group))["users"] == [ana.id]
        assert (await bot.client.usergroups_list(include_users=True))["usergroups"][0]["users"] == [ana.id]
        assert await error(bot, "usergroups.users.list", usergroup="S404") == "no_such_subteam"
        fake_slack.world.paid = False
        assert await error(bot, "usergroups.users.list", usergroup=group) == "plan_upgrade_required"


async def test_people(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack, socket=False) as bot:
        assert (await bot.client.users_lookupByEmail(email="ana@example.org"))["user"]["is_owner"] is True
        assert await error(bot, "users.lookupByEmail", email="nobody@example.org") == "users_not_found"
        assert await error(bot, "users.info", user="U404") == "user_not_found"
        names = []
        async for page in await bot.client.users_list(limit=1):
            names += [member["name"] for member in page["members"]]
        assert names == ["copydesk", "ana"]
        assert await error(bot, "users.list", cursor="?") == "invalid_cursor"
        fake_slack.world.grant("xoxb-less", SCOPES - {"users:read.email"})
        told = await bot.client.users_info(user=ana.id, token="xoxb-less")
        assert "email" not in told["user"]["profile"]


async def test_channels(fake_slack: FakeSlack, ana: Person) -> None:
    away = fake_slack.channel("away", "ana", bot=False)
    hidden = fake_slack.channel("hidden", "ana", private=True, bot=False)
    async with TinyBot(fake_slack, socket=False) as bot:
        fake_slack.world.grant("xoxb-less", SCOPES - {"chat:write.public", "channels:history"})
        assert await error(bot, "chat.postMessage", channel=hidden.id, text="Hi") == "channel_not_found"
        assert await error(bot, "chat.postMessage", channel=away.id, text="Hi", token="xoxb-less") == "not_in_channel"
        await bot.client.chat_postMessage(channel="#away", text="Hi")
        assert await error(bot, "chat.update", channel="#away", ts="1.1", text="Hi") == "channel_not_found"
        assert await error(bot, "conversations.history", channel=away.id) == "not_in_channel"
        assert await error(bot, "conversations.history", channel=away.id, token="xoxb-less") == "missing_scope"
        assert await error(bot, "conversations.open", users=fake_slack.world.bot.id) == "cannot_dm_bot"
        listed = await bot.client.conversations_list(types="public_channel,private_channel")
        assert [(c["name"], c["is_member"]) for c in listed["channels"]] == [("desk", True), ("away", False)]
        assert (await bot.client.conversations_info(channel=away.id))["channel"]["num_members"] == 1
        assert (await bot.client.conversations_members(channel=away.id))["members"] == [ana.id]
        away.archived = True
        assert await error(bot, "chat.postMessage", channel=away.id, text="Hi") == "is_archived"
        with pytest.raises(Refused, match="The app is not in #hidden"):
            await ana.mention("hidden", "hello")
        whisper = {"user": fake_slack.join("ben").id, "text": "Hi"}
        assert await error(bot, "chat.postEphemeral", channel="desk", **whisper) == "channel_not_found"
        desk = fake_slack.world.channel("desk").id
        assert await error(bot, "chat.postEphemeral", channel=desk, **whisper) == "user_not_in_channel"


async def test_threads_and_history(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack, socket=False) as bot:
        desk = fake_slack.world.channel("desk").id
        posted = await bot.client.chat_postMessage(channel=desk, text="Card")
        await bot.client.chat_postMessage(channel=desk, text="v2", thread_ts=posted["ts"])
        (answer,) = fake_slack.thread(ana.sees("desk")[0])
        nested = await bot.client.chat_postMessage(channel=desk, text="v3", thread_ts=answer.ts)
        assert nested["message"]["thread_ts"] == posted["ts"]
        replies = await bot.client.conversations_replies(channel=desk, ts=posted["ts"])
        assert [m["text"] for m in replies["messages"]] == ["Card", "v2", "v3"]
        history = await bot.client.conversations_history(channel=desk)
        assert [m["text"] for m in history["messages"]] == ["Card"]
        assert await error(bot, "chat.postMessage", channel=desk, text="a", thread_ts="1.1") == "thread_not_found"
        link = await bot.client.chat_getPermalink(channel=desk, message_ts=posted["ts"])
        assert link["permalink"] == f"https://acme.slack.test/archives/{desk}/p{posted['ts'].replace('.', '')}"


async def test_updates(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack, socket=False) as bot:
        desk = fake_slack.world.channel("desk").id
        ts = (await bot.client.chat_postMessage(channel=desk, text="Card", blocks=card("Card")))["ts"]
        (message,) = ana.sees("desk")
        await bot.client.chat_update(channel=desk, ts=ts, text="Card 2", blocks=card("Card 2", 2))
        assert (message.blocks, message.edited) == (card("Card 2", 2), None)
        await bot.client.chat_update(channel=desk, ts=ts, text="Only text")
        assert (message.text, message.blocks, message.edited is None) == ("Only text", [], False)
        note = await ana.say("desk", "Mine")
        assert await error(bot, "chat.update", channel=desk, ts=note.ts, text="a") == "cant_update_message"
        assert await error(bot, "chat.delete", channel=desk, ts=note.ts) == "cant_delete_message"
        assert await error(bot, "chat.update", channel=desk, ts="1.1", text="a") == "message_not_found"
        assert await error(bot, "chat.update", channel=desk, ts=ts) == "no_text"
        await bot.client.chat_delete(channel=desk, ts=ts)
        assert ana.sees("desk") == [note]


async def test_reactions(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack, socket=False) as bot:
        desk = fake_slack.world.channel("desk").id
        note = await ana.say("desk", "Mine")
        place = {"channel": desk, "timestamp": note.ts, "name": "eyes"}
        await bot.client.reactions_add(**place)
        assert note.reactions == {"eyes": [fake_slack.world.bot.id]}
        assert await error(bot, "reactions.add", **place) == "already_reacted"
        await bot.client.reactions_remove(**place)
        assert await error(bot, "reactions.remove", **place) == "no_reaction"


async def test_streams_and_the_agents_surface(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack, socket=False) as bot:
        desk = fake_slack.world.channel("desk").id
        asked = await ana.say("desk", "What is due?")
        assert await error(bot, "chat.startStream", channel=desk, thread_ts=asked.ts) == "invalid_arguments"
        whom = {"recipient_user_id": ana.id, "recipient_team_id": fake_slack.world.team_id}
        begin = {"channel": desk, "thread_ts": asked.ts, **whom}
        ts = (await bot.client.api_call("chat.startStream", json=begin))["ts"]
        await bot.client.chat_appendStream(channel=desk, ts=ts, markdown_text="Two ")
        await bot.client.chat_stopStream(channel=desk, ts=ts, markdown_text="drafts.")
        assert [m.text for m in fake_slack.thread(asked)] == ["Two drafts."]
        late = await error(bot, "chat.appendStream", channel=desk, ts=ts, markdown_text="a")
        assert late == "message_not_in_streaming_state"
        await bot.client.assistant_threads_setStatus(channel_id=desk, thread_ts=asked.ts, status="is looking")
        assert fake_slack.world.statuses == {(desk, asked.ts): "is looking"}
        prompts = [{"title": "Due", "message": "What is due?"}]
        await bot.client.api_call(
            "assistant.threads.setSuggestedPrompts", json={"channel_id": desk, "prompts": prompts}
        )
        assert fake_slack.world.prompts == prompts
        await bot.client.assistant_threads_setSuggestedPrompts(channel_id=desk, thread_ts="1.1", prompts=prompts)
        fake_slack.excuse("with thread_ts shows nothing")


async def test_blocks_validate(fake_slack: FakeSlack) -> None:
    async with TinyBot(fake_slack, socket=False) as bot:
        assert (await bot.client.blocks_validate(blocks=card("Card")))["ok"] is True
        with pytest.raises(SlackApiError) as caught:
            await bot.client.blocks_validate(message={"blocks": [{"type": "header", "text": plain("x" * 151)}]})
        assert caught.value.response["error"] == "invalid_message"
        assert caught.value.response["errors"] == [
            {
                "pointer": "/blocks/0/text/text",
                "code": "failed_constraint",
                "message": "must be less than 151 characters",
            }
        ]
        assert await error(bot, "blocks.validate") == "invalid_arguments"


async def test_a_home_tab_is_published_with_its_hash(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack, socket=False) as bot:
        view = {"type": "home", "blocks": [{"type": "section", "text": plain("Queue")}]}
        first = (await bot.client.views_publish(user_id=ana.id, view=view))["view"]["hash"]
        await bot.client.views_publish(user_id=ana.id, view=view, hash=first)
        assert await error(bot, "views.publish", user_id=ana.id, view=view, hash=first) == "hash_conflict"
        modal = {"type": "modal", "title": plain("a"), "blocks": view["blocks"]}
        assert await error(bot, "views.publish", user_id=ana.id, view=modal) == "invalid_arguments"


LOUD = {"type": "section", "text": {"type": "mrkdwn", "text": "<!here> look"}}
BROADCAST = {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "channel"}]}
RICH = {"type": "rich_text_section", "elements": [{"type": "text", "text": "<!channel>"}]}


@pytest.mark.parametrize("loud", [False, True])
@pytest.mark.parametrize(
    ("text", "blocks", "breach"),
    [
        ("<!channel> Card", [], "calls everybody in the channel"),
        ("Card", [LOUD], "calls everybody in the channel"),
        ("Card", [{"type": "rich_text", "elements": [BROADCAST]}], "calls everybody in the channel"),
        ("Card", [{"type": "rich_text", "elements": [RICH]}], None),
        ("Card", [{"type": "section", "text": plain("<!everyone>")}], None),
        ("The token is xoxb-1234-abcd", [], "a secret is in the text"),
        ("Card", [{"type": "section", "text": plain(AppConfig().signing_secret)}], "a secret is in the text"),
        (
            "Card",
            [{"type": "image", "alt_text": " ", "image_url": "https://example.org/a.png"}],
            "a picture without words for those who can't see it",
        ),
        (" ", [{"type": "divider"}], "no top-level text for notifications and screen readers"),
    ],
)
async def test_what_must_always_hold(text: str, blocks: list[Json], breach: str | None, *, loud: bool) -> None:
    async with FakeSlack(clock=FakeClock()) as slack:
        slack.join("ana")
        channel = slack.channel("desk", "ana")
        async with TinyBot(slack, socket=False) as bot:
            slack.world.loud_allowed |= {channel.id} if loud else set()
            posted = {"channel": channel.id, "text": text, "blocks": blocks}
            await bot.client.api_call("chat.postMessage", json=posted)  # the SDK itself warns of a missing text
            if breach is None or (loud and "everybody" in breach):
                slack.check()
                return
            with pytest.raises(AssertionError, match=f"message [0-9.]+ in {channel.id}: {breach}"):
                slack.check()


async def test_the_transcript_tells_all_and_no_secret(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack):
        await ana.slash("/desk help", "desk")
    told = str(fake_slack.world.transcript)
    assert "app → Slack apps.connections.open" in told
    assert '"command": "/desk"' in told
    assert not [secret for secret in fake_slack.world.secrets() if secret in told]


def test_an_app_from_its_manifest() -> None:
    manifest = yaml.safe_load("""
features:
  bot_user: {display_name: Copydesk}
  shortcuts: [{name: New, type: global, callback_id: new_draft}]
  slash_commands: [{command: /desk, should_escape: true}, {command: /raw}]
oauth_config:
  redirect_urls: [https://desk.example.org/]
  scopes: {bot: [commands], bot_optional: [usergroups:read]}
settings:
  event_subscriptions: {bot_events: [app_mention]}
  interactivity: {is_enabled: true}
""")
    assert AppConfig.from_manifest(manifest) == AppConfig(
        bot_name="copydesk",
        scopes=frozenset({"commands", "usergroups:read"}),
        commands={"/desk": True, "/raw": False},
        shortcuts={"new_draft": "global"},
        events=frozenset({"app_mention"}),
        redirect_urls=("https://desk.example.org/",),
    )


async def test_pictures_of_people(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        picture = ana.upload("harbour.png", PNG)
        note = await ana.share("desk", picture, "Use this")
        await ana.message_shortcut("draft_from_message", note)
        await fake_slack.until(lambda: ana.modal)
        (told,) = bot.told("shortcut")[0]["message"]["files"]
        assert (told["mimetype"], told["user"]) == ("image/png", ana.id)
        headers = {"Authorization": f"Bearer {fake_slack.world.app.bot_token}"}
        async with bot.session.get(told["url_private"], headers=headers) as answer:
            assert await answer.read() == PNG
        async with bot.session.get(told["url_private"]) as answer:
            assert answer.content_type == "text/html"
        foreign = [{"type": "image", "alt_text": "A", "slack_file": {"id": told["id"]}}]
        desk = fake_slack.world.channel("desk").id
        assert await error(bot, "chat.postMessage", channel=desk, text="Card", blocks=foreign) == "invalid_blocks"


async def test_a_file_field(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        await ana.shortcut("new_draft")
        view = await fake_slack.until(lambda: ana.modal)
        field = {"type": "file_input", "action_id": "image", "filetypes": ["png"], "max_files": 1}
        blocks = [{"type": "input", "block_id": "image", "label": plain("Image"), "element": field}]
        await bot.client.views_update(view_id=view.id, view={**form(), "callback_id": "other", "blocks": blocks})
        bot.app.view("other")(bot.note("image"))
        picture = ana.upload("harbour.png", PNG)
        with pytest.raises(Refused, match="takes 1 files, not 2"):
            await ana.submit(view, {"Image": [picture, picture]})
        with pytest.raises(Refused, match=r"a\.gif is a gif, and the field takes png"):
            await ana.submit(view, {"Image": [ana.upload("a.gif", b"GIF89a")]})
        await ana.submit(view, {"Image": [picture]})
        assert bot.told("image")[0]["view"]["state"]["values"]["image"]["image"]["files"] == [picture]


async def test_a_button_on_the_home_tab(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack) as bot:
        await bot.client.views_publish(user_id=ana.id, view={"type": "home", "blocks": card("Queue")})
        home = await fake_slack.until(lambda: ana.home)
        await ana.click(home, "Edit")
        await fake_slack.until(lambda: ana.modal)
        assert bot.told("action")[0]["container"] == {"type": "view", "view_id": home.id}
        trigger = fake_slack.world.new_trigger(ana.id, home.id).id
        with pytest.raises(SlackApiError, match="the root view whose stack"):
            await bot.client.views_push(trigger_id=trigger, view=form())


async def test_cards_outlive_the_app(fake_slack: FakeSlack, ana: Person) -> None:
    async with TinyBot(fake_slack):
        await ana.slash("/desk draft Hello", "desk")
        (message,) = await fake_slack.until(lambda: ana.sees("desk"))
    await fake_slack.until(lambda: not fake_slack.hub.links)
    async with TinyBot(fake_slack):
        await ana.click(message, "Approve")
        await fake_slack.until(lambda: message.text.startswith("Approved"))


class TestWithoutScopes:
    @pytest.fixture
    def fake_slack_app(self) -> AppConfig:
        return AppConfig(scopes=frozenset({"chat:write"}))

    async def test_neither_commands_nor_events_reach_the_app(self, fake_slack: FakeSlack, ana: Person) -> None:
        async with TinyBot(fake_slack) as bot:
            with pytest.raises(Refused, match="/desk is not a valid command"):
                await ana.slash("/desk help", "desk")
            with pytest.raises(Refused, match="no global shortcut"):
                await ana.shortcut("new_draft")
            await ana.mention("desk", "hello")
            await ana.dm("hello")
            await ana.open_home()
            await fake_slack.until(lambda: bot.seen)
            assert [name for name, _ in bot.seen] == ["home"]


class TestWithoutInteractivity:
    @pytest.fixture
    def fake_slack_app(self) -> AppConfig:
        return AppConfig(interactivity=False)

    async def test_buttons_do_nothing(self, fake_slack: FakeSlack, ana: Person) -> None:
        with pytest.raises(Refused, match="Interactivity is off"):
            await ana.shortcut("new_draft")


def test_the_fake_knows_nothing_of_the_project() -> None:
    folder = Path(__file__).parent
    named = {
        (path.name, name)
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.split(".")[0] in {"bot", "handlers", "services", "storage"}
    }
    assert named == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
