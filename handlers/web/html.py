"""Templates with escaping always on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from handlers.views.actions import Verb, parse_action
from handlers.views.card import Fields, ImageBlock
from handlers.views.diff import word_diff
from handlers.web.assets import asset
from handlers.web.door import door_of
from services.access import OWNER
from services.domain.actor import Person

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from handlers.views.card import Button, Card

HERE: Final = Path(__file__).parent
PICTURE_VERBS: Final = frozenset({Verb.IMAGE, Verb.ANOTHER, Verb.STYLE, Verb.UPLOAD, Verb.ARRANGE, Verb.REMOVE_IMAGE})
"""Buttons that stand beside a picture where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A page of the desk, as its rail lists it."""

    key: str
    label: str
    path: str


ROOMS: Final = (
    Room(key="desk", label="Desk", path="/"),
    Room(key="approvals", label="Approvals", path="/approvals"),
    Room(key="calendar", label="Calendar", path="/calendar"),
    Room(key="deliveries", label="Deliveries", path="/deliveries"),
    Room(key="results", label="Results", path="/results"),
    Room(key="accounts", label="Accounts", path="/accounts"),
    Room(key="brand", label="Brand", path="/brand"),
)
"""In the order of the day: what is talked about, what waits, what is planned, what went out, what came of it."""

PRACTICE: Final = Room(key="practice", label="Practice feeds", path="/practice")
"""At the end of the rail while practice is on."""


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["diff_to"] = word_diff
    environment.filters["tiles"] = tiles
    environment.tests["block"] = lambda value, name: type(value).__name__ == name
    environment.tests["about_the_picture"] = about_the_picture
    environment.globals["asset"] = asset
    return environment


def warm() -> None:
    """Read every template before somebody asks for a page (a quarter of a second); blocking, to be run in a thread."""
    for name in _templates().list_templates():
        _templates().get_template(name)


def about_the_picture(button: Button) -> bool:
    """Whether a button changes the picture."""
    return parse_action(button.id).verb in PICTURE_VERBS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One of several things that a draft shows, at its place among them."""

    number: int
    label: str
    note: str
    image: ImageBlock | None
    """None for a document."""


def tiles(card: Card) -> tuple[Tile, ...]:
    """All that is shown, in order; empty unless it is several that are numbered, some of them to be seen."""
    images = {b.number: b for b in card.blocks if isinstance(b, ImageBlock) and b.number}
    labels = {image.label for image in images.values()}
    told = (b.items for b in card.blocks if isinstance(b, Fields) and labels & {f.name for f in b.items})
    facts = next(told, ())
    return tuple(
        Tile(number=n, label=fact.name, note=fact.text, image=images.get(n)) for n, fact in enumerate(facts, start=1)
    )


def page(
    connection: HTTPConnection, template: str, *, here: str = "", status: int = 200, **values: object
) -> HTMLResponse:
    """A template as an answer, with the session's form token, the rooms of the desk (`here` is this one's key)."""
    door = door_of(connection)
    session = door.sessions.find(connection)
    shared = {
        "csrf": door.sessions.csrf(session) if session else "",
        "signed_in": session is not None,
        "me": _name(connection),
        "practice": (practice := door.settings.practice()),
        "rooms": (*ROOMS, PRACTICE) if practice and door.settings.practice_feed else ROOMS,
        "here": here,
        # Without a fragment: to an address with one, a page that refreshes itself only scrolls.
        "itself": connection.url.path + (f"?{connection.url.query}" if connection.url.query else ""),
        "undecided": getattr(connection.state, "undecided", 0),
    }
    text = _templates().get_template(template).render(**shared, **values)
    return HTMLResponse(text, status_code=status)


def _name(connection: HTTPConnection) -> str:
    """Who is signed in; empty for the owner, who needs no telling, and where nobody was looked up."""
    person = getattr(connection.state, "person", None)
    return person.name if isinstance(person, Person) and person.id != OWNER else ""
