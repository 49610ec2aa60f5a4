"""Which accounts a draft goes to: "for mastodon,@driftseas" or every connected one."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from services.domain.errors import InvalidInput
from services.domain.post import MOST_PARTS, NO_PICTURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.account import Account
    from services.domain.post import Brief
    from services.ports.platform import Platforms


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant."""
    found = get_close_matches(word.casefold(), [k.casefold() for k in known], n=1, cutoff=0.6)
    return next((k for k in known if k.casefold() == found[0]), None) if found else None


def require_parts(parts: int, accounts: Sequence[Account], platforms: Platforms, *, exact: bool) -> None:
    """Raise `InvalidInput` (field "parts") when no thread of so many posts can be written for these accounts.

    A network without threads gets one post beside those that have them; without `exact` one with shorter threads too.
    """
    if parts == 1:
        return
    if not 2 <= parts <= MOST_PARTS:
        msg = f"A thread has 2 to {MOST_PARTS} posts, not {parts}."
        raise InvalidInput(msg, next_step="Choose a number in between.", field="parts")
    threading = [a for a in accounts if a.limits.thread_parts > 1]
    if not threading:
        labels = ", ".join(dict.fromkeys(platforms[a.platform].label for a in accounts))
        raise InvalidInput(f"There are no threads on {labels}.", next_step="Ask for one post.", field="parts")
    tight = min(threading, key=lambda a: a.limits.thread_parts)
    if exact and parts > tight.limits.thread_parts:
        label = platforms[tight.platform].label
        msg = f"{label} takes threads of at most {tight.limits.thread_parts} posts, not {parts}."
        raise InvalidInput(msg, next_step="Ask for fewer, or leave that network out.", field="parts")


def select(accounts: Sequence[Account], wanted: Sequence[str], platforms: Platforms) -> tuple[Account, ...]:
    """The accounts meant by platform slugs and @handles, in order of connection.

    Raises `InvalidInput` naming the word that means none.
    """
    if not accounts:
        raise InvalidInput(
            "No account is connected yet.", next_step="Connect one with: python -m bot account add", field="networks"
        )
    words = [word.strip() for word in wanted if word.strip()]
    if not words:
        return tuple(accounts)
    chosen = {account.id for word in words for account in _meant(accounts, word, platforms)}
    return tuple(a for a in accounts if a.id in chosen)


def destinations(
    accounts: Sequence[Account], wanted: Sequence[str], brief: Brief, platforms: Platforms
) -> tuple[tuple[Account, ...], str]:
    """Where a draft goes, and who is left out of "everywhere": whoever could never publish what the brief asks for.

    Raises `InvalidInput` as `select` does, and (field "picture") when nobody is left.
    """
    chosen = select(accounts, wanted, platforms)
    if brief.picture != NO_PICTURE or any(word.strip() for word in wanted):
        return chosen, ""
    able = tuple(a for a in chosen if not platforms[a.platform].needs_media)
    without = " and ".join(dict.fromkeys(platforms[a.platform].label for a in chosen if a not in able))
    if not able:
        msg = f"{without} takes no post without a picture."
        raise InvalidInput(msg, next_step="Ask for one with a picture, or add one of your own.", field="picture")
    return able, f"not for {without}, where a post needs a picture" if without else ""


def _meant(accounts: Sequence[Account], word: str, platforms: Platforms) -> list[Account]:
    bare = word.removeprefix("@").casefold()
    if word.startswith("@"):
        found = [a for a in accounts if a.handle.casefold() == bare or a.handle.casefold().split("@")[0] == bare]
        return found or _unknown_handle(accounts, word)
    slugs = [s for s, spec in platforms.items() if bare in {s.casefold(), spec.label.casefold()}]
    if not slugs:
        named = next(
            (a.handle for a in accounts if bare in {a.handle.casefold(), a.handle.casefold().split("@")[0]}), None
        )
        near = f"@{named}" if named else nearest(bare, list(platforms))
        hint = f"Did you mean {near}?" if near else f"It can be {', '.join(sorted(platforms))} or an @handle."
        raise InvalidInput(f"I don't know a network called “{word}”.", next_step=hint, field="networks")
    found = [a for a in accounts if a.platform in slugs]
    if not found:
        label = platforms[slugs[0]].label
        there = ", ".join(sorted({platforms[a.platform].label for a in accounts if a.platform in platforms}))
        msg = f"No {label} account is connected."
        raise InvalidInput(
            msg,
            next_step=f"Connected are: {there}. Add one with: python -m bot account add {slugs[0]}",
            field="networks",
        )
    return found


def _unknown_handle(accounts: Sequence[Account], word: str) -> list[Account]:
    near = nearest(word.removeprefix("@"), [a.handle for a in accounts])
    hint = f"Did you mean @{near}?" if near else f"Connected are: {', '.join('@' + a.handle for a in accounts)}."
    raise InvalidInput(f"No connected account is called {word}.", next_step=hint, field="networks")
