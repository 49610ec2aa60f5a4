"""Puts the roles together for one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pieces import no_pieces
from services.platforms.bluesky.client import Client
from services.platforms.bluesky.hider import ThreadGate
from services.platforms.bluesky.history import History
from services.platforms.bluesky.place import place_of
from services.platforms.bluesky.preparing import Preparer
from services.platforms.bluesky.publisher import RecordPublisher
from services.platforms.bluesky.reader import Reader
from services.platforms.bluesky.repository import Repository
from services.platforms.bluesky.session import LIMITS, SessionKeeper
from services.platforms.bluesky.videos import Videos
from services.ports.platform import Roles

if TYPE_CHECKING:
    from services.domain.account import Account
    from services.ports.platform import Connection


def connect(connection: Connection) -> Roles:
    """All roles over one client; raises `InvalidInput` when base_url can't be used."""
    account, credentials = connection.account, connection.credentials
    place = place_of(connection)
    client = Client(
        http=connection.http,
        base_url=place.base_url,
        extra_headers=connection.extra_headers,
        token=credentials.get("access_jwt", ""),
    )
    did = credentials.get("did") or _did(account)
    limits = account.limits if account else LIMITS
    keeper = SessionKeeper(client=client, credentials=credentials, place=place, clock=connection.clock)
    repository = Repository(
        client=client,
        place=place,
        clock=connection.clock,
        did=did,
        handle=credentials.get("handle") or (account.handle if account else ""),
    )
    publisher = RecordPublisher(
        repository=repository,
        preparer=Preparer(
            client=client,
            videos=Videos(
                client=client,
                place=place,
                clock=connection.clock,
                did=did,
                limits=limits,
                pieces=connection.pieces or no_pieces,
            ),
            limits=limits,
            quiet=account is not None and account.practice,
        ),
        clock=connection.clock,
    )
    reader = Reader(client=client, place=place, clock=connection.clock, did=did)
    return Roles(
        verifier=keeper,
        publisher=publisher,
        finder=publisher,
        deleter=publisher,
        metrics=reader,
        comments=reader,
        history=History(client=client, place=place, clock=connection.clock, did=did),
        replier=publisher,
        hider=ThreadGate(repository=repository),
        refresher=keeper,
    )


def _did(account: Account | None) -> str:
    """An account stored without signing in may know no DID yet."""
    return account.remote_id if account is not None and account.remote_id.startswith("did:") else ""
