"""What must hold at the end of every test, whatever it was about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from tests.fakes.slack.basics import Json, walk
from tests.fakes.slack.world import World

TOKEN: Final = re.compile(r"\b(?:xox[abeoprs]|xapp)-[\w-]{4,}")
LOUD: Final = re.compile(r"<!(?:channel|here|everyone)(?:\|[^>]*)?>")


def breaches(world: World) -> list[str]:
    """Everything the app did that no installation should see."""
    found = list(world.problems)
    for where, channel, text, blocks in _shown(world):
        found += [f"{where}: a secret is in the text" for one in _texts(text, blocks) if _secret(world, one)]
        if channel not in world.loud_allowed:
            found += [f"{where}: calls everybody in the channel" for _ in _loud(text, blocks)]
        found += [f"{where}: a picture without words for those who can't see it" for _ in _silent(blocks)]
        if not text.strip() and channel:
            found.append(f"{where}: no top-level text for notifications and screen readers")
    return found


def _shown(world: World) -> Iterator[tuple[str, str, str, list[Json]]]:
    """Each message and view of the app: where, in which channel, its text and blocks."""
    posted = [message for channel in world.channels.values() for message in channel.messages.values()]
    for message in [*posted, *world.ephemerals]:
        if message.user == world.bot.id and not message.files:
            kind = "ephemeral" if message.ephemeral else "message"
            yield f"{kind} {message.ts} in {message.channel}", message.channel, message.text, message.blocks
    for view in [*(view for stack in world.modals.values() for view in stack), *world.homes.values()]:
        yield f"view {view.id} {view.title}".rstrip(), "", "", view.blocks


def _texts(text: str, blocks: list[Json]) -> Iterator[str]:
    yield text
    for _, _, node in walk(blocks):
        yield from (value for value in node.values() if isinstance(value, str))


def _secret(world: World, text: str) -> bool:
    return TOKEN.search(text) is not None or any(secret in text for secret in world.secrets())


def _loud(text: str, blocks: list[Json]) -> Iterator[Any]:
    """Mentions of everybody that ring: in Slack's markup and as an element, not in inert text."""
    yield from LOUD.finditer(text)
    for _, _, node in walk(blocks):
        if node.get("type") in {"mrkdwn", "markdown"}:
            yield from LOUD.finditer(node["text"])
        if node.get("type") == "broadcast":
            yield node


def _silent(blocks: list[Json]) -> Iterator[Json]:
    for _, _, node in walk(blocks):
        if node.get("type") == "image" and not node.get("alt_text", "").strip():
            yield node
