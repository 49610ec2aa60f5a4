"""What people choose for a post on one network, against what its account may choose there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import InvalidInput
from services.domain.post import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.domain.account import Account, Limits
    from services.domain.post import Variant
    from services.ports.options import Choice, PostOption
    from services.ports.platform import PlatformSpec

WHERE: Final = "Choose it under Options."
"""The next step for whoever has to choose."""
_QUESTIONS: Final = ("Who", "What", "When", "Where", "Whether", "Which", "How")
"""Words a title may begin with that goes on in a sentence."""


def field_name(account_id: str, option: str) -> str:
    """The option's field in forms, and at which an error is told."""
    return f"option.{account_id}.{option}"


def choices_of(option: PostOption, limits: Limits) -> tuple[Choice, ...]:
    """Those an account has, in the network's order; empty for free text."""
    allowed = limits.choices_of(option.name)
    return option.choices if allowed is None else tuple(c for c in option.choices if c.value in allowed)


def must_be_chosen(option: PostOption, limits: Limits) -> bool:
    """Whether nothing goes out before somebody chose: it has no default, or this account may not have that."""
    return option.asked or (bool(option.choices) and option.default not in _values(option, limits))


def first_choices(options: Sequence[PostOption], limits: Limits) -> dict[str, str]:
    """For each that must be chosen, the first this account may have: networks begin with what most people see."""
    asked = [o for o in options if must_be_chosen(o, limits)]
    return {o.name: found[0].value for o in asked if (found := choices_of(o, limits))}


def offered(options: Sequence[PostOption], limits: Limits) -> tuple[PostOption, ...]:
    """Those about which this account's people have anything to decide."""
    return tuple(o for o in options if _is_open(o, limits))


def lasting(options: Sequence[PostOption], limits: Limits) -> tuple[PostOption, ...]:
    """Of those the ones that new drafts may begin with."""
    return tuple(o for o in offered(options, limits) if not o.once)


def _is_open(option: PostOption, limits: Limits) -> bool:
    return not option.choices or must_be_chosen(option, limits) or len(choices_of(option, limits)) > 1


def with_chosen(
    before: Mapping[str, str], given: Mapping[str, str], account: Account, spec: PlatformSpec, *, standing: bool = False
) -> dict[str, str]:
    """`before` with what is given; a default is kept by having no value.

    Raises `InvalidInput` at the field for what the account can't have, and for a choice left open that has to be made,
    unless it is only a `standing` one that each post may still make.
    """
    known = {o.name: o for o in spec.options}
    kept = dict(before)
    for name, text in given.items():
        field = field_name(account.id, name)
        if name not in known:
            there = ", ".join(known) or "none"
            msg = f"{spec.label} has no option “{name[:40]}”."
            raise InvalidInput(msg, next_step=f"Its options: {there}.", field=field)
        option = known[name]
        value = _taken(option, text)
        if standing and option.once and value:
            msg = f"“{option.title}” belongs to one post, so drafts can't begin with it."
            raise InvalidInput(msg, next_step="Choose it under Options of the draft.", field=field)
        if not value and must_be_chosen(option, account.limits):
            if not standing:
                raise InvalidInput(_needed(option, spec), next_step="Choose one.", field=field)
        elif (problem := _wrong(option, value or option.default, account.limits, spec)) is not None:
            raise InvalidInput(problem.message, next_step=problem.fix, field=field)
        kept[name] = value
        if value in {"", option.default}:
            del kept[name]
    return kept


def _taken(option: PostOption, text: str) -> str:
    """As it is kept: without the space around it, and in one line unless it is a list of entries."""
    entries = [line.strip() for line in text.splitlines()]
    return ("\n" if option.lines else " ").join(filter(None, entries))


def option_problems(variant: Variant, account: Account, spec: PlatformSpec) -> tuple[Problem, ...]:
    """What blocks in the choices made and not made, which only a person can put right."""
    return (*_single(variant, account.limits, spec), *spec.check_options(variant, account))


def _single(variant: Variant, limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    for option in spec.options:
        value = variant.options.get(option.name, "")
        if not value and must_be_chosen(option, limits):
            yield _block("option_missing", _needed(option, spec), WHERE)
        elif value and (problem := _wrong(option, value, limits, spec)) is not None:
            yield problem


def _wrong(option: PostOption, value: str, limits: Limits, spec: PlatformSpec) -> Problem | None:
    """Why a value can't be this account's."""
    if option.choices and value not in _values(option, limits):
        possible = ", ".join(c.text for c in choices_of(option, limits)) or "nothing else"
        message = f"“{option.text(value)[:60]}” can't be chosen on {spec.label} for “{option.title}”."
        return _block("option_value", message, f"Possible: {possible}.")
    if option.most is not None and len(value) > option.most:
        message = f"“{option.title}” has {len(value):,} characters; {spec.label} takes {option.most:,}."
        return _block("option_long", message, f"Shorten it by {len(value) - option.most:,}.")
    return None


def _values(option: PostOption, limits: Limits) -> tuple[str, ...]:
    return tuple(c.value for c in choices_of(option, limits))


def _needed(option: PostOption, spec: PlatformSpec) -> str:
    first, _, rest = option.title.partition(" ")
    if first in _QUESTIONS:
        return f"{spec.label} needs to know {first.lower()} {rest}."
    return f"{spec.label} needs a choice of “{option.title}”."


def _block(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)
