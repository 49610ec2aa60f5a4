"""Buttons and the "More…" list that work after a restart, because all they need stands in their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, Self, cast

import discord

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

ID_MOST: Final = 100
"""Characters of a component's id (docs.discord.com, 2026-08)."""
MORE: Final = "more"
ASK: Final = "ask:"
Interaction = discord.Interaction[discord.Client]


class Listener(Protocol):
    """What a client does when somebody uses a card."""

    async def pressed(self, interaction: Interaction, action_id: str) -> None:
        """A button, or its twin in the list."""
        ...

    async def asked(self, interaction: Interaction, page_id: str) -> None:
        """A button that opens a page of a form."""
        ...


def _listener(interaction: Interaction) -> Listener:
    return cast(Listener, interaction.client)


class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"!?cd:1:.+"):
    """A button of the desk; its id is the action's, with a "!" in front where the question was asked before."""

    @classmethod
    def of(cls, action_id: str, label: str, style: discord.ButtonStyle) -> Press:
        """The button as part of a message."""
        return cls(discord.ui.Button(label=label, style=style, custom_id=action_id))

    @classmethod
    async def from_custom_id(
        cls, _interaction: Interaction, item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        """The button as it came back, perhaps from before a restart."""
        return cls(cast("discord.ui.Button[Any]", item))

    async def callback(self, interaction: Interaction) -> None:
        """Somebody pressed it."""
        await _listener(interaction).pressed(interaction, self.custom_id)


class Ask(discord.ui.DynamicItem[discord.ui.Button[Any]], template=rf"{ASK}.+"):
    """A button that opens one page of a form."""

    @classmethod
    def of(cls, page_id: str, label: str, style: discord.ButtonStyle) -> Ask:
        """The button as part of a message."""
        return cls(discord.ui.Button(label=label, style=style, custom_id=page_id))

    @classmethod
    async def from_custom_id(
        cls, _interaction: Interaction, item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        """The button as it came back, perhaps from before a restart."""
        return cls(cast("discord.ui.Button[Any]", item))

    async def callback(self, interaction: Interaction) -> None:
        """Somebody pressed it."""
        await _listener(interaction).asked(interaction, self.custom_id)


class More(discord.ui.DynamicItem[discord.ui.Select[Any]], template=MORE):
    """The buttons that are not in sight, as a list to choose from."""

    @classmethod
    def of(cls, buttons: Sequence[tuple[str, str]]) -> More:
        """The list as part of a message; each button is its id and its word."""
        options = [discord.SelectOption(label=label, value=action_id) for action_id, label in buttons]
        return cls(discord.ui.Select(custom_id=MORE, placeholder="More…", options=options))

    @classmethod
    async def from_custom_id(
        cls, _interaction: Interaction, item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        """The list as it came back, perhaps from before a restart."""
        return cls(cast("discord.ui.Select[Any]", item))

    async def callback(self, interaction: Interaction) -> None:
        """Somebody chose one."""
        await _listener(interaction).pressed(interaction, self.item.values[0])
