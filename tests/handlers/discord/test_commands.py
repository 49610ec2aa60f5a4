"""Discord's commands are the desk's words, and Discord is told of them only when they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from handlers.discord.commands import FROM_MESSAGE, add_commands, fingerprint
from handlers.grammar import Word
from handlers.options import OPTIONS, Kind
from tests.fakes.discord import commands_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.discord.buttons import Interaction


class DeafChooser:
    """`Chooser` that nobody talks to: the commands alone are looked at."""

    async def chosen(self, interaction: Interaction, word: Word, values: Mapping[str, str]) -> None: ...

    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[app_commands.Choice[str]]:
        return []

    async def from_message(self, interaction: Interaction, text: str) -> None: ...


def a_tree() -> app_commands.CommandTree[discord.Client]:
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    add_commands(tree, DeafChooser())
    return tree


def payload(tree: app_commands.CommandTree[discord.Client]) -> list[dict[str, Any]]:
    return [dict(c.to_dict(tree)) for c in tree.get_commands()]


async def test_every_word_is_a_command_with_its_options() -> None:
    tree = a_tree()
    told = payload(tree)
    assert list(commands_problems(told)) == []
    desk, menu = sorted(told, key=lambda c: c["type"])
    assert [o["name"] for o in desk["options"]] == [w.value for w in OPTIONS]
    for command in desk["options"]:
        entry = OPTIONS[Word(command["name"])]
        assert command["description"] == entry.description
        assert [(o["name"], o["description"], o["required"]) for o in command["options"]] == [
            (o.name, o.description, o.required) for o in entry.options
        ]
        kinds = [(8 if o.kind is Kind.GROUP else 3, o.kind is Kind.SUGGESTED, len(o.choices)) for o in entry.options]
        assert [
            (o["type"], bool(o.get("autocomplete")), len(o.get("choices", []))) for o in command["options"]
        ] == kinds
    assert (menu["name"], menu["type"]) == (FROM_MESSAGE, 3)


async def test_a_draft_takes_its_brief_and_networks_as_text() -> None:
    desk = payload(a_tree())[0]
    draft = next(o for o in desk["options"] if o["name"] == "draft")
    kinds = {o["name"]: o["type"] for o in draft["options"]}
    assert kinds["brief"] == kinds["networks"] == 3


async def test_commands_are_for_servers_and_for_everybody_there() -> None:
    for command in payload(a_tree()):
        assert command["default_member_permissions"] is None
        assert command["dm_permission"] is False


async def test_the_fingerprint_follows_the_content() -> None:
    one, other = a_tree(), a_tree()
    assert fingerprint(one) == fingerprint(other)
    group = other.get_command("desk")
    assert isinstance(group, app_commands.Group)
    group.remove_command("help")
    assert fingerprint(one) != fingerprint(other)
