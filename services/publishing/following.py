"""Has the numbers of what goes live followed, from the very transaction that settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from services.domain.delivery import DeliveryState
from services.domain.metrics import SAMPLE_AGES, MeasuredPost, post_id

if TYPE_CHECKING:
    from services.domain.delivery import Delivery
    from services.ports.storage import Transaction

_log = structlog.get_logger(__name__)


def follow(tx: Transaction, before: Delivery, after: Delivery) -> None:
    """Begin to follow a delivery that becomes PUBLISHED; whatever goes wrong here, it stays published."""
    if after.state is not DeliveryState.PUBLISHED or before.state is DeliveryState.PUBLISHED:
        return
    try:
        post = measured(after)
        if post is not None:
            tx.metrics.add(post)
    except Exception:  # noqa: BLE001 - the post is live: no trouble with its numbers may undo the record of that
        _log.exception("a post's numbers are not followed", delivery_id=after.id)


def measured(delivery: Delivery) -> MeasuredPost | None:
    """The post behind a published delivery, not measured yet; a thread is measured at its first part."""
    if not delivery.receipts:
        return None
    first = delivery.receipts[0]
    return MeasuredPost(
        id=post_id(delivery.account_id, first.remote_id),
        account_id=delivery.account_id,
        platform=delivery.platform,
        remote_id=first.remote_id,
        url=first.url,
        text=delivery.variant.text,
        pictures=len(delivery.variant.pictures),
        parts=len(delivery.variant.parts),
        published_at=first.at,
        delivery_id=delivery.id,
        draft_id=delivery.draft_id,
        extra=first.extra,
        next_at=first.at + SAMPLE_AGES[0],
    )
