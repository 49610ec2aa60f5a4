"""The form as a value: what a button asks for before it can act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


FILES_AGAIN: Final = "Files have to be chosen again."
"""Where a surface keeps what was typed into a form, but no files."""


class FieldType(StrEnum):
    """How a field is filled in."""

    LINE = "text"
    LINES = "textarea"
    CHOICE = "select"
    FILE = "file"
    ADDRESS = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the values to choose from."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One question."""

    name: str
    title: str
    type: FieldType = FieldType.LINE
    required: bool = False
    max: int | None = None
    """Characters at most; of files, how many."""
    options: tuple[Option, ...] = ()
    value: str = ""
    help: str = ""
    error: str = ""
    """What was wrong with the value, after a first try."""
    theirs: str | None = None
    """What somebody else made of it meanwhile, when that is another text than `value`; None when nobody did."""
    note: str = ""
    """What happened to this field meanwhile, in words."""
    group: str = ""
    """What it is about, where a form asks about several things; its title ends with it."""

    @property
    def short_title(self) -> str:
        """The title below a heading that names the group."""
        return self.title.removesuffix(f" · {self.group}") if self.group else self.title

    @property
    def pickable(self) -> tuple[Option, ...]:
        """The options of a list that shows by itself that nothing is picked yet."""
        return tuple(o for o in self.options if o.value or not self.required) or self.options


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Somebody else was faster: who did what, and when on the reader's clock."""

    draft_id: str
    revision: int
    """The version there is now."""
    by: str
    verb: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Questions with the action id that takes the answers."""

    name: str
    title: str
    submit: str
    """The word on the button."""
    action: str
    fields: tuple[FormField, ...]
    note: str = ""
    """What to know before filling it in once more."""
    clash: Clash | None = None
    """Set when sending it replaces what somebody else saved meanwhile; `action` is made for their version."""

    @property
    def groups(self) -> tuple[tuple[str, tuple[tuple[int, FormField], ...]], ...]:
        """The fields with their numbers from 1, those of a group that follow each other together."""
        numbered = enumerate(self.fields, start=1)
        return tuple((name, tuple(found)) for name, found in groupby(numbered, key=lambda one: one[1].group))

    @property
    def asks(self) -> bool:
        """True when some field must be filled in, so that an empty answer is no answer."""
        return any(f.required for f in self.fields)


def refill(form: Form, typed: Mapping[str, object], *, field: str | None, error: str) -> Form:
    """The form with what was typed and the error at its field (at the first one when the field is not here)."""
    names = {f.name for f in form.fields}
    at = field if field in names else next((f.name for f in form.fields), "")
    return replace(
        form,
        fields=tuple(
            replace(f, value=_kept(f, typed.get(f.name)), error=error if f.name == at else "") for f in form.fields
        ),
    )


def _kept(field: FormField, typed: object) -> str:
    return typed if isinstance(typed, str) and field.type is not FieldType.FILE else field.value
