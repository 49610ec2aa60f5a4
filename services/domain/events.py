"""What happened, told after it was committed; nobody may veto an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from services.domain.delivery import DeliveryState
    from services.domain.ids import AccountId, DeliveryId, DraftId


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftChanged:
    """Anything about a draft that a card shows is different now."""

    draft_id: DraftId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesPlanned:
    """Rows were added or moved; the engine should look again at the latest by `earliest`."""

    draft_id: DraftId
    earliest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChanged:
    """A delivery took a step."""

    delivery_id: DeliveryId
    draft_id: DraftId
    state: DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged:
    """An account was added, or its health changed."""

    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedFromChat:
    """Somebody came back from a network that they left for from a chat, and the chat is to hear of it."""

    surface: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanged:
    """A switch of the workspace was turned: what may be done with any draft can be different now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersChanged:
    """Counters or answers of an account were stored."""

    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSent:
    """A channel's digest of a day is there to be shown."""

    surface: str
    place: str
    day: date


Event = (
    DraftChanged
    | DeliveriesPlanned
    | DeliveryChanged
    | AccountChanged
    | ConnectedFromChat
    | PolicyChanged
    | NumbersChanged
    | DigestSent
)
