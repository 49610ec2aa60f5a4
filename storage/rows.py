"""A delivery as columns and back, shared by its repository and by the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.delivery import Delivery, DeliveryState
from services.domain.ids import AccountId, DeliveryId, Digest, PlatformSlug
from storage import codec

if TYPE_CHECKING:
    from storage.prepared import Row


MOVING: Final = (
    "state",
    "due_at",
    "next_at",
    "undo_until",
    "attempts",
    "fence",
    "lease_owner",
    "lease_until",
    "first_claimed_at",
    "sending_at",
    "handles",
    "receipts",
    "problem",
    "probes",
)
"""The columns of `moving_columns`."""


def frozen_columns(delivery: Delivery) -> dict[str, object]:
    """What is settled when the row is made and never written again."""
    return {
        "id": delivery.id,
        "draft_id": delivery.draft_id,
        "revision": delivery.revision,
        "digest": delivery.digest,
        "account_id": delivery.account_id,
        "platform": delivery.platform,
        "variant": codec.dump_variant(delivery.variant),
        "created_at": delivery.created_at,
    }


def moving_columns(delivery: Delivery) -> dict[str, object]:
    """What a step may change."""
    return {
        "state": delivery.state.value,
        "due_at": delivery.due_at,
        "next_at": delivery.next_at,
        "undo_until": delivery.undo_until,
        "attempts": delivery.attempts,
        "fence": delivery.fence,
        "lease_owner": delivery.lease_owner,
        "lease_until": delivery.lease_until,
        "first_claimed_at": delivery.first_claimed_at,
        "sending_at": delivery.sending_at,
        "handles": codec.dump_texts(delivery.handles),
        "receipts": codec.dump_receipts(delivery.receipts),
        "problem": delivery.problem,
        "probes": delivery.probes,
    }


def delivery_from(row: Row) -> Delivery:
    """The value a whole row stands for."""
    return Delivery(
        id=DeliveryId(row.id),
        draft_id=row.draft_id,
        revision=row.revision,
        digest=Digest(row.digest),
        account_id=AccountId(row.account_id),
        platform=PlatformSlug(row.platform),
        variant=codec.load_variant(row.variant),
        state=DeliveryState(row.state),
        due_at=row.due_at,
        next_at=row.next_at,
        undo_until=row.undo_until,
        attempts=row.attempts,
        fence=row.fence,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        first_claimed_at=row.first_claimed_at,
        sending_at=row.sending_at,
        handles=codec.load_texts(row.handles),
        receipts=codec.load_receipts(row.receipts),
        problem=row.problem,
        probes=row.probes,
        created_at=row.created_at,
    )
