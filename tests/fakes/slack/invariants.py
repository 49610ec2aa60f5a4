"""What no message and no view may ever show, looked at the moment it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from tests.fakes.slack.basics import Json, walk

TOKEN: Final = re.compile(r"\b(?:xox[abeoprs]|xapp)-[\w-]{4,}")
LOUD: Final = re.compile(r"<!(?:channel|here|everyone)(?:\|[^>]*)?>")


def breaches(text: str | None, blocks: list[Json], *, secrets: Iterable[str], loud: bool) -> Iterator[str]:
    """What is wrong with it; `text` is None for views, which have none; `loud` allows calling everybody."""
    if any(TOKEN.search(one) or any(secret in one for secret in secrets) for one in _texts(text or "", blocks)):
        yield "a secret is in the text"
    if not loud and _calls_everybody(text or "", blocks):
        yield "calls everybody in the channel"
    if any(node.get("type") == "image" and not node["alt_text"].strip() for _, _, node in walk(blocks)):
        yield "a picture without words for those who can't see it"
    if text is not None and not text.strip():
        yield "no top-level text for notifications and screen readers"


def _texts(text: str, blocks: list[Json]) -> Iterator[str]:
    yield text
    for _, _, node in walk(blocks):
        yield from (value for value in node.values() if isinstance(value, str))


def _calls_everybody(text: str, blocks: list[Json]) -> bool:
    """Whether a mention rings: in Slack's markup or as an element, not in inert text."""
    live = [node["text"] for _, _, node in walk(blocks) if node.get("type") in {"mrkdwn", "markdown"}]
    if any(LOUD.search(one) for one in [text, *live]):
        return True
    return any(node.get("type") == "broadcast" for _, _, node in walk(blocks))
