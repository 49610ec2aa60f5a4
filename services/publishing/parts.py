"""The frozen row as a platform sees it: one part with everything its call depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.domain.delivery import UNFINISHED
from services.ports.platform import OutgoingPart

if TYPE_CHECKING:
    from services.domain.delivery import Delivery


def next_part(delivery: Delivery) -> OutgoingPart:
    """The first part without a receipt; the same at every attempt but for the handles."""
    index = delivery.next_part
    variant = delivery.variant
    return OutgoingPart(
        index=index,
        count=len(variant.parts),
        text=variant.parts[index],
        media=variant.media if index == 0 else (),
        options=variant.options,
        handles={name: value for name, value in delivery.handles.items() if name != UNFINISHED},
        key=delivery.key,
        first_claimed_at=delivery.first_claimed_at or delivery.due_at,
        receipts=delivery.receipts,
        since=delivery.sending_at,
    )


def is_last(delivery: Delivery) -> bool:
    """Whether the delivery is complete once its next part is live."""
    return delivery.next_part + 1 >= len(delivery.variant.parts)


def progress(delivery: Delivery) -> str:
    """A sentence about a half published thread, empty while nothing is live."""
    live, count = len(delivery.receipts), len(delivery.variant.parts)
    if not live or live == count:
        return ""
    return f"{live} of {count} parts are live; it goes on with part {live + 1}."
