"""Many people who do the same at the same moment, each in their own words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

NUMBER: Final = "{n}"
"""Stands in what is to be done for the number of who does it, from one on."""


async def crowd(do: Callable[[dict[str, Any]], Awaitable[Any]], count: int, args: dict[str, Any]) -> list[float]:
    """Let `count` people do it together: the seconds until each was acknowledged; raises what the first one met."""
    work = (do(numbered(args, str(number))) for number in range(1, count + 1))
    told = await asyncio.gather(*work, return_exceptions=True)
    for one in told:
        if isinstance(one, BaseException):
            raise one
    if not all(isinstance(one, dict) and "seconds" in one for one in told):
        raise ValueError("A crowd only does what is acknowledged.")
    return [one["seconds"] for one in told if isinstance(one, dict)]


def numbered(node: Any, number: str) -> Any:
    """The same with somebody's number in every text."""
    if isinstance(node, dict):
        return {key: numbered(value, number) for key, value in node.items()}
    if isinstance(node, list):
        return [numbered(one, number) for one in node]
    return node.replace(NUMBER, number) if isinstance(node, str) else node
