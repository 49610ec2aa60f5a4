"""Seals credentials with AES-GCM, each to its owner, so that a stolen or shuffled database opens nothing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
import os
import secrets
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.domain.errors import InvalidInput, NeedsOperator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from services.domain.ids import AccountId

KEY_BYTES: Final = 32
MIN_PASSPHRASE: Final = 16
_FORMAT: Final = b"\x01"
_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_HEAD_BYTES: Final = len(_FORMAT) + _ID_BYTES + _NONCE_BYTES
_SALT: Final = b"copydesk secret key, first form"
"""Fixed, because the same passphrase must open the same database on another machine."""
_SETTING: Final = "COPYDESK_SECRET_KEY"

_log = logging.getLogger(__name__)


class KeyedVault:
    """Implements the port's `Vault`: the first key seals, every key opens; to replace a key put the new one first.

    Layout of what is sealed: format (1 byte), key id (8), nonce (12), ciphertext with tag; what it belongs to, an
    account or an installation, is authenticated with it and not stored.
    """

    __slots__ = ("_ciphers", "_sealing")

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take 32-byte keys, the current one first."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            msg = "A secret key must be 32 bytes."
            raise InvalidInput(msg, field=_SETTING)
        self._sealing = _key_id(keys[0])
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}

    def __repr__(self) -> str:
        """Nothing that would help anybody."""
        return "KeyedVault()"

    def seal(self, account_id: AccountId, credentials: Mapping[str, str]) -> bytes:
        """Encrypt with the current key; the same credentials never look the same twice."""
        return self._seal(_account(account_id), credentials)

    def open(self, account_id: AccountId, sealed: bytes) -> dict[str, str]:
        """Decrypt; raises `NeedsOperator` when no key fits or the row belongs to another account."""
        return self._open(_account(account_id), sealed, "account", "Add the account again.")

    def seal_installation(self, surface: str, team: str, credentials: Mapping[str, str]) -> bytes:
        """Encrypt with the current key what a chat team gave us."""
        return self._seal(_installation(surface, team), credentials)

    def open_installation(self, surface: str, team: str, sealed: bytes) -> dict[str, str]:
        """Decrypt; raises `NeedsOperator` when no key fits or the row belongs to anything else."""
        again = "Install the app there again."
        return self._open(_installation(surface, team), sealed, "installation", again)

    def seal_passage(self, digest: str, secrets: Mapping[str, str]) -> bytes:
        """Encrypt with the current key what somebody's way to a network needs."""
        return self._seal(_passage(digest), secrets)

    def open_passage(self, digest: str, sealed: bytes) -> dict[str, str]:
        """Decrypt; raises `NeedsOperator` when no key fits or the row belongs to anything else."""
        return self._open(_passage(digest), sealed, "sign-in", "Begin it again.")

    def _seal(self, owner: bytes, credentials: Mapping[str, str]) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = json.dumps(dict(credentials), ensure_ascii=False, sort_keys=True).encode()
        head = _FORMAT + self._sealing
        return head + nonce + self._ciphers[self._sealing].encrypt(nonce, plain, head + owner)

    def _open(self, owner: bytes, sealed: bytes, kind: str, again: str) -> dict[str, str]:
        """`kind` and `again` say in words what it belongs to and how to get new credentials."""
        key_id = sealed[len(_FORMAT) : len(_FORMAT) + _ID_BYTES]
        if not sealed.startswith(_FORMAT) or len(sealed) < _HEAD_BYTES:
            msg = f"The stored credentials of this {kind} are damaged."
            raise NeedsOperator(msg, next_step=again)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            msg = f"This {kind}'s credentials were sealed with another secret key."
            otherwise = again[0].lower() + again[1:]
            raise NeedsOperator(msg, next_step=f"Set {_SETTING} to the key used then, or {otherwise}")
        nonce = sealed[_HEAD_BYTES - _NONCE_BYTES : _HEAD_BYTES]
        try:
            plain = cipher.decrypt(nonce, sealed[_HEAD_BYTES:], _FORMAT + key_id + owner)
        except InvalidTag:
            msg = f"The stored credentials do not belong to this {kind}, or are damaged."
            raise NeedsOperator(msg, next_step=again) from None
        return {str(name): str(value) for name, value in json.loads(plain).items()}

    def current(self, sealed: bytes) -> bool:
        """See `Vault.current`."""
        return sealed.startswith(_FORMAT + self._sealing)


def open_vault(secret: str | None, path: Path) -> KeyedVault:
    """The vault of the secret in the settings, or, when that is unset, of the key file at `path`, made if missing."""
    return KeyedVault([key_from_text(secret)] if secret else load_or_create_keys(path))


def key_from_text(secret: str) -> bytes:
    """32 bytes from url-safe base64 of just that many, or from a passphrase of 16 characters or more, slowly."""
    text = secret.strip()
    if (key := _decoded(text)) is not None:
        return key
    if len(text) < MIN_PASSPHRASE:
        msg = f"The secret key is too short: it needs at least {MIN_PASSPHRASE} characters."
        raise InvalidInput(msg, next_step="Choose a longer one, or unset it to have one made.", field=_SETTING)
    return hashlib.scrypt(text.encode(), salt=_SALT, n=2**15, r=8, p=1, maxmem=2**26, dklen=KEY_BYTES)


def load_or_create_keys(path: Path) -> tuple[bytes, ...]:
    """The keys in the file, one per line and the current one first; a missing file is made with one new key.

    Only the owner may read the file; rights that are wider are taken away, with a warning.
    """
    if not path.exists():
        _create(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        _log.warning("The secret key file %s could be read by others (mode %o); its mode is 600 now.", path.name, mode)
        path.chmod(0o600)
    keys = [
        _decoded(line.strip())
        for line in path.read_text(encoding="ascii", errors="replace").splitlines()
        if line.strip()
    ]
    whole = tuple(key for key in keys if key is not None)
    if not keys or len(whole) != len(keys):
        msg = f"The secret key file {path.name} holds something that is no key."
        raise NeedsOperator(msg, next_step="Put the right file back; without it, remove it and add the accounts again.")
    return whole


def _create(path: Path) -> None:
    """Write beside and link into place, so that nobody ever sees half a key and the first of two starters wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def _decoded(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _key_id(key: bytes) -> bytes:
    """Which key it was, without saying anything about it."""
    return hashlib.sha256(b"copydesk key id:" + key).digest()[:_ID_BYTES]


def _account(account_id: AccountId) -> bytes:
    return b":account:" + account_id.encode()


def _installation(surface: str, team: str) -> bytes:
    return f":installation:{surface}:{team}".encode()


def _passage(digest: str) -> bytes:
    return b":passage:" + digest.encode()
