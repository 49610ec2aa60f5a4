"""The account's own repository: posts written, read and deleted by keys computed beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.delivery import Receipt
from services.domain.errors import DeskError, NeedsReauth, OutcomeUnknown, Refused, Unavailable
from services.platforms.bluesky.client import GATES, POSTS, QUOTES, Create
from services.platforms.bluesky.place import Place, known_as
from services.platforms.bluesky.record import Reference, locate, reference, same_post

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.record import Record
    from services.platforms.bluesky.wire import RecordAnswer, Written
    from services.ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Reads and writes of one account's posts."""

    client: Client
    place: Place
    clock: Clock
    did: str
    """Empty while the account is not signed in yet."""
    handle: str

    async def write(self, *, rkey: str, record: Record, part: int) -> Receipt:
        """Create the post if nothing sits at `rkey`; an earlier attempt's post counts as written."""
        written = await self.client.put_record(repo=self._repo(), rkey=rkey, record=record)
        return await self._proof(written, rkey=rkey, record=record, part=part)

    async def write_with(self, gates: Mapping[str, Record], *, rkey: str, record: Record, part: int) -> Receipt:
        """Create the post and the gates beside it in one commit, so that nobody answers before they stand.

        The post comes first, as readers' servers look for it when they meet a gate. Servers don't tell a key that is
        taken from a fault of their own, so what sits there is read before: an earlier attempt's post counts as written,
        a gate that a deleted post left behind is written over.
        """
        found = await self.look(rkey)
        if found is not None:
            return self._ours(found, rkey=rkey, record=record, part=part)
        beside = [
            Create(collection=kind, record=gate, over=await self._sits(rkey, kind)) for kind, gate in gates.items()
        ]
        writes = [Create(collection=POSTS, record=record), *beside]
        written = await self.client.create_records(repo=self._repo(), rkey=rkey, writes=writes)
        return await self._proof(written, rkey=rkey, record=record, part=part)

    async def _proof(self, written: Written | None, *, rkey: str, record: Record, part: int) -> Receipt:
        if written is None:
            return await self._what_sits_there(rkey=rkey, record=record, part=part)
        return self.receipt(uri=written.uri, cid=written.cid, rkey=rkey, part=part, at=self.clock.now())

    async def _sits(self, rkey: str, collection: str) -> bool:
        return await self.client.get_record(repo=self._repo(), rkey=rkey, collection=collection) is not None

    def uri(self, rkey: str) -> str:
        """The name of the post at `rkey`."""
        return f"at://{self._repo()}/{POSTS}/{rkey}"

    async def look(self, rkey: str) -> RecordAnswer | None:
        """The post at `rkey`, or None when there is certainly none."""
        return await self.client.get_record(repo=self._repo(), rkey=rkey)

    async def delete(self, receipt: Receipt) -> None:
        """Take a post down, and then whatever stands beside it: a gate without its post keeps nobody out."""
        repo, rkey = self.place_of(receipt)
        for collection in (POSTS, GATES, QUOTES):
            await self.client.delete_record(repo=repo, rkey=rkey, collection=collection)

    async def refer(self, receipt: Receipt) -> Reference:
        """The reference to a post of ours, read from the repository when a person's link is all there is."""
        known = reference(receipt)
        if known is not None:
            return known
        found = await self.look(self._key_of(receipt))
        if found is None or not found.cid:
            raise Refused("The post that this one continues is gone.", fix="Publish the rest as a new post.")
        return Reference(uri=found.uri, cid=found.cid)

    def receipt(self, *, uri: str, cid: str, rkey: str, part: int, at: datetime) -> Receipt:
        """The proof for a record that is there."""
        url = self.place.post_url(known_as(self.handle, self.did), rkey)
        return Receipt(part=part, remote_id=uri, url=url, at=at, extra={"uri": uri, "cid": cid})

    async def _what_sits_there(self, *, rkey: str, record: Record, part: int) -> Receipt:
        """Another record holds our key: an earlier attempt of ours that was prepared anew, or a stranger."""
        try:
            found = await self.look(rkey)
        except DeskError as error:
            msg = f"Something already sits where this post goes, and it can't be read. {error.message}"
            raise OutcomeUnknown(msg) from error
        if found is None:
            raise Unavailable("Bluesky saw another write at the same moment.", next_step="It is tried again by itself.")
        return self._ours(found, rkey=rkey, record=record, part=part)

    def _ours(self, found: RecordAnswer, *, rkey: str, record: Record, part: int) -> Receipt:
        if not same_post(found.value, record):
            raise Refused(
                "Another post already sits under this post's record key.",
                fix="Make a new version of the draft and schedule it again.",
            )
        return self.receipt(uri=found.uri, cid=found.cid, rkey=rkey, part=part, at=self.clock.now())

    def place_of(self, receipt: Receipt) -> tuple[str, str]:
        """Repository and record key of a post of ours; raises `Refused` for what is none."""
        return self._repo(), self._key_of(receipt)

    def _key_of(self, receipt: Receipt) -> str:
        located = locate(receipt)
        if located is None or located[0] not in {"", self._repo()}:
            raise Refused("This link does not lead to a Bluesky post of this account.", fix="Check the link.")
        return located[1]

    def _repo(self) -> str:
        if not self.did:
            raise NeedsReauth("The account is not signed in yet.", refreshable=True)
        return self.did
