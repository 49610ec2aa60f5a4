"""Signing in at a network instead of pasting tokens: what it needs, and the two steps it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from services.ports.clock import Clock
    from services.ports.http import Http

Fields = Mapping[str, str]
"""Values by the network's own names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppField:
    """One value of the operator's app at a network; with the network's name it is a setting: X_CLIENT_ID."""

    name: str
    required: bool = True
    told: bool = True
    """Whether people are told to set it; False for what few ever need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What the operator set for a network."""

    values: Fields = field(default_factory=dict, repr=False)
    base_url: str = ""
    """Stands for all of the network's hosts; empty: the network itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What the two steps work with."""

    app: Fields = field(repr=False)
    base_url: str
    """The operator's, or the server that was named; empty: the network's own hosts."""
    detail: str
    """What was said beside the network's name, where it is no server."""
    redirect_uri: str
    http: Http
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where the person goes, and what the second step needs again."""

    url: str = field(repr=False)
    kept: Fields = field(default_factory=dict, repr=False)
    """Sealed until the answer comes."""
    state: str = field(default="", repr=False)
    """Under what the answer comes back where the network chooses that; empty: the state it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An account that the network let us have."""

    fields: Fields = field(repr=False)
    """As `account add` takes them."""
    learned: Fields = field(default_factory=dict, repr=False)
    """What else is kept with its credentials: when they end."""
    label: str = ""
    """What to call it when there are several to choose from."""


class Authorizer(Protocol):
    """Sends somebody to a network and reads what it answers."""

    async def begin(self, state: str) -> Begun:
        """Where to go; calls the network only where that takes an app or a token of its own."""
        ...

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """The accounts behind the query that came back.

        Raises `Refused` when the person or the network said no, `NeedsReauth` naming rights that were not given,
        `NeedsOperator` when the network does not take the app.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How accounts of a network are connected from the page and from chat."""

    steps: tuple[str, ...] = ()
    """How to get an app there, each a sentence; "{redirect}" stands for the address to enter."""
    apps: tuple[tuple[AppField, ...], ...] = ((),)
    """The kinds of app that do, the better first; of each what has to be set. An empty one needs nothing."""
    scopes: tuple[str, ...] = ()
    """The rights that are asked for."""
    authorizer: Callable[[Going], Authorizer] | None = None
    """None: there is no page to send people to, and what `account add` takes is typed on the desk's own."""
    asks_server: bool = False
    """The network is many servers, and one has to be named."""
    words: tuple[str, ...] = ()
    """What may be said after the network's name, where it asks for no server."""
    https_only: bool = False
    """It sends people back to https addresses only."""

    def app_of(self, values: Fields) -> Fields | None:
        """The values of the first kind of app that is set whole; None when none is."""
        for kind in self.apps:
            if all(values.get(f.name) for f in kind if f.required):
                return {f.name: values[f.name] for f in kind if values.get(f.name)}
        return None
