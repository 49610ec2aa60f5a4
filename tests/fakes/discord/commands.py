"""What Discord takes as application commands (docs.discord.com, 2026-08)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import regex

from tests.fakes.discord.basics import Json, Path, Problem, length, out_of_length, required
from tests.fakes.discord.model import CHAT, MESSAGE, USER

SUB, GROUP, STRING, INTEGER, BOOLEAN, USER_OPTION, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
NESTING: Final = frozenset({SUB, GROUP})
NAME: Final = regex.compile(r"[-_'\p{L}\p{N}\p{Script=Devanagari}\p{Script=Thai}]{1,32}")
LARGEST: Final = 8000
"""Characters of one command's names, descriptions and values together."""
OPTIONS: Final = 25
CHOICES: Final = 25
MOST: Final = {CHAT: 100, USER: 15, MESSAGE: 15}


def commands_problems(commands: Any) -> Iterator[Problem]:
    """What is wrong with a whole set, as the bulk overwrite takes it."""
    if not isinstance(commands, list):
        yield Problem(path=(), code="BASE_TYPE_BAD_TYPE", message="Must be a list.")
        return
    for number, command in enumerate(commands):
        yield from command_problems(command, (number,))
    named = Counter((command.get("type", CHAT), command.get("name")) for command in commands)
    for (_, name), times in named.items():
        if times > 1:
            words = f"Application command names must be unique: {name}"
            yield Problem(path=(), code="APPLICATION_COMMANDS_DUPLICATE_NAME", message=words)
    for kind, most in MOST.items():
        if sum(command.get("type", CHAT) == kind for command in commands) > most:
            words = f"Maximum number of application commands reached ({most})."
            yield Problem(path=(), code="APPLICATION_COMMAND_TOO_MANY", message=words)


def command_problems(command: Json, path: Path) -> Iterator[Problem]:
    """What is wrong with one."""
    kind = command.get("type", CHAT)
    if kind == CHAT:
        yield from _named(command, path)
        yield from _options(command.get("options") or [], (*path, "options"), depth=0)
    else:
        yield from length(command.get("name"), (*path, "name"), 1, 32)
        if command.get("description"):
            words = "A command in a menu has no description."
            yield Problem(
                path=(*path, "description"), code="APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", message=words
            )
        if command.get("options"):
            words = "A command in a menu has no options."
            yield Problem(path=(*path, "options"), code="APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", message=words)
    if (size := _size(command)) > LARGEST:
        words = f"Command exceeds maximum size ({LARGEST}): {size}"
        yield Problem(path=path, code="APPLICATION_COMMAND_TOO_LARGE", message=words)


def _named(node: Json, path: Path) -> Iterator[Problem]:
    name = node.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name) or name != name.lower():
        words = "Command name is invalid: 1 to 32 lower-case letters, digits, - and _."
        yield Problem(path=(*path, "name"), code="APPLICATION_COMMAND_INVALID_NAME", message=words)
    yield from length(node.get("description"), (*path, "description"), 1, 100)


def _options(options: list[Json], path: Path, depth: int) -> Iterator[Problem]:
    if len(options) > OPTIONS:
        yield out_of_length(path, len(options), 0, OPTIONS)
    kinds = {option.get("type") in NESTING for option in options}
    if len(kinds) > 1:
        words = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        yield Problem(path=path, code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message=words)
    for name, times in Counter(option.get("name") for option in options).items():
        if times > 1:
            words = f"Option names must be unique: {name}"
            yield Problem(path=path, code="APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", message=words)
    required_before = True
    for number, option in enumerate(options):
        yield from _option(option, (*path, number), depth)
        if option.get("required") and not required_before:
            words = "Required options must be placed before non-required options"
            yield Problem(path=(*path, number), code="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message=words)
        required_before = required_before and bool(option.get("required"))


def _option(option: Json, path: Path, depth: int) -> Iterator[Problem]:
    yield from _named(option, path)
    kind = option.get("type")
    if kind not in range(1, 12):
        yield required((*path, "type"))
    elif kind in NESTING:
        allowed = {0: NESTING, 1: {SUB}}.get(depth, set())
        if kind not in allowed or (depth == 1 and kind == GROUP):
            words = "Sub-commands nest one group deep."
            yield Problem(path=(*path, "type"), code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message=words)
        inner = list(option.get("options") or [])
        if kind == GROUP and any(child.get("type") != SUB for child in inner):
            words = "A group holds sub-commands."
            yield Problem(path=(*path, "options"), code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message=words)
        yield from _options(inner, (*path, "options"), depth + 1 if kind == GROUP else 2)
    else:
        yield from _value(option, path)


def _value(option: Json, path: Path) -> Iterator[Problem]:
    choices, kind = option.get("choices") or [], option["type"]
    if choices and option.get("autocomplete"):
        words = "Choices and autocomplete are mutually exclusive."
        yield Problem(path=path, code="APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", message=words)
    if (choices or option.get("autocomplete")) and kind not in {STRING, INTEGER, NUMBER}:
        words = "Only text and numbers have choices."
        yield Problem(path=path, code="APPLICATION_COMMAND_OPTIONS_CHOICES_NOT_ALLOWED", message=words)
    yield from choices_problems(choices, kind, (*path, "choices"))
    for field in ("min_length", "max_length"):
        value = option.get(field)
        if value is not None and (kind != STRING or not (field == "max_length") <= value <= 6000):
            words = "Text options alone have a length, of 6000 at most."
            yield Problem(path=(*path, field), code="NUMBER_TYPE_MAX", message=words)


def choices_problems(choices: list[Json], kind: int, path: Path) -> Iterator[Problem]:
    """What is wrong with choices, of a command or suggested for one."""
    if len(choices) > CHOICES:
        yield out_of_length(path, len(choices), 0, CHOICES)
    types: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float)}
    for number, choice in enumerate(choices):
        yield from length(choice.get("name"), (*path, number, "name"), 1, 100)
        value = choice.get("value")
        if kind == STRING:
            yield from length(value, (*path, number, "value"), 1, 100)
        elif not isinstance(value, types.get(kind, ())):
            words = "The value is not of the option's type."
            yield Problem(path=(*path, number, "value"), code="BASE_TYPE_BAD_TYPE", message=words)
    for name, times in Counter(choice.get("name") for choice in choices).items():
        if times > 1:
            words = f"Choice names must be unique: {name}"
            yield Problem(path=path, code="APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATED", message=words)


def _size(node: Json) -> int:
    """The longest of each text's translations counts."""
    total = 0
    for field in ("name", "description"):
        translated = node.get(f"{field}_localizations") or {}
        total += max(len(str(one)) for one in [node.get(field) or "", *translated.values()])
    total += len(node["value"]) if isinstance(node.get("value"), str) else 0
    return total + sum(_size(child) for field in ("options", "choices") for child in node.get(field) or [])
