"""The practice accounts and their secrets: made once, kept in practice.db, the same after every restart."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from bot.practice.audience import chance
from bot.practice.kinds import Network
from bot.practice.voices import VOICES, Voice

if TYPE_CHECKING:
    from bot.practice.book import Book

HANDLE = "driftseas"
DISPLAY = "Drift Seas"
DOMAIN = "practice.test"
EMAIL = "desk@practice.test"
ABOUT = "Practice account: simulated audience. Nothing here leaves this machine."
DID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
DEFAULT_SCOPES = "read write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the desk is on the practice networks, and what it must show to prove it."""

    mastodon_id: str
    """A number, which is the account's on other networks too."""
    did: str
    born_at: datetime
    mastodon_token: str = field(repr=False)
    app_password: str = field(repr=False)
    signing_key: bytes = field(repr=False)

    @property
    def bluesky_handle(self) -> str:
        """The account's name on the Bluesky stand-in."""
        return f"{HANDLE}.{DOMAIN}"

    def author(self, network: Network) -> str:
        """The account's own id on a network."""
        known = {Network.BLUESKY: self.did, Network.LINKEDIN: self.page_urn}
        return known.get(network, self.mastodon_id)

    @property
    def page_urn(self) -> str:
        """The desk's page on LinkedIn."""
        return f"urn:li:organization:{self.mastodon_id[-9:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Anyone with an account on the practice networks, as the wire shows them."""

    mastodon_id: str
    did: str
    name: str
    display: str
    about: str
    own: bool

    @property
    def bluesky_handle(self) -> str:
        """The person's name on the Bluesky stand-in."""
        return f"{self.name}.{DOMAIN}"

    @property
    def member_urn(self) -> str:
        """The person as a member of LinkedIn."""
        return f"urn:li:person:{self.did[-10:]}"

    @property
    def acct(self) -> str:
        """The person's name on the Mastodon stand-in; the audience lives on another server."""
        return self.name if self.own else f"{self.name}@elsewhere.{DOMAIN}"


def load(book: Book, now: datetime) -> Identity:
    """Answer the accounts of this practice.db, making them when it is new."""
    with book.together():
        if book.recall("app_password") is None:
            for key, value in _fresh(now).items():
                book.remember(key, value)
            token = str(book.recall("mastodon_token"))
            book.change("INSERT INTO grants VALUES (?, ?)", token, DEFAULT_SCOPES)
        known = {str(row["key"]): str(row["value"]) for row in book.rows("SELECT key, value FROM meta")}
    return Identity(
        mastodon_id=known["mastodon_id"],
        did=known["did"],
        born_at=datetime.fromisoformat(known["born_at"]),
        mastodon_token=known["mastodon_token"],
        app_password=known["app_password"],
        signing_key=bytes.fromhex(known["signing_key"]),
    )


def _fresh(now: datetime) -> dict[str, str]:
    return {
        "mastodon_id": str(10**17 + secrets.randbelow(10**16)),
        "did": "did:plc:" + "".join(secrets.choice(DID_ALPHABET) for _ in range(24)),
        "born_at": now.isoformat(),
        "mastodon_token": secrets.token_urlsafe(32),
        "app_password": "-".join("".join(secrets.choice(DID_ALPHABET) for _ in range(4)) for _ in range(4)),
        "signing_key": secrets.token_hex(32),
    }


def owner(identity: Identity) -> Person:
    """The desk's own account as a person."""
    return Person(
        mastodon_id=identity.mastodon_id,
        did=identity.did,
        name=HANDLE,
        display=DISPLAY,
        about=ABOUT,
        own=True,
    )


@cache
def person(voice: Voice) -> Person:
    """One voice of the audience as a person, with ids that follow from its name alone."""
    digest = hashlib.sha256(f"voice|{voice.name}".encode()).digest()
    return Person(
        mastodon_id=str(2 * 10**17 + int(chance("voice", voice.name) * 10**16)),
        did="did:plc:" + "".join(DID_ALPHABET[byte % 32] for byte in digest[:24]),
        name=voice.name,
        display=voice.display,
        about=voice.about,
        own=False,
    )


def everyone(identity: Identity) -> tuple[Person, ...]:
    """The desk's account first, then the whole audience."""
    return (owner(identity), *(person(voice) for voice in VOICES))
