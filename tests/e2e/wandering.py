"""Five people in Slack who do whatever comes to their minds, on a connection that fails now and then."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from tests.e2e.chats import ChatProcess
from tests.e2e.process import PATIENCE, Practice

T = TypeVar("T")
PEOPLE: Final = ("person 1", "person 2", "person 3", "person 4", "person 5")
"""Two admins, two members and a guest."""
ROOMS: Final = ("newsroom", "launch")
FAULTS: Final[Sequence[tuple[str, dict[str, Any]]]] = (
    ("inject", {"method": "chat.update", "status": 429, "retry_after": 1}),
    ("inject", {"method": "chat.update", "status": 503, "times": 2}),
    ("inject", {"method": "chat.update", "status": 500, "after": True}),
    ("inject", {"method": "chat.postMessage", "status": 429, "retry_after": 1}),
    ("inject", {"method": "chat.postMessage", "status": 503}),
    ("inject", {"method": "chat.postMessage", "status": 500, "after": True}),
    ("inject", {"method": "chat.postEphemeral", "status": 503}),
    ("inject", {"method": "users.info", "status": 503}),
    ("inject", {"method": "views.open", "status": 503}),
    ("inject", {"method": "views.update", "status": 429, "retry_after": 1}),
    ("inject", {"method": "files.getUploadURLExternal", "status": 503}),
    ("duplicate_next_event", {}),
    ("disconnect", {}),
    ("drop_socket", {}),
    ("drop_socket", {"cut": True}),
)
"""What goes wrong between the desk and Slack."""
TROUBLES: Final[Sequence[dict[str, Any]]] = (
    {"network": "mastodon", "operation": "publish", "fault": "drop_after"},
    {"network": "bluesky", "operation": "publish", "fault": "drop_after"},
    {"network": "mastodon", "operation": "publish", "fault": "status", "value": 503},
    {"network": "bluesky", "operation": "publish", "fault": "drop_before"},
)
"""What goes wrong between the desk and its networks."""
_WORDS: Final = ("queue", "queue mine", "schedule", "accounts", "help", "settings", "roles", "nonsense", "draft")
_AWAY: Final = re.compile(r"was not acknowledged within 3 s \(connection_failed\)")


@dataclass
class Wanderers:
    """What they do is drawn from `chance`, so that a seed tells the story again."""

    slack: ChatProcess
    networks: Practice
    chance: random.Random
    drafts: int = 0
    done: Counter[str] = field(default_factory=Counter)
    """How often each kind of thing was done, or was not possible."""

    def arrive(self) -> None:
        """Let them in."""
        for person in PEOPLE:
            admin, guest = person in PEOPLE[:2], person == PEOPLE[-1]
            self.slack.do("join", user=person, is_admin=admin, is_restricted=guest)
        for room in ROOMS:
            self.slack.do("channel", channel=room, members=list(PEOPLE))

    def warm_up(self) -> None:
        """Each thing that loads or keeps something once, while nothing goes wrong."""
        who, room = PEOPLE[0], ROOMS[0]
        for text in ("help", "queue", self._new(), "report 7d", f"{self._new()} picture=no"):
            self._do("slash", user=who, channel=room, text=f"/desk {text}")
            self.slack.do("rest", seconds=2)
        for label in ("Approve", "Publish now", "Schedule"):
            with suppress(NotPossibleError):
                self._click(self._one([b for b in self._pressable() if b[1]["text"]["text"] == label]), user=who)
            self._answer(who)
            self.slack.do("rest", seconds=2)

    def act(self) -> None:
        """One thing, by somebody."""
        kinds: dict[str, tuple[int, Callable[[str], None]]] = {
            "draft": (14, self._draft),
            "press": (44, self._press),
            "together": (6, self._press_together),
            "more": (10, self._more),
            "whisper": (8, self._press_whisper),
            "word": (8, self._word),
            "mention": (5, self._mention),
            "home": (3, self._home),
            "report": (2, self._report),
        }
        [name] = self.chance.choices(list(kinds), [weight for weight, _ in kinds.values()])
        self.try_to(name, kinds[name][1])

    def try_to(self, name: str, what: Callable[[str], None]) -> None:
        """Do it, or find that it is not possible, as people do."""
        try:
            what(self.chance.choice(PEOPLE))
        except NotPossibleError:
            name = f"no {name}"
        self.done[name] += 1

    def spoil(self) -> None:
        """Let something go wrong."""
        verb, args = self.chance.choice(FAULTS)
        self.slack.do(verb, **args)
        if self.chance.random() < 0.3:
            self.networks.fault(**self.chance.choice(TROUBLES))

    # What they do

    def _draft(self, who: str) -> None:
        picture = "" if self.chance.random() < 0.1 else " picture=no"
        self._do("slash", user=who, channel=self.chance.choice(ROOMS), text=f"/desk {self._new()}{picture}")

    def _mention(self, who: str) -> None:
        text = f"{self._new()} picture=no" if self.chance.random() < 0.6 else "queue"
        self._do("mention", user=who, channel=self.chance.choice(ROOMS), text=text)

    def _new(self) -> str:
        """For the two networks that trouble is made on."""
        return f"draft {self._brief()} for mastodon,bluesky"

    def _brief(self) -> str:
        self.drafts += 1
        return f"Release {self.drafts} shortens the build to {self.drafts} seconds."

    def _word(self, who: str) -> None:
        known = [f"show {self.chance.randint(1, max(self.drafts, 1))}", *_WORDS]
        self._do("slash", user=who, channel=self.chance.choice(ROOMS), text=f"/desk {self.chance.choice(known)}")
        self._answer(who)

    def _report(self, who: str) -> None:
        self._do(
            "slash", user=who, channel=self.chance.choice(ROOMS), text=f"/desk report {self.chance.randint(3, 60)}d"
        )

    def _home(self, who: str) -> None:
        self._do("home", user=who)

    def _press(self, who: str) -> None:
        self._click(self._some(who), user=who)
        self._answer(who)

    def _press_together(self, who: str) -> None:
        """All five press the same button at the same moment."""
        where, button = self._some(who)
        args = {"user": "person {n}", **where, "what": button["action_id"], "confirm": "confirm" in button}
        self._do("crowd", verb="click", count=len(PEOPLE), args=args)
        for person in PEOPLE:
            self._answer(person)

    def _press_whisper(self, who: str) -> None:
        heard = self._state()["people"][who]["ephemerals"][-3:]
        found = [({"channel": m["channel"], "ts": m["ts"]}, b) for m in heard for b in _buttons(m)]
        self._click(self._one(found), user=who)
        self._answer(who)

    def _more(self, who: str) -> None:
        found = [({"channel": room, "ts": m["ts"]}, e) for room in ROOMS for m in self._shown(room) for e in _menus(m)]
        where, menu = self._one(found)
        value = self.chance.choice(menu["options"])["value"]
        self._do("choose", user=who, **where, what=menu["action_id"], value=value)
        self._answer(who)

    def _some(self, who: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """A button in a room, more often one that moves a post on; or one on their own page."""
        if self.chance.random() < 0.05 and (home := self._state()["people"][who]["home"]) is not None:
            return {"view": "home"}, self._one(list(_buttons(home)))
        found = self._pressable()
        onward = [one for one in found if one[1]["text"]["text"] in {"Approve", "Publish now"}]
        return self._one(onward if onward and self.chance.random() < 0.4 else found)

    def _pressable(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Those in the rooms, and where."""
        return [({"channel": r, "ts": m["ts"]}, b) for r in ROOMS for m in self._shown(r) for b in _buttons(m)]

    def _shown(self, room: str) -> list[dict[str, Any]]:
        """The newest of what is up, and now and then something old."""
        up: list[dict[str, Any]] = self._state()["channels"][room]
        return up if self.chance.random() < 0.2 else up[-12:]

    def _click(self, found: tuple[dict[str, Any], dict[str, Any]], *, user: str) -> None:
        where, button = found
        self._do("click", user=user, **where, what=button["action_id"], confirm="confirm" in button)

    def _answer(self, who: str) -> None:
        """Fill in the form that is in front of them, or close it."""
        modal = self._state()["people"][who]["modal"]
        if modal is None:
            return
        try:
            if self.chance.random() < 0.8:
                self._do("submit", user=who, values=dict(self._typed(modal)))
                self.done["submit"] += 1
                return
        except NotPossibleError:
            self.done["no submit"] += 1
        if self._state()["people"][who]["modal"] is not None:
            self._do("close", user=who, everything=True)

    def _typed(self, modal: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for block in modal["blocks"]:
            if block["type"] != "input":
                continue
            element = block["element"]
            if element["type"] == "static_select":
                yield block["block_id"], self.chance.choice(element["options"])["value"]
            elif element["type"] == "plain_text_input":
                words = self.chance.choice(("in 2 minutes", "Say it plainer.", f"{self._brief()} Really."))
                kept = element.get("initial_value", "")
                yield block["block_id"], words if not kept or self.chance.random() < 0.3 else kept

    # How

    def _one(self, found: Sequence[T]) -> T:
        if not found:
            raise NotPossibleError
        return self.chance.choice(found)

    def _state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.slack.do("state")
        return found

    def _do(self, verb: str, /, **args: Any) -> None:
        """Raises `NotPossibleError` where a person's client would not let them, or they saw that nobody answers."""
        url = f"{self.slack.control}{verb}"
        answer = httpx.post(url, json=args, timeout=PATIENCE, trust_env=False)
        told = answer.json()
        if told["ok"]:
            return
        if answer.status_code == 409:
            raise NotPossibleError(told["error"])
        raise AssertionError(told["error"])

    def settle(self) -> None:
        """They leave it alone, what went wrong on purpose is over, and so are the complaints about it."""
        self.slack.do("mend")
        self.slack.connected()
        self.slack.do("rest", seconds=3)
        if any(map(_AWAY.search, self.slack.do("check"))):
            self.slack.do("excuse", words="(connection_failed)")


class NotPossibleError(Exception):
    """Slack's own client does not let somebody do it, at this moment."""


def _elements(shown: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for block in shown.get("blocks", ()):
        inside = [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]
        yield from (e for e in inside if e.get("type") == kind and "action_id" in e)


def _buttons(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (b for b in _elements(shown, "button") if "url" not in b)


def _menus(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return _elements(shown, "static_select")
