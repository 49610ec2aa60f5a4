"""The Slack app manifest as a value made from the route table, so that what is declared is what is handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.routes import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_ABOUT: Final = "Drafts, approves and publishes your team's posts, once and on time."
SCOPES: Final[Mapping[str, str]] = {
    "commands": "the slash command and shortcuts",
    "chat:write": "cards, their updates, notices",
    "app_mentions:read": "being asked by mention",
    "im:history": "being asked in a direct message",
    "im:read": "knowing one's direct messages",
    "im:write": "opening a direct message for a notice",
    "channels:read": "channel names and membership",
    "groups:read": "the same for private channels",
    "files:read": "pictures people bring, and whether ours are ready",
    "files:write": "pictures and charts inside cards",
    "users:read": "names and time zones",
    "assistant:write": "the agent view",
}
"""Scope → why it is needed."""
OPTIONAL: Final[Mapping[str, str]] = {
    "chat:write.public": "reports in public channels without an invitation",
    "channels:history": "reading the thread the desk is mentioned in",
    "groups:history": "the same in private channels",
    "usergroups:read": "a user group as approvers (paid plans)",
}
PROMPTS: Final = (
    ("Write a draft", "draft We ship a new version today"),
    ("What waits for me?", "queue mine"),
    ("What goes out this week?", "schedule"),
    ("How did we do?", "report 7d"),
)
"""What somebody who opens the conversation is offered: the title, and what is said by pressing it."""
_EVENTS: Final = ("app_mention", "message.im", "app_home_opened", "app_uninstalled", "tokens_revoked")


def manifest(*, http: str = "", command: str = "/desk") -> dict[str, object]:
    """The manifest for Socket Mode, or with a public URL for HTTP mode; raises nothing, the shape is fixed."""
    words = " | ".join(word.value for word in COMMANDS)
    slash: dict[str, object] = {
        "command": command,
        "description": "Draft, approve and publish posts",
        "usage_hint": f"[{words}]",
        "should_escape": True,
    }
    events: dict[str, object] = {"bot_events": list(_EVENTS)}
    interactivity: dict[str, object] = {"is_enabled": True}
    if http:
        url = f"{http.rstrip('/')}/slack/events"
        slash["url"] = events["request_url"] = interactivity["request_url"] = url
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {"name": "Copydesk", "description": _ABOUT, "background_color": "#14202b"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Copydesk", "always_online": True},
            "shortcuts": [
                {
                    "name": "Draft from message",
                    "type": "message",
                    "callback_id": "draft_from_message",
                    "description": "Make this message a draft",
                },
                {
                    "name": "New post draft",
                    "type": "global",
                    "callback_id": "new_draft",
                    "description": "Write a brief for a new post",
                },
            ],
            "slash_commands": [slash],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "socket_mode_enabled": not http,
            "org_deploy_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def manifest_yaml(*, http: str = "", command: str = "/desk") -> str:
    """The manifest as Slack's form takes it."""
    import yaml

    head = "# Made by `python -m bot manifest` from handlers/routes.py; a test fails when this file is stale.\n"
    return head + str(yaml.safe_dump(manifest(http=http, command=command), sort_keys=False, width=100))
