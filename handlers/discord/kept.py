"""What somebody typed into a window that was not taken: kept for a while, so that it stands there again."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from handlers.discord.buttons import ID_MOST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.ports.clock import Clock

KEPT_FOR: Final = timedelta(minutes=15)
"""As long as Discord lets an answer be given."""
_MOST: Final = 1000
_PAGE: Final = re.compile(r"(?:ask|form):(?P<page>\d{1,2}):(?P<action>.+)")


class Kept:
    """By person and action; nothing of it outlives the process."""

    def __init__(self, clock: Clock) -> None:
        """Empty."""
        self._clock = clock
        self._typed: OrderedDict[tuple[str, str], tuple[datetime, Mapping[str, str]]] = OrderedDict()
        self._long: OrderedDict[str, str] = OrderedDict()

    def keep(self, user: str, action: str, typed: Mapping[str, str]) -> None:
        """Add to what is kept for this form."""
        until = self._clock.now() + KEPT_FOR
        self._typed[user, action] = (until, {**self.typed(user, action), **typed})
        self._typed.move_to_end((user, action))
        if len(self._typed) > _MOST:
            self._typed.popitem(last=False)

    def typed(self, user: str, action: str) -> Mapping[str, str]:
        """What is kept for this form; empty when nothing is, or no more."""
        until, typed = self._typed.get((user, action), (self._clock.now(), {}))
        return typed if until > self._clock.now() else {}

    def forget(self, user: str, action: str) -> None:
        """It was taken."""
        self._typed.pop((user, action), None)

    def page_id(self, kind: str, page: int, action: str) -> str:
        """The id of a button ("ask") or window ("form") for one page; a long action is kept here and named in it."""
        made = f"{kind}:{page}:{action}"
        if len(made) <= ID_MOST:
            return made
        name = f"#{hashlib.sha256(action.encode()).hexdigest()[:32]}"
        self._long[name] = action
        self._long.move_to_end(name)
        if len(self._long) > _MOST:
            self._long.popitem(last=False)
        return f"{kind}:{page}:{name}"

    def page_of(self, page_id: str) -> tuple[int, str] | None:
        """Which page of which action; None for one that was kept before the process started anew."""
        found = _PAGE.fullmatch(page_id)
        if found is None:
            return None
        named = found["action"]
        action = self._long.get(named) if named.startswith("#") else named
        return (int(found["page"]), action) if action else None
