"""Which scope, limit and kind of token each method of the Web API asks for."""

from __future__ import annotations

from typing import Final

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "apps.connections.open": ("connections:write",),
    "assistant.threads.setStatus": ("assistant:write", "chat:write"),
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "assistant.threads.setTitle": ("assistant:write",),
    "chat.appendStream": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.join": ("channels:join",),
    "conversations.list": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.open": ("im:write", "mpim:write", "channels:manage", "groups:write"),
    "files.completeUploadExternal": ("files:write",),
    "files.delete": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "reactions.add": ("reactions:write",),
    "reactions.remove": ("reactions:write",),
    "team.info": ("team:read",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "users.lookupByEmail": ("users:read.email",),
}
"""Any one of these lets the call through; methods that are not here need a token and no scope."""

READ: Final = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}
HISTORY: Final = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}

EVENTS: Final = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "member_joined_channel": "channels:read",
}
"""Events that reach only apps with the scope."""

APP_TOKEN: Final = frozenset({"apps.connections.open"})
NO_TOKEN: Final = frozenset({"oauth.v2.access"})

TIERS: Final = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute."""
TIER: Final[dict[str, int]] = {
    "chat.update": 3,
    "chat.delete": 3,
    "chat.postEphemeral": 4,
    "conversations.info": 3,
    "conversations.list": 2,
    "conversations.open": 3,
    "conversations.replies": 3,
    "conversations.history": 3,
    "files.info": 4,
    "reactions.add": 3,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "users.info": 4,
    "users.list": 2,
    "views.open": 4,
    "views.publish": 4,
    "views.push": 4,
    "views.update": 4,
}
"""Methods whose pace strict_rate holds; chat.postMessage goes by one a second and channel instead."""
