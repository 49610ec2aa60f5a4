"""Templates with escaping always on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from handlers.web.door import door_of

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["block"] = lambda value, name: type(value).__name__ == name
    return environment


def page(connection: HTTPConnection, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A template as an answer, with the session's form token and the practice line."""
    door = door_of(connection)
    session = door.sessions.find(connection)
    shared = {
        "csrf": door.sessions.csrf(session) if session else "",
        "signed_in": session is not None,
        "practice": door.settings.practice(),
    }
    text = _templates().get_template(template).render(**shared, **values)
    return HTMLResponse(text, status_code=status)
