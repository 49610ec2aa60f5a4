"""Hiding answers on Bluesky: a record beside the thread's first post names those that are folded away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused, Unavailable
from services.platforms.bluesky.client import GATES
from services.platforms.bluesky.keys import timestamp

if TYPE_CHECKING:
    from services.domain.delivery import Receipt
    from services.domain.metrics import Comment
    from services.platforms.bluesky.record import Record
    from services.platforms.bluesky.repository import Repository

MOST: Final = 300
"""Answers that one thread may hide."""
_TRIES: Final = 3
_HIDDEN: Final = "hiddenReplies"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadGate:
    """`Hider`: changes the list and keeps whatever else somebody set, such as who may answer."""

    repository: Repository

    async def hide(self, comment: Comment, *, root: Receipt, hidden: bool) -> None:
        """See `Hider.hide`; written only over what was read, so that nobody else's change is lost."""
        repo, rkey = self.repository.place_of(root)
        client = self.repository.client
        for _ in range(_TRIES):
            found = await client.get_record(repo=repo, rkey=rkey, collection=GATES)
            gate = _changed(found.value if found else {}, comment.remote_id, hidden=hidden)
            if gate is None:
                return
            if found is None:
                gate |= {"post": self.repository.uri(rkey), "createdAt": timestamp(self.repository.clock.now())}
            if await client.swap_gate(repo=repo, rkey=rkey, record=gate, old=found.cid if found else None):
                return
        raise Unavailable("Somebody else changes this thread at the same moment.", next_step="Try again in a moment.")


def _changed(gate: Record, uri: str, *, hidden: bool) -> Record | None:
    """The record with this answer hidden or not; None when it is so already."""
    told = gate.get(_HIDDEN)
    listed = list(told) if isinstance(told, list) else []
    if (uri in listed) is hidden:
        return None
    if hidden and len(listed) >= MOST:
        raise Refused(f"{MOST} answers of this thread are hidden, and Bluesky hides no more.", fix="Show one again.")
    names = [*listed, uri] if hidden else [one for one in listed if one != uri]
    return {**gate, "$type": GATES, _HIDDEN: names}
