"""A tiny app on the unmodified slack-bolt, which proves that the fake is a Slack."""

from __future__ import annotations

import asyncio
import re
from types import TracebackType
from typing import Any, Final, Self, cast

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.basics import Json
from tests.fakes.slack.server import FakeSlack

PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(64)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def card(text: str, revision: int = 1) -> list[Json]:
    """A card as an app of this kind posts it."""
    asks = {"title": plain("Reject?"), "text": plain("It goes back."), "confirm": plain("Yes"), "deny": plain("No")}
    more = [{"text": plain("Duplicate"), "value": "dup"}, {"text": plain("Copy text"), "value": "copy"}]
    value = f'{{"r":{revision}}}'
    return [
        {"type": "section", "block_id": f"cd:{revision}:body", "text": plain(text)},
        {
            "type": "actions",
            "block_id": f"cd:{revision}:act",
            "elements": [
                {"type": "button", "action_id": "cd.approve", "text": plain("Approve"), "value": value},
                {"type": "button", "action_id": "cd.edit", "text": plain("Edit"), "value": value},
                {"type": "button", "action_id": "cd.reject", "text": plain("Reject"), "value": value, "confirm": asks},
                {"type": "overflow", "action_id": "cd.more", "options": more},
            ],
        },
    ]


def form(**more: Any) -> Json:
    """A modal with one of each field the tests need."""
    typed = {"type": "plain_text_input", "action_id": "text", "max_length": 20, "multiline": True}
    when = [{"text": plain(name), "value": name.lower()} for name in ("Today", "Tomorrow")]
    pick = {"type": "static_select", "action_id": "when", "options": when}
    tags = {"type": "external_select", "action_id": "tag", "min_query_length": 1}
    return {
        "type": "modal",
        "callback_id": "edit",
        "title": plain("Edit"),
        "submit": plain("Save"),
        "blocks": [
            {"type": "input", "block_id": "text", "label": plain("Text"), "element": typed},
            {"type": "input", "block_id": "when", "label": plain("When"), "element": pick, "optional": True},
            {"type": "input", "block_id": "tag", "label": plain("Tag"), "element": tags, "optional": True},
            {
                "type": "actions",
                "block_id": "act",
                "elements": [{"type": "button", "action_id": "m.push", "text": plain("More")}],
            },
        ],
        **more,
    }


class TinyBot:
    """Use as `async with`; keeps what it was told in `seen`."""

    def __init__(
        self, slack: FakeSlack, *, retries: int = 0, socket: bool = True, ping: float = 10, **options: Any
    ) -> None:
        """`socket=False` builds the app alone, for HTTP mode; `ping` is bolt's own interval."""
        self._ping = ping
        self.slack = slack
        self.seen: list[tuple[str, Json]] = []
        self.gate: asyncio.Event | None = None
        """When set, a command waits for it before it acknowledges."""
        self.heard = asyncio.Event()
        """Set by the first command."""
        self._retries = retries
        self._socket = socket
        self._options = options

    async def __aenter__(self) -> Self:
        own = self.slack.world.app
        self.session = aiohttp.ClientSession()
        handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=self._retries)] if self._retries else []
        token = None if "oauth_settings" in self._options else own.bot_token
        self.client = AsyncWebClient(
            token=token, base_url=self.slack.api_url, session=self.session, retry_handlers=list(handlers)
        )
        self.app = AsyncApp(client=self.client, signing_secret=own.signing_secret, **self._options)
        self._listen()
        handler: object = AsyncSocketModeHandler(
            self.app, own.app_token, web_client=self.client, ping_interval=self._ping
        )
        self.handler = cast(Any, handler)  # its methods have no types
        if self._socket:
            await self.handler.connect_async()
            await self.slack.connected()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.handler.client.close()
        await self.session.close()

    def told(self, kind: str) -> list[Json]:
        """Everything of one kind it was told."""
        return [body for name, body in self.seen if name == kind]

    def _listen(self) -> None:
        app = self.app
        app.command("/desk")(self._command)
        app.action(re.compile(r"cd\..*"))(self._action)
        app.action("m.push")(self._push)
        app.view("edit")(self._submitted)
        app.view_closed("edit")(self.note("closed"))
        app.shortcut(re.compile(".*"))(self._shortcut)
        app.options("tag")(self._options_of)
        app.event("app_home_opened")(self._home)
        app.event("app_mention")(self._mention)
        for name in ("message", "app_uninstalled", "tokens_revoked", "member_joined_channel"):
            app.event(name)(self.note(name))

    def note(self, name: str) -> Any:
        """A listener that only remembers."""

        async def listener(ack: Any, body: Json) -> None:
            await ack()
            self.seen.append((name, body))

        return listener

    async def _command(self, ack: Any, body: Json, respond: Any) -> None:
        self.seen.append(("command", body))
        self.heard.set()
        word, _, text = body.get("text", "").partition(" ")
        if self.gate is not None:
            await self.gate.wait()
        match word:
            case "silent":
                return
            case "help":
                await ack(text="Try draft.")
            case "broken":
                await ack(blocks=[{"type": "sectoin"}], text="Broken.")
            case "respond":
                await ack()
                self.answers = [(await respond(f"{text} {number}")).status_code for number in range(6)]
            case _:
                await ack()
                await self.client.chat_postMessage(channel=body["channel_id"], text=text, blocks=card(text))

    async def _action(self, ack: Any, body: Json) -> None:
        await ack()
        self.seen.append(("action", body))
        if body["actions"][0]["action_id"] == "cd.edit":
            await self.client.views_open(trigger_id=body["trigger_id"], view=form())
            return
        if body["container"]["is_ephemeral"]:
            return
        place = {"channel": body["channel"]["id"], "ts": body["container"]["message_ts"]}
        text = f"Approved by <@{body['user']['id']}>"
        await self.client.chat_update(**place, text=text, blocks=card(text, 2)[:1])

    async def _push(self, ack: Any, body: Json) -> None:
        await ack()
        await self.client.views_push(trigger_id=body["trigger_id"], view=form(title=plain("More")))

    async def _submitted(self, ack: Any, body: Json) -> None:
        self.seen.append(("submitted", body))
        text = body["view"]["state"]["values"]["text"]["text"]["value"]
        match text:
            case "bad":
                await ack(response_action="errors", errors={"text": "312 of 280 characters. Shorten by 32."})
            case "misplaced":
                await ack(response_action="errors", errors={"act": "No field."})
            case "again":
                await ack(response_action="update", view=form(title=plain("Again")))
            case "push":
                await ack(response_action="push", view=form(title=plain("More")))
            case "clear":
                await ack(response_action="clear")
            case _:
                await ack()

    async def _options_of(self, ack: Any, body: Json) -> None:
        self.seen.append(("options", body))
        await ack(options=[{"text": plain(f"#{body['value']}"), "value": body["value"]}])

    async def _shortcut(self, ack: Any, body: Json) -> None:
        await ack()
        self.seen.append(("shortcut", body))
        await self.client.views_open(trigger_id=body["trigger_id"], view=form())

    async def _home(self, body: Json) -> None:
        self.seen.append(("home", body))
        view = {"type": "home", "blocks": [{"type": "section", "text": plain("Needs your approval")}]}
        await self.client.views_publish(user_id=body["event"]["user"], view=view)

    async def _mention(self, body: Json) -> None:
        self.seen.append(("mention", body))
        event = body["event"]
        await self.client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="Here.")
