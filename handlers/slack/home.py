"""A person's own page as the Home tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.slack.blocks import Block, header, plain_text
from handlers.slack.blocks import context as quiet
from handlers.slack.render import button
from handlers.views.instants import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.views.home import Home


def home_view(home: Home) -> dict[str, Any]:
    """What `views.publish` takes."""
    return {"type": "home", "blocks": list(_blocks(home))}


def _blocks(home: Home) -> Iterator[Block]:
    if home.buttons:
        yield {"type": "actions", "elements": [button(b, dialog=True) for b in home.buttons]}
    for section in home.sections:
        yield header(section.title)
        for row in section.rows:
            text = plain_text(plain(row.text).strip() or "–")
            yield {"type": "section", "text": text, "accessory": button(row.button, dialog=True)}
        if not section.rows:
            yield quiet(section.empty)
        if section.more:
            yield quiet(f"… and {section.more} more: type /desk queue.")
