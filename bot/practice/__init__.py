"""Stand-ins of the social networks that speak the real wire protocols, so that practice takes the real path."""

from __future__ import annotations

from bot.practice.app import create_app, practice_accounts, practice_apps, serve
from bot.practice.settings import PracticeSettings

__all__ = ["PracticeSettings", "create_app", "practice_accounts", "practice_apps", "serve"]
