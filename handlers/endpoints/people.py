"""Who may do what, and which chat accounts are one person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from handlers.views.people import code_notice, linked_notice, roles_card, unlinked_notice
from services.domain.actor import Role
from services.domain.errors import InvalidInput
from services.selection import nearest

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from services.domain.identity import Visitor

_ROLE: Final = re.compile(r"(.+?)\s*=\s*(\S+)")
_GROUP: Final = re.compile(r"group:(?P<group>[^\s()]+)\((?P<name>.*)\)\s*=\s*(?P<role>\S+)", re.DOTALL)
"""A user group as surfaces hand a mention of one over."""
_NO_ROLE: Final = frozenset({"none", "no", "off"})


async def roles(call: Call) -> Replies:
    """List everybody, or set a role: "bo=viewer", and in chat "@group=approver"."""
    if found := _GROUP.fullmatch(call.rest):
        word = found["role"].casefold()
        visitor = _in_chat(call, "A group belongs to a chat team.", "Type this in the chat that has it.")
        await call.services.identities.map_group(
            call.request.actor,
            surface=visitor.surface,
            team=visitor.team,
            group=found["group"],
            name=found["name"],
            role=None if word in _NO_ROLE else _role(word),
        )
    elif call.rest:
        named = _ROLE.fullmatch(call.rest)
        if named is None:
            raise InvalidInput("I can't read that.", next_step="Write it like: roles bo=viewer")
        await call.services.people.set_role(call.request.actor, named[1].strip().removeprefix("@"), _role(named[2]))
    people = await call.services.store.read(lambda tx: tx.people.list())
    return call.whisper(roles_card(people, await call.services.identities.groups(call.request.visitor)))


async def link(call: Call, code: str) -> Replies:
    """Without a code, give this person one for their other account; with one, join this account to its person."""
    actor = call.request.actor
    if not code:
        return call.whisper(code_notice(await call.services.identities.code(actor)))
    visitor = _in_chat(call, "A code is typed in chat.", "Type it in the chat account that is to be yours.")
    return call.whisper(linked_notice(await call.services.identities.link(actor, visitor, code)))


async def unlink(call: Call) -> Replies:
    """Let this account be a person of its own again."""
    visitor = _in_chat(call, "This page is no chat account.", "Type it in the chat account that is to be on its own.")
    return call.whisper(unlinked_notice(await call.services.identities.unlink(call.request.actor, visitor)))


def _in_chat(call: Call, message: str, next_step: str) -> Visitor:
    if call.request.visitor is None:
        raise InvalidInput(message, next_step=next_step)
    return call.request.visitor


def _role(word: str) -> Role:
    if word.casefold() in set(Role):
        return Role(word.casefold())
    near = nearest(word, list(Role))
    hint = f"Did you mean {near}?" if near else f"It can be {', '.join(Role)}."
    raise InvalidInput(f"There is no role “{word}”.", next_step=hint)
