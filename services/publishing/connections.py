"""What publishing needs to know about accounts, without knowing how credentials are kept or renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from services.domain.errors import DeskError
    from services.domain.ids import AccountId, PlatformSlug
    from services.ports.platform import PlatformSpec, Roles


class Connections(Protocol):
    """Opens accounts for use; the accounts use case implements it."""

    def spec(self, platform: PlatformSlug) -> PlatformSpec:
        """The platform's facts; no network. Raises `NotFound` for one that is not registered."""
        ...

    async def open(self, account_id: AccountId) -> Roles:
        """The account's roles with fresh credentials; raises `NeedsReauth`, `NotFound` and what a refresh raises."""
        ...

    async def refresh(self, account_id: AccountId) -> None:
        """Force a refresh, single-flight per account and stored on return; a transient failure is `Unavailable`."""
        ...

    async def report(self, account_id: AccountId, error: DeskError | None) -> None:
        """Tell that the account can't be used until a person acts, so that its health says so; None: it works again."""
        ...
