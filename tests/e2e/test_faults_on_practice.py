"""The whole desk against networks that misbehave on purpose: whatever goes wrong, one post ends up in public, once."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from bot import bootstrap
from bot.bootstrap import Desk, Replacements
from bot.config import load
from bot.practice import practice_accounts
from bot.practice.pictures import plain_png
from bot.registry import PLATFORMS
from handlers.web.app import create_app
from handlers.web.settings import WebSettings
from services.access import OWNER
from services.domain.account import Dedupe, Health
from services.domain.errors import DeskError
from services.domain.events import DeliveryChanged, Event
from services.domain.ids import PersonId
from services.ports.platform import RENEW_AHEAD, PlatformSpec
from services.ports.storage import Transaction
from tests.bot.practice import driving
from tests.databases import fresh_database
from tests.fakes.clock import FakeClock
from tests.fakes.workers import InlineWorkers

BRIEF: Final = "Builds take 4 minutes now instead of 11: https://example.com/builds"
ALT: Final = "Two bars, the second a third of the first."
PNG: Final = plain_png(64, 48, (27, 26, 23))
UPLOAD: Final = "data:image/png;base64," + base64.b64encode(PNG).decode()
FAULTS: Final[Mapping[str, float | None]] = {
    "drop_before": None,
    "drop_after": None,
    "status": 503,
    "malformed": None,
    "html": None,
    "empty": None,
    "rate_limited": 120,
    "rate_limited_bare": None,
    "expire_tokens": None,
    "unknown_fields": None,
}
"""Everything that can become of a call, with the fault's value."""
SILENT: Final = {"threads": 3600, "facebook": 3600, "instagram": 3600, "tiktok": 60}
"""Seconds to wait where a network that names no time counts over another span than five minutes."""
KEYLESS: Final = [spec for spec in PLATFORMS if spec.limits_from_instance]
"""Networks with servers that speak the API and forget keys."""
LOOKED_UP: Final = [*KEYLESS, *(spec for spec in PLATFORMS if spec.dedupe is Dedupe.LOOKUP)]
"""These, and networks that know no key."""
BY_THE_DAY: Final = frozenset({"linkedin"})
"""Networks whose limits begin anew at midnight."""
NEVER_WORDLESS: Final = frozenset({"facebook"})
"""Networks that always answer in their own words, so that a bare 404 means a wrong address."""
BEFORE: Final = {"tiktok": "verify"}
"""What is called to prepare a post with a picture, where that is no upload."""
SLOW: Final = {"tiktok": "publish"}
"""The call after which a slow network is waited for, where that is no upload."""
NO_PROOF: Final = frozenset({"tiktok"})
"""Networks where a post that is not found may be there all the same, so that a person is asked."""
MOST_ROUNDS: Final = 400
"""Looks at the outbox; a day of looking every five minutes is 288."""


class Told(driving.FakeClock):
    """The stand-in's clock, which shows what the desk's shows."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def __call__(self) -> datetime:
        return self._clock.now()


class NobodyComesIn:
    """`SignIn` without a door: these tests speak with the bearer token."""

    def new(self, person_id: PersonId = OWNER) -> str:
        """See `SignIn.new`."""
        del person_id
        return ""

    def whose(self, token: str) -> PersonId | None:
        """See `SignIn.whose`."""
        del token
        return None

    def consume(self, token: str) -> PersonId | None:
        """See `SignIn.consume`."""
        del token
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A desk with one account, the network behind it, and somebody at the HTTP face."""

    spec: PlatformSpec
    desk: Desk
    clock: FakeClock
    network: driving.Practice
    http: httpx.AsyncClient
    secrets: tuple[str, ...] = field(repr=False)

    async def fault(self, fault: str, operation: str = "publish", **more: object) -> None:
        """Let the next such call go wrong."""
        value = {"value": FAULTS[fault]} if FAULTS.get(fault) is not None else {}
        await self.network.fault(network=self.spec.slug, operation=operation, fault=fault, **{**value, **more})

    async def posts(self) -> list[dict[str, Any]]:
        """What the desk has in public, oldest first."""
        return (await self.network.posts(self.spec.slug))[::-1]

    async def command(self, text: str) -> dict[str, Any]:
        """Type something; gives the card."""
        return _card(await self.http.post("/api/command", json={"text": text}))

    async def press(self, card: dict[str, Any], label: str, **fields: str) -> dict[str, Any]:
        """Press a button; gives the card as it is then."""
        [button] = [b for b in card["buttons"] if b["label"] == label]
        body: dict[str, Any] = {"id": button["id"], **({"fields": fields} if fields else {})}
        return _card(await self.http.post("/api/action", json=body))

    async def card_with(self, label: str) -> dict[str, Any]:
        """The newest card that offers this button."""
        cards = (await self.http.get("/api/cards")).json()["cards"]
        found: dict[str, Any] = next(c for c in cards if any(b["label"] == label for b in c["buttons"]))
        return found

    async def on_its_way(self, text: str | None = None, *, picture: bool = False) -> None:
        """Draft, change, approve and publish as people do."""
        none = "" if self.spec.needs_media else " picture=no"
        card = await self.command(f"draft {BRIEF} for {self.spec.slug}{none}")
        if picture or self.spec.needs_media:
            card = await self.press(card, "Image", upload=UPLOAD, alt=ALT)
        if any(one.asked for one in self.spec.options):
            card = await self.chosen()
        if text is not None:
            [variant] = [b for b in card["blocks"] if b["type"] == "variant"]
            card = await self.press(card, "Edit", **{f"text.{variant['account_id']}": text})
        await self.press(await self.press(card, "Approve"), "Publish now")

    async def chosen(self) -> dict[str, Any]:
        """Choose the first of what must be chosen; gives the card."""

        def work(tx: Transaction) -> None:
            [draft] = tx.drafts.list(limit=1)
            assert draft.revision is not None
            first = {one.name: one.choices[0].value for one in self.spec.options if one.asked}
            variants = tuple(replace(one, options=first) for one in draft.revision.variants)
            revision = replace(draft.revision, number=draft.revision.number + 1, variants=variants)
            tx.drafts.add_revision(draft.id, revision)
            tx.drafts.save(replace(draft, revision=revision))

        await self.desk.services.drafts._store.write(work)
        return await self.card_with("Approve")

    async def delivery(self) -> dict[str, Any]:
        """The one there is."""
        [found] = (await self.http.get("/api/deliveries")).json()["deliveries"]
        row: dict[str, Any] = found
        return row

    async def drain(self) -> datetime | None:
        """Let the engine work until it waits; time creeps on only while it waits for time inside a call."""
        work = asyncio.ensure_future(self.desk.engine._drain())
        while not work.done():
            done, _ = await asyncio.wait({work}, timeout=0.2)
            if not done:
                await self.clock.advance(1)
        return await work

    async def settle(self) -> dict[str, Any]:
        """Let time pass until nothing waits any more, a person says what nobody else can; gives the delivery."""
        for _ in range(MOST_ROUNDS):
            wake = await self.drain()
            if wake is None:
                row = await self.delivery()
                if row["state"] != "NEEDS_HUMAN" or self.spec.slug not in NO_PROOF:
                    return row
                assert await self.posts() == []
                await self.press(await self.card_with("Not there, send it"), "Not there, send it")
                continue
            self.clock.set(max(wake, self.clock.now()))
        raise AssertionError(await self.delivery())

    async def proved(self, row: dict[str, Any], *, parts: int = 1) -> list[dict[str, Any]]:
        """PUBLISHED at a true address, so often in public, and told in a log that people can read."""
        posts = await self.posts()
        assert (row["state"], row["problem"]) == ("PUBLISHED", ""), row
        assert len(posts) == parts
        assert (row["url"], row["remote_id"]) == (posts[0]["url"], posts[0]["id"])
        page = await self.network.http.get(row["url"])
        assert page.status_code == 200
        self.readable(row)
        return posts

    def readable(self, row: dict[str, Any]) -> None:
        """Sentences without secrets and without our own words for things; every step begins where the last ended."""
        before = None
        for entry in row["log"]:
            assert entry["from"] == before
            before = entry["to"]
            note = entry["note"]
            assert re.match(r"(owner|[A-Z]).*(\.|…|https?://\S+)$", note, re.DOTALL), note
            assert len(note) < 400, note
            assert not re.search(r"Traceback|Error\b|Exception|None|<|b'|\{", note), note
            assert not [s for s in self.secrets if s in note]
        assert row["log"][-1]["to"] == row["state"]


def _card(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    reply = answer.json()["replies"][0]
    assert reply["card"], reply
    card: dict[str, Any] = reply["card"]
    return card


@asynccontextmanager
async def stage(
    spec: PlatformSpec, folder: Path, software: Mapping[str, bool] | None = None, *, elsewhere: bool = False
) -> AsyncIterator[Stage]:
    """Everything real but the time; pictures are worked on in this process. `elsewhere`: its address is a wrong one."""
    clock = FakeClock()
    (folder / "var").mkdir()
    fresh_database(folder / "var")
    door = socket.create_server(("127.0.0.1", 0))
    own = {
        "COPYDESK_DATA_DIR": str(folder / "var"),
        "COPYDESK_UNDO_SECONDS": "0",
        "COPYDESK_PORT": str(1 if elsewhere else door.getsockname()[1]),
    }
    settings = load(own, folder)
    async with (
        driving.running(folder / "practice.db", Told(clock)) as network,
        bootstrap.desk(settings, Replacements(clock=clock, workers=InlineWorkers())) as desk,
    ):
        if software:
            answer = await network.http.put("/_practice/software", json=software)
            assert answer.status_code == 200
        [fields] = [f for f in practice_accounts(network.settings) if f["platform"] == spec.slug]
        given = {name: value for name, value in fields.items() if name != "platform"}
        account = await desk.services.accounts.add(spec.slug, given, practice=True)
        assert account.dedupe is (Dedupe.LOOKUP if software else spec.dedupe)
        web = WebSettings(token=desk.token, secret=b"only for this test", sign_in=NobodyComesIn())
        app = create_app(desk.services, web)
        desk.bus.subscribe(app.state.door.notifications.notice)
        headers = {"Authorization": f"Bearer {desk.token}"}
        transport = httpx.ASGITransport(app)
        async with (
            driving.served(app, door),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as http,
        ):
            secrets = tuple(given[f.name] for f in spec.fields if f.secret and f.name in given)
            yield Stage(spec=spec, desk=desk, clock=clock, network=network, http=http, secrets=secrets)
            app.state.door.close()


each_network = pytest.mark.parametrize("spec", PLATFORMS, ids=lambda spec: spec.slug)
THREADED: Final = [spec for spec in PLATFORMS if spec.default_limits.thread_parts > 1]
each_threaded = pytest.mark.parametrize("spec", THREADED, ids=lambda spec: spec.slug)
PREPARED: Final = [spec for spec in PLATFORMS if spec.dedupe is Dedupe.STATUS and spec.slug not in NO_PROOF]
each_prepared = pytest.mark.parametrize("spec", PREPARED, ids=lambda spec: spec.slug)
each_keyless = pytest.mark.parametrize("spec", KEYLESS, ids=lambda spec: spec.slug)
each_looked_up = pytest.mark.parametrize("spec", LOOKED_UP, ids=lambda spec: spec.slug)
GOTOSOCIAL: Final = {"gotosocial": True}


def forgetful(spec: PlatformSpec) -> Mapping[str, bool] | None:
    """The software of the network that takes no key; None where none does."""
    return GOTOSOCIAL if spec in KEYLESS else None


# -- every fault, on every call ------------------------------------------------------------------------------------


@each_network
@pytest.mark.parametrize("operation", ["publish", "upload"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_one_post_in_the_end(spec: PlatformSpec, operation: str, fault: str, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way(picture=True)
        await desk.fault(fault, BEFORE.get(spec.slug, operation) if operation == "upload" else operation)
        row = await desk.settle()
        if fault == "expire_tokens" and row["state"] == "HELD":
            [account] = await desk.desk.services.accounts.list()
            roles = await desk.desk.services.accounts.open(account.id)
            assert roles.refresher is None or spec.renew_ahead > RENEW_AHEAD
            assert await desk.posts() == []
            desk.readable(row)
            await desk.press(await desk.card_with("Send it"), "Send it")
            row = await desk.settle()
        if fault == "rate_limited_bare" and spec.slug in BY_THE_DAY and row["state"] == "HELD":
            assert row["problem"].startswith("Too late")  # by midnight it is, so somebody is asked
            await desk.press(await desk.card_with("Send it"), "Send it")
            row = await desk.settle()
        [post] = await desk.proved(row)
        alt = ALT if spec.alt_texts else ""
        assert [(shown["alt"], shown["width"], shown["height"]) for shown in post["media"]] == [(alt, 64, 48)]
        assert "https://example.com/builds" in post["text"]
        assert (await desk.network.http.get("/_practice/faults")).json()["faults"] == []


@each_network
@pytest.mark.parametrize(("fault", "wait"), [("rate_limited", 120), ("rate_limited_bare", None)])
async def test_the_network_says_when(spec: PlatformSpec, fault: str, wait: int | None, tmp_path: Path) -> None:
    wait = wait or SILENT.get(spec.slug, 300)
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way("Patience.")
        await desk.fault(fault)
        begun = desk.clock.now()
        row = await desk.settle()
        [post] = await desk.proved(row)
        late = datetime.fromisoformat(post["created_at"]) - (begun + timedelta(seconds=wait))
        if fault == "rate_limited_bare" and spec.slug in BY_THE_DAY:
            assert datetime.fromisoformat(post["created_at"]).date() == begun.date() + timedelta(days=1)
            assert late < timedelta(hours=16)
            return
        assert timedelta() <= late <= timedelta(seconds=3)  # the clock goes on while a loaded machine answers
        assert [entry["to"] for entry in row["log"]].count("SENDING") == 2


@each_network
async def test_a_slow_upload_is_waited_for(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way("Slowly.", picture=True)
        await desk.fault("slow", SLOW.get(spec.slug, "upload"), value=1)
        row = await desk.settle()
        await desk.proved(row)
        working = ["PROCESSING"] if spec.slug in SLOW else []
        assert [entry["to"] for entry in row["log"]] == ["SCHEDULED", "PREPARING", "SENDING", *working, "PUBLISHED"]


@each_prepared
async def test_what_was_prepared_and_has_ended_is_prepared_anew(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way(picture=True)
        await desk.fault("expire_uploads")
        row = await desk.settle()
        await desk.proved(row)
        steps = [entry["to"] for entry in row["log"]]
        assert (steps.count("PREPARING"), steps.count("SENDING"), steps.count("UNCERTAIN")) == (2, 2, 0)


@each_prepared
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
async def test_its_state_tells_what_became_of_a_lost_answer(spec: PlatformSpec, fault: str, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way()
        await desk.fault(fault)
        row = await desk.settle()
        await desk.proved(row)
        made = [
            c for c in (await desk.network.http.get("/_practice/calls")).json()["calls"] if c["operation"] == "upload"
        ]
        assert len(made) == 1
        steps = [entry["to"] for entry in row["log"]]
        assert (steps.count("SENDING"), "UNCERTAIN" in steps) == (1 if fault == "drop_after" else 2, True)


@each_prepared
async def test_a_picture_that_cannot_be_fetched_holds_the_post_and_says_what_to_set(
    spec: PlatformSpec, tmp_path: Path
) -> None:
    async with stage(spec, tmp_path, elsewhere=True) as desk:
        await desk.on_its_way(picture=True)
        row = await desk.settle()
        assert row["state"] == "HELD"
        assert "COPYDESK_PUBLIC_URL" in row["problem"]
        desk.readable(row)
        [account] = await desk.desk.services.accounts.list()
        assert account.health is Health.NEEDS_OPERATOR
        assert await desk.posts() == []


@each_network
async def test_what_the_network_refuses_fails_with_its_own_words(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way("No.")
        await desk.fault("status", value=400)
        row = await desk.settle()
        assert row["state"] == "FAILED"
        assert "400" in row["problem"]
        desk.readable(row)
        assert await desk.posts() == []
        await desk.press(await desk.card_with("Send again"), "Send again")
        await desk.proved(await desk.settle())


@each_network
async def test_a_whole_bad_day_still_ends_with_one_post(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way(picture=True)
        for fault in ("status", "rate_limited", "drop_before", "html"):
            await desk.fault(fault, BEFORE.get(spec.slug, "upload"))
        for fault in ("drop_before", "malformed", "status", "drop_after", "empty", "rate_limited", "html"):
            await desk.fault(fault)
        await desk.proved(await desk.settle())


# -- servers that forget keys --------------------------------------------------------------------------------------


@each_looked_up
@pytest.mark.parametrize("fault", ["drop_after", "malformed", "empty"])
async def test_a_lost_answer_is_found_on_the_timeline(spec: PlatformSpec, fault: str, tmp_path: Path) -> None:
    async with stage(spec, tmp_path, forgetful(spec)) as desk:
        await desk.on_its_way(picture=True)
        await desk.fault(fault)
        row = await desk.settle()
        await desk.proved(row)
        assert [entry["to"] for entry in row["log"]].count("SENDING") == 1
        assert "shows it" in row["log"][-1]["note"]


@each_looked_up
@pytest.mark.parametrize("fault", ["drop_before", "html", "status"])
async def test_what_never_arrived_is_proved_absent_and_sent_once(
    spec: PlatformSpec, fault: str, tmp_path: Path
) -> None:
    async with stage(spec, tmp_path, forgetful(spec)) as desk:
        await desk.on_its_way(picture=True)
        begun = desk.clock.now()
        await desk.fault(fault)
        row = await desk.settle()
        [post] = await desk.proved(row)
        proof = sum(spec.absence.waits, spec.absence.first)
        assert datetime.fromisoformat(post["created_at"]) - begun >= proof
        notes = " ".join(entry["note"] for entry in row["log"])
        assert "it never went out" in notes
        assert [entry["to"] for entry in row["log"]].count("SENDING") == 2


@each_keyless
async def test_an_older_post_with_the_same_words_is_not_taken_for_this_one(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path, forgetful(spec)) as desk:
        mine = await desk.network.toot("Good morning.", key="by hand")
        assert mine.status_code == 200
        await desk.clock.advance(3600)
        await desk.on_its_way("Good morning.")
        await desk.fault("drop_before")
        row = await desk.settle()
        assert row["state"] == "PUBLISHED"
        assert [p["id"] for p in await desk.posts()] == [mine.json()["id"], row["remote_id"]]


@each_looked_up
@pytest.mark.parametrize(
    ("trouble", "longest"),
    [({"fault": "status", "value": 404}, timedelta(minutes=15)), ({"fault": "html"}, timedelta(hours=25))],
)
async def test_when_nobody_can_tell_a_person_is_asked_it_is_live(
    spec: PlatformSpec, trouble: dict[str, Any], longest: timedelta, tmp_path: Path
) -> None:
    async with stage(spec, tmp_path, forgetful(spec)) as desk:
        await desk.on_its_way("Is it there?")
        begun = desk.clock.now()
        await desk.fault("drop_after")
        await desk.fault(operation="lookup", times=1000, **trouble)
        row = await desk.settle()
        assert row["state"] == "NEEDS_HUMAN"
        assert row["problem"].startswith("It may be live: ")
        waited = desk.clock.now() - begun
        if trouble["fault"] == "status" and spec.slug in NEVER_WORDLESS:
            assert waited < timedelta(minutes=1)  # no patience helps against a wrong address
        else:
            assert timedelta(minutes=5) < waited < longest
        desk.readable(row)
        [post] = await desk.posts()
        asked = await desk.card_with("It is live, here is the link")
        assert {"It is live, here is the link", "Not there, send it"} <= {b["label"] for b in asked["buttons"]}
        refused = await desk.http.post(
            "/api/action",
            json={"id": _id(asked, "It is live, here is the link"), "fields": {"url": "not a link"}},
        )
        assert refused.status_code == 422
        await desk.press(asked, "It is live, here is the link", url=post["url"])
        row = await desk.settle()
        assert (row["state"], row["url"]) == ("PUBLISHED", post["url"])
        assert len(await desk.posts()) == 1
        desk.readable(row)


@each_looked_up
async def test_when_nobody_can_tell_a_person_is_asked_it_is_not_there(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path, forgetful(spec)) as desk:
        await desk.on_its_way("It is not there.", picture=True)
        await desk.fault("drop_before")
        await desk.fault("status", "lookup", times=1000, value=404)
        row = await desk.settle()
        assert row["state"] == "NEEDS_HUMAN"
        assert await desk.posts() == []
        await desk.press(await desk.card_with("Not there, send it"), "Not there, send it")
        await desk.proved(await desk.settle())


def _id(card: dict[str, Any], label: str) -> str:
    [button] = [b for b in card["buttons"] if b["label"] == label]
    return str(button["id"])


# -- stopping on the way -------------------------------------------------------------------------------------------


PARTS: Final = ("First, the news.", "Second: https://example.com/builds has the numbers.", "Third, thanks.")
STEPS: Final = 11
"""More than a thread of three takes: claim, then preparing, sending and the receipt of each part."""


@pytest.mark.parametrize(
    ("spec", "software"),
    [*((spec, None) for spec in THREADED), *((spec, GOTOSOCIAL) for spec in KEYLESS)],
    ids=lambda given: getattr(given, "slug", "lookup" if given else "key"),
)
async def test_a_thread_goes_on_wherever_it_was_stopped(
    spec: PlatformSpec, software: Mapping[str, bool] | None, tmp_path: Path
) -> None:
    stopped = []
    for step in range(1, STEPS + 1):
        folder = tmp_path / str(step)
        folder.mkdir()
        async with stage(spec, folder, software) as desk:
            await desk.on_its_way("\n---\n".join(PARTS), picture=True)
            stopped.append(await _stopped_at(desk, step))
            posts = await desk.proved(await desk.settle(), parts=3)
            _is_thread(posts)
    assert stopped == sorted(stopped, reverse=True)
    assert sum(stopped) >= 4


async def _stopped_at(desk: Stage, step: int) -> bool:
    """Pull the plug on the dispatcher when the delivery takes its nth step; False when it has fewer."""
    work = asyncio.ensure_future(desk.desk.engine._drain())
    seen = 0

    def hear(event: Event) -> None:
        nonlocal seen
        if isinstance(event, DeliveryChanged):
            seen += 1
            if seen == step:
                work.cancel()

    desk.desk.bus.subscribe(hear)
    await asyncio.gather(work, return_exceptions=True)
    return work.cancelled()


def _is_thread(posts: list[dict[str, Any]]) -> None:
    assert tuple(post["text"] for post in posts) == PARTS
    first, second, third = posts
    assert (first["reply_to"], second["reply_to"], third["reply_to"]) == (None, first["id"], second["id"])
    assert [len(post["media"]) for post in posts] == [1, 0, 0]


@each_threaded
@pytest.mark.parametrize("before", [0, 1, 2])
async def test_a_thread_survives_the_plug_being_pulled_inside_a_call(
    spec: PlatformSpec, before: int, tmp_path: Path
) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way("\n---\n".join(PARTS), picture=True)
        work = asyncio.ensure_future(desk.desk.engine._drain())
        while len(await desk.posts()) < before:
            await asyncio.wait({work}, timeout=0.001)
        await desk.fault("slow", "publish", value=30)
        while len(await desk.posts()) < before + 1 and not work.done():
            await asyncio.wait({work}, timeout=0.001)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await desk.network.http.delete("/_practice/faults")
        row = await desk.settle()
        _is_thread(await desk.proved(row, parts=3))


@each_threaded
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "malformed", "rate_limited", "status"])
async def test_a_thread_survives_a_fault_at_each_part(spec: PlatformSpec, fault: str, tmp_path: Path) -> None:
    for part in range(3):
        folder = tmp_path / str(part)
        folder.mkdir()
        async with stage(spec, folder, GOTOSOCIAL if spec in KEYLESS else None) as desk:
            await desk.on_its_way("\n---\n".join(PARTS), picture=True)
            reached = _when_live(desk, part, fault)
            row = await desk.settle()
            await asyncio.gather(*reached)
            _is_thread(await desk.proved(row, parts=3))
            assert (await desk.network.http.get("/_practice/faults")).json()["faults"] == []


def _when_live(desk: Stage, part: int, fault: str) -> list[asyncio.Task[None]]:
    """Script the fault once so many parts are live; the list fills when it happened."""
    begun: list[asyncio.Task[None]] = []
    if part == 0:
        begun.append(asyncio.ensure_future(desk.fault(fault)))
        return begun
    seen = 0

    def hear(event: Event) -> None:
        nonlocal seen
        if isinstance(event, DeliveryChanged) and event.state == "PREPARING":
            seen += 1
            if seen == part + 1:
                begun.append(asyncio.ensure_future(desk.fault(fault)))

    desk.desk.bus.subscribe(hear)
    return begun


# -- accounts ------------------------------------------------------------------------------------------------------


@each_network
async def test_a_token_that_ends_for_good_holds_the_post_and_says_so(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.on_its_way("Wait for me.")
        await desk.fault("expire_tokens")
        await desk.fault("expire_tokens")
        row = await desk.settle()
        assert row["state"] == "HELD"
        assert row["problem"].startswith("The account can't post now: ")
        desk.readable(row)
        [shown] = (await desk.http.get("/api/accounts")).json()["accounts"]
        assert shown["health"] == "needs_reauth"
        assert await desk.posts() == []


async def test_the_stage_itself_can_fail(tmp_path: Path) -> None:
    async with stage(PLATFORMS[0], tmp_path) as desk:
        await desk.on_its_way("Nothing was scripted.")
        row = await desk.settle()
        await desk.proved(row)
        with pytest.raises(AssertionError):
            await desk.proved(row, parts=2)
        with pytest.raises(AssertionError):
            desk.readable({**row, "log": [{**row["log"][0], "note": "httpx.ReadError"}]})
        with pytest.raises(DeskError):
            await desk.desk.services.accounts.add("nowhere", {})
