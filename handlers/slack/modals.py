"""A modal that is on a person's screen: opened before anything is looked up, and filled when the desk knows more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog

from handlers.slack.failures import TooLate, ViewMoved
from handlers.slack.forms import LOADING, MOST_BLOCKS, Kept, message, modal
from handlers.slack.render import message as drawn
from services.domain.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.slack.teams import Team
    from handlers.slack.wire import Wire
    from handlers.views.form import Form
    from handlers.views.sheet import Sheet

View = dict[str, Any]
WAIT: Final = "One moment …"
_log = structlog.get_logger(__name__)


class Modal:
    """One on the screen."""

    def __init__(self, wire: Wire, team: Team, view: Mapping[str, Any]) -> None:
        """`view` is what Slack says of it: its id, and the hash that changes with every change."""
        self._wire = wire
        self._team = team
        self._id = str(view["id"])
        self._hash = str(view.get("hash") or "")

    @classmethod
    async def open(cls, wire: Wire, team: Team, trigger: str, view: View) -> Modal | None:
        """Show it; None when the click is too old for that, or Slack is in trouble."""
        if not trigger:
            return None
        try:
            told = await wire.call(team.token, "views.open", lambda c: c.views_open(trigger_id=trigger, view=view))
        except TooLate:
            return None
        except DeskError as error:
            _log.warning("a form could not be opened", reason=error.message)
            return None
        return cls(wire, team, told["view"])

    async def show(self, view: View) -> bool:
        """Write over it; False when Slack is in trouble. A modal that its reader closed is left closed.

        Nothing is typed into one of ours before it has its form, so on a conflict the newer content may win.
        """
        try:
            try:
                await self._update(view, self._hash)
            except ViewMoved:
                await self._update(view, "")
        except ViewMoved:
            pass
        except DeskError as error:
            _log.warning("a form could not be filled in", reason=error.message)
            return False
        return True

    async def _update(self, view: View, known: str) -> None:
        told = await self._wire.call(
            self._team.token,
            "views.update",
            lambda c: c.views_update(view_id=self._id, view=view, hash=known or None),
        )
        self._hash = str(told["view"].get("hash") or "")


def loading(title: str) -> View:
    """What stands there until the desk knows what to ask."""
    return message(title, WAIT)


def helped(form: Form, sheets: Sequence[tuple[Sheet, Mapping[str, str]]], *, channel: str, thread: str) -> View:
    """The form below what helps to fill it in."""
    made = modal(form, channel=channel, thread=thread)
    above = [b for b in _stacked(sheets) if b["type"] != "actions"]
    return {**made, "blocks": [*above[: max(0, MOST_BLOCKS - len(made["blocks"]))], *made["blocks"]]}


def told(sheets: Sequence[tuple[Sheet, Mapping[str, str]]], *, channel: str, thread: str) -> View:
    """What the desk said instead of asking; its buttons know where they belong."""
    title = sheets[0][0].card.title if sheets else "Done"
    made = message(title, "You can close this.")
    if not sheets:
        return made
    kept = Kept(action="", channel=channel, thread=thread)
    return {**made, "callback_id": LOADING, "private_metadata": kept.encode(), "blocks": _stacked(sheets)[:MOST_BLOCKS]}


def _stacked(sheets: Sequence[tuple[Sheet, Mapping[str, str]]]) -> list[dict[str, Any]]:
    return [
        {**block, "block_id": f"{n}:{block['block_id']}"}
        for n, (sheet, files) in enumerate(sheets)
        for block in drawn(sheet, files).blocks
    ]
