"""INTERACTION_CREATE as Discord writes it."""

from __future__ import annotations

from typing import Any, Final

from tests.fakes.discord.basics import UPLOAD_BYTES, Json
from tests.fakes.discord.model import Interaction
from tests.fakes.discord.rest_interactions import KINDS
from tests.fakes.discord.world import World

GUILD_CONTEXT, DM_CONTEXT = 0, 1
FIELDS: Final = ("id", "name", "type")


def interaction(world: World, made: Interaction, data: Json) -> Json:
    """The envelope: who, where, with which rights."""
    channel, user = made.channel, made.user
    guild = world.guild_of(channel)
    told: Json = {
        "id": made.id,
        "application_id": world.application_id,
        "type": KINDS[made.kind],
        "token": made.token,
        "version": 1,
        "data": data,
        "channel_id": channel.id,
        "channel": {**world.channel_payload(channel), "permissions": str(world.may(user.id, channel))},
        "locale": user.locale,
        "app_permissions": str(world.may(world.bot.id, channel)),
        "entitlements": [],
        "authorizing_integration_owners": {"0": guild.id if guild else "0"},
        "context": GUILD_CONTEXT if guild else DM_CONTEXT,
        "attachment_size_limit": UPLOAD_BYTES,
    }
    if guild is None:
        told["user"] = user.payload()
    else:
        told |= {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": guild.members[user.id].payload(permissions=world.may(user.id, channel)),
        }
    seen = made.seen or made.message
    if seen is not None and made.kind in {"component", "modal"}:
        told["message"] = world.message_payload(seen)
    return told


def command(chosen: Json, options: list[Json], path: list[Json], resolved: Json) -> Json:
    """A command with its options below its sub-commands."""
    for step in reversed(path):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    told = _named(chosen)
    if options:
        told["options"] = options
    return told | ({"resolved": resolved} if resolved else {})


def picked(chosen: Json, target: str, resolved: Json) -> Json:
    """A command from a menu."""
    return {**_named(chosen), "target_id": target, "resolved": resolved}


def _named(chosen: Json) -> Json:
    told = {field: chosen[field] for field in FIELDS}
    return told | ({"guild_id": chosen["guild_id"]} if "guild_id" in chosen else {})


def component(node: Json, values: list[str] | None, resolved: Json) -> Json:
    """A button or a menu of a message."""
    told: Json = {"custom_id": node["custom_id"], "component_type": node["type"], "id": node["id"]}
    if values is not None:
        told["values"] = values
    return told | ({"resolved": resolved} if resolved else {})


def form(custom_id: str, components: list[Json], resolved: Json) -> Json:
    """A submitted form."""
    told: Json = {"custom_id": custom_id, "components": components}
    return told | ({"resolved": resolved} if resolved else {})


def focused(options: list[Json], option: Json, text: Any) -> list[Json]:
    """The options so far, with the one that is being typed."""
    others = [one for one in options if one["name"] != option["name"]]
    return [*others, {"name": option["name"], "type": option["type"], "value": text, "focused": True}]
