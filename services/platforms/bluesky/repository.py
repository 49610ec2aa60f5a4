"""The account's own repository: posts written, read and deleted by keys computed beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.domain.delivery import Receipt
from services.domain.errors import DeskError, NeedsReauth, OutcomeUnknown, Refused, Unavailable
from services.platforms.bluesky.place import Place, known_as
from services.platforms.bluesky.record import Reference, locate, reference, same_post

if TYPE_CHECKING:
    from datetime import datetime

    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.record import Record
    from services.platforms.bluesky.wire import RecordAnswer
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
        if written is None:
            return await self._what_sits_there(rkey=rkey, record=record, part=part)
        return self.receipt(uri=written.uri, cid=written.cid, rkey=rkey, part=part, at=self.clock.now())

    async def look(self, rkey: str) -> RecordAnswer | None:
        """The post at `rkey`, or None when there is certainly none."""
        return await self.client.get_record(repo=self._repo(), rkey=rkey)

    async def delete(self, receipt: Receipt) -> None:
        """Take a post down."""
        await self.client.delete_record(repo=self._repo(), rkey=self._key_of(receipt))

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
