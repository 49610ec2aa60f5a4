"""The desk's words as Discord's commands with typed options, and when Discord has to be told of them."""

from __future__ import annotations

import hashlib
import inspect
import json
from typing import TYPE_CHECKING, Any, Final, Protocol

import discord
from discord import app_commands

from handlers.options import OPTIONS, CommandOption, Kind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from handlers.discord.buttons import Interaction
    from handlers.grammar import Word
    from handlers.options import Entry

GROUP: Final = "desk"
FROM_MESSAGE: Final = "Draft from message"


class Chooser(Protocol):
    """What a client does when somebody chooses a command."""

    async def chosen(self, interaction: Interaction, word: Word, values: Mapping[str, str]) -> None:
        """A word with its options."""
        ...

    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[app_commands.Choice[str]]:
        """What may follow in an option that is being typed."""
        ...

    async def from_message(self, interaction: Interaction, text: str) -> None:
        """The command in the menu of a message."""
        ...


def add_commands(tree: app_commands.CommandTree[Any], chooser: Chooser) -> None:
    """Put every word into the tree, below `/desk`, and the message's menu beside it."""
    group = app_commands.Group(name=GROUP, description="The newsroom desk", guild_only=True)
    for word, entry in OPTIONS.items():
        group.add_command(_command(word, entry, chooser))
    tree.add_command(group)

    async def from_message(interaction: Interaction, message: discord.Message) -> None:
        await chooser.from_message(interaction, message.content)

    from_message.__annotations__["message"] = discord.Message
    menu = app_commands.ContextMenu(name=FROM_MESSAGE, callback=from_message)
    menu.guild_only = True
    tree.add_command(menu)


def fingerprint(tree: app_commands.CommandTree[Any]) -> str:
    """The same as long as Discord need not be told of the commands again."""
    told = [command.to_dict(tree) for command in tree.get_commands()]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _command(word: Word, entry: Entry, chooser: Chooser) -> app_commands.Command[Any, ..., None]:
    async def callback(interaction: Interaction, **chosen: str | discord.Role | None) -> None:
        values = {name: _said(value) for name, value in chosen.items() if value is not None}
        await chooser.chosen(interaction, word, values)

    _declare(callback, entry.options)
    app_commands.describe(**{o.name: o.description for o in entry.options})(callback)
    choices = {o.name: [app_commands.Choice(name=c.text, value=c.value) for c in o.choices] for o in entry.options}
    app_commands.choices(**{name: found for name, found in choices.items() if found})(callback)
    sources = {o.name: _suggesting(o.source, chooser) for o in entry.options if o.kind is Kind.SUGGESTED}
    app_commands.autocomplete(**sources)(callback)
    return app_commands.Command(name=word.value, description=entry.description, callback=callback)


def _said(value: str | discord.Role) -> str:
    return f"group:{value.id}({value.name})" if isinstance(value, discord.Role) else value


def _declare(callback: Callable[..., Awaitable[None]], options: tuple[CommandOption, ...]) -> None:
    """The parameters by which the library knows the options of a function that takes any."""
    kinds: dict[bool, Any] = {True: discord.Role, False: str}
    parameters = [
        inspect.Parameter(
            o.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if o.required else None,
            annotation=kinds[o.kind is Kind.GROUP] if o.required else kinds[o.kind is Kind.GROUP] | None,
        )
        for o in options
    ]
    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    callback.__signature__ = inspect.Signature([first, *parameters])  # type: ignore[attr-defined]  # as inspect reads it


def _suggesting(
    source: str, chooser: Chooser
) -> Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]:
    async def suggesting(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await chooser.suggested(interaction, source, typed)

    return suggesting
