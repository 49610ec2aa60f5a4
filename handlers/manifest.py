"""The Slack app manifest as a value made from the route table, so that what is declared is what is handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.routes import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_ABOUT: Final = "Drafts, approves and publishes your team's posts, once and on time."
_MORE_ABOUT: Final = (
    "Type /desk draft and what the post is about: a text for each of your networks comes back as a card, in your "
    "brand's voice and within each network's limits. An approver reads exactly that text and agrees; it goes out once, "
    "on time, and each morning the channel hears what worked. It runs on your own machine."
)
_AGENT: Final = (
    "Write to it as you would type after /desk: draft, queue, schedule, report. It asks before anything goes out."
)
SCOPES: Final[Mapping[str, str]] = {
    "commands": "the slash command and the two shortcuts",
    "chat:write": "cards, their updates, answers to one person",
    "app_mentions:read": "being asked by mention",
    "im:history": "being asked in the conversation with it",
    "im:write": "telling approvers what waits and authors what became of their draft",
    "channels:read": "hearing that it was invited into a channel",
    "groups:read": "the same in private channels",
    "files:read": "pictures, videos and documents people put into a form, and whether Slack can show ours yet",
    "files:write": "pictures and charts inside cards, texts too long for a message",
    "users:read": "names, time zones, who is an admin and who a guest",
    "assistant:write": "suggesting what to ask in the conversation with it",
}
"""Scope → why it is needed."""
OPTIONAL: Final[Mapping[str, str]] = {
    "chat:write.public": "cards and digests in public channels it was not invited into",
    "usergroups:read": "roles for user groups (paid plans)",
}
"""Scope → what is missing without it."""
PROMPTS: Final = (
    ("Write a draft", "draft We ship a new version today"),
    ("What waits for approval?", "queue review"),
    ("What goes out this week?", "schedule"),
    ("How did we do?", "report 7d"),
)
"""What somebody who opens the conversation is offered: the title, and what is said by pressing it."""
_EVENTS: Final = (
    "app_mention",
    "message.im",
    "app_home_opened",
    "app_context_changed",
    "member_joined_channel",
    "app_uninstalled",
    "tokens_revoked",
)


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
    oauth: dict[str, object] = {"scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL)}}
    if http:
        base = http.rstrip("/")
        slash["url"] = events["request_url"] = interactivity["request_url"] = f"{base}/slack/events"
        oauth = {"redirect_urls": [f"{base}/slack/oauth_redirect"], **oauth}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Copydesk",
            "description": _ABOUT,
            "long_description": _MORE_ABOUT,
            "background_color": "#14202b",
        },
        "features": _features(slash),
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "socket_mode_enabled": not http,
            "org_deploy_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def _features(slash: dict[str, object]) -> dict[str, object]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Copydesk", "always_online": True},
        "agent_view": {
            "agent_description": _AGENT,
            "suggested_prompts": [{"title": title, "message": said} for title, said in PROMPTS],
        },
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
    }


def manifest_yaml(*, http: str = "", command: str = "/desk") -> str:
    """The manifest as Slack's form takes it."""
    import yaml

    head = "# Made by `python -m bot manifest` from handlers/routes.py; a test fails when this file is stale.\n"
    return head + str(yaml.safe_dump(manifest(http=http, command=command), sort_keys=False, width=100))
