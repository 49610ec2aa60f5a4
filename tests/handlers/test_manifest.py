"""The manifest at the root is what the code makes, and within Slack's limits."""

from __future__ import annotations

from pathlib import Path

import yaml

from handlers.manifest import manifest, manifest_yaml
from handlers.routes import COMMANDS

ROOT = Path(__file__).parents[2]


def test_the_file_at_the_root_is_not_stale() -> None:
    assert (ROOT / "manifest.yml").read_text(encoding="utf-8") == manifest_yaml()


def test_every_command_word_is_in_the_hint_and_the_limits_hold() -> None:
    made = yaml.safe_load(manifest_yaml(command="/acme"))
    slash = made["features"]["slash_commands"][0]

    assert slash["command"] == "/acme"
    assert all(word.value in slash["usage_hint"] for word in COMMANDS)
    assert len(slash["usage_hint"]) <= 1000
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    assert all(len(s["name"]) <= 24 and len(s["description"]) <= 150 for s in made["features"]["shortcuts"])


def test_http_mode_names_its_url_everywhere_and_socket_mode_nowhere() -> None:
    socket, http = manifest_yaml(), manifest_yaml(http="https://desk.example/")

    assert "url" not in socket.replace("usage", "")
    assert http.count("https://desk.example/slack/events") == 3
    assert manifest()["settings"]["socket_mode_enabled"] is True  # type: ignore[index]  # a plain document
    assert "socket_mode_enabled: false" in http
