"""The page in browsers without scripts, one for each person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any, Final

import httpx

from handlers.notifications import PLACE, SURFACE
from services.domain.actor import Role
from tests.handlers.world import BASE
from tests.scenarios.house import House
from tests.scenarios.markup import Element, form_of, read, sent
from tests.scenarios.stage import Asked, Box, Fault, Person, Seen, Typed, files_in, starts, the_one


class WebStage:
    """The desk's own page."""

    name: Final = "web"
    chat: Final = False

    def __init__(self, house: House) -> None:
        """Over this desk."""
        self.house = house
        self._readers: list[Reader] = []
        self._broken: list[str] = []

    async def person(self, name: str, role: Role = Role.AUTHOR, *, guest: bool = False) -> Person:
        """Signed in by a link of their own."""
        assert not guest, "The page knows no guests."
        world = self.house.world
        known = await world.services.people.actor(name)
        await world.services.people.set_role(await world.actor(), name, role)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE)
        reader = Reader(self.house, name, client, self._broken)
        self._readers.append(reader)
        await reader.sign_in(world.links.new(known.id))
        return reader

    async def close(self) -> None:
        """Shut every browser."""
        for reader in self._readers:
            await reader.leave()

    async def connected(self) -> None:
        """It has no connection."""

    async def shown(self) -> list[Seen]:
        """The channel's cards."""
        return await self._readers[0].cards()

    async def digest(self) -> None:
        """The page's own subscription, due now."""
        await make_digest(self.house, SURFACE, PLACE)

    async def fail(self, fault: Fault) -> None:
        """The page has no wire of its own."""
        raise AssertionError(f"The page knows no {fault}.")

    def problems(self) -> list[str]:
        """Pages that broke, and pictures without words."""
        return self._broken


async def make_digest(house: House, surface: str, channel: str) -> None:
    """Subscribe a channel, let its hour come, and make the digest as the desk's rounds do."""
    world = house.world
    soon = world.clock.now() + timedelta(minutes=1)
    at = time(soon.hour, soon.minute)
    await world.services.digests.subscribe(await world.actor(), surface, channel, at=at, zone="UTC")
    await world.clock.advance(90)
    assert await world.services.digests.run_due() == 1
    await house.settle()
    assert await world.services.digests.run_due() == 0
    await house.settle()


class Reader:
    """Somebody at a browser; what they see is the page they are on."""

    def __init__(self, house: House, name: str, client: httpx.AsyncClient, broken: list[str]) -> None:
        self.name = name
        self._house = house
        self._client = client
        self._broken = broken
        self._page = Element(tag="root")
        self._told: list[Seen] = []

    async def sign_in(self, token: str) -> None:
        await self._follow(await self._client.get(f"/signin?token={token}"))

    async def leave(self) -> None:
        await self._client.aclose()

    async def type(self, text: str) -> None:
        """Into the box above the channel."""
        await self._go("/")
        box = self._page.one("form", css="box")
        assert box is not None
        await self._send(box, {"text": text})

    async def card(self, of: str = "") -> Seen:
        """On the channel."""
        return the_one(await self.cards(), of)

    async def cards(self) -> list[Seen]:
        """All of the channel, newest first."""
        await self._go("/", listen=False)
        channel = self._page.one(css="channel")
        assert channel is not None
        return [_seen(article) for article in channel.all("article")]

    async def press(self, seen: Seen, label: str, *, sure: bool = True) -> None:
        """By the form or link it stands in; a question comes as a page of its own."""
        assert isinstance(seen.at, Element)
        button = next((b for b in seen.at.all(css="button") if b.words == label), None)
        assert button is not None, f"{label!r} is not there: {sorted(seen.offered)}"
        if button.tag == "a":
            await self._go(button["href"])
        else:
            await self._send(form_of(seen.at, button), {button["name"]: button["value"]})
        asking = self._page.one("form", css="asking")
        if asking is not None and sure:
            await self._send(asking, {})
        elif asking is not None:
            await self._go(next(a["href"] for a in asking.all("a") if a.words == "Cancel"))

    async def form(self) -> Asked | None:
        """The sheet to fill in, if that is the page."""
        sheet = self._page.one("form", css="sheet")
        return _asked(sheet) if sheet is not None else None

    async def fill(self, values: Typed) -> Asked | None:
        """And send it."""
        sheet = self._page.one("form", css="sheet")
        assert sheet is not None, self._page.words
        labels = _labels(sheet)
        controls = {starts(question, labels): value for question, value in values.items()}
        texts = {labels[q]["name"]: v for q, v in controls.items() if isinstance(v, str)}
        files = [(labels[q]["name"], (*file, "image/png")) for q, value in controls.items() for file in files_in(value)]
        await self._send(sheet, texts, files)
        return await self.form()

    async def heard(self) -> list[Seen]:
        """What stood under the box or above a form."""
        told, self._told = self._told, []
        return told

    async def inbox(self) -> list[Seen]:
        """Drafts that wait for a decision, on the page made for that."""
        await self._go("/approvals", listen=False)
        return [_seen(article) for article in self._page.all("article")]

    async def thread(self, of: Seen) -> list[Seen]:
        """The page keeps them in the channel, as cards of their own."""
        return [card for card in await self.cards() if not card.draft and card.about(f"Draft {of.draft}")][::-1]

    async def _go(self, address: str, *, listen: bool = True) -> None:
        await self._show(await self._client.get(address), listen=listen)

    async def _send(self, form: Element, values: Mapping[str, str], files: Sequence[tuple[str, Any]] = ()) -> None:
        fields = {**sent(self._page, form), **values}
        answer = await self._client.post(form["action"], data=fields, files=files or None)
        await self._follow(answer)
        await self._house.settle()

    async def _follow(self, answer: httpx.Response) -> None:
        while answer.status_code == 303:
            answer = await self._client.get(answer.headers["location"])
        await self._show(answer)

    async def _show(self, answer: httpx.Response, *, listen: bool = True) -> None:
        self._page = read(answer.text)
        if answer.status_code >= 500:
            self._broken.append(f"{answer.request.url}: {answer.status_code}")
        beside = {id(i) for thumb in self._page.all("span", css="film-of") for i in thumb.all("img")}
        wordless = [i["src"] for i in self._page.all("img") if not i["alt"].strip() and id(i) not in beside]
        self._broken += [f"{answer.request.url}: {src} has no words" for src in wordless]
        if listen:
            self._told += [_seen(article) for article in _told_on(self._page)]


def _told_on(page: Element) -> Iterator[Element]:
    """Cards that only this reader sees: answers, and what stands above a form."""
    for turn in page.all(css="whispered"):
        yield from turn.all("article")
    if page.one("form", css="sheet") is not None:
        yield from page.all("article")


def _seen(article: Element) -> Seen:
    heading = article.one(id=f"{article['id']}-title")
    status = article.one(css="status")
    buttons = [b for b in article.all(css="button") if b["form"] == ""]
    more = {id(b) for d in article.all("details", css="more") for b in d.all(css="button")}
    says = [v.one(css="say") for v in article.all("section", css="variant")]
    return Seen(
        title=heading.words if heading else "",
        state=status.words if status else "",
        words=article.words,
        texts=tuple("\n\n".join(p.raw for p in say.all("p", css="words")) for say in says if say),
        buttons=tuple(b.words for b in buttons if id(b) not in more),
        menu=tuple(b.words for b in buttons if id(b) in more),
        pictures=(*(i["alt"] for i in article.all("img")), *(v["aria-label"] for v in article.all("video"))),
        captions=tuple(b.words for f in article.all("figure") if (b := f.one("b"))),
        links=tuple(dict.fromkeys(a["href"] for a in article.all("a") if a["href"].startswith("http"))),
        draft=article["id"].partition("draft-")[2],
        at=article,
    )


def _labels(sheet: Element) -> dict[str, Element]:
    """The control behind each label."""
    return {
        label.words: control
        for label in sheet.all("label")
        if (control := next((e for e in sheet.walk() if e["id"] == label["for"]), None)) is not None
    }


def _asked(sheet: Element) -> Asked:
    title = sheet.one("h1")
    boxes = {}
    for label, control in _labels(sheet).items():
        wrong = sheet.one(css="error", id=control["id"].replace("f-", "e-"))
        boxes[label] = Box(value=control.value, error=wrong.words if wrong else "")
    return Asked(title=title.words if title else "", words=sheet.words, boxes=boxes)
