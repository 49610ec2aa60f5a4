"""Puts the roles together for one account: a page may be read, a member of a self-serve app only written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity
from services.domain.errors import InvalidInput, NeedsOperator, NeedsReauth
from services.pieces import no_pieces
from services.platforms.linkedin.audience import Comments, History, PageMetrics
from services.platforms.linkedin.client import LinkedInClient
from services.platforms.linkedin.editor import LinkedInEditor
from services.platforms.linkedin.errors import Gone, Hidden
from services.platforms.linkedin.lookup import Finder
from services.platforms.linkedin.place import DEFAULT_BASE_URL, Place, author_of
from services.platforms.linkedin.publisher import PAGE_CHOICES, LinkedInPublisher
from services.platforms.linkedin.rules import LIMITS
from services.platforms.linkedin.tokens import LinkedInRefresher, ends_at, seen
from services.platforms.linkedin.uploads import Uploader
from services.ports.platform import Roles
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.ports.platform import Connection

DEFAULT_VERSION: Final = "202608"
_OLD: Final = 9
"""Months after which a version is spoken of."""
READS: Final = "reads"
"""Under what it is kept, with the credentials, whether the token may read: "yes" or "no"."""
_VERSION: Final = re.compile(r"20\d\d(0[1-9]|1[0-2])")
_REFRESHING: Final = ("refresh_token", "client_id", "client_secret")


def connect(connection: Connection) -> Roles:
    """The roles the token allows; raises `InvalidInput` for what can't be a token, an author or a version."""
    credentials, account = connection.credentials, connection.account
    known = account.remote_id if account is not None and account.remote_id.startswith("urn:li:") else ""
    place = Place(
        base_url=connection.base_url or DEFAULT_BASE_URL, author=author_of(credentials.get("author", "") or known)
    )
    refreshable = all(credentials.get(name) for name in _REFRESHING)
    client = LinkedInClient(
        http=connection.http,
        place=place,
        token=_token(credentials.get("access_token", "")),
        version=_version(credentials.get("version", "") or DEFAULT_VERSION),
        clock=connection.clock,
        refreshable=refreshable,
        extra_headers=connection.extra_headers,
    )
    reads = credentials.get(READS, "yes" if place.is_page else "no") == "yes"
    finder = Finder(client=client) if reads else None
    publisher = LinkedInPublisher(
        client=client,
        clock=connection.clock,
        uploader=Uploader(
            client=client,
            clock=connection.clock,
            limits=account.limits if account else LIMITS,
            pieces=connection.pieces or no_pieces,
            watched=finder is not None and place.is_page,
        ),
        finder=finder,
        quiet=account is not None and account.practice,
    )
    metrics = PageMetrics(client=client, clock=connection.clock) if reads and place.is_page else None
    refresher = LinkedInRefresher(http=connection.http, place=place, credentials=credentials, clock=connection.clock)
    return Roles(
        verifier=LinkedInVerifier(client=client, learned={} if refreshable else _pasted(connection)),
        publisher=publisher,
        finder=finder,
        deleter=publisher,
        editor=LinkedInEditor(client=client),
        metrics=metrics,
        comments=Comments(client=client, finder=finder) if finder else None,
        history=History(client=client, metrics=metrics, clock=connection.clock) if finder else None,
        replier=publisher if finder else None,
        refresher=refresher if refreshable else None,
        ends_at=ends_at(credentials, refreshable=refreshable),
    )


def _pasted(connection: Connection) -> Mapping[str, str]:
    """What is known of a token's end; a server that is not LinkedIn's own promises none."""
    own = (connection.base_url or DEFAULT_BASE_URL) == DEFAULT_BASE_URL
    return seen(connection.credentials, connection.clock.now()) if own else {}


def _token(value: str) -> str:
    clean = value.strip().removeprefix("Bearer ").strip()
    if not clean or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise InvalidInput(
            "This is not an access token.",
            next_step="Copy it whole from the token generator in LinkedIn's developer portal.",
            field="access_token",
        )
    return clean


def _version(text: str) -> str:
    if _VERSION.fullmatch(text) is None:
        step = f"Leave it out for {DEFAULT_VERSION}."
        raise InvalidInput("version must be a year and a month such as 202608.", next_step=step, field="version")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInVerifier:
    """`Verifier`: who speaks, and by trying whether the token may read."""

    client: LinkedInClient
    learned: Mapping[str, str] = field(default_factory=dict)
    """What to keep beside what the network says."""

    async def verify(self) -> Identity:
        """See `Verifier.verify`."""
        try:
            author, handle, name = await (self._page() if self.client.place.is_page else self._member())
            known = replace(self.client, place=replace(self.client.place, author=author))
            reads = await _may_read(known)
        except Gone:
            raise NeedsOperator(
                "LinkedIn knows no such page, or no LinkedIn API answers at this address.",
                next_step="Check author and base_url.",
            ) from None
        return Identity(
            remote_id=author,
            handle=tidy_sentence(handle, 100),
            name=tidy_sentence(name, 100),
            dedupe=Dedupe.LOOKUP,
            limits=replace(LIMITS, choices=PAGE_CHOICES) if self.client.place.is_page else LIMITS,
            base_url=self.client.place.base_url,
            credentials={"author": author, READS: "yes" if reads else "no", **self.learned},
            advice=_advice(self.client.version, self.client.clock.now()),
        )

    async def _page(self) -> tuple[str, str, str]:
        """A page's names, or its number where the token may write but not look at it."""
        author = self.client.place.author
        try:
            page = await self.client.organization()
        except Hidden:
            return author, author.rpartition(":")[2], author
        return author, page.vanity or author.rpartition(":")[2], page.name or page.vanity or author

    async def _member(self) -> tuple[str, str, str]:
        """The member behind the token; LinkedIn gives members no handle, so the name stands for it."""
        given = self.client.place.author
        try:
            person = await self.client.member()
        except Hidden as hidden:
            if given:
                return given, given.rpartition(":")[2], given
            step = f"For a page give its author, such as urn:li:organization:12345. {hidden.next_step}"
            raise NeedsReauth(hidden.message, next_step=step) from None
        author = f"urn:li:person:{person.sub}"
        if given and given != author:
            raise NeedsReauth(
                "The access token belongs to another member than author says.",
                next_step="Sign in as the right member with /desk connect linkedin, or leave author out.",
            )
        return author, person.name or person.sub, person.name or person.sub


def _advice(version: str, now: datetime) -> str:
    """What to do about a version that will be retired before long."""
    age = (now.year - int(version[:4])) * 12 + now.month - int(version[4:])
    if age <= _OLD:
        return ""
    return (
        f"It asks for LinkedIn's API of {version}, which is {age} months old, and LinkedIn retires each after about a "
        "year. Set a newer LINKEDIN_VERSION (YYYYMM) where people sign in, or give it with account add."
    )


async def _may_read(client: LinkedInClient) -> bool:
    try:
        await client.posts(start=0, count=1)
    except Hidden:
        return False
    return True
