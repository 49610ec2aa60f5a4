"""The page in a browser without scripts, and for everybody but the owner the HTTP face behind the same door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from typing import Any, Final

import httpx

from handlers.notifications import PLACE, SURFACE
from services.domain.actor import Role
from tests.handlers.world import BASE
from tests.scenarios.house import House
from tests.scenarios.markup import Element, form_of, read, sent
from tests.scenarios.stage import Asked, Box, Fault, Person, Seen, Typed, flat, number_in, starts, the_one


class WebStage:
    """The owner has the page; everybody else speaks to the HTTP face."""

    name: Final = "web"
    chat: Final = False

    def __init__(self, house: House) -> None:
        """Over this desk."""
        self.house = house
        self._broken: list[str] = []

    async def person(self, name: str, role: Role = Role.AUTHOR, *, guest: bool = False) -> Person:
        """An admin is the owner, who alone has the page."""
        assert not guest, "The page knows no guests."
        if role is Role.ADMIN:
            return await self._owner()
        people = self.house.world.services.people
        await people.actor(name)
        await people.set_role(await self.house.world.actor(), name, role)
        return FacePerson(self.house, name)

    async def _owner(self) -> Reader:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.house.world.app), base_url=BASE)
        reader = Reader(self.house, client, self._broken)
        await reader.sign_in()
        return reader

    async def connected(self) -> None:
        """It has no connection."""

    async def shown(self) -> list[Seen]:
        """The channel's cards."""
        answer = await self.house.world.client.get("/api/cards")
        return [_from_json(card) for card in answer.json()["cards"]]

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
    """The owner at a browser; what they see is the page they are on."""

    name = "owner"

    def __init__(self, house: House, client: httpx.AsyncClient, broken: list[str]) -> None:
        self._house = house
        self._client = client
        self._broken = broken
        self._page = Element(tag="root")
        self._told: list[Seen] = []

    async def sign_in(self) -> None:
        await self._follow(await self._client.get(f"/signin?token={self._house.world.links.new()}"))

    async def type(self, text: str) -> None:
        """Into the box above the channel."""
        await self._go("/")
        box = self._page.one("form", css="box")
        assert box is not None
        await self._send(box, {"text": text})

    async def card(self, of: str = "") -> Seen:
        """On the channel."""
        await self._go("/", listen=False)
        channel = self._page.one(css="channel")
        assert channel is not None
        cards = [_seen(article) for article in channel.all("article")]
        return the_one(cards, of)

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
        files = {labels[q]["name"]: ("own.png", v, "image/png") for q, v in controls.items() if isinstance(v, bytes)}
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
        await self._go("/", listen=False)
        cards = [_seen(article) for article in self._page.all("article") if article["id"].startswith("delivery-")]
        return [card for card in cards if card.about(f"Draft {of.draft}")][::-1]

    async def _go(self, address: str, *, listen: bool = True) -> None:
        await self._show(await self._client.get(address), listen=listen)

    async def _send(self, form: Element, values: Mapping[str, str], files: Mapping[str, Any] | None = None) -> None:
        fields = {**sent(self._page, form), **values}
        answer = await self._client.post(form["action"], data=fields, files=dict(files) if files else None)
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
        wordless = [i["src"] for i in self._page.all("img") if not i["alt"].strip()]
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
        pictures=tuple(i["alt"] for i in article.all("img")),
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


class FacePerson:
    """Somebody whose program speaks to the HTTP face in their name."""

    def __init__(self, house: House, name: str) -> None:
        self._house = house
        self.name = name
        self._told: list[Seen] = []
        self._form: dict[str, Any] | None = None

    async def type(self, text: str) -> None:
        """`POST /api/command`."""
        await self._post("command", {"text": text})

    async def card(self, of: str = "") -> Seen:
        """From the list of cards, in the owner's reading: rights are looked at when something is done."""
        answer = await self._house.world.client.get("/api/cards")
        return the_one([_from_json(card) for card in answer.json()["cards"]], of)

    async def press(self, seen: Seen, label: str, *, sure: bool = True) -> None:
        """`POST /api/action`; being sure is asked of people, not of programs."""
        assert isinstance(seen.at, dict)
        button = next(b for b in seen.at["buttons"] if b["label"] == label)
        if sure or button["confirm"] is None:
            await self._post("action", {"id": button["id"]})

    async def form(self) -> Asked | None:
        """What the last answer asks."""
        if self._form is None:
            return None
        boxes = {f["title"]: Box(value=f["value"], error=f["error"]) for f in self._form["fields"]}
        words = [self._form["note"], *(f["theirs"] or "" for f in self._form["fields"])]
        return Asked(title=self._form["title"], words=flat(" ".join(words)), boxes=boxes)

    async def fill(self, values: Typed) -> Asked | None:
        """All fields, with these among them."""
        assert self._form is not None
        names = {f["title"]: f["name"] for f in self._form["fields"]}
        fields = {f["name"]: f["value"] for f in self._form["fields"] if f["type"] != "file"}
        fields |= {names[starts(q, names)]: value for q, value in values.items() if isinstance(value, str)}
        await self._post("action", {"id": self._form["action"], "fields": fields})
        return await self.form()

    async def heard(self) -> list[Seen]:
        """What the answers whispered."""
        told, self._told = self._told, []
        return told

    async def inbox(self) -> list[Seen]:
        """Nobody writes to a program."""
        return []

    async def thread(self, of: Seen) -> list[Seen]:
        """The HTTP face has none."""
        return []

    async def _post(self, path: str, body: Mapping[str, Any]) -> None:
        answer = await self._house.world.client.post(f"/api/{path}", json={**body, "as": self.name})
        replies = answer.json()["replies"]
        self._form = next((r["form"] for r in replies if r["kind"] == "open"), None)
        self._told += [_from_json(r["card"]) for r in replies if r["kind"] == "whisper"]
        await self._house.settle()


def _from_json(card: Mapping[str, Any]) -> Seen:
    blocks = card["blocks"]
    facts = [item for block in blocks if block["type"] in {"fields", "checks"} for item in block["items"]]
    labels = tuple(b["label"] for b in card["buttons"])
    return Seen(
        title=card["title"],
        state=next((f["text"] for f in facts if f["name"] == "Status"), ""),
        words=flat(" ".join([card["title"], *_texts(blocks), *card["audit"]])),
        texts=tuple(b["text"] for b in blocks if b["type"] == "variant"),
        buttons=labels,
        pictures=tuple(b["alt"] for b in blocks if b["type"] == "image"),
        links=tuple(f["link"] for f in facts if f.get("link")),
        draft=number_in(card["title"]),
        at=card,
    )


def _texts(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        yield block.get("text", "")
        if block["type"] == "variant":
            yield f"{block['length']}/{block['limit']}"
        for item in block.get("items", ()):
            yield f"{item['name']} {item['text']}"
