"""The data directory: where everything the desk keeps lives, readable by its owner only."""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.problems import StartProblem

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings

_PRIVATE = 0o600


def prepare(settings: Settings) -> Path:
    """Make the directory when it is missing and prove that it can be written; raises `StartProblem`."""
    root = settings.COPYDESK_DATA_DIR
    probe = root / f".probe-{secrets.token_hex(4)}"
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        msg = f"The data directory {root} can't be written ({error.strerror or error})."
        raise StartProblem(msg, "Give this user the right to write there, or set COPYDESK_DATA_DIR.") from None
    return root


def api_token(settings: Settings) -> str:
    """The bearer token: the setting's, or one made once and kept in the data directory."""
    if settings.COPYDESK_TOKEN is not None:
        return settings.COPYDESK_TOKEN.get_secret_value()
    return _kept(settings.COPYDESK_DATA_DIR / "token")


def _kept(path: Path) -> str:
    """What the file holds, made whole or not at all, so that two processes starting together agree."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        if not path.exists():
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                fresh.replace(path)
    except OSError as error:
        msg = f"{path} can't be written ({error.strerror or error})."
        raise StartProblem(msg, "Give this user the right to write there, or set COPYDESK_DATA_DIR.") from None
    finally:
        with suppress(OSError):
            fresh.unlink()
    return _read(path)


def _read(path: Path) -> str:
    try:
        found = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    if not found:
        raise StartProblem(f"{path} is empty or unreadable.", "Delete it and start again: a new token is made.")
    return found


def derived(token: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that one never signs for another."""
    return hmac.digest(token.encode(), purpose.encode(), "sha256")
