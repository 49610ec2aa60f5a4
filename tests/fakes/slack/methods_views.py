"""views.* and blocks.validate."""

from __future__ import annotations

from tests.fakes.slack.api import Call, method, user_of
from tests.fakes.slack.basics import ApiError, Json, invalid
from tests.fakes.slack.blocks import check_view, message_problems, view_problems
from tests.fakes.slack.limits import VIEW_STACK
from tests.fakes.slack.methods_chat import check_files
from tests.fakes.slack.model import View
from tests.fakes.slack.world import World


def judged(world: World, view: object, *kinds: str) -> Json:
    """A view's content, checked."""
    if not isinstance(view, dict):
        raise invalid("missing required field: view")
    check_view(view)
    if view["type"] not in kinds:
        raise invalid(f"unsupported type: {view['type']} [json-pointer:/view/type]")
    if problems := check_files(world, view["blocks"], "/view/blocks"):
        raise invalid(*map(str, problems))
    return view


def _live(world: World) -> list[View]:
    return [*(view for stack in world.modals.values() for view in stack), *world.homes.values()]


def _unique(world: World, content: Json, view: View | None = None) -> None:
    name = content.get("external_id")
    if name and any(one.content.get("external_id") == name for one in _live(world) if one is not view):
        raise ApiError("duplicate_external_id")


def push(world: World, user: str, content: Json) -> View:
    """Lay a view on top of a person's modal."""
    stack = world.modals.get(user, [])
    if not stack:
        raise ApiError("not_found")
    if len(stack) >= VIEW_STACK:
        raise ApiError("push_limit_reached")
    view = world.new_view(user, content, below=stack[-1])
    stack.append(view)
    world.changed()
    return view


@method("views.open")
async def open_(world: World, call: Call) -> Json:
    """Open a modal for whoever caused the trigger."""
    content = judged(world, call.args.get("view"), "modal")
    _unique(world, content)
    trigger = world.exchange(call.text("trigger_id"))
    view = world.new_view(trigger.user, content)
    world.modals[trigger.user] = [view]
    return {"view": world.view_payload(view)}


@method("views.push")
async def push_(world: World, call: Call) -> Json:
    """Push onto the modal the trigger came from."""
    content = judged(world, call.args.get("view"), "modal")
    _unique(world, content)
    trigger = world.exchange(call.text("trigger_id"))
    if trigger.view_id is None or not any(v.id == trigger.view_id for v in world.modals.get(trigger.user, [])):
        raise invalid("must match the `type` of the root view whose stack we're pushing onto [json-pointer:/view/type]")
    return {"view": world.view_payload(push(world, trigger.user, content))}


@method("views.update")
async def update(world: World, call: Call) -> Json:
    """Change an open view, by id or by the app's own name for it, if nobody was faster."""
    identity, name = call.args.get("view_id"), call.args.get("external_id")
    if identity and name:
        raise invalid("Cannot provide both `view_id` and `external_id`")
    content = judged(world, call.args.get("view"), "modal", "home")
    found = [v for v in _live(world) if identity == v.id or (name and v.content.get("external_id") == name)]
    if not found:
        raise ApiError("not_found")
    view = found[0]
    _check_hash(view, call)
    if content["type"] != view.content["type"]:
        raise invalid("must match the `type` of the view being updated [json-pointer:/view/type]")
    _unique(world, content, view)
    world.change_view(view, content)
    return {"view": world.view_payload(view)}


@method("views.publish")
async def publish(world: World, call: Call) -> Json:
    """Show a Home tab to one person."""
    user = user_of(world, call, "user_id")
    content = judged(world, call.args.get("view"), "home")
    view = world.homes.get(user.id)
    if view is None:
        _unique(world, content)
        view = world.homes[user.id] = world.new_view(user.id, content)
    else:
        _check_hash(view, call)
        _unique(world, content, view)
        world.change_view(view, content)
    return {"view": world.view_payload(view)}


def _check_hash(view: View, call: Call) -> None:
    if call.args.get("hash") not in (None, "", view.hash):
        raise ApiError("hash_conflict")


@method("blocks.validate")
async def validate(world: World, call: Call) -> Json:
    """Judge blocks, a message or a view without showing them."""
    given = [name for name in ("blocks", "view", "message") if call.args.get(name) is not None]
    if len(given) != 1:
        text = "must provide exactly one of `blocks`, `view`, or `message`"
        raise ApiError("invalid_arguments", response_metadata={"messages": [text]})
    name, value = given[0], call.args[given[0]]
    if name == "view":
        problems = view_problems(value)
    else:
        problems = message_problems(value if name == "blocks" else value.get("blocks", []))
    root = {"blocks": "/blocks", "view": "/view", "message": ""}[name]
    if problems:
        told = [
            {"pointer": p.pointer.removeprefix(root), "code": "failed_constraint", "message": p.message}
            for p in problems
        ]
        raise ApiError(f"invalid_{name}", errors=told)
    return {}
