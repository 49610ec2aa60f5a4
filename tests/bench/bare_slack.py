"""The least that a Slack app can be: unmodified slack-bolt on a socket, with handlers that only acknowledge.

`/desk card` puts the card of a draft up, so that the same is pressed here as at the desk.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any, Final, cast

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

CARD: Final = Path(__file__).parents[1] / "golden" / "slack" / "draft.json"


async def main() -> None:
    """Serve until ended."""
    card: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    async with aiohttp.ClientSession() as session:
        base_url = os.environ["SLACK_API_BASE_URL"]
        client = AsyncWebClient(token=os.environ.pop("SLACK_BOT_TOKEN"), base_url=base_url, session=session)
        app = AsyncApp(client=client, signing_secret="none")

        async def command(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            if body["text"] == "card":
                await client.chat_postMessage(channel=body["channel_id"], text=card["text"], blocks=card["blocks"])

        async def pressed(ack: Any) -> None:
            await ack()

        app.command("/desk")(command)
        app.action(re.compile(".*"))(pressed)
        handler: object = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=client)
        await cast(Any, handler).start_async()  # its methods have no types


if __name__ == "__main__":
    asyncio.run(main())
