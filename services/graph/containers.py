"""Posts that are prepared as containers and then published: made, waited for, and asked what became of them.

Source: developers.facebook.com, "Content publishing" of the Instagram platform and Threads "Posts", 2026. A container
lives for 24 hours; publishing one a second time makes no second post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, NeedsOperator, Refused, Unavailable
from services.graph.client import segment, text
from services.graph.errors import AGAIN, ANEW, Gone, NotReady, Slow, of_words
from services.ports.http import Effect
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.graph.client import GraphClient
    from services.ports.clock import Clock

_WAITS: Final = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 15.0, 30.0, 30.0, 60.0, 60.0, 60.0)
"""Seconds between looks, five minutes in all, as Meta suggests."""
_PATIENCE: Final = timedelta(seconds=sum(_WAITS))


class Patience:
    """How long one turn waits: ever longer between looks, five minutes in all, however many things it waits for."""

    def __init__(self, clock: Clock) -> None:
        """It begins now."""
        self._clock = clock
        self._until = clock.now() + _PATIENCE
        self._waits = iter(_WAITS)

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self._clock.now() >= self._until

    async def wait(self) -> bool:
        """Let some time pass before another look; False once there is none left."""
        seconds = next(self._waits, None)
        if seconds is None or self._clock.now() + timedelta(seconds=seconds) > self._until:
            return False
        await self._clock.sleep(seconds)
        return True


class State(StrEnum):
    """How far the network is with a container."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Containers:
    """The containers of one account; the names of their fields differ between the networks."""

    client: GraphClient
    edge: str
    """Where they are made: "threads" or "media"."""
    state_field: str
    reason_field: str
    as_json: bool = False

    async def make(self, user_id: str, fields: Mapping[str, str]) -> str:
        """A new container's id; nobody sees it, and one that is never published ends by itself."""
        return (await self.open(user_id, fields))[0]

    async def open(self, user_id: str, fields: Mapping[str, str]) -> tuple[str, str]:
        """The same for one that waits for bytes, with the address they go to where the network names it."""
        answer = await self.client.post(
            f"{segment(user_id)}/{self.edge}", fields, effect=Effect.REPEATABLE, as_json=self.as_json, timeout=60.0
        )
        made = text(answer, "id")
        if not made:
            raise Unavailable(f"{self.client.label} named nothing that was prepared.", next_step=ANEW)
        return made, text(answer, "uri")

    async def state(self, container_id: str) -> tuple[State, str]:
        """How far it is, with the network's words on what went wrong; an unknown state is one that will change."""
        names = dict.fromkeys(("id", self.state_field, self.reason_field))
        found = await self.client.get(segment(container_id), {"fields": ",".join(names)})
        told = text(found, self.state_field)
        state = State(told) if told in set(State) else State.IN_PROGRESS
        return state, tidy_sentence(text(found, self.reason_field))

    def patience(self) -> Patience:
        """For one turn, from now on."""
        return Patience(self.client.clock)

    async def finished(self, container_id: str, patience: Patience | None = None) -> None:
        """Wait until it can be published; raises why it never will, or `slow` when it takes too long.

        One that is out already is no reason to make another: the call that publishes it finds what it became.
        """
        patience = patience or self.patience()
        while True:
            try:
                state, reason = await self.state(container_id)
            except Gone:
                message = f"{self.client.label} no longer has what was prepared."
                raise NotReady(message, next_step=ANEW) from None
            if state in {State.FINISHED, State.PUBLISHED}:
                return
            if state is not State.IN_PROGRESS:
                raise self.refused(state, reason)
            if not await patience.wait():
                raise self.slow()

    def slow(self) -> Slow:
        """That the network takes longer than a turn lasts."""
        return Slow(f"{self.client.label} is still working on it.", next_step=AGAIN)

    def refused(self, state: State, reason: str) -> DeskError:
        """What follows from a container that can't be published."""
        label = self.client.label
        if state is not State.ERROR:
            return NotReady(f"What was prepared at {label} can't be used any more ({state.lower()}).", next_step=ANEW)
        known = of_words(reason, label=label)
        if known is not None:
            return known
        words = reason.casefold().replace("_", " ")
        if "download" in words or "fetch" in words:
            return NeedsOperator(
                f"{label} could not fetch the picture or video (it says: {reason}).",
                next_step="Check that COPYDESK_PUBLIC_URL leads to this desk from outside, without a login before it.",
            )
        if not reason or "unknown" in words:
            return NotReady(f"{label} failed to prepare it.", next_step=ANEW)
        return Refused(f"{label} can't prepare it (it says: {reason}).", fix="Change what it names.")
