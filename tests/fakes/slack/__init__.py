"""A Slack of our own, strict and on loopback: Socket Mode, Web API, uploads, response URLs and people who click.

    async def test_approve(fake_slack: FakeSlack) -> None:       # fixture: import it into a conftest from .fixtures
        ana = fake_slack.join("ana", is_admin=True)
        fake_slack.channel("desk", "ana")
        ...                                                      # start the app with base_url=fake_slack.api_url
        await fake_slack.connected()
        await ana.slash("/desk draft Hello", "desk")
        (card,) = await fake_slack.until(lambda: ana.sees("desk"))
        await ana.click(card, "Approve")

What a real client would not allow is `Refused`; what is not acknowledged in time is `AckTimeout`; what an installation
must never see fails the test at its end. `python -m tests.fakes.slack` is the same as a process.
"""

from tests.fakes.slack.basics import AckTimeout, ApiError, Refused
from tests.fakes.slack.blocks import message_problems, view_problems
from tests.fakes.slack.delivery import Answer
from tests.fakes.slack.model import Channel, Message, View
from tests.fakes.slack.person import Person
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import AppConfig

__all__ = [
    "AckTimeout",
    "Answer",
    "ApiError",
    "AppConfig",
    "Channel",
    "FakeSlack",
    "Message",
    "Person",
    "Refused",
    "View",
    "message_problems",
    "view_problems",
]
