"""The page that tells how to set Discord up says what the code asks for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from handlers.discord.errors import _GONE
from handlers.discord.invite import INTENTS, REASONS, SCOPES, invite_link, permissions
from handlers.discord.surface import FATAL

PAGE: Final = (Path(__file__).parents[3] / "docs" / "how-to" / "discord.md").read_text(encoding="utf-8")
LABELS: Final = {
    "view_channel": "View Channels",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "attach_files": "Attach Files",
}
"""As Discord's own pages call them."""


def rows() -> set[tuple[str, str]]:
    return {(a.strip(), b.strip()) for a, b in re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)}


def test_every_permission_scope_and_intent_is_there_with_its_reason() -> None:
    assert {(LABELS[name], reason) for name, reason in REASONS.items()} <= rows()
    assert {(f"scope `{name}`", reason) for name, reason in SCOPES.items()} <= rows()
    assert {(f"`{name}`", reason) for name, reason in INTENTS.items()} <= rows()


def test_the_invitation_is_the_one_the_code_makes() -> None:
    (link,) = re.findall(r"https://discord\.com/oauth2/\S+", PAGE)
    assert link == invite_link("APPLICATION_ID")
    assert f"permissions={permissions().value}" in link


def test_troubles_are_called_as_the_log_and_the_cards_call_them() -> None:
    told = {first for first, _ in rows()}
    assert {FATAL[4004][0], FATAL[4014][0], "Discord can't be reached."} <= told
    assert f"“{_GONE[50001]}”" in told
