"""A Slack of our own, strict and on loopback: Socket Mode, Web API, uploads, response URLs and people who click."""

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
