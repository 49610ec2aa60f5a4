"""A vault that hides nothing but keeps the port's promise: what was sealed for one account opens for no other."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

from services.domain.errors import NeedsOperator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.ids import AccountId


class PlainVault:
    """`Vault` for tests; like the real one it seals the same credentials to other bytes each time."""

    def __init__(self) -> None:
        """Begin with the first seal."""
        self._numbers = itertools.count(1)
        self.stale: set[bytes] = set()
        """What counts as sealed with a key that was replaced."""

    def seal(self, account_id: AccountId, credentials: Mapping[str, str]) -> bytes:
        """See `Vault.seal`."""
        return json.dumps([account_id, next(self._numbers), dict(credentials)]).encode()

    def open(self, account_id: AccountId, sealed: bytes) -> dict[str, str]:
        """See `Vault.open`."""
        owner, _, credentials = json.loads(sealed)
        if owner != account_id:
            raise NeedsOperator("These credentials belong to another account.")
        return {str(name): str(value) for name, value in credentials.items()}

    def current(self, sealed: bytes) -> bool:
        """See `Vault.current`."""
        return sealed not in self.stale
