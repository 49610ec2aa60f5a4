"""What a person may or must choose for a post on one network: who sees it, who may answer, what is disclosed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.domain.account import Account
    from services.domain.post import Problem, Variant

YES = "yes"
"""The value of a switch that is on; off is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of an option, and how people read it."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOption:
    """A field of the form; its value is a text on the variant, and no value there means `default`."""

    name: str
    """The network's own word where it has one."""
    title: str
    """As people read it."""
    choices: tuple[Choice, ...] = ()
    """What it can be; empty: free text."""
    asked: bool = False
    """There is no default: a post can't be approved before somebody chose."""
    most: int | None = None
    """Characters of free text."""
    lines: bool = False
    """Free text of several lines, one entry each."""
    help: str = ""
    """What follows from it, in a sentence."""
    shown: bool = False
    """Whether the card tells the default too; what somebody chose is always told."""
    once: bool = False
    """It belongs to one post, so no account's new drafts begin with it."""

    @property
    def default(self) -> str:
        """The value when nobody chose; empty for free text and for what must be asked."""
        return "" if self.asked or not self.choices else self.choices[0].value

    def text(self, value: str) -> str:
        """A value as people read it."""
        return next((c.text for c in self.choices if c.value == value), value)


def switch(name: str, title: str, *, help: str = "", shown: bool = False) -> PostOption:  # noqa: A002 (the field's name)
    """An option that is off unless somebody turns it on."""
    choices = (Choice(value="", text="No"), Choice(value=YES, text="Yes"))
    return PostOption(name=name, title=title, choices=choices, help=help, shown=shown)


OptionCheck = Callable[["Variant", "Account"], Iterable["Problem"]]
"""Pure: what blocks in a variant's options beyond values that are none of the choices."""


def no_problems(_variant: Variant, _account: Account) -> Iterable[Problem]:
    """For networks whose choices are all independent."""
    return ()
