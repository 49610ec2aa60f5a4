"""users.*, usergroups.*, conversations.* and team.info."""

from __future__ import annotations

from tests.fakes.slack.api import Call, channel_of, demand, method, page, user_of
from tests.fakes.slack.basics import ApiError, Json
from tests.fakes.slack.model import Channel, UserGroup
from tests.fakes.slack.scopes import HISTORY, READ
from tests.fakes.slack.world import World


@method("users.info")
async def user_info(world: World, call: Call) -> Json:
    """Who somebody is."""
    user = user_of(world, call)
    return {"user": user.payload(email="users:read.email" in call.grant.scopes)}


@method("users.list")
async def user_list(world: World, call: Call) -> Json:
    """Everybody."""
    email = "users:read.email" in call.grant.scopes
    return page([user.payload(email=email) for user in world.users.values()], call, "members")


@method("users.lookupByEmail")
async def by_email(world: World, call: Call) -> Json:
    """Who has an address."""
    wanted = call.text("email")
    for user in world.users.values():
        if user.email == wanted:
            return {"user": user.payload(email=True)}
    raise ApiError("users_not_found")


def _group(group: UserGroup) -> Json:
    return {"id": group.id, "handle": group.handle, "name": group.handle, "user_count": len(group.users)}


def _paid(world: World) -> None:
    if not world.paid:
        raise ApiError("plan_upgrade_required")


@method("usergroups.list")
async def group_list(world: World, call: Call) -> Json:
    """The groups; with `include_users` who is in them."""
    _paid(world)
    groups = [group for group in world.groups.values() if group.enabled or call.flag("include_disabled")]
    users = call.flag("include_users")
    return {"usergroups": [{**_group(g), **({"users": list(g.users)} if users else {})} for g in groups]}


@method("usergroups.users.list")
async def group_users(world: World, call: Call) -> Json:
    """Who is in a group."""
    _paid(world)
    group = world.groups.get(call.text("usergroup"))
    if group is None or not (group.enabled or call.flag("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"users": list(group.users)}


def _channel(world: World, channel: Channel) -> Json:
    if channel.kind == "im":
        (user,) = channel.members - {world.bot.id}
        return {"id": channel.id, "is_im": True, "user": user, "is_archived": channel.archived}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": False,
        "is_private": channel.kind == "group",
        "is_archived": channel.archived,
        "is_ext_shared": channel.shared,
        "is_member": world.bot.id in channel.members,
        "num_members": len(channel.members),
    }


@method("conversations.open")
async def open_(world: World, call: Call) -> Json:
    """Begin, or find, a conversation with one person."""
    users = call.text("users").split(",")
    if len(users) != 1:
        demand(call.grant, "mpim:write")
        raise ApiError("method_not_supported_for_channel_type")
    if users[0] not in world.users:
        raise ApiError("users_not_found")
    if users[0] == world.bot.id:
        raise ApiError("cannot_dm_bot")
    if world.users[users[0]].deleted:
        raise ApiError("user_disabled")
    return {"channel": {"id": world.im(users[0]).id}}


@method("conversations.info")
async def info(world: World, call: Call) -> Json:
    """What a channel is."""
    channel = channel_of(world, call)
    demand(call.grant, READ[channel.kind])
    return {"channel": _channel(world, channel)}


@method("conversations.list")
async def list_(world: World, call: Call) -> Json:
    """The channels of the kinds asked for that the app can see."""
    names = {"public_channel": "channel", "private_channel": "group", "im": "im"}
    kinds = {names.get(kind, kind) for kind in str(call.args.get("types") or "public_channel").split(",")}
    for kind in kinds & READ.keys():
        demand(call.grant, READ[kind])
    seen = [
        _channel(world, channel)
        for channel in world.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or world.bot.id in channel.members)
        and not (channel.archived and call.flag("exclude_archived"))
    ]
    return page(seen, call, "channels")


@method("conversations.members")
async def members(world: World, call: Call) -> Json:
    """Who is in a channel."""
    channel = channel_of(world, call)
    demand(call.grant, READ[channel.kind])
    return page(sorted(channel.members), call, "members")


@method("conversations.join")
async def join(world: World, call: Call) -> Json:
    """Enter a public channel."""
    channel = channel_of(world, call)
    if channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    channel.members.add(world.bot.id)
    return {"channel": _channel(world, channel)}


def _readable(world: World, call: Call) -> Channel:
    channel = channel_of(world, call)
    demand(call.grant, HISTORY[channel.kind])
    if world.bot.id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


@method("conversations.history")
async def history(world: World, call: Call) -> Json:
    """A channel's messages, the newest first, without answers in threads."""
    channel = _readable(world, call)
    top = [m.payload() for m in channel.messages.values() if m.thread_ts in (None, m.ts)]
    return page(top[::-1], call, "messages")


@method("conversations.replies")
async def replies(world: World, call: Call) -> Json:
    """A thread, its first message first."""
    channel = _readable(world, call)
    thread = call.text("ts")
    if thread not in channel.messages:
        raise ApiError("thread_not_found")
    return page([m.payload() for m in channel.messages.values() if thread in (m.ts, m.thread_ts)], call, "messages")


@method("team.info")
async def team(world: World, call: Call) -> Json:
    """The workspace."""
    return {"team": {"id": world.team_id, "name": world.domain.title(), "domain": world.domain}}


@method("bots.info")
async def bot(world: World, call: Call) -> Json:
    """The app's bot."""
    if call.args.get("bot") not in (None, world.bot_id):
        raise ApiError("bot_not_found")
    told = {"id": world.bot_id, "app_id": world.app.app_id, "user_id": world.bot.id, "name": world.bot.name}
    return {"bot": {**told, "deleted": False}}
