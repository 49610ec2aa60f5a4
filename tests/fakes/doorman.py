"""A network's side of a sign-in: lets anybody in, remembers what it was asked, and shows what it was told to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.ports.signin import Begun, Found

if TYPE_CHECKING:
    from services.domain.errors import DeskError
    from services.ports.signin import Authorizer, Fields, Going


@dataclass
class Doorman:
    """An `Authorizer` that remembers what it was asked and gives what it was told to give."""

    found: tuple[Found, ...] = (Found(fields={"access_token": "token-1"}),)
    fail: DeskError | None = None
    going: list[Going] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    kept: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, going: Going) -> Authorizer:
        """Itself, for every way."""
        self.going.append(going)
        return self

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`."""
        if self.fail:
            raise self.fail
        self.states.append(state)
        return Begun(url=f"https://atlas.example/agree?state={state}", kept={"verifier": f"v-{len(self.states)}"})

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        self.kept.append(dict(kept))
        if self.fail:
            raise self.fail
        if answer.get("error"):
            raise Refused("Access was not granted.")
        return self.found
