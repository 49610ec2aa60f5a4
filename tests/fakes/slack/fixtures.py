"""The fixture: a fake Slack per test, judged at the end, whose transcript stands in the report of a failure.

Import `fake_slack` and `fake_slack_app` into a conftest to use them; override the latter to set the app up otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.clock import FakeClock
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import AppConfig
from tests.fakes.transcript import Attach


@pytest.fixture
def fake_slack_app() -> AppConfig:
    """The app's settings on Slack's side."""
    return AppConfig()


@pytest_asyncio.fixture
async def fake_slack(request: pytest.FixtureRequest, fake_slack_app: AppConfig) -> AsyncIterator[FakeSlack]:
    """A workspace with time that stands still; `fake_slack.clock` is a FakeClock."""
    slack = FakeSlack(clock=FakeClock(), app=fake_slack_app)
    attach = Attach(slack.world.transcript, request.node)
    request.config.pluginmanager.register(attach)
    try:
        async with slack:
            yield slack
        slack.check()
    finally:
        request.config.pluginmanager.unregister(attach)
