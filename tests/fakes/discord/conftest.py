"""The fake Discord for the tests of the fake itself."""

from __future__ import annotations

from tests.fakes.discord.fixtures import fake_discord, fake_discord_app

__all__ = ["fake_discord", "fake_discord_app"]
