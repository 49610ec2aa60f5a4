"""The app's own standing, and its commands."""

from __future__ import annotations

from typing import Any, Final

from tests.fakes.discord.api import Call, guild_of, route
from tests.fakes.discord.basics import Json, invalid, refuse, required, unknown
from tests.fakes.discord.commands import command_problems, commands_problems
from tests.fakes.discord.model import CHAT, User
from tests.fakes.discord.world import World

_FLAGS: Final = {"guild_presences": 1 << 13, "guild_members": 1 << 15, "message_content": 1 << 19}
"""How the portal's switches for privileged intents show, for an app in few servers."""
_GLOBAL: Final = "/applications/{application}/commands"
_IN_GUILD: Final = "/applications/{application}/guilds/{guild}/commands"


def application_flags(world: World) -> int:
    """Which privileged intents are switched on."""
    return sum(_FLAGS[name] for name in world.app.approved_intents)


@route("GET", "/users/@me")
async def me(world: World, call: Call) -> Any:
    """Whose token this is."""
    return {**world.bot.payload(), "mfa_enabled": False, "locale": "en-US", "flags": 0, "verified": True}


@route("GET", "/oauth2/applications/@me")
@route("GET", "/applications/@me")
async def application(world: World, call: Call) -> Any:
    """The app as its owner's portal shows it."""
    return {
        "id": world.application_id,
        "name": world.app.name,
        "icon": None,
        "description": "",
        "rpc_origins": [],
        "bot_public": world.public,
        "bot_require_code_grant": False,
        "owner": User(id="1", name="owner").payload(),
        "team": None,
        "verify_key": "0" * 64,
        "flags": application_flags(world),
        "approximate_guild_count": len(world.guilds),
    }


@route("GET", "/gateway")
async def gateway(world: World, call: Call) -> Any:
    """Where the gateway is."""
    return {"url": gateway_url(world)}


@route("GET", "/gateway/bot")
async def gateway_bot(world: World, call: Call) -> Any:
    """The same with the limits on sessions."""
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return {"url": gateway_url(world), "shards": 1, "session_start_limit": limit}


def gateway_url(world: World, path: str = "/gateway/") -> str:
    """The address of the gateway."""
    return f"{world.base.replace('http', 'ws', 1)}{path}"


# Commands


def _place(world: World, call: Call) -> tuple[list[Json], str]:
    """The set a call means, and its name."""
    if call.params["application"] != world.application_id:
        raise unknown("Application")
    if "guild" not in call.params:
        return world.commands, "global"
    guild = guild_of(world, call)
    return guild.commands, guild.id


def _stored(world: World, command: Json, before: list[Json], place: str) -> Json:
    """As Discord keeps it: the same id for the same name, a new version for a new content."""
    kind = command.get("type", CHAT)
    old = next((one for one in before if (one["type"], one["name"]) == (kind, command["name"])), None)
    told: Json = {
        "id": old["id"] if old else world.new_id(),
        "application_id": world.application_id,
        "version": world.new_id(),
        "type": kind,
        "description": "",
        "default_member_permissions": None,
        "dm_permission": True,
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
        "options": [],
        **command,
    }
    return told if place == "global" else {**told, "guild_id": place}


@route("GET", _GLOBAL)
@route("GET", _IN_GUILD)
async def commands(world: World, call: Call) -> Any:
    """All of them."""
    return _place(world, call)[0]


@route("PUT", _GLOBAL)
@route("PUT", _IN_GUILD)
async def overwrite(world: World, call: Call) -> Any:
    """Put others in their place."""
    kept, place = _place(world, call)
    refuse(commands_problems(call.body))
    kept[:] = [_stored(world, command, kept, place) for command in call.body]
    world.syncs.append(place)
    return kept


@route("POST", _GLOBAL)
@route("POST", _IN_GUILD)
async def add(world: World, call: Call) -> Any:
    """Add one, or write over the one of its name."""
    kept, place = _place(world, call)
    refuse(command_problems(call.body, ()))
    made = _stored(world, call.body, kept, place)
    kept[:] = [*(one for one in kept if one["id"] != made["id"]), made]
    refuse(commands_problems(kept))
    return made


@route("DELETE", _GLOBAL + "/{command}")
@route("DELETE", _IN_GUILD + "/{command}")
async def delete(world: World, call: Call) -> Any:
    """Take one away."""
    kept, _ = _place(world, call)
    if all(one["id"] != call.params["command"] for one in kept):
        raise unknown("application command")
    kept[:] = [one for one in kept if one["id"] != call.params["command"]]


# People


@route("POST", "/users/@me/channels")
async def open_dm(world: World, call: Call) -> Any:
    """The conversation with a person; whether they take messages shows only with the first."""
    recipient = str((call.body or {}).get("recipient_id") or "")
    if not recipient:
        raise invalid([required(("recipient_id",))])
    if recipient not in world.users or recipient == world.bot.id:
        raise unknown("User")
    return world.channel_payload(world.dm(recipient))


@route("GET", "/users/@me/guilds")
async def own_guilds(world: World, call: Call) -> Any:
    """The servers the bot is in."""
    inside = [guild for guild in world.guilds.values() if world.bot.id in guild.members]
    return [{"id": guild.id, "name": guild.name, "icon": None, "owner": False, "features": []} for guild in inside]


@route("GET", "/users/{user}")
async def user(world: World, call: Call) -> Any:
    """One person."""
    found = world.users.get(call.params["user"])
    if found is None:
        raise unknown("User")
    return found.payload()


@route("GET", "/guilds/{guild}")
async def guild(world: World, call: Call) -> Any:
    """One server."""
    return world.guild_payload(guild_of(world, call))


@route("GET", "/guilds/{guild}/channels")
async def channels(world: World, call: Call) -> Any:
    """Its channels, without threads."""
    return world.guild_payload(guild_of(world, call))["channels"]


@route("GET", "/guilds/{guild}/roles")
async def roles(world: World, call: Call) -> Any:
    """Its roles."""
    return [role.payload() for role in guild_of(world, call).roles.values()]


@route("GET", "/guilds/{guild}/members/{user}")
async def member(world: World, call: Call) -> Any:
    """One member."""
    found = guild_of(world, call).members.get(call.params["user"])
    if found is None:
        raise unknown("Member")
    return found.payload()
