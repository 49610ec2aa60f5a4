"""Answers to interactions: the first response, and what follows by the interaction's token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.fakes.discord.api import Call, route
from tests.fakes.discord.basics import (
    ACK_SECONDS,
    EPHEMERAL,
    LOADING,
    TOKEN_SECONDS,
    ApiError,
    Json,
    Problem,
    invalid,
    refuse,
    unknown,
)
from tests.fakes.discord.commands import choices_problems
from tests.fakes.discord.components import modal_problems, numbered
from tests.fakes.discord.invariants import form_breaches
from tests.fakes.discord.model import ANSWER, MENU_ANSWER, Interaction, Message, Modal
from tests.fakes.discord.rest_channels import edited
from tests.fakes.discord.sending import Sent, fill
from tests.fakes.discord.world import World

SAY, DEFER, DEFER_UPDATE, UPDATE, SUGGEST, OPEN = 4, 5, 6, 7, 8, 9
ALLOWED: Final[dict[str, frozenset[int]]] = {
    "command": frozenset({SAY, DEFER, OPEN}),
    "component": frozenset({SAY, DEFER, DEFER_UPDATE, UPDATE, OPEN}),
    "autocomplete": frozenset({SUGGEST}),
    "modal": frozenset({SAY, DEFER, DEFER_UPDATE, UPDATE}),
}
"""Which first responses a kind of interaction takes."""
KINDS: Final = {"command": 2, "component": 3, "autocomplete": 4, "modal": 5}


@route("POST", "/interactions/{interaction}/{token}/callback", bot=False)
async def callback(world: World, call: Call) -> Any:
    """The first response."""
    interaction = _open(world, call)
    kind = (call.body or {}).get("type")
    allowed = ALLOWED[interaction.kind]
    if interaction.kind == "modal" and interaction.message is None:
        allowed -= {DEFER_UPDATE, UPDATE}
    if kind not in allowed:
        words = f"Value must be one of {sorted(allowed)}."
        raise invalid([Problem(path=("type",), code="INTERACTION_CALLBACK_INVALID_TYPE", message=words)])
    data = call.body.get("data") or {}
    sent = Sent(body=data, uploads=call.uploads, where=f"callback {kind} to {interaction.id}")
    await _RESPONSES[kind](world, interaction, sent)
    interaction.response = kind
    interaction.settled.set()
    if call.query.get("with_response") in {"1", "true"}:
        return _told(world, interaction, kind)
    return None


def _open(world: World, call: Call) -> Interaction:
    """The interaction, as long as its first response is awaited."""
    found = world.interactions.get(call.params["interaction"])
    if found is None or found.token != call.params["token"]:
        raise unknown("interaction")
    if found.response is not None:
        raise ApiError(400, 40060, "Interaction has already been acknowledged.")
    late = (world.clock.now() - found.at).total_seconds() > ACK_SECONDS
    if found.given_up or late:
        found.given_up = True
        found.settled.set()
        raise unknown("interaction")
    return found


def _told(world: World, interaction: Interaction, kind: int) -> Json:
    told: Json = {"id": interaction.id, "type": KINDS[interaction.kind]}
    resource: Json = {"type": kind}
    if interaction.original is not None and kind in {SAY, DEFER, UPDATE}:
        resource["message"] = world.message_payload(interaction.original)
        told["response_message_id"] = interaction.original.id
        told["response_message_loading"] = interaction.original.thinking
        told["response_message_ephemeral"] = interaction.original.ephemeral
    return {"interaction": told, "resource": resource}


def _new(world: World, interaction: Interaction, flags: object, *, first: bool) -> Message:
    """An empty message in answer to an interaction."""
    only = int(str(flags or 0)) & EPHEMERAL
    command = interaction.kind == "command" and first
    metadata: Json = {
        "id": interaction.id,
        "type": KINDS[interaction.kind],
        "user": interaction.user.payload(),
        "authorizing_integration_owners": {"0": interaction.channel.guild or "0"},
    }
    return Message(
        id=world.new_id(),
        channel=interaction.channel.id,
        author=world.bot,
        at=world.clock.now(),
        type=(MENU_ANSWER if interaction.on_target else ANSWER) if command else 0,
        flags=only,
        only_for=interaction.user.id if only else None,
        interaction=metadata,
        webhook=world.application_id,
    )


async def _say(world: World, interaction: Interaction, sent: Sent) -> None:
    message = fill(world, _new(world, interaction, sent.body.get("flags"), first=True), sent, fresh=True)
    interaction.original = world.post(message)


async def _defer(world: World, interaction: Interaction, sent: Sent) -> None:
    if int(sent.body.get("flags") or 0) & ~EPHEMERAL:
        words = "Only the ephemeral flag can be set before there is a message."
        raise invalid([Problem(path=("data", "flags"), code="MESSAGE_INVALID_FLAGS", message=words)])
    message = _new(world, interaction, sent.body.get("flags"), first=True)
    message.flags |= LOADING
    interaction.original = world.post(message)
    interaction.unfilled = True


async def _defer_update(world: World, interaction: Interaction, sent: Sent) -> None:
    interaction.original = interaction.message


async def _update(world: World, interaction: Interaction, sent: Sent) -> None:
    assert interaction.message is not None
    if interaction.message.gone:
        raise unknown("Message")
    interaction.original = edited(world, interaction.message, sent)


async def _suggest(world: World, interaction: Interaction, sent: Sent) -> None:
    choices = sent.body.get("choices") or []
    refuse(choices_problems(choices, interaction.option_type, ("data", "choices")))
    interaction.choices = choices


async def _open_form(world: World, interaction: Interaction, sent: Sent) -> None:
    refuse(modal_problems(sent.body))
    components = numbered(sent.body["components"])
    for breach in form_breaches(components, world.secrets()):
        world.note(f"form {sent.body['title']}: {breach}")
    interaction.modal = Modal(
        title=sent.body["title"],
        custom_id=sent.body["custom_id"],
        components=components,
        channel=interaction.channel,
        message=interaction.message,
    )
    world.modals[interaction.user.id] = interaction.modal


_RESPONSES: Final[dict[int, Callable[[World, Interaction, Sent], Awaitable[None]]]] = {
    SAY: _say,
    DEFER: _defer,
    DEFER_UPDATE: _defer_update,
    UPDATE: _update,
    SUGGEST: _suggest,
    OPEN: _open_form,
}


# By the token, for a quarter of an hour


def _answered(world: World, call: Call) -> Interaction:
    """The interaction behind a token that still works."""
    found = next((one for one in world.interactions.values() if one.token == call.params["token"]), None)
    if call.params["application"] != world.application_id or found is None:
        raise unknown("Webhook")
    if (world.clock.now() - found.at).total_seconds() > TOKEN_SECONDS:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    if found.response is None or found.kind == "autocomplete":
        raise unknown("Webhook")
    return found


def _message(world: World, call: Call) -> tuple[Interaction, Message]:
    found = _answered(world, call)
    number = call.params["message"]
    own = [found.original] if number == "@original" else [found.original, *found.followups]
    message = next((one for one in own if one is not None and number in {"@original", one.id}), None)
    if message is None or message.gone:
        raise unknown("Message")
    return found, message


@route("POST", "/webhooks/{application}/{token}", bot=False)
async def follow_up(world: World, call: Call) -> Any:
    """One more message; the first after a deferral takes the place of the one that says the app is thinking."""
    found = _answered(world, call)
    if found.unfilled and found.original is not None and not found.original.gone:
        found.unfilled = False
        return world.message_payload(edited(world, found.original, call.sent))
    message = _new(world, found, call.sent.body.get("flags"), first=False)
    found.followups.append(world.post(fill(world, message, call.sent, fresh=True)))
    return world.message_payload(message)


@route("GET", "/webhooks/{application}/{token}/messages/{message}", bot=False)
async def read(world: World, call: Call) -> Any:
    """One of the answers."""
    return world.message_payload(_message(world, call)[1])


@route("PATCH", "/webhooks/{application}/{token}/messages/{message}", bot=False)
async def edit(world: World, call: Call) -> Any:
    """Change one of the answers."""
    found, message = _message(world, call)
    told = world.message_payload(edited(world, message, call.sent))
    if message is found.original:
        found.unfilled = False
    return told


@route("DELETE", "/webhooks/{application}/{token}/messages/{message}", bot=False)
async def delete(world: World, call: Call) -> Any:
    """Take one of the answers away."""
    world.remove(_message(world, call)[1])
