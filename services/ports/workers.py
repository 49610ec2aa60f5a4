"""Heavy work in another process, so that pixels and charts never keep a click waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class Workers(Protocol):
    """Runs plain functions elsewhere; what goes in and comes out is copied (pickled)."""

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result, or the error it raised; `fn` is a module's own function.

        Raises `Unavailable` when the worker died or took too long: nothing is half done, it can be run again.
        """
        ...
