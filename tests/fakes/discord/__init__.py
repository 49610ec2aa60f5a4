"""A Discord of our own, strict and on loopback: gateway, REST, interactions, uploads and people who click.

    async def test_approve(fake_discord: FakeDiscord) -> None:   # fixture: import it into a conftest from .fixtures
        fake_discord.role("approver", "manage_guild")
        ana = fake_discord.join("ana", "approver")
        fake_discord.channel("desk")
        ...                                                      # start the app with its api_url and gateway_url
        await fake_discord.connected()
        answer = await ana.slash("desk draft", "desk", brief="Hello")
        card = await fake_discord.until(lambda: next((m for m in ana.sees("desk") if not m.thinking), None))
        await ana.click(card, "Approve")

What a real client would not allow is `Refused`; what is not answered in time is `AckTimeout`; what an installation
must never see fails the test at its end. `python -m tests.fakes.discord` is the same as a process.

Beside it stands simcord, a package that drives discord.py inside the test's own process, without sockets and with time
that moves by itself: scenarios of the surface run there, fast. What simcord can't show is shown here: a whole process,
its restart and its end by force, the library's own retries of a 429, resumed and lost sessions, closed sockets, the
limit on uploads, commands that never answer. `pictures` draws a message as Discord would, by simcord's preview.
"""

from tests.fakes.discord.basics import AckTimeout, ApiError, Refused
from tests.fakes.discord.commands import commands_problems
from tests.fakes.discord.components import message_problems, modal_problems
from tests.fakes.discord.model import Channel, Guild, Message, Modal, Role
from tests.fakes.discord.person import Answer, Person
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.world import AppConfig

__all__ = [
    "AckTimeout",
    "Answer",
    "ApiError",
    "AppConfig",
    "Channel",
    "FakeDiscord",
    "Guild",
    "Message",
    "Modal",
    "Person",
    "Refused",
    "Role",
    "commands_problems",
    "message_problems",
    "modal_problems",
]
