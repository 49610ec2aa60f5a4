"""Every registered platform keeps the port's promises against a strict stand-in of its network, over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from bot.practice.identity import person
from bot.practice.voices import VOICES
from bot.registry import PLATFORMS
from services.domain.account import Dedupe
from services.domain.delivery import Receipt
from services.domain.errors import (
    DeskError,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StillWorking,
    Unavailable,
)
from services.domain.ids import AccountId, Digest
from services.ports.platform import OutgoingPart, PlatformSpec, Roles
from services.transport import DEFAULT_WAIT
from tests.contracts.networks import Post, Seat, seated, to_the_second
from tests.fakes.clock import HurriedClock
from tests.media_samples import tiny_video


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the networks' own pages say, where they differ."""

    dedupe: Dedupe
    text: int
    images: int
    lacks: frozenset[str]
    """Roles the network has no use for."""
    uncounted: frozenset[str]
    """Counters the network does not give."""
    links: Callable[[Post], list[str]]
    """What a reader of the post can click, in order."""
    mention: str
    """Somebody of the audience, as one writes it."""
    limited: str
    """A sentence of the network's own about a text that is too long."""
    others: tuple[Mapping[str, bool], ...] = ()
    """Software that speaks the same API and forgets keys."""
    scopes: bool = False
    """Whether a token may carry fewer rights."""
    waits: int = 0
    """How often one waits for an upload that takes three looks; 0 where uploads are ready at once."""
    looks: str = "lookup"
    """What is asked first about a call in doubt."""
    bare_wait: timedelta = DEFAULT_WAIT
    """How long to wait when the network says to slow down and not until when."""
    by_the_day: bool = False
    """Whether that is until the next day instead, each account some minutes later than another."""
    renewed: frozenset[str] = frozenset()
    """The credentials that a renewal changes."""
    cured: bool = True
    """Whether a token that has ended can be renewed."""
    thread: bool = True
    """Whether posts can follow one another."""
    a_day: int = 0
    """How many posts a day may have; 0: as many as one likes."""
    video_words: bool = True
    """Whether a video may be described for those who can't see it."""
    ends: bool = False
    """Whether uploads that no post shows end."""
    video_steps: tuple[str, ...] = ()
    """The calls of a video's upload that a later try goes on from, by what the stand-in calls them; empty: none."""
    told_posts: bool = True
    """Whether the network tells how many posts there are."""
    plays: frozenset[str] = frozenset()
    """Roles that few networks have a use for."""
    films: bool = True
    """Whether the stand-in shows a video among its media; else it only knows that there is one."""
    prepares: str = "upload"
    """What is called to prepare a post."""
    slow: str = "upload"
    """The call after which a slow network is waited for."""
    proof: bool = True
    """Whether a post that is not found is certainly not there."""
    unproved: frozenset[str] = frozenset()
    """Secrets that no reading proves."""
    spent: bool = False
    """Whether a refresh token has ended with a renewal of which the answer was lost."""


def _written(post: Post) -> list[str]:
    return [word for word in post["text"].split() if word.startswith(("https://", "@"))]


def _facets(post: Post) -> list[str]:
    text = post["text"].encode()
    found = []
    for facet in post["facets"]:
        [feature] = facet["features"]
        shown = text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        assert shown == feature.get("uri", shown)
        found.append(shown)
    return found


_QUILLON = person(next(voice for voice in VOICES if voice.name == "quillon"))
_NO_VIEWS = frozenset({"impressions", "reach", "clicks", "video_views"})
FACTS: Final = {
    "mastodon": Facts(
        dedupe=Dedupe.KEY,
        text=500,
        images=4,
        lacks=frozenset({"refresher"}),
        uncounted=_NO_VIEWS | {"saves"},
        links=_written,
        mention="@mirasol@elsewhere.practice.test",
        limited="500",
        others=({"gotosocial": True}, {"v2_instance": False}),
        scopes=True,
        waits=4,
        video_steps=("poll",),
        plays=frozenset({"editor"}),
    ),
    "bluesky": Facts(
        dedupe=Dedupe.KEY,
        text=300,
        images=4,
        lacks=frozenset(),
        uncounted=_NO_VIEWS,
        links=_facets,
        mention="@mirasol.practice.test",
        limited="300 graphemes",
        renewed=frozenset({"access_jwt", "refresh_jwt"}),
        plays=frozenset({"hider"}),
    ),
    "x": Facts(
        dedupe=Dedupe.LOOKUP,
        text=280,
        images=4,
        lacks=frozenset({"refresher"}),
        uncounted=frozenset({"reach", "video_views"}),
        links=_written,
        mention="@mirasol",
        limited="too long",
        video_words=False,
        ends=True,
        video_steps=("piece", "finish", "poll"),
        plays=frozenset({"hider"}),
    ),
    "linkedin": Facts(
        dedupe=Dedupe.LOOKUP,
        text=3000,
        images=20,
        lacks=frozenset({"refresher"}),
        uncounted=frozenset({"quotes", "saves", "video_views"}),
        links=_written,
        mention=f"@[Quillon]({_QUILLON.member_urn})",
        limited="maximum of 3000",
        waits=3,
        by_the_day=True,
        told_posts=False,
        plays=frozenset({"editor"}),
    ),
    "threads": Facts(
        dedupe=Dedupe.STATUS,
        text=500,
        images=20,
        lacks=frozenset(),
        uncounted=frozenset({"reach", "clicks", "video_views", "saves"}),
        links=_written,
        mention="@mirasol",
        limited="500",
        waits=3,
        looks="poll",
        bare_wait=timedelta(hours=1),
        renewed=frozenset({"access_token", "access_token_ends"}),
        cured=False,
        ends=True,
        video_steps=("poll",),
        told_posts=False,
        plays=frozenset({"hider"}),
    ),
    "facebook": Facts(
        dedupe=Dedupe.LOOKUP,
        text=63_206,
        images=10,
        lacks=frozenset({"refresher"}),
        uncounted=frozenset({"quotes", "video_views", "saves"}),
        links=_written,
        mention="@mirasol",
        limited="63206",
        bare_wait=timedelta(hours=1),
        told_posts=False,
        thread=False,
        plays=frozenset({"watcher", "editor", "hider"}),
        video_words=False,
        ends=True,
        video_steps=("piece",),
    ),
    "instagram": Facts(
        dedupe=Dedupe.STATUS,
        text=2200,
        images=10,
        lacks=frozenset(),
        uncounted=frozenset({"quotes", "video_views"}),
        links=_written,
        mention="@mirasol",
        limited="2200",
        waits=3,
        looks="poll",
        bare_wait=timedelta(hours=1),
        renewed=frozenset({"access_token", "access_token_ends"}),
        cured=False,
        thread=False,
        video_words=False,
        ends=True,
        video_steps=("poll",),
        a_day=100,
        plays=frozenset({"hider"}),
    ),
    "tiktok": Facts(
        dedupe=Dedupe.STATUS,
        text=4000,
        images=35,
        lacks=frozenset({"deleter", "comments", "history", "replier"}),
        uncounted=frozenset({"reach", "quotes", "clicks", "saves", "video_views"}),
        links=_written,
        mention="@mirasol",
        limited="4000",
        waits=3,
        bare_wait=timedelta(minutes=1),
        films=False,
        renewed=frozenset({"access_token", "refresh_token", "expires_at", "renewable_until"}),
        thread=False,
        plays=frozenset({"watcher"}),
        prepares="verify",
        slow="publish",
        proof=False,
        unproved=frozenset({"refresh_token", "client_key", "client_secret"}),
        spent=True,
    ),
}
RARE: Final = frozenset({"watcher", "editor", "hider"})
"""Roles that few networks have a use for."""
LOST: Final = ("drop_before", "drop_after", "malformed", "html", "empty", "status")
"""Ends of a call that leave open what became of it."""
CARRIED_OUT: Final = ("drop_after", "malformed", "empty")
"""Those before which the stand-in did what it was asked."""


def those(fit: Callable[[Facts], bool]) -> pytest.MarkDecorator:
    """Only the platforms of which this is true."""
    chosen = [spec for spec in PLATFORMS if fit(FACTS[spec.slug])]
    return pytest.mark.parametrize("spec", chosen, ids=lambda spec: spec.slug)


scoped = those(lambda facts: facts.scopes)
refreshing = those(lambda facts: "refresher" not in facts.lacks)
has_others = those(lambda facts: bool(facts.others))
deleting = those(lambda facts: "deleter" not in facts.lacks)
remembering = those(lambda facts: "history" not in facts.lacks)
answering = those(lambda facts: "comments" not in facts.lacks)
repeatable = those(lambda facts: facts.dedupe is not Dedupe.LOOKUP and facts.proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One connected account with the network behind it."""

    seat: Seat
    facts: Facts
    roles: Roles
    account_id: AccountId

    async def after(self, **time: float) -> Roles:
        """Let time pass; gives the roles as they are opened then."""
        self.seat.clock.set(self.seat.clock.now() + timedelta(**time))
        return await self.seat.accounts.open(self.account_id)


@pytest.fixture(params=PLATFORMS, ids=lambda spec: spec.slug)
def spec(request: pytest.FixtureRequest) -> PlatformSpec:
    """Each platform in turn."""
    found: PlatformSpec = request.param
    return found


@pytest_asyncio.fixture
async def seat(spec: PlatformSpec, tmp_path: Path) -> AsyncIterator[Seat]:
    """Its network, with nothing connected."""
    async with seated(spec, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def case(seat: Seat) -> Case:
    """Its network, with the account connected."""
    account = await seat.connect()
    return Case(seat=seat, facts=FACTS[seat.spec.slug], roles=await seat.roles(account), account_id=account.id)


def test_the_table_knows_every_platform() -> None:
    assert set(FACTS) == {spec.slug for spec in PLATFORMS}


# -- who we are ----------------------------------------------------------------------------------------------------


async def test_verifying_tells_who_we_are_and_what_the_server_takes(seat: Seat) -> None:
    facts = FACTS[seat.spec.slug]
    account = await seat.connect()
    assert account.handle in {"driftseas@practice.test", "driftseas.practice.test", "driftseas"}
    assert account.base_url == seat.fields["base_url"]
    assert account.name in {seat.fields.get("name"), "Drift Seas"}
    assert (account.dedupe, account.limits.text, account.limits.images) == (facts.dedupe, facts.text, facts.images)
    identity = await seat.accounts.verify(account.id)
    assert (identity.remote_id, identity.handle) == (account.remote_id, account.handle)
    again = await seat.connect()
    assert again.id == account.id
    assert await seat.posts() == []


@has_others
async def test_server_software_that_forgets_keys_is_looked_up_instead(seat: Seat) -> None:
    for software in FACTS[seat.spec.slug].others:
        await seat.pretend({"gotosocial": False, "v2_instance": True, **software})
        assert (await seat.connect()).dedupe is Dedupe.LOOKUP


async def test_wrong_secrets_are_refused_and_a_refresh_would_not_help(seat: Seat) -> None:
    secrets = {one.name for one in seat.spec.fields if one.secret and one.name in seat.fields}
    for name in sorted(secrets - FACTS[seat.spec.slug].unproved):
        with pytest.raises(NeedsReauth) as caught:
            await seat.connect({name: "this-is-not-the-secret"})
        assert not caught.value.refreshable
        assert "this-is-not-the-secret" not in str(caught.value) + caught.value.next_step
    assert await seat.accounts.list() == []


@scoped
async def test_a_missing_right_is_named(seat: Seat) -> None:
    [secret] = [one.name for one in seat.spec.fields if one.secret]
    with pytest.raises(NeedsReauth, match="write:media"):
        await seat.connect({secret: await seat.weaker_token("read", "write:statuses")})
    account = await seat.connect({secret: await seat.weaker_token("read", "write:media")})
    roles = await seat.roles(account)
    with pytest.raises(NeedsReauth, match="write:statuses") as caught:
        await seat.send(roles, seat.part("Nobody may say this."))
    assert not caught.value.refreshable
    assert await seat.posts() == []


def roles_of(roles: Roles) -> dict[str, object]:
    return {one.name: getattr(roles, one.name) for one in fields(Roles) if one.name != "ends_at"}


async def test_it_plays_exactly_the_roles_it_claims(case: Case) -> None:
    lacking = case.facts.lacks | (RARE - case.facts.plays)
    assert {name for name, role in roles_of(case.roles).items() if role is None} == lacking


# -- publishing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Plain words.",
        "Two paragraphs:\n\nthe second & <the third>, “quoted” – and 日本語, 👨‍👩‍👧‍👦, café.",
        "A #tag and a mail@example.com",
        "  kept  spaces  ",
    ],
)
async def test_a_text_is_public_as_it_was_written(case: Case, text: str) -> None:
    receipt = await case.seat.send(case.roles, case.seat.part(text))
    [post] = await case.seat.posts()
    assert (post["id"], post["url"]) == (receipt.remote_id, receipt.url)
    assert post["text"] == text
    assert (post["reply_to"], len(post["media"]), receipt.part) == (None, int(case.seat.spec.needs_media), 0)
    page = await case.seat.control.get(receipt.url)
    assert page.status_code == 200
    assert abs(case.seat.clock.now() - receipt.at) < timedelta(seconds=2)


async def test_links_and_mentions_work_for_readers(case: Case) -> None:
    link = "https://example.com/größe?a=1&b=(2)"
    text = f"日本 {case.facts.mention} reads {link} and nobody@nowhere.invalid too."
    await case.seat.send(case.roles, case.seat.part(text))
    [post] = await case.seat.posts()
    assert post["text"] == text
    assert case.facts.links(post) == [case.facts.mention, link]


@pytest.mark.parametrize("count", [1, 4])
async def test_pictures_carry_their_words_and_their_order(case: Case, count: int) -> None:
    pictures = [await case.seat.picture(f"Picture “{n}” & more", n) for n in range(count)]
    await case.seat.send(case.roles, case.seat.part("Look:", media=tuple(pictures)))
    [post] = await case.seat.posts()
    assert [shown["alt"] for shown in post["media"]] == [p.alt if case.seat.spec.alt_texts else "" for p in pictures]
    assert [shown["sha256"] for shown in post["media"]] == [p.item.digest for p in pictures]
    assert [(s["mime"], s["width"], s["height"]) for s in post["media"]] == [
        (p.item.mime, p.item.width, p.item.height) for p in pictures
    ]


async def test_a_picture_alone_is_a_post(case: Case) -> None:
    await case.seat.send(case.roles, case.seat.part("", media=(await case.seat.picture("Only this."),)))
    [post] = await case.seat.posts()
    assert (post["text"], len(post["media"])) == ("", 1)


@those(lambda facts: facts.thread)
async def test_a_thread_hangs_together(case: Case) -> None:
    shown = [await case.seat.picture("First.")]
    receipts = await case.seat.thread(case.roles, "One.", "Two: https://example.com/two", "Three.", pictures=shown)
    posts = {post["id"]: post for post in await case.seat.posts()}
    first, second, third = (posts[r.remote_id] for r in receipts)
    assert (first["text"], second["text"], third["text"]) == ("One.", "Two: https://example.com/two", "Three.")
    assert (first["reply_to"], second["reply_to"], third["reply_to"]) == (None, first["id"], second["id"])
    assert (second["root"], third["root"]) == (first["id"], first["id"])
    assert [len(p["media"]) for p in (first, second, third)] == [1, 0, 0]
    assert [r.part for r in receipts] == [0, 1, 2]


FILLING = (
    "x",
    "日",
    "é",
    "👩🏽‍🚀",
    "https://example.com/a/rather/long/path?with=query x",
    "@mirasol@elsewhere.practice.test x",
)


@pytest.mark.parametrize("start", FILLING)
async def test_our_count_is_the_networks_count(case: Case, start: str) -> None:
    account = await case.seat.generous(await case.seat.connect())
    roles, rules = await case.seat.roles(account), case.seat.spec.rules
    limits = case.seat.spec.default_limits
    room = limits.text - rules.measure(f"{start} ", limits).length
    full = f"{start} " + "y" * room
    assert (rules.measure(full, limits).length, rules.measure(full, limits).valid) == (limits.text, True)
    await case.seat.send(roles, case.seat.part(full))
    assert not rules.measure(full + "y", limits).valid
    with pytest.raises(Refused, match=case.facts.limited):
        await case.seat.send(roles, case.seat.part(full + "y"))
    assert [post["text"] for post in await case.seat.posts()] == [full]


async def test_a_page_that_cannot_be_fetched_does_not_stop_its_post(seat: Seat) -> None:
    roles = await seat.roles(await seat.connect(practice=False))
    await seat.send(roles, seat.part("Read https://example.com/now"))
    assert [post["text"] for post in await seat.posts()] == ["Read https://example.com/now"]


def taking(limit: str) -> pytest.MarkDecorator:
    """Only the platforms whose accounts start with a limit of this kind: those take such a thing."""
    chosen = [spec for spec in PLATFORMS if getattr(spec.default_limits, limit) is not None]
    return pytest.mark.parametrize("spec", chosen, ids=lambda spec: spec.slug)


@taking("video")
async def test_a_video_is_published_and_carries_its_words(case: Case) -> None:
    video = await case.seat.video("Waves “at dusk” & more")
    receipt = await case.seat.send(case.roles, case.seat.part("Look:", media=(video,)))
    [post] = await case.seat.posts()
    assert (post["id"], post["text"], receipt.url) == (receipt.remote_id, "Look:", post["url"])
    if not case.facts.films:
        assert post["video"]
        return
    [shown] = post["media"]
    assert (shown["sha256"], shown["mime"]) == (video.item.digest, "video/mp4")
    assert (shown["width"], shown["height"]) == (video.item.width, video.item.height)
    assert shown["alt"] == (video.alt if case.facts.video_words else "")
    page = await case.seat.control.get(receipt.url)
    assert "Video" in page.text


resumed = those(lambda facts: bool(facts.video_steps))


@taking("video")
@pytest.mark.parametrize("fault", CARRIED_OUT)
async def test_a_video_whose_answer_was_lost_is_found(case: Case, fault: str) -> None:
    assert case.roles.finder is not None
    shown = await case.seat.video("Waves")
    part = await case.seat.prepared(case.roles, case.seat.part("Is it there?", media=(shown,)))
    await case.seat.fault(fault)
    with pytest.raises((OutcomeUnknown, StillWorking)):
        await case.roles.publisher.send(part)
    found = await found_in_the_end(case, part)
    [live] = await case.seat.posts()
    assert found is not None
    assert (found.remote_id, found.url) == (live["id"], live["url"])


async def found_in_the_end(case: Case, part: OutgoingPart) -> Receipt | None:
    """What the finder says once the network has done what it works on."""
    assert case.roles.finder is not None
    for _ in range(9):
        try:
            return await case.roles.finder.find(part)
        except StillWorking:
            await case.seat.clock.sleep(5)
    return await case.roles.finder.find(part)


@resumed
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "status", "expire_uploads"])
async def test_a_video_goes_on_where_its_upload_stopped(case: Case, fault: str) -> None:
    video = await case.seat.video("Waves")
    for step in case.facts.video_steps:
        part = case.seat.part(f"After {step}.", media=(video,))
        await case.seat.fault(fault, step)
        if fault == "expire_uploads" and step == "poll" and not case.facts.ends:
            await case.seat.send(case.roles, part)
            continue
        with pytest.raises(Unavailable) as caught:
            await case.roles.publisher.prepare(part, case.seat.accounts.read_media)
        assert bool(caught.value.handles) is (fault != "expire_uploads")
        await case.seat.send(case.roles, replace(part, handles=caught.value.handles))
    uploads = [call for call in await case.seat.calls("upload") if call["status"] is not None]
    assert len(uploads) == len(case.facts.video_steps) * (1 + (fault == "expire_uploads" and case.facts.ends))
    assert len(await case.seat.posts()) == len(case.facts.video_steps)


@resumed
async def test_a_slow_video_is_waited_for_and_then_left_to_the_next_try(case: Case) -> None:
    await case.seat.fault("slow", "upload", value=200)
    part = case.seat.part("Slowly.", media=(await case.seat.video("Waves"),))
    handles: Mapping[str, str] = {}
    for _ in range(60):
        try:
            handles = await case.roles.publisher.prepare(replace(part, handles=handles), case.seat.accounts.read_media)
        except Unavailable as error:
            handles = error.handles
        else:
            break
    await case.seat.landed(case.roles, replace(part, handles=handles))
    assert len(await case.seat.posts()) == 1
    assert len(await case.seat.calls("upload")) == 1


@resumed
async def test_a_video_that_can_not_be_played_is_refused(case: Case) -> None:
    video = await case.seat.video("Waves")
    digest = await case.seat.files.put(tiny_video()[:500])
    cut = replace(video, item=replace(video.item, digest=Digest(digest), size=500))
    await case.seat.store.write(lambda tx: tx.media.put(cut.item, at=case.seat.clock.now()))
    with pytest.raises(Refused):
        await case.seat.send(case.roles, case.seat.part("Look:", media=(cut,)))
    assert await case.seat.posts() == []


@taking("poll")
async def test_a_poll_is_put_to_the_vote_and_stands_alone(case: Case) -> None:
    options = {"poll": "Bow\nStern", "poll_question": "Which one leads?"}
    receipt = await case.seat.send(case.roles, case.seat.part("Which end?", options=options))
    [post] = await case.seat.posts()
    assert (post["id"], post["poll"]["options"], post["media"]) == (receipt.remote_id, ["Bow", "Stern"], [])
    shown = (await case.seat.picture("A bow."),)
    with pytest.raises(Refused):
        await case.seat.send(case.roles, case.seat.part("Both?", media=shown, options=options))


# -- after the post ------------------------------------------------------------------------------------------------


@deleting
async def test_deleting_twice_is_deleting(case: Case) -> None:
    assert case.roles.deleter is not None
    receipt = await case.seat.send(case.roles, case.seat.part("Not for long."))
    kept = await case.seat.send(case.roles, case.seat.part("For ever."))
    await case.roles.deleter.delete(receipt)
    await case.roles.deleter.delete(receipt)
    assert [post["id"] for post in await case.seat.posts()] == [kept.remote_id]


async def test_counters_are_numbers_or_nothing(case: Case) -> None:
    receipts = [await case.seat.send(case.roles, case.seat.part(f"Do you measure {n}?")) for n in range(3)]
    if case.roles.deleter is not None:
        await case.roles.deleter.delete(receipts.pop())
    metrics = (await case.after(days=2)).metrics
    assert metrics is not None
    measured = {m.remote_id: m for m in await metrics.post_metrics(receipts)}
    shown = {post["id"]: post["counters"] for post in await case.seat.posts()}
    assert set(measured) == {r.remote_id for r in receipts} == set(shown)
    for remote_id, counters in shown.items():
        one = measured[remote_id]
        assert (one.likes, one.comments) == (counters["likes"], counters["replies"])
        assert one.shares == counters["reposts"]
        assert one.quotes == (None if "quotes" in case.facts.uncounted else counters["quotes"])
        assert one.likes is not None
        assert one.likes > 0
        names = {name.name for name in fields(one)} - {"remote_id", "at"}
        assert {name for name in names if getattr(one, name) is None} == case.facts.uncounted
    [alone] = await metrics.post_metrics(receipts[:1])
    assert alone.remote_id == receipts[0].remote_id
    account = await metrics.account_metrics()
    assert account.posts == (len(receipts) if case.facts.told_posts else None)
    assert account.followers is not None
    assert account.followers > 0


@remembering
async def test_the_past_is_what_we_said_ourselves_newest_first(case: Case) -> None:
    assert case.roles.history is not None
    before = await case.seat.send(case.roles, case.seat.part("Long ago."))
    roles = await case.after(days=5)
    since = case.seat.clock.now()
    shown = [await case.seat.picture("One."), await case.seat.picture("Two.", 1)]
    link = "https://example.com/a?b=1&c=2"
    first = await case.seat.send(roles, case.seat.part(f"Plain & <simple>:\n\n{link}", media=tuple(shown)))
    thread = await case.seat.thread(roles, *("One.", "Two.")[: 1 + case.facts.thread])
    later = await case.after(days=2)
    assert later.history is not None
    assert later.metrics is not None
    past = list(await later.history.past_posts(since, limit=200))
    assert [(p.remote_id, p.url, p.at) for p in past] == [(r.remote_id, r.url, r.at) for r in (thread[0], first)]
    assert [(p.text, p.pictures) for p in past] == [
        ("One.", int(case.seat.spec.needs_media)),
        (f"Plain & <simple>:\n\n{link}", 2),
    ]
    assert [dict(p.extra) for p in past] == [dict(r.extra) for r in (thread[0], first)]
    counted = {m.remote_id: m for m in await later.metrics.post_metrics([thread[0], first])}
    assert {p.remote_id: replace(p.metrics, at=since) for p in past} == {
        remote_id: replace(one, at=since) for remote_id, one in counted.items()
    }
    everything = await later.history.past_posts(since - timedelta(days=9), limit=200)
    assert [p.remote_id for p in everything] == [thread[0].remote_id, first.remote_id, before.remote_id]
    assert [p.remote_id for p in await later.history.past_posts(since, limit=1)] == [thread[0].remote_id]


@remembering
async def test_the_past_is_read_page_by_page(case: Case) -> None:
    since = case.seat.clock.now()
    receipts = []
    for n in range(103):
        if case.facts.a_day and n == case.facts.a_day:
            await case.after(days=1)
        receipts.append(await case.seat.send(case.roles, case.seat.part(f"Number {n}.")))
    roles = await case.after(minutes=10)
    assert roles.history is not None
    past = await roles.history.past_posts(since, limit=102)
    assert [p.remote_id for p in past] == [r.remote_id for r in reversed(receipts[1:])]


@answering
async def test_answers_are_read_and_answered_once(case: Case) -> None:
    assert case.roles.comments is not None
    root = await case.seat.send(case.roles, case.seat.part("What would you change, and why? 3 of 7 said speed."))
    assert list(await case.roles.comments.comments(root, None)) == []
    roles = await case.after(days=3)
    assert roles.comments is not None
    assert roles.replier is not None
    found = list(await roles.comments.comments(root, None))
    assert len(found) >= 2
    assert found == sorted(found, key=lambda one: one.at)
    assert all(one.parent_id == root.remote_id and one.author and one.text for one in found)
    later = await roles.comments.comments(root, found[0].at)
    assert list(later) == [one for one in found if one.at > found[0].at]

    at = case.seat.clock.now()
    first = await roles.replier.reply(found[0], "Thank you.", key="answer-1", at=at, root=root)
    second = await roles.replier.reply(found[0], "Thank you.", key="answer-1", at=at, root=root)
    assert first.remote_id == second.remote_id
    [answer] = [post for post in await case.seat.posts() if post["id"] != root.remote_id]
    wanted = (first.remote_id, found[0].remote_id, root.remote_id)
    assert (answer["id"], answer["reply_to"], answer["root"]) == wanted
    assert answer["text"].endswith("Thank you.")
    assert first.remote_id not in {one.remote_id for one in await roles.comments.comments(root, None)}


# -- answers that go wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_is_unknown_and_the_finder_tells(case: Case, fault: str) -> None:
    assert case.roles.finder is not None
    before = await case.seat.send(case.roles, case.seat.part("An older post."))
    shown = (await case.seat.picture("With words."),)
    part = await case.seat.prepared(case.roles, case.seat.part("Is it there?\n\nhttps://example.com/x", media=shown))
    await case.seat.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await case.roles.publisher.send(part)
    live = [post for post in await case.seat.posts() if post["id"] != before.remote_id]
    assert len(live) == (fault in CARRIED_OUT)
    if not live and not case.facts.proof:
        with pytest.raises(OutcomeUnknown):
            await case.roles.finder.find(part)
        return
    found = await case.roles.finder.find(part)
    assert (found and (found.remote_id, found.url, found.part)) == (
        (live[0]["id"], live[0]["url"], 0) if live else None
    )
    if live and (case.facts.dedupe is Dedupe.LOOKUP or not case.facts.proof):
        return
    again = await case.roles.publisher.send(part)
    assert [post["id"] for post in await case.seat.posts()] == [before.remote_id, again.remote_id]


@repeatable
async def test_a_repeat_with_the_same_key_is_the_same_post(case: Case) -> None:
    part = await case.seat.prepared(case.roles, case.seat.part("Once."))
    receipts = await asyncio.gather(*(case.roles.publisher.send(part) for _ in range(4)))
    assert {(r.remote_id, r.url) for r in receipts} == {(receipts[0].remote_id, receipts[0].url)}
    assert len(await case.seat.posts()) == 1


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("operation", ["upload", "metrics"])
async def test_what_may_be_repeated_is_only_unavailable(case: Case, operation: str, fault: str) -> None:
    assert case.roles.metrics is not None
    receipt = await case.seat.send(case.roles, case.seat.part("Something to measure."))
    part = case.seat.part("A picture.", media=(await case.seat.picture("Alt."),))
    await case.seat.fault(fault, case.facts.prepares if operation == "upload" else operation)

    async def call() -> object:
        assert case.roles.metrics is not None
        if operation == "upload":
            return await case.roles.publisher.prepare(part, case.seat.accounts.read_media)
        return await case.roles.metrics.post_metrics([receipt])

    with pytest.raises(Unavailable):
        await call()
    assert await call()
    assert len(await case.seat.posts()) == 1


@pytest.mark.parametrize("operation", ["publish", "upload", "metrics", "look"])
async def test_a_rate_limit_tells_when_to_come_back(case: Case, operation: str) -> None:
    receipt = await case.seat.send(case.roles, case.seat.part("Before."))
    part = case.seat.part("Slowly.", media=(await case.seat.picture("Alt."),))
    prepared = await case.seat.prepared(case.roles, part)

    async def call() -> object:
        roles = await case.after()
        assert roles.metrics is not None
        assert roles.finder is not None
        match operation:
            case "publish":
                return await roles.publisher.send(prepared)
            case "upload":
                return await roles.publisher.prepare(part, case.seat.accounts.read_media)
            case "metrics":
                return await roles.metrics.post_metrics([receipt])
            case _:
                return await roles.finder.find(prepared)

    case.seat.clock.set(case.seat.clock.now() + timedelta(milliseconds=250))
    now, called = case.seat.clock.now(), {"look": case.facts.looks, "upload": case.facts.prepares}
    hit = called.get(operation, operation)
    await case.seat.fault("rate_limited", hit, value=120)
    with pytest.raises(RateLimited) as caught:
        await call()
    assert to_the_second(caught.value.until) == to_the_second(now + timedelta(seconds=120))
    await case.seat.fault("rate_limited_bare", hit)
    with pytest.raises(RateLimited) as bare:
        await call()
    if case.facts.by_the_day:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        assert timedelta() <= bare.value.until - midnight < timedelta(minutes=10)
    else:
        assert bare.value.until == now + case.facts.bare_wait
    assert len(await case.seat.posts()) == 1


async def test_a_slow_upload_is_waited_for(case: Case) -> None:
    await case.seat.fault("slow", case.facts.slow, value=3 if case.facts.waits else 0.01)
    part = case.seat.part("Slow picture.", media=(await case.seat.picture("Slowly."),))
    await case.seat.send(case.roles, part)
    [post] = await case.seat.posts()
    assert [shown["alt"] for shown in post["media"]] == ["Slowly." if case.seat.spec.alt_texts else ""]
    assert isinstance(case.seat.clock, HurriedClock)
    assert len(case.seat.clock.slept) == case.facts.waits


async def test_fields_nobody_has_heard_of_change_nothing(case: Case) -> None:
    await case.seat.fault("unknown_fields", "*", times=50)
    part = case.seat.part("https://example.com/x", media=(await case.seat.picture("Alt."),))
    receipt = await case.seat.send(case.roles, part)
    assert (await case.seat.accounts.verify(case.account_id)).dedupe is case.facts.dedupe
    assert case.roles.finder is not None
    assert case.roles.metrics is not None
    assert await case.roles.finder.find(part) is not None
    assert len(await case.roles.metrics.post_metrics([receipt])) == 1


# -- tokens --------------------------------------------------------------------------------------------------------


async def test_an_ended_token_says_whether_a_refresh_would_help(case: Case) -> None:
    refreshes = "refresher" not in case.facts.lacks and case.facts.cured
    part = await case.seat.prepared(case.roles, case.seat.part("With a new token."))
    await case.seat.fault("expire_tokens")
    with pytest.raises(NeedsReauth) as caught:
        await case.roles.publisher.send(part)
    assert caught.value.refreshable is refreshes
    assert await case.seat.posts() == []
    if refreshes:
        await case.seat.accounts.refresh(case.account_id)
    await case.seat.landed(await case.seat.accounts.open(case.account_id), part)
    assert len(await case.seat.posts()) == 1


async def test_many_refreshes_at_once_are_one(case: Case) -> None:
    before, old = len(await case.seat.calls("session")), await case.seat.credentials(case.account_id)
    case.seat.clock.set(case.seat.clock.now() + timedelta(minutes=1))
    outcomes = await asyncio.gather(
        *(case.seat.accounts.refresh(case.account_id) for _ in range(20)), return_exceptions=True
    )
    new = await case.seat.credentials(case.account_id)
    if "refresher" in case.facts.lacks:
        assert all(isinstance(one, NeedsReauth) and not one.refreshable for one in outcomes)
        assert (len(await case.seat.calls("session")), new) == (before, old)
        return
    assert outcomes == [None] * 20
    assert len(await case.seat.calls("session")) == before + 1
    assert {name for name in new if new[name] != old.get(name)} == case.facts.renewed
    roles = await case.seat.accounts.open(case.account_id)
    await case.seat.send(roles, case.seat.part("With the newest token."))
    assert len(await case.seat.calls("session")) == before + 1


@refreshing
@pytest.mark.parametrize("fault", [*LOST, "rate_limited"])
async def test_a_refresh_that_fails_in_passing_keeps_the_old_tokens(case: Case, fault: str) -> None:
    old = await case.seat.credentials(case.account_id)
    await case.seat.fault(fault, "session")
    with pytest.raises(RateLimited if fault == "rate_limited" else Unavailable):
        await case.seat.accounts.refresh(case.account_id)
    assert await case.seat.credentials(case.account_id) == old
    if case.facts.spent and fault in CARRIED_OUT:
        with pytest.raises(NeedsReauth):
            await case.seat.accounts.refresh(case.account_id)
    else:
        await case.seat.accounts.refresh(case.account_id)
    await case.seat.send(await case.seat.accounts.open(case.account_id), case.seat.part("Still connected."))


# -- secrets -------------------------------------------------------------------------------------------------------


async def test_no_secret_is_ever_told(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = [repr(case.roles), repr(roles_of(case.roles)), repr(await case.seat.accounts.list())]
    part = await case.seat.prepared(
        case.roles, case.seat.part("https://example.com/x", media=(await case.seat.picture("Alt."),))
    )
    told.append(repr(part))
    for fault in (*LOST, "rate_limited", "expire_tokens", "malformed"):
        roles = await case.after()
        other = await case.seat.prepared(roles, case.seat.part(f"Another, with {fault}."))
        await case.seat.fault(fault)
        with pytest.raises(DeskError) as caught:
            await roles.publisher.send(other)
        told += [f"{caught.value!r} {caught.value} {caught.value.next_step}", "".join(_whole(caught.value))]
        if isinstance(caught.value, NeedsReauth) and caught.value.refreshable:
            await case.seat.accounts.refresh(case.account_id)
    for one in case.seat.spec.fields:
        if one.secret and one.name in set(case.seat.fields) - case.facts.unproved:
            with pytest.raises(DeskError) as wrong:
                await case.seat.connect({one.name: "wrong-" + case.seat.fields[one.name]})
            told += [f"{wrong.value!r} {wrong.value} {wrong.value.next_step}", "".join(_whole(wrong.value))]
    told += [repr(dict(part.handles)), caplog.text, repr(await case.seat.calls("publish"))]
    kept = await case.seat.credentials(case.account_id)
    known = {one.name for one in case.seat.spec.fields if one.secret and one.name in case.seat.fields}
    secrets = [v for name, v in kept.items() if name in known or name.endswith(("_jwt", "_token"))]
    assert len(secrets) >= len(known)
    text = "\n".join(told)
    assert [hashlib.sha256(s.encode()).hexdigest()[:8] for s in secrets if s in text] == []


def _whole(error: BaseException) -> list[str]:
    """With its causes and their messages, as a log would print it."""
    return traceback.format_exception(error)
