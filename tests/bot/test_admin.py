"""Connecting an account from the command line: what is told beside the object that scripts read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.admin import add_account
from bot.config import load
from tests.databases import fresh_database


@pytest.mark.parametrize(
    ("platform", "fields", "public_url", "told"),
    [
        ("threads", {"access_token": "THAA1"}, "", True),
        ("instagram", {"access_token": "IGAA1", "user_id": "17"}, "", True),
        ("instagram", {"access_token": "IGAA1", "user_id": "17"}, "http://desk.example", True),
        ("instagram", {"access_token": "IGAA1", "user_id": "17"}, "https://desk.example", False),
        ("facebook", {"access_token": "EAAP1", "page_id": "11"}, "", False),
        ("mastodon", {"access_token": "token", "base_url": "https://social.example"}, "", False),
    ],
)
async def test_an_account_whose_pictures_nobody_could_fetch_is_told_about(
    platform: str, fields: dict[str, str], public_url: str, told: bool, tmp_path: Path
) -> None:
    fresh_database(tmp_path)
    settings = load({"COPYDESK_DATA_DIR": str(tmp_path), "COPYDESK_PUBLIC_URL": public_url}, tmp_path)
    with capture_logs() as logged:
        added = await add_account(settings, platform, json.dumps(fields), verify=False)
    assert (added["platform"], added["verified"]) == (platform, False)
    warned = [entry for entry in logged if entry["event"] == "pictures can't be posted"]
    assert len(warned) == told
    assert all(entry["to_do"].startswith("Set COPYDESK_PUBLIC_URL to an https address") for entry in warned)
    assert not [entry for entry in logged if fields["access_token"] in str(entry)]
