"""From what a person fills in to what an interaction carries: options of commands, fields of forms, menus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tests.fakes.discord import commands, components, permissions
from tests.fakes.discord.basics import UPLOAD_BYTES, Json, Refused, walk
from tests.fakes.discord.model import Channel, Guild
from tests.fakes.discord.world import World

_ENTITY: Final = {
    commands.USER_OPTION: "users",
    commands.CHANNEL: "channels",
    commands.ROLE: "roles",
}
_MENUS: Final = {components.USERS: ("users",), components.ROLES: ("roles",), components.CHANNELS: ("channels",)}


class Resolved:
    """The objects an interaction carries beside the ids that name them."""

    def __init__(self, world: World, channel: Channel) -> None:
        """For something done in this channel."""
        self._world = world
        self._channel = channel
        self.objects: Json = {}

    def add(self, kinds: Iterable[str], what: Any) -> str:
        """The id of somebody or something a person picked, by name."""
        for kind in kinds:
            found = getattr(self, f"_{kind}")(str(getattr(what, "id", what)))
            if found is not None:
                return str(found)
        raise Refused(f"{what!r} is not among the {' or '.join(kinds)} here.")

    @property
    def _guild(self) -> Guild | None:
        return self._world.guild_of(self._channel)

    def _users(self, name: str) -> str | None:
        user = next((one for one in self._world.users.values() if name in {one.id, one.name}), None)
        if user is None:
            return None
        self.objects.setdefault("users", {})[user.id] = user.payload()
        if self._guild is not None and user.id in self._guild.members:
            member = self._guild.members[user.id]
            may = permissions.of_member(self._guild, user.id)
            self.objects.setdefault("members", {})[user.id] = member.payload(user=False, permissions=may)
        return user.id

    def _roles(self, name: str) -> str | None:
        roles = self._guild.roles.values() if self._guild else ()
        role = next((one for one in roles if name in {one.id, one.name}), None)
        if role is not None:
            self.objects.setdefault("roles", {})[role.id] = role.payload()
        return role.id if role else None

    def _channels(self, name: str) -> str | None:
        near = [one for one in self._world.channels.values() if one.guild and one.guild == self._channel.guild]
        channel = next((one for one in near if name.removeprefix("#") in {one.id, one.name}), None)
        if channel is not None:
            told = self._world.channel_payload(channel)
            self.objects.setdefault("channels", {})[channel.id] = {**told, "permissions": str(permissions.ALL)}
        return channel.id if channel else None

    def file(self, name: str, content: bytes) -> str:
        """The id of an uploaded file."""
        if len(content) > UPLOAD_BYTES:
            raise Refused(f"{name} is too large: the limit is 10 MiB.")
        made = self._world.keep(self._world.new_file(name, content, ephemeral=True), self._channel.id)
        self.objects.setdefault("attachments", {})[made.id] = made.payload()
        return made.id


def leaf(world: World, channel: Channel, words: list[str]) -> tuple[Json, list[Json], list[Json]]:
    """The command these words name, the sub-commands on the way, and the options of the last."""
    command = find(world, channel, words[0], 1)
    options: list[Json] = list(command.get("options") or [])
    path = []
    for word in words[1:]:
        child = next((one for one in options if one["type"] in commands.NESTING and one["name"] == word), None)
        if child is None:
            there = ", ".join(one["name"] for one in options if one["type"] in commands.NESTING)
            raise Refused(f"/{' '.join(words)} is not there. Below /{words[0]} there is: {there or 'nothing'}.")
        path.append(child)
        options = list(child.get("options") or [])
    if any(one["type"] in commands.NESTING for one in options):
        raise Refused(f"/{' '.join(words)} is not whole: {', '.join(one['name'] for one in options)} follow.")
    return command, path, options


def find(world: World, channel: Channel, name: str, kind: int) -> Json:
    """A synced command as it is there for a channel; a guild's own come before the global ones."""
    guild = world.guild_of(channel)
    seen = [*(guild.commands if guild else []), *world.commands]
    found = next((one for one in seen if one["type"] == kind and one["name"] == name), None)
    if found is None:
        there = ", ".join(sorted(one["name"] for one in seen if one["type"] == kind))
        raise Refused(f"There is no command {name!r}. Synced are: {there or 'none'}.")
    return found


def typed(options: list[Json], given: dict[str, Any], resolved: Resolved) -> list[Json]:
    """The options a person gave, checked as their client does."""
    known = {option["name"]: option for option in options}
    if strange := given.keys() - known.keys():
        raise Refused(f"There is no option {', '.join(sorted(strange))}. There is: {', '.join(known) or 'none'}.")
    for name, option in known.items():
        if option.get("required") and given.get(name) is None:
            raise Refused(f"This option is required: {name}.")
    told = []
    for name, value in given.items():
        if value is not None:
            option = known[name]
            told.append({"name": name, "type": option["type"], "value": _value(option, value, resolved)})
    return told


def _value(option: Json, value: Any, resolved: Resolved) -> Any:
    kind = option["type"]
    if kind in _ENTITY:
        return resolved.add([_ENTITY[kind]], value)
    if kind == commands.MENTIONABLE:
        return resolved.add(["users", "roles"], value)
    if kind == commands.ATTACHMENT:
        return resolved.file(*_pair(value))
    choices = option.get("choices") or []
    if choices:
        chosen = next((one["value"] for one in choices if value in {one["name"], one["value"]}), None)
        if chosen is None:
            raise Refused(f"{value!r} is not among the choices: {', '.join(one['name'] for one in choices)}.")
        return chosen
    if kind == commands.STRING:
        return _text(option, str(value), option["name"])
    return _number(option, value)


def _number(option: Json, value: Any) -> Any:
    kinds: dict[int, tuple[type, ...]] = {
        commands.INTEGER: (int,),
        commands.NUMBER: (int, float),
        commands.BOOLEAN: (bool,),
    }
    if not isinstance(value, kinds[option["type"]]) or (isinstance(value, bool) and option["type"] != commands.BOOLEAN):
        raise Refused(f"{option['name']} does not take {value!r}.")
    if not option.get("min_value", value) <= value <= option.get("max_value", value):
        raise Refused(f"{option['name']} takes {option.get('min_value')} to {option.get('max_value')}.")
    return value


def _text(limits: Json, value: str, name: str) -> str:
    least, most = limits.get("min_length") or 0, limits.get("max_length") or 6000
    if not least <= len(value) <= most:
        raise Refused(f"{name} takes {least} to {most} characters, not {len(value)}.")
    return value


def _pair(value: Any) -> tuple[str, bytes]:
    if not isinstance(value, tuple):
        raise Refused("A file is given as (name, bytes).")
    return value


# Menus and forms


def chosen(menu: Json, values: Iterable[Any], resolved: Resolved) -> list[str]:
    """What a person picked in a menu, or ticked in a form, by label, value or name."""
    values = list(values)
    least = 1 if menu.get("min_values") is None else menu["min_values"]
    most = menu.get("max_values") or components.VALUES.get(menu["type"], (1, 1))[1]
    if len(values) > most or (len(values) < least and (values or menu.get("required", True))):
        raise Refused(f"This takes {least} to {most} values, not {len(values)}.")
    if menu["type"] in _MENUS:
        return [resolved.add(_MENUS[menu["type"]], value) for value in values]
    if menu["type"] == components.MENTIONABLES:
        return [resolved.add(("users", "roles"), value) for value in values]
    return [_option(menu, value) for value in values]


def _option(menu: Json, what: Any) -> str:
    for option in menu["options"]:
        if what in {option["label"], option["value"]}:
            return str(option["value"])
    there = ", ".join(option["label"] for option in menu["options"])
    raise Refused(f"{what!r} is not among the options: {there}.")


def fields(form: list[Json]) -> list[tuple[str, Json]]:
    """Each field of a form with its label."""
    found = []
    for top in form:
        if top["type"] == components.LABEL:
            found.append((top["label"], top["component"]))
        elif top["type"] == components.ROW:
            found += [(one.get("label") or "", one) for one in top["components"]]
    return found


def starting(field: Json) -> Any:
    """What a field holds before anybody touched it."""
    kind = field["type"]
    if kind == components.INPUT:
        return field.get("value") or ""
    if kind == components.CHECKBOX:
        return bool(field.get("default"))
    preset = [option["value"] for option in field.get("options") or [] if option.get("default")]
    preset += [one["id"] for one in field.get("default_values") or []]
    return (preset[0] if preset else None) if kind == components.RADIO else preset


def filled(label: str, field: Json, value: Any, resolved: Resolved) -> Json:
    """One field as a submission carries it, or why the client refuses it."""
    kind = field["type"]
    told: Json = {"type": kind, "id": field["id"], "custom_id": field["custom_id"]}
    needed = field.get("required", True)
    if needed and kind != components.CHECKBOX and (value is None or value in ("", [])):
        raise Refused(f"This field is required: {label}.")
    if kind == components.INPUT:
        if value:
            limits = {"max_length": 4000, **{k: v for k, v in field.items() if v is not None}}
            _text(limits, str(value), label)
            if "\n" in str(value) and field["style"] == 1:
                raise Refused(f"{label} takes one line.")
        return {**told, "value": str(value or "")}
    if kind == components.CHECKBOX:
        return {**told, "value": bool(value)}
    if kind == components.RADIO:
        return {**told, "value": None if value is None else _option(field, value)}
    if kind == components.UPLOAD:
        return {**told, "values": _uploaded(label, field, list(value or []), resolved)}
    return {**told, "values": chosen(field, value if isinstance(value, list) else [value], resolved)}


def _uploaded(label: str, field: Json, files: list[Any], resolved: Resolved) -> list[str]:
    most = field.get("max_values") or 1
    least = 1 if field.get("min_values") is None else field["min_values"]
    if len(files) > most or (files and len(files) < least):
        raise Refused(f"{label} takes {least} to {most} files, not {len(files)}.")
    return [resolved.file(*_pair(file)) for file in files]


def submission(form: list[Json], values: dict[str, Any], resolved: Resolved) -> list[Json]:
    """A whole form as Discord carries it; `values` by custom_id."""
    told = []
    for top in form:
        if top["type"] == components.LABEL:
            field = top["component"]
            done = filled(top["label"], field, values[field["custom_id"]], resolved)
            told.append({"type": top["type"], "id": top["id"], "component": done})
        elif top["type"] == components.ROW:
            done_all = [
                filled(one.get("label") or "", one, values[one["custom_id"]], resolved) for one in top["components"]
            ]
            told.append({"type": top["type"], "id": top["id"], "components": done_all})
        else:
            told.append({"type": top["type"], "id": top["id"]})
    return told


# Messages


def component(parts: list[Json], what: str) -> Json:
    """The one component of a message called so: by its label, its placeholder or its custom_id."""
    acting = [node for node in walk(parts) if node["type"] in {components.BUTTON, *components.SELECTS}]
    found = [node for node in acting if what in _names(node)]
    if len(found) == 1:
        return found[0]
    there = ", ".join(sorted(name for node in acting for name in _names(node)))
    raise Refused(f"{what!r} is {'twice' if found else 'not'} there. There is: {there or 'nothing'}.")


def _names(node: Json) -> set[str]:
    return {str(node[field]) for field in ("label", "placeholder", "custom_id") if node.get(field)}
