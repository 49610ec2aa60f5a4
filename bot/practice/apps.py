"""The apps that the networks know: the desk's own, registered from the start, and those a client registers itself."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.practice.kinds import Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.practice.book import Book
    from bot.practice.settings import PracticeSettings
    from bot.practice.world import World

NAME = "Practice desk"
SIGN_IN = (
    Network.X,
    Network.LINKEDIN,
    Network.FACEBOOK,
    Network.INSTAGRAM,
    Network.THREADS,
    Network.MASTODON,
    Network.TIKTOK,
)
"""Those that people sign in to on the network's own page."""
NUMBERED = frozenset({Network.FACEBOOK, Network.INSTAGRAM, Network.THREADS})
"""Those that count their apps."""
CALLED = {Network.TIKTOK: "client_key"}
"""What the name of an app is called where that is not `client_id`."""
ANY_PORT = ":*/"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app as its network knows it."""

    client_id: str
    secret: str = field(repr=False)
    name: str
    redirects: tuple[str, ...]
    """Where it may send people back to; `:*` stands for any port."""
    scopes: frozenset[str] | None = None
    """What it said it would ask for, where it has to say so."""

    def welcomes(self, redirect: str) -> bool:
        """Tell whether people may be sent there."""
        return any(_matches(one, redirect) for one in self.redirects)

    def proves(self, secret: str) -> bool:
        """Tell whether this is the app's secret."""
        return hmac.compare_digest(self.secret.encode(), secret.encode())


def _matches(registered: str, redirect: str) -> bool:
    before, port, after = registered.partition(ANY_PORT)
    if not port:
        return registered == redirect
    return re.fullmatch(rf"{re.escape(before)}:[0-9]{{1,5}}/{re.escape(after)}", redirect) is not None


def called(network: Network) -> str:
    """Answer under what name a network wants to be told which app it is."""
    return CALLED.get(network, "client_id")


def own(book: Book, network: Network, settings: PracticeSettings) -> App:
    """Answer the desk's app on a network, made once."""
    fresh = str(10**15 + secrets.randbelow(10**15)) if network in NUMBERED else secrets.token_urlsafe(24)
    names = (called(network), "client_secret")
    with book.together():
        for name, value in zip(names, (fresh, secrets.token_hex(16)), strict=True):
            if book.recall(f"{network} {name}") is None:
                book.remember(f"{network} {name}", value)
        client_id, secret = (str(book.recall(f"{network} {name}")) for name in names)
    return App(client_id=client_id, secret=secret, name=NAME, redirects=settings.redirects)


def find(world: World, network: Network, client_id: str) -> App | None:
    """Answer the app of that name, if the network knows it."""
    desk = own(world.book, network, world.settings)
    if client_id == desk.client_id:
        return desk
    row = world.book.row("SELECT * FROM apps WHERE network = ? AND client_id = ?", network.value, client_id)
    if row is None:
        return None
    return App(
        client_id=client_id,
        secret=row["secret"],
        name=row["name"],
        redirects=tuple(str(row["redirects"]).split()),
        scopes=frozenset(str(row["scopes"]).split()),
    )


def register(book: Book, network: Network, name: str, redirects: Sequence[str], scopes: Sequence[str]) -> App:
    """Take in an app that a client registers itself."""
    app = App(
        client_id=secrets.token_urlsafe(32),
        secret=secrets.token_urlsafe(32),
        name=name,
        redirects=tuple(redirects),
        scopes=frozenset(scopes),
    )
    kept = (network.value, app.client_id, app.secret, name, " ".join(redirects), " ".join(scopes))
    book.change("INSERT INTO apps VALUES (?, ?, ?, ?, ?, ?)", *kept)
    return app


def pasted(book: Book, settings: PracticeSettings) -> dict[str, dict[str, str]]:
    """Answer what an operator would paste of each network's developer page: the app's name and secret."""
    known = {network: own(book, network, settings) for network in SIGN_IN}
    return {
        network.value: {called(network): app.client_id, "client_secret": app.secret} for network, app in known.items()
    }
