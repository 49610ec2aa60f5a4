"""Where something is in Discord, as one word: "<server>/<channel>", with a message and, before it, its thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.domain.errors import NotFound

PRIVATE: Final = "@me"
"""In the place of a server: the conversation with one person, as in Discord's own links."""
LINKS: Final = "https://discord.com/channels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Ids of Discord's; empty where there is none."""

    guild: str
    channel: str
    message: str = ""
    thread: str = ""

    @property
    def holder(self) -> int:
        """The channel, or the thread, that holds the message."""
        return int(self.thread or self.channel)

    @property
    def word(self) -> str:
        """As everybody else keeps it."""
        return "/".join(filter(None, (self.guild, self.channel, self.thread, self.message)))

    @property
    def link(self) -> str:
        """The address that leads there."""
        return "/".join(filter(None, (LINKS, self.guild, self.thread or self.channel, self.message)))


def place_of(word: str) -> Place:
    """Read "server/channel", "server/channel/message" or "server/channel/thread/message"; raises `NotFound`."""
    guild, *ids = word.split("/")
    if not 1 <= len(ids) <= 3 or not all(i.isascii() and i.isdigit() for i in ids):
        raise NotFound("There is no such place in Discord.")
    channel, *rest = ids
    return Place(
        guild=guild,
        channel=channel,
        thread=rest[0] if len(rest) > 1 else "",
        message=rest[-1] if rest else "",
    )
