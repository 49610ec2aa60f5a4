"""Sealing of credentials at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.ids import AccountId


class Vault(Protocol):
    """Seals credentials to one account or installation, so that a copied or swapped row opens nothing."""

    def seal(self, account_id: AccountId, credentials: Mapping[str, str]) -> bytes:
        """Encrypt with the current key."""
        ...

    def open(self, account_id: AccountId, sealed: bytes) -> dict[str, str]:
        """Decrypt; raises `NeedsOperator` when no key fits or the row belongs to another account."""
        ...

    def seal_installation(self, surface: str, team: str, credentials: Mapping[str, str]) -> bytes:
        """Encrypt what a chat team gave us; it opens for that team alone and for no account."""
        ...

    def open_installation(self, surface: str, team: str, sealed: bytes) -> dict[str, str]:
        """Decrypt; raises `NeedsOperator` when no key fits or the row belongs to something else."""
        ...

    def seal_passage(self, digest: str, secrets: Mapping[str, str]) -> bytes:
        """Encrypt what somebody's way to a network needs when it comes back; it opens for that way alone."""
        ...

    def open_passage(self, digest: str, sealed: bytes) -> dict[str, str]:
        """Decrypt; raises `NeedsOperator` when no key fits or the row belongs to something else."""
        ...

    def current(self, sealed: bytes) -> bool:
        """Whether the current key sealed it; if not, sealing again completes a change of key."""
        ...
