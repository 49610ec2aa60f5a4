"""The manifest at the root is what the code makes, and Slack takes it (docs.slack.dev, app manifests, 2026-08)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from handlers.manifest import OPTIONAL, PROMPTS, SCOPES, manifest, manifest_yaml
from handlers.routes import COMMANDS

ROOT: Final = Path(__file__).parents[2]
PUBLIC: Final = "https://desk.example"
LENGTHS: Final = {
    "display_information.name": (1, 35),
    "display_information.description": (1, 140),
    "display_information.long_description": (175, 4000),
    "features.bot_user.display_name": (1, 80),
    "features.agent_view.agent_description": (1, 300),
    "features.shortcuts.name": (1, 24),
    "features.shortcuts.callback_id": (1, 255),
    "features.shortcuts.description": (1, 150),
    "features.slash_commands.command": (2, 32),
    "features.slash_commands.description": (1, 2000),
    "features.slash_commands.usage_hint": (1, 1000),
}
COUNTS: Final = {
    "features.agent_view.suggested_prompts": 4,
    "features.shortcuts": 10,
    "features.slash_commands": 50,
    "oauth_config.redirect_urls": 1000,
}
FIELDS: Final = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
    "features": {"app_home", "bot_user", "agent_view", "shortcuts", "slash_commands"},
    "features.app_home": {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"},
    "features.agent_view": {"agent_description", "suggested_prompts", "actions"},
    "features.shortcuts": {"name", "type", "callback_id", "description"},
    "features.slash_commands": {"command", "description", "usage_hint", "should_escape", "url"},
    "oauth_config": {"redirect_urls", "scopes", "pkce_enabled", "token_management_enabled"},
    "oauth_config.scopes": {"bot", "bot_optional", "user", "user_optional"},
    "settings": {
        "event_subscriptions",
        "interactivity",
        "socket_mode_enabled",
        "org_deploy_enabled",
        "token_rotation_enabled",
        "allowed_ip_address_ranges",
    },
    "settings.event_subscriptions": {"bot_events", "request_url"},
    "settings.interactivity": {"is_enabled", "request_url", "message_menu_options_url"},
}
NEEDS: Final = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "member_joined_channel": "channels:read",
}
"""Events that come only with a scope."""


def parts(node: Any, path: str = "") -> list[tuple[str, Any]]:
    """Everything in it with its path; items of a list share their list's."""
    found = [(path, node)]
    if isinstance(node, dict):
        found += [p for key, value in node.items() for p in parts(value, f"{path}.{key}".lstrip("."))]
    elif isinstance(node, list):
        found += [p for item in node for p in parts(item, path) if item is not node]
    return found


MANIFESTS: Final = {
    "socket": manifest(),
    "http": manifest(http=PUBLIC + "/"),
    "renamed": manifest(command="/newsroom"),
}


def test_the_file_at_the_root_is_not_stale() -> None:
    assert (ROOT / "manifest.yml").read_text(encoding="utf-8") == manifest_yaml()
    assert yaml.safe_load(manifest_yaml()) == manifest()


@pytest.mark.parametrize("name", MANIFESTS)
def test_slack_takes_it(name: str) -> None:
    found = parts(MANIFESTS[name])
    for path, value in found:
        if path in LENGTHS and isinstance(value, str):
            least, most = LENGTHS[path]
            assert least <= len(value) <= most, path
        if path in COUNTS and isinstance(value, list):
            assert len(value) <= COUNTS[path], path
        if path in FIELDS and isinstance(value, dict):
            assert set(value) <= FIELDS[path], path
    told = dict(found)
    assert set(LENGTHS) <= set(told)
    assert re.fullmatch(r"/[a-z0-9_-]{1,31}", told["features.slash_commands.command"])
    assert re.fullmatch(r"#[0-9a-f]{6}", told["display_information.background_color"])


def test_every_command_word_is_in_the_hint() -> None:
    (slash,) = yaml.safe_load(manifest_yaml(command="/acme"))["features"]["slash_commands"]
    assert slash["command"] == "/acme"
    assert all(word.value in slash["usage_hint"] for word in COMMANDS)


def test_http_mode_names_its_url_everywhere_and_socket_mode_nowhere() -> None:
    http: Any = MANIFESTS["http"]

    assert "https://" not in manifest_yaml()
    assert [v for p, v in parts(http) if p.endswith("url")] == [f"{PUBLIC}/slack/events"] * 3
    assert http["oauth_config"]["redirect_urls"] == [f"{PUBLIC}/slack/oauth_redirect"]
    assert (manifest_yaml().count("socket_mode_enabled: true"), http["settings"]["socket_mode_enabled"]) == (1, False)


def test_every_event_comes_with_the_scopes_that_are_asked_for() -> None:
    told: Any = MANIFESTS["socket"]
    events = told["settings"]["event_subscriptions"]["bot_events"]
    scopes = told["oauth_config"]["scopes"]

    assert {NEEDS[e] for e in events if e in NEEDS} <= set(scopes["bot"])
    assert (scopes["bot"], scopes["bot_optional"]) == (list(SCOPES), list(OPTIONAL))
    assert not set(SCOPES) & set(OPTIONAL)


def test_every_scope_has_its_reason_on_the_page_that_sets_slack_up() -> None:
    page = (ROOT / "docs" / "how-to" / "slack.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_.:]+)` \| (.+?) \|$", page, re.MULTILINE))
    assert rows == {**SCOPES, **OPTIONAL}


def test_what_is_suggested_is_something_the_desk_understands() -> None:
    from handlers.grammar import Command, parse

    assert all(isinstance(parse(said, ["mastodon"]), Command) for _, said in PROMPTS)
