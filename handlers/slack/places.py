"""Where a message is: the desk hands these texts around without looking into them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel of a team, or a message in it; written "T1/C2" or "T1/C2/17.3".

    A message inside a thread also names the one the thread hangs under, "T1/C2/17.9/17.3": Slack takes only that one.
    """

    team: str
    channel: str
    ts: str = ""
    parent: str = ""

    def __str__(self) -> str:
        """As it is handed around."""
        return "/".join(filter(None, (self.team, self.channel, self.ts, self.parent)))

    @property
    def thread(self) -> str:
        """The message under which an answer to this one hangs."""
        return self.parent or self.ts


def parse_place(text: str) -> Place:
    """Read what was handed around."""
    team, channel, ts, parent, *_ = [*text.split("/"), "", "", ""]
    return Place(team=team, channel=channel, ts=ts, parent=parent)
