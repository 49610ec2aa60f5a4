"""The fake Slack for the tests of the fake itself."""

from __future__ import annotations

from tests.fakes.slack.fixtures import fake_slack, fake_slack_app

__all__ = ["fake_slack", "fake_slack_app"]
