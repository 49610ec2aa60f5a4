"""What no message may ever show, looked at the moment it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.fakes.discord.basics import walk
from tests.fakes.discord.components import FILE, media_of
from tests.fakes.discord.model import Message


def breaches(message: Message, *, secrets: Iterable[str], loud: bool) -> Iterator[str]:
    """What is wrong with it; `loud` allows ringing everybody."""
    if any(secret in one for secret in secrets for one in _texts(message)):
        yield "a secret is in the text"
    if not loud and "everyone" in message.pinged:
        yield "rings everybody in the channel"
    if any(_wordless(holder) for _, holder in media_of(message.components)):
        yield "a picture without words for those who can't see it"


def form_breaches(components: list[dict[str, object]], secrets: Iterable[str]) -> Iterator[str]:
    """The same for a form."""
    texts = [str(value) for node in walk(components) for value in node.values() if isinstance(value, str)]
    if any(secret in one for secret in secrets for one in texts):
        yield "a secret is in the form"


def _wordless(holder: dict[str, object]) -> bool:
    return holder.get("type") != FILE and not str(holder.get("description") or "").strip()


def _texts(message: Message) -> Iterator[str]:
    yield message.content
    for embed in message.embeds:
        yield str(embed)
    for node in walk(message.components):
        yield from (value for value in node.values() if isinstance(value, str))
