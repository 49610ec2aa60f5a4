"""Signing in to the practice networks as a person with a browser does: look at the page, press, follow."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from bot.practice import practice_apps
from tests.bot.practice.driving import Practice

BACK = "http://127.0.0.1:8420/connect/callback"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Form(HTMLParser):
    """What a consent page offers: boxes that can be ticked, and buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str | None]] = []
        self.boxes: list[str | None] = []
        self.fixed = 0
        self.buttons: list[tuple[str | None, str | None]] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        self.tags.add(tag)
        if tag == "form":
            self.forms.append(has)
        elif tag == "input" and "disabled" in has:
            self.fixed += 1
        elif tag == "input":
            assert (has["type"], has["name"]) == ("checkbox", "scope")
            self.boxes.append(has["value"])
        elif tag == "button":
            self.buttons.append((has["name"], has["value"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person with a browser, and the app they come from."""

    practice: Practice
    network: str
    path: str
    usual: dict[str, str]
    client_id: str
    secret: str = field(repr=False)
    called: str
    """Under what name the network wants `client_id`."""

    def address(self, **more: str | None) -> str:
        """Where the app sends people; None leaves a parameter out."""
        asked = {self.called: self.client_id, "redirect_uri": BACK, **self.usual, **more}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return f"/{self.network}{self.path}?{query}"

    async def refused(self, **more: str | None) -> str:
        """The page that says why a sign-in cannot begin."""
        answer = await self.practice.http.get(self.address(**more))
        assert answer.status_code == 400, answer.text
        assert "location" not in answer.headers
        return answer.text

    async def press(self, decision: str, scopes: Sequence[str] | None = None, **more: str | None) -> dict[str, str]:
        """Look at the page, untick all but `scopes`, press; what the app is told at its address."""
        where = self.address(**more)
        page = await self.practice.http.get(where)
        assert page.status_code == 200, page.text
        form = Form(page.text)
        assert form.forms == [{"method": "post"}]
        assert ("decision", decision) in form.buttons
        boxes = form.boxes if scopes is None else [one for one in form.boxes if one in scopes]
        answer = await self.practice.http.post(where, data={"decision": decision, "scope": boxes})
        return told(answer)

    async def code(self, scopes: Sequence[str] | None = None, **more: str | None) -> str:
        """The code for what was allowed."""
        return (await self.press("allow", scopes, **more))["code"]

    async def post(self, path: str, *, basic: Any = None, **fields: str) -> httpx.Response:
        """Post a form to the network; `basic` is an app's name and secret for the header."""
        return await self.practice.http.post(f"/{self.network}{path}", data=fields, **signed(basic))

    async def ask(self, path: str, token: str = "", **query: str) -> httpx.Response:
        """Read from the network."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await self.practice.http.get(f"/{self.network}{path}", params=query, headers=headers)


def signed(basic: tuple[str, str] | None) -> dict[str, Any]:
    return {} if basic is None else {"auth": httpx.BasicAuth(*basic)}


def told(answer: httpx.Response, back: str = BACK) -> dict[str, str]:
    """What an app is told by the address a person is sent back to."""
    assert answer.status_code == 302, answer.text
    place = urlsplit(answer.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == back
    return dict(parse_qsl(place.query, strict_parsing=True))


def visitor(practice: Practice, network: str, path: str, **usual: str) -> Visitor:
    """A person who comes from the desk's app."""
    app = practice_apps(practice.settings)[network]
    [called] = app.keys() - {"client_secret"}
    return Visitor(
        practice=practice,
        network=network,
        path=path,
        usual=usual,
        client_id=app[called],
        secret=app["client_secret"],
        called=called,
    )
