"""What may follow what a person is typing, for chats that complete options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from handlers.endpoints.queue import VIEWS
from handlers.views.card import short
from handlers.views.draft import status_word, topic
from handlers.views.form import Option
from services.domain.actor import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from handlers.desk import Desk
    from services.domain.actor import Person

MOST: Final = 25
"""Choices that are offered at once: the fewest that any chat holds."""
_LONGEST: Final = 100
"""Characters of a choice."""


async def suggest(desk: Desk, kind: str, typed: str, actor: Person) -> Sequence[Option]:
    """Choices for an option of this kind, the nearest to what was typed; none for a kind that is free text."""
    source = _SOURCES.get(kind)
    return await source(desk, typed.strip(), actor) if source else ()


async def _networks(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    """The last name of a list that is being typed, behind those that stand there already."""
    del actor
    head, comma, last = typed.rpartition(",")
    before = f"{head.strip()}, " if comma else ""
    there = {w.strip().casefold() for w in head.split(",")}
    accounts = await desk.services.accounts.list()
    known = dict(desk.labels.items()) | {f"@{a.handle}": desk.labels.get(a.platform, a.platform) for a in accounts}
    found = _matching(((slug, label) for slug, label in known.items() if slug.casefold() not in there), last.strip())
    return [
        Option(value=f"{before}{slug}", text=f"{before}{label if slug[0] != '@' else slug}") for slug, label in found
    ]


async def _accounts(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del actor
    accounts = await desk.services.accounts.list()
    return _options(_matching(((f"@{a.handle}", f"@{a.handle}") for a in accounts), typed))


async def _platforms(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del actor
    return _options(_matching(desk.labels.items(), typed))


async def _drafts(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del actor
    board = desk.services.board
    found = await (board.search(typed) if typed else board.drafts(limit=MOST))
    return [
        Option(value=s.draft.id, text=short(f"{s.draft.id} · {topic(s.draft)} · {status_word(s)}", _LONGEST))
        for s in found[:MOST]
    ]


async def _brands(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del actor
    brands = await desk.services.store.read(lambda tx: tx.brands.list())
    return _options(_matching(((b.id, b.name) for b in brands), typed))


async def _people(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del actor
    people = await desk.services.store.read(lambda tx: tx.people.list())
    return _options(_matching(((p.name, f"{p.name} · {p.role.value}") for p in people), typed))


async def _roles(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del desk, actor
    return _options(_matching(((r.value, r.value) for r in Role), typed))


async def _lists(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del desk, actor
    return _options(_matching(((view, title) for view, (_, title, _) in VIEWS.items() if view), typed))


async def _zones(desk: Desk, typed: str, actor: Person) -> Sequence[Option]:
    del desk
    zones = [actor.zone, *sorted(available_timezones() - {actor.zone})]
    return _options(_matching(((z, z) for z in zones), typed.replace(" ", "_")))


_SOURCES: Final[Mapping[str, Callable[[Desk, str, Person], Awaitable[Sequence[Option]]]]] = {
    "network": _networks,
    "account": _accounts,
    "platform": _platforms,
    "draft": _drafts,
    "brand": _brands,
    "person": _people,
    "role": _roles,
    "queue": _lists,
    "zone": _zones,
}
"""By the kind of the option."""


def _matching(choices: Iterable[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """Those that begin with what was typed before those that only contain it."""
    wanted = typed.casefold()
    found = [(v, t) for v, t in choices if wanted in v.casefold() or wanted in t.casefold()]
    found.sort(key=lambda pair: not any(x.casefold().startswith(wanted) for x in pair))
    return found[:MOST]


def _options(pairs: Iterable[tuple[str, str]]) -> list[Option]:
    return [Option(value=value, text=short(text, _LONGEST)) for value, text in pairs]
