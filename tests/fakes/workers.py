"""Heavy work done on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.domain.errors import DeskError

P = ParamSpec("P")
T = TypeVar("T")


class InlineWorkers:
    """`Workers` in this very process; `fail` makes the next tasks fail."""

    def __init__(self) -> None:
        """Nothing was done yet."""
        self.done: list[str] = []
        """The names of the functions that ran."""
        self.fail: DeskError | None = None

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Workers.run`."""
        if self.fail is not None:
            raise self.fail
        self.done.append(fn.__name__)
        return fn(*args, **kwargs)
