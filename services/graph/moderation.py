"""Hiding what people wrote below our posts: one call, which each of Meta's networks has by another name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.domain.errors import Refused, Unavailable
from services.graph.client import segment
from services.graph.errors import AGAIN, Gone
from services.ports.http import Effect

if TYPE_CHECKING:
    from services.domain.delivery import Receipt
    from services.domain.metrics import Comment
    from services.graph.client import GraphClient, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphHider:
    """`Hider`."""

    client: GraphClient = field(repr=False)
    name: str
    """What the network calls being hidden."""
    edge: str = ""
    """What stands behind the comment in the address."""

    async def hide(self, comment: Comment, *, root: Receipt, hidden: bool) -> None:  # noqa: ARG002 (the comment is enough)
        """See `Hider.hide`."""
        try:
            answer = await self.client.post(
                f"{segment(comment.remote_id)}{self.edge}",
                {self.name: "true" if hidden else "false"},
                effect=Effect.REPEATABLE,
            )
        except Gone:
            # One answer for both, as with answers deep in a conversation on Threads.
            raise Refused(
                f"The answer is gone from {self.client.label}, or can't be hidden or shown by itself.",
                fix=f"Look at it on {self.client.label}.",
            ) from None
        demand_success(answer, self.client)


def demand_success(answer: Node, client: GraphClient) -> None:
    """A change that the network does not say it made may be asked for again."""
    if answer.get("success") is not True:
        raise Unavailable(f"{client.label} did not say that it was done.", next_step=AGAIN)
