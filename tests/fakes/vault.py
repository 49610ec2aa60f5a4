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
        return self._seal(account_id, credentials)

    def open(self, account_id: AccountId, sealed: bytes) -> dict[str, str]:
        """See `Vault.open`."""
        return self._open(account_id, sealed)

    def seal_installation(self, surface: str, team: str, credentials: Mapping[str, str]) -> bytes:
        """See `Vault.seal_installation`."""
        return self._seal([surface, team], credentials)

    def open_installation(self, surface: str, team: str, sealed: bytes) -> dict[str, str]:
        """See `Vault.open_installation`."""
        return self._open([surface, team], sealed)

    def seal_passage(self, digest: str, secrets: Mapping[str, str]) -> bytes:
        """See `Vault.seal_passage`."""
        return self._seal(["passage", digest], secrets)

    def open_passage(self, digest: str, sealed: bytes) -> dict[str, str]:
        """See `Vault.open_passage`."""
        return self._open(["passage", digest], sealed)

    def _seal(self, owner: str | list[str], credentials: Mapping[str, str]) -> bytes:
        return json.dumps([owner, next(self._numbers), dict(credentials)]).encode()

    def _open(self, owner: str | list[str], sealed: bytes) -> dict[str, str]:
        sealed_for, _, credentials = json.loads(sealed)
        if sealed_for != owner:
            raise NeedsOperator("These credentials belong to another account.")
        return {str(name): str(value) for name, value in credentials.items()}

    def current(self, sealed: bytes) -> bool:
        """See `Vault.current`."""
        return sealed not in self.stale
