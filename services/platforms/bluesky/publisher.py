"""Publishing in two phases under a key computed beforehand, with looking up, deleting and answering by that key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import OutcomeUnknown, Refused, Unavailable
from services.platforms.bluesky import facets
from services.platforms.bluesky.gates import gates
from services.platforms.bluesky.keys import moment, record_key
from services.platforms.bluesky.record import LABELS, Reference, build, languages, reference, same_post

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.delivery import Receipt
    from services.domain.metrics import Comment
    from services.platforms.bluesky.preparing import Preparer
    from services.platforms.bluesky.record import Record
    from services.platforms.bluesky.repository import Repository
    from services.ports.clock import Clock
    from services.ports.platform import MediaReader, OutgoingPart

PREPARED_FOR: Final = timedelta(minutes=30)
"""How long uploads are counted on: servers drop blobs that no record uses after minutes to hours."""
_HANDLES: Final = ("record", "rkey", "prepared_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPublisher:
    """Publisher, finder, deleter and replier: all four are reads and writes of one record under one key."""

    repository: Repository
    preparer: Preparer
    clock: Clock

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher`: what is shown, links, mentions, and a thread whose earlier part must be looked up first."""
        found = {span.kind for span in facets.spans(part.text)}
        unknown = any(reference(receipt) is None for receipt in _ends(part))
        shows = bool(part.pictures) or part.attachment is not None
        return shows or facets.Kind.LINK in found or facets.Kind.MENTION in found or unknown

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """See `Publisher`: the handles are the whole record, so that every attempt sends the same bytes."""
        if not self.needs_preparing(part):
            return {}
        self.preparer.check_length(part.text)
        now = self.clock.now()
        if _prepared(part) is not None and now - _prepared_at(part) < PREPARED_FOR:
            return {name: part.handles[name] for name in _HANDLES}
        record = _record(
            part,
            dids=await self.preparer.identities(part.text),
            thread=[await self.repository.refer(receipt) for receipt in _ends(part)],
            embed=await self.preparer.embed(part, read_media),
        )
        saved = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        return dict(zip(_HANDLES, (saved, _rkey(part), now.isoformat()), strict=True))

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher`: creates the record if nothing sits under its key, so a repeat can't post twice."""
        rkey, record = _rkey(part), self._final(part)
        created = moment(part.first_claimed_at, part.index)
        beside = gates(part, post=self.repository.uri(rkey), created_at=created)
        if beside:
            return await self.repository.write_with(beside, rkey=rkey, record=record, part=part.index)
        return await self.repository.write(rkey=rkey, record=record, part=part.index)

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder`: the account's own repository is the truth about what it holds."""
        rkey = _rkey(part)
        try:
            found = await self.repository.look(rkey)
        except Refused as error:
            raise OutcomeUnknown(f"Bluesky would not show whether the post is there. {error.message}") from error
        if found is None or not same_post(found.value, _record(part)):
            return None
        created = moment(part.first_claimed_at, part.index)
        return self.repository.receipt(uri=found.uri, cid=found.cid, rkey=rkey, part=part.index, at=created)

    async def delete(self, receipt: Receipt) -> None:
        """See `Deleter`."""
        await self.repository.delete(receipt)

    async def reply(self, comment: Comment, text: str, *, key: str, at: datetime, root: Receipt) -> Receipt:
        """See `Replier`: an answer is a post of its own, under a key made the same way."""
        self.preparer.check_length(text)
        cid = dict(comment.extra).get("cid", "")
        if not cid or not comment.remote_id.startswith("at://"):
            raise Refused("This comment can't be answered from here.", fix="Answer it in the Bluesky app.")
        thread = [await self.repository.refer(root), Reference(uri=comment.remote_id, cid=cid)]
        dids = await self.preparer.identities(text)
        record = build(text=text, created_at=moment(at, 0), dids=dids, thread=thread)
        return await self.repository.write(rkey=record_key(at, 0, key), record=record, part=0)

    def _final(self, part: OutgoingPart) -> Record:
        record = _prepared(part)
        if record is not None:
            return record
        if self.needs_preparing(part):
            raise Unavailable("The post's preparation is missing.", next_step="It is prepared again by itself.")
        self.preparer.check_length(part.text)
        return _record(part, thread=[ref for receipt in _ends(part) if (ref := reference(receipt)) is not None])


def _rkey(part: OutgoingPart) -> str:
    return record_key(part.first_claimed_at, part.index, part.key)


def _ends(part: OutgoingPart) -> tuple[Receipt, ...]:
    """The thread's first post and the one to continue, which may be the same."""
    return (part.receipts[0], part.receipts[-1]) if part.receipts else ()


def _prepared(part: OutgoingPart) -> Record | None:
    """The record saved for exactly this part; another part's is none."""
    if part.handles.get("rkey") != _rkey(part):
        return None
    try:
        record = json.loads(part.handles.get("record", ""))
    except ValueError:
        return None
    return record if isinstance(record, dict) and same_post(record, _record(part)) else None


def _prepared_at(part: OutgoingPart) -> datetime:
    try:
        return datetime.fromisoformat(part.handles["prepared_at"])
    except (KeyError, ValueError):
        return part.first_claimed_at - PREPARED_FOR


_NOBODY: Final[Mapping[str, str]] = {}


def _record(
    part: OutgoingPart,
    *,
    dids: Mapping[str, str] = _NOBODY,
    thread: list[Reference] | None = None,
    embed: Record | None = None,
) -> Record:
    return build(
        text=part.text,
        created_at=moment(part.first_claimed_at, part.index),
        dids=dids,
        embed=embed,
        thread=thread or (),
        languages=languages(part.options.get("language", "")),
        label=part.options.get(LABELS, ""),
    )
