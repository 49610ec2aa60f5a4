"""Where something happened and how its person can be answered, read from what Slack sends about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handlers.slack.forms import kept_in
from handlers.slack.places import Place, parse_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.slack.teams import Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One thing somebody did."""

    team: Team
    user: str
    channel: str = ""
    """Empty where there is none (the Home tab, a global shortcut): then it is their conversation with the desk."""
    thread: str = ""
    """The message a card belongs under; empty outside of threads."""
    answers_in: str = ""
    """The same for a whisper, which Slack shows in a thread only when somebody wrote in it before."""
    private: bool = False
    """It is their conversation with the desk already: nobody else reads along."""
    trigger: str = ""
    response_url: str = ""
    whispered: bool = False
    home: bool = False

    def within(self, channel: str) -> Origin:
        """The same in their own conversation, where no channel was named."""
        return self if self.channel else replace(self, channel=channel, private=True)

    @property
    def place(self) -> str:
        """The channel as the desk hands it around."""
        return str(Place(team=self.team.id, channel=self.channel))

    @property
    def thread_place(self) -> str:
        """The thread likewise."""
        return str(Place(team=self.team.id, channel=self.channel, ts=self.thread)) if self.thread else ""


def of_command(team: Team, body: Mapping[str, Any]) -> Origin:
    """A slash command, which threads don't take; a "directmessage" may be one the desk is no part of."""
    return Origin(
        team=team,
        user=body["user_id"],
        channel=body["channel_id"],
        trigger=body.get("trigger_id", ""),
        response_url=body.get("response_url", ""),
    )


def of_interaction(team: Team, body: Mapping[str, Any]) -> Origin:
    """A click, a shortcut or a sent form."""
    start = Origin(
        team=team,
        user=body["user"]["id"],
        trigger=body.get("trigger_id", ""),
        response_url=body.get("response_url", ""),
    )
    view = body.get("view")
    if view is not None:
        return _in_view(start, view)
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id", "")
    thread = str(container.get("thread_ts") or (body.get("message") or {}).get("thread_ts") or "")
    # Slack sends the parent's own time with it as well: a card that has answers is no part of a thread.
    own = str(container.get("message_ts") or body.get("message_ts") or "")
    thread = "" if thread == own else thread
    whispered = bool(container.get("is_ephemeral"))
    return replace(
        start,
        channel=channel,
        thread=thread,
        answers_in=thread,
        private=channel.startswith("D") and bool(container) and not whispered,
        whispered=whispered,
    )


def _in_view(start: Origin, view: Mapping[str, Any]) -> Origin:
    if view.get("type") == "home":
        return replace(start, home=True)
    kept = kept_in(view)
    where = parse_place(kept.channel)
    thread = parse_place(kept.thread).ts
    return replace(start, channel=where.channel, thread=thread, answers_in=thread, private=where.channel[:1] == "D")


def of_message(team: Team, event: Mapping[str, Any]) -> Origin:
    """A message that names the desk, or one to it: the first in a channel begins a thread."""
    own, thread = str(event["ts"]), str(event.get("thread_ts") or "")
    private = event.get("channel_type") == "im" or str(event["channel"]).startswith("D")
    return Origin(
        team=team,
        user=event["user"],
        channel=event["channel"],
        thread=thread or ("" if private else own),
        answers_in=thread,
        private=private,
    )
