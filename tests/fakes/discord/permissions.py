"""Who may do what: the permissions that matter here, and how roles and a channel's exceptions add up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.fakes.discord.basics import Refused
from tests.fakes.discord.model import Channel, Guild

BITS: Final = {
    "kick_members": 1,
    "ban_members": 2,
    "administrator": 3,
    "manage_channels": 4,
    "manage_guild": 5,
    "add_reactions": 6,
    "view_channel": 10,
    "send_messages": 11,
    "manage_messages": 13,
    "embed_links": 14,
    "attach_files": 15,
    "read_message_history": 16,
    "mention_everyone": 17,
    "manage_roles": 28,
    "manage_webhooks": 29,
    "use_application_commands": 31,
    "manage_threads": 34,
    "create_public_threads": 35,
    "create_private_threads": 36,
    "send_messages_in_threads": 38,
    "moderate_members": 40,
}
ALL: Final = sum(1 << bit for bit in BITS.values())


def bits(names: Iterable[str]) -> int:
    """The number Discord writes for these."""
    names = list(names)
    if wrong := set(names) - BITS.keys():
        raise Refused(f"There is no permission {', '.join(sorted(wrong))}. There is: {', '.join(BITS)}.")
    return sum(1 << BITS[name] for name in set(names))


EVERYBODY: Final = bits(
    [
        *("view_channel", "send_messages", "send_messages_in_threads", "create_public_threads"),
        *("read_message_history", "attach_files", "embed_links", "add_reactions", "use_application_commands"),
    ]
)
"""What @everyone may in a fresh guild, as far as it matters here."""


def of_member(guild: Guild, user: str, channel: Channel | None = None) -> int:
    """What a member may, in a channel or in the guild at large."""
    member = guild.members[user]
    if guild.owner == user:
        return ALL
    roles = [guild.id, *member.roles]
    may = 0
    for role in roles:
        may |= guild.roles[role].permissions
    if may & 1 << BITS["administrator"]:
        return ALL
    if channel is None:
        return may
    everyone = [guild.id]
    for targets in (everyone, member.roles, [user]):
        exceptions = [channel.overwrites[target] for target in targets if target in channel.overwrites]
        for _, deny in exceptions:
            may &= ~deny
        for allow, _ in exceptions:
            may |= allow
    return may if may & 1 << BITS["view_channel"] else 0


def has(may: int, *names: str) -> bool:
    """Whether all of these are among them."""
    wanted = bits(names)
    return may & wanted == wanted
