"""Who may answer and quote a post on Bluesky: from the very moment it is there, once, and gone with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from services.domain.delivery import Receipt
from services.domain.errors import OutcomeUnknown, Refused
from services.domain.ids import AccountId
from services.platforms.bluesky import SPEC
from services.ports.platform import OutgoingPart, Roles
from tests.contracts.networks import Seat, seated

THREAD: Final = "app.bsky.feed.threadgate"
QUOTES: Final = "app.bsky.feed.postgate"
QUESTION: Final = "What would you change, and why? 3 of 7 said speed."
SHUT: Final = {"threadgate": "nobody", "postgate": "yes"}
LOST: Final = {"drop_before": 0, "drop_after": 1, "malformed": 1, "html": 0, "empty": 1, "status": 0}
"""Ends of a call that leave open what became of it, and how many posts the stand-in has after each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One connected account with the network behind it."""

    seat: Seat
    roles: Roles
    account_id: AccountId

    async def said(self, options: Mapping[str, str], text: str = QUESTION) -> Receipt:
        """Publish something."""
        return await self.seat.send(self.roles, self.part(options, text))

    def part(self, options: Mapping[str, str], text: str = QUESTION) -> OutgoingPart:
        """A post with choices."""
        return self.seat.part(text, options=options)

    async def beside(self, receipt: Receipt) -> dict[str, Any]:
        """The gates of a post by their kinds, without what they all say."""
        found = {}
        did, _, rkey = receipt.remote_id.removeprefix("at://").split("/")
        for kind in (THREAD, QUOTES):
            where = {"repo": did, "collection": kind, "rkey": rkey}
            answer = await self.seat.control.get("/bluesky/xrpc/com.atproto.repo.getRecord", params=where)
            if answer.status_code == 200:
                value = answer.json()["value"]
                assert value.pop("post") == receipt.remote_id
                assert value.pop("$type") == kind
                assert value.pop("createdAt").endswith("Z")
                found[kind] = value
        return found


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The network, with the account connected."""
    async with seated(SPEC, tmp_path) as seat:
        account = await seat.connect()
        yield Stage(seat=seat, roles=await seat.roles(account), account_id=account.id)


@pytest.mark.parametrize(
    ("who", "rules", "told", "answered"),
    [
        ("nobody", [], "Nobody can reply", False),
        ("mentioned", ["mentionRule"], "Only people it mentions can reply", False),
        ("following", ["followingRule"], "Only people the author follows can reply", False),
        ("followers", ["followerRule"], "Only followers can reply", True),
    ],
)
async def test_who_can_reply_is_settled_with_the_post(
    stage: Stage, who: str, rules: list[str], told: str, answered: bool
) -> None:
    receipt = await stage.said({"threadgate": who})
    assert await stage.beside(receipt) == {THREAD: {"allow": [{"$type": f"{THREAD}#{rule}"} for rule in rules]}}
    assert told in (await stage.seat.control.get(receipt.url)).text
    stage.seat.clock.set(stage.seat.clock.now() + timedelta(days=3))
    assert bool(await stage.seat.answers()) is answered


async def test_quoting_is_a_choice_of_its_own_and_everybody_needs_no_record(stage: Stage) -> None:
    shut = await stage.said({"postgate": "yes"})
    assert await stage.beside(shut) == {QUOTES: {"embeddingRules": [{"$type": f"{QUOTES}#disableRule"}]}}
    assert "Nobody can quote it" in (await stage.seat.control.get(shut.url)).text
    assert await stage.beside(await stage.said({"threadgate": ""}, "Open to all.")) == {}
    stage.seat.clock.set(stage.seat.clock.now() + timedelta(days=7))
    metrics = (await stage.seat.accounts.open(stage.account_id)).metrics
    assert metrics is not None
    [counted] = await metrics.post_metrics([shut])
    assert (counted.quotes, bool(counted.likes)) == (0, True)
    calls = [call["path"].rpartition(".")[2] for call in await stage.seat.calls("publish")]
    assert calls == ["applyWrites", "putRecord"]


async def test_a_thread_is_answered_by_the_rules_of_its_first_post(stage: Stage) -> None:
    receipts: tuple[Receipt, ...] = ()
    for index in range(2):
        one = stage.seat.part(f"{QUESTION} {index}", index=index, count=2, options=SHUT, receipts=receipts)
        receipts = (*receipts, await stage.seat.send(stage.roles, one))
    assert [set(await stage.beside(one)) for one in receipts] == [{THREAD, QUOTES}, {QUOTES}]
    stage.seat.clock.set(stage.seat.clock.now() + timedelta(days=3))
    assert await stage.seat.answers() == []


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_makes_neither_a_second_post_nor_one_without_its_gates(stage: Stage, fault: str) -> None:
    part = stage.part(SHUT)
    await stage.seat.fault(fault)
    with pytest.raises(OutcomeUnknown):
        await stage.seat.send(stage.roles, part)
    assert len(await stage.seat.posts()) == LOST[fault]
    receipt = await stage.seat.send(stage.roles, part)
    assert [post["id"] for post in await stage.seat.posts()] == [receipt.remote_id]
    assert set(await stage.beside(receipt)) == {THREAD, QUOTES}
    assert await stage.seat.send(stage.roles, part) == receipt


async def test_several_at_once_make_one_post(stage: Stage) -> None:
    part = stage.part(SHUT)
    ends = await asyncio.gather(*(stage.seat.send(stage.roles, part) for _ in range(4)), return_exceptions=True)
    receipts = {end.remote_id for end in ends if isinstance(end, Receipt)}
    assert [post["id"] for post in await stage.seat.posts()] == list(receipts)
    assert all(isinstance(end, Receipt | OutcomeUnknown) for end in ends)


async def test_a_post_is_taken_down_with_its_gates_and_may_come_back(stage: Stage) -> None:
    assert stage.roles.deleter is not None
    part = stage.part(SHUT)
    receipt = await stage.seat.send(stage.roles, part)
    for _ in range(2):
        await stage.roles.deleter.delete(receipt)
        assert await stage.beside(receipt) == {}
    assert await stage.seat.posts() == []
    await stage.seat.send(stage.roles, part)
    assert set(await stage.beside(receipt)) == {THREAD, QUOTES}


async def test_gates_that_an_app_left_behind_do_not_stand_in_the_way(stage: Stage) -> None:
    """An app takes down the post alone, and the server then refuses to create what is there."""
    part = stage.part(SHUT)
    receipt = await stage.seat.send(stage.roles, part)
    session = await stage.seat.credentials(stage.account_id)
    did, _, rkey = receipt.remote_id.removeprefix("at://").split("/")
    gone = await stage.seat.control.post(
        "/bluesky/xrpc/com.atproto.repo.deleteRecord",
        json={"repo": did, "collection": "app.bsky.feed.post", "rkey": rkey},
        headers={"authorization": f"Bearer {session['access_jwt']}"},
    )
    assert gone.status_code == 200
    assert set(await stage.beside(receipt)) == {THREAD, QUOTES}
    again = await stage.seat.send(stage.roles, part)
    assert (again.remote_id, len(await stage.seat.posts())) == (receipt.remote_id, 1)


async def test_hiding_an_answer_leaves_who_can_reply_as_it_is(stage: Stage) -> None:
    root = await stage.said({"threadgate": "followers"})
    stage.seat.clock.set(stage.seat.clock.now() + timedelta(days=3))
    roles = await stage.seat.accounts.open(stage.account_id)
    assert roles.comments is not None
    assert roles.hider is not None
    comment = (await roles.comments.comments(root, None))[0]
    await roles.hider.hide(comment, root=root, hidden=True)
    rules = [{"$type": f"{THREAD}#followerRule"}]
    assert await stage.beside(root) == {THREAD: {"allow": rules, "hiddenReplies": [comment.remote_id]}}


async def test_a_choice_that_is_none_is_refused_before_anything_is_sent(stage: Stage) -> None:
    with pytest.raises(Refused, match="no choice of who can reply"):
        await stage.said({"threadgate": "friends"})
    assert await stage.seat.calls("publish") == []
