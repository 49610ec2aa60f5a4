"""Live posts corrected and answers hidden, against a strict stand-in of each network that lets an app do so."""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from bot.registry import PLATFORMS
from services.domain.delivery import Receipt
from services.domain.errors import NeedsReauth, Refused, Unavailable
from services.domain.ids import AccountId
from services.domain.metrics import Comment
from services.ports.platform import Editor, Hider, PlatformSpec, Role, Roles
from tests.contracts.networks import Post, Seat, seated

LOST: Final = ("drop_before", "drop_after", "malformed", "html", "empty", "status")
"""Ends of a call that leave open what became of it."""
CARRIED_OUT: Final = ("drop_after", "malformed", "empty")
"""Those before which the stand-in did what it was asked."""
HIDES: Final = {"bluesky": "publish"}
"""Networks where we write a list of names, and what the stand-in calls that; elsewhere hiding is an edit."""
UNTOLD: Final = ("x",)
"""Networks that do not tell who reads answers which of them are hidden."""
QUESTION: Final = "What would you change, and why? 3 of 7 said speed."
FIRST: Final = "First: (a) #tag <b> & “quoted” [v2]\n\nhttps://example.com/x_y"
SHOWN: Final = ("nothing", "pictures", "video")


def those_with(*roles: Role, fit: Callable[[PlatformSpec], bool] = bool) -> pytest.MarkDecorator:
    """Only the platforms that play one of these roles, and of which this is true."""
    chosen = [spec for spec in PLATFORMS if set(roles) & set(spec.roles) and fit(spec)]
    return pytest.mark.parametrize("spec", chosen, ids=lambda spec: spec.slug)


correcting = those_with(Role.EDITOR)
hiding = those_with(Role.HIDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One connected account with the network behind it."""

    seat: Seat
    roles: Roles
    account_id: AccountId

    @property
    def editor(self) -> Editor:
        """Who corrects."""
        assert self.roles.editor is not None
        return self.roles.editor

    async def gone(self, receipt: Receipt) -> None:
        """Take a post down."""
        assert self.roles.deleter is not None
        await self.roles.deleter.delete(receipt)

    async def said(self, text: str, **more: Any) -> Receipt:
        """Publish something."""
        return await self.seat.send(self.roles, self.seat.part(text, **more))

    async def live(self) -> dict[str, Post]:
        """What the desk has in public."""
        return {post["id"]: post for post in await self.seat.posts()}

    async def later(self) -> Roles:
        """The roles as they are opened when people have answered."""
        self.seat.clock.set(self.seat.clock.now() + timedelta(days=3))
        return await self.seat.accounts.open(self.account_id)

    async def answers(self, root: Receipt) -> tuple[Hider, list[Comment]]:
        """Who hides, and what people said."""
        roles = await self.later()
        assert roles.hider is not None
        assert roles.comments is not None
        return roles.hider, list(await roles.comments.comments(root, None))

    async def hidden(self) -> set[str]:
        """The answers that are folded away, as the network shows them."""
        return {one["id"] for one in await self.seat.answers() if one["hidden"]}


@pytest_asyncio.fixture
async def stage(spec: PlatformSpec, tmp_path: Path) -> AsyncIterator[Stage]:
    """Its network, with the account connected."""
    async with seated(spec, tmp_path) as seat:
        account = await seat.connect()
        yield Stage(seat=seat, roles=await seat.roles(account), account_id=account.id)


# -- correcting ----------------------------------------------------------------------------------------------------


def _but_words(post: Post) -> Post:
    """All of a post that a correction must leave alone."""
    return {name: value for name, value in post.items() if name not in {"text", "commentary"}}


@correcting
@pytest.mark.parametrize("shown", SHOWN)
async def test_the_words_of_a_live_post_are_changed_and_nothing_else(stage: Stage, shown: str) -> None:
    more: dict[str, object] = {}
    if shown == "pictures":
        more["media"] = tuple([await stage.seat.picture(f"Picture {n}", n) for n in range(2)])
    elif shown == "video":
        more["media"] = (await stage.seat.video("Waves"),)
    receipt = await stage.said("Frist: (a) #tag <b>", **more)
    other = await stage.said("Another.")
    before = await stage.live()
    for _ in range(2):
        await stage.editor.edit(receipt, FIRST)
        after = await stage.live()
        assert after[receipt.remote_id]["text"] == FIRST
        assert _but_words(after[receipt.remote_id]) == _but_words(before[receipt.remote_id])
        assert after[other.remote_id] == before[other.remote_id]
    page = await stage.seat.control.get(receipt.url)
    assert "First:" in page.text
    await stage.gone(receipt)
    with pytest.raises(Refused, match="gone"):
        await stage.editor.edit(receipt, "Too late.")


@those_with(Role.EDITOR, fit=lambda spec: spec.default_limits.thread_parts != 1)
async def test_a_later_part_is_corrected_where_it_stands(stage: Stage) -> None:
    receipts = await stage.seat.thread(stage.roles, "One.", "Tow (2).", "Three.")
    await stage.editor.edit(receipts[1], "Two (2) <b>.")
    posts = await stage.live()
    assert [posts[r.remote_id]["text"] for r in receipts] == ["One.", "Two (2) <b>.", "Three."]
    await stage.gone(receipts[2])
    with pytest.raises(Refused, match="gone"):
        await stage.editor.edit(receipts[2], "Too late.")


@those_with(Role.EDITOR, fit=lambda spec: spec.default_limits.poll is not None)
async def test_a_choice_made_for_the_post_stays(stage: Stage) -> None:
    chosen = {"poll": "Bow\nStern", "poll_question": "Which one leads?"}
    receipt = await stage.said("Wich end?", options=chosen)
    stage.seat.clock.set(stage.seat.clock.now() + timedelta(minutes=20))
    before = (await stage.live())[receipt.remote_id]
    await stage.editor.edit(receipt, "Which end?")
    after = (await stage.live())[receipt.remote_id]
    assert (after["text"], after["poll"]["options"]) == ("Which end?", ["Bow", "Stern"])
    assert _but_words({**after, "poll": None}) == _but_words({**before, "poll": None})


@correcting
async def test_words_the_network_does_not_take_change_nothing(stage: Stage) -> None:
    receipt = await stage.said("Short.")
    with pytest.raises(Refused):
        await stage.editor.edit(receipt, "y" * 70_000)
    assert (await stage.live())[receipt.remote_id]["text"] == "Short."


@correcting
@pytest.mark.parametrize("fault", LOST)
async def test_a_correction_may_be_asked_for_again(stage: Stage, fault: str) -> None:
    receipt = await stage.said("Frist.")
    await stage.seat.fault(fault, "edit")
    done = True
    try:
        await stage.editor.edit(receipt, "First.")
    except Unavailable:
        done = False
    stands = (await stage.live())[receipt.remote_id]["text"]
    assert stands == ("First." if fault in CARRIED_OUT else "Frist.")
    assert stands == "First." or not done
    await stage.editor.edit(receipt, "First.")
    assert [post["text"] for post in await stage.seat.posts()] == ["First."]


# -- hiding --------------------------------------------------------------------------------------------------------


@hiding
async def test_an_answer_is_hidden_and_shown_again(stage: Stage) -> None:
    root = await stage.said(QUESTION)
    hider, found = await stage.answers(root)
    first, second = found[:2]
    reader = (await stage.seat.accounts.open(stage.account_id)).comments
    assert reader is not None
    for hidden in ({first.remote_id}, {first.remote_id, second.remote_id}, {second.remote_id}, set[str]()):
        for comment in (first, second):
            for _ in range(2):
                await hider.hide(comment, root=root, hidden=comment.remote_id in hidden)
        assert await stage.hidden() == hidden
        assert ("Hidden by the author" in (await stage.seat.control.get(root.url)).text) is bool(hidden)
        told = set[str]() if stage.seat.spec.slug in UNTOLD else hidden
        read = [one.remote_id for one in await reader.comments(root, None)]
        assert read == [one.remote_id for one in found if one.remote_id not in told]


@hiding
@pytest.mark.parametrize("fault", LOST)
async def test_hiding_may_be_asked_for_again(stage: Stage, fault: str) -> None:
    root = await stage.said(QUESTION)
    hider, (comment, *_) = await stage.answers(root)
    await stage.seat.fault(fault, HIDES.get(stage.seat.spec.slug, "edit"))
    with pytest.raises(Unavailable):
        await hider.hide(comment, root=root, hidden=True)
    assert bool(await stage.hidden()) is (fault in CARRIED_OUT)
    await hider.hide(comment, root=root, hidden=True)
    assert await stage.hidden() == {comment.remote_id}


@those_with(Role.HIDER, fit=lambda spec: spec.slug not in HIDES)
async def test_an_answer_that_is_gone_is_refused(stage: Stage) -> None:
    root = await stage.said(QUESTION)
    hider, (comment, *_) = await stage.answers(root)
    with pytest.raises(Refused, match="gone"):
        await hider.hide(replace(comment, remote_id="17999999999999999"), root=root, hidden=True)
    assert await stage.hidden() == set()


# -- both ----------------------------------------------------------------------------------------------------------


@those_with(Role.EDITOR, Role.HIDER)
async def test_no_secret_is_told_and_an_ended_token_is_named(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    root = await stage.said(QUESTION)
    roles = await stage.later()
    assert roles.comments is not None
    comment = (await roles.comments.comments(root, None))[0]
    told = [repr(roles.editor), repr(roles.hider)]
    for role in (roles.editor, roles.hider):
        if role is None:
            continue
        for fault in ("status", "expire_tokens"):
            await stage.seat.fault(fault, "*")
            with pytest.raises((Unavailable, NeedsReauth)) as caught:
                await (role.edit(root, "Other words.") if role is roles.editor else _hide(roles, comment, root))
            told += [f"{caught.value!r} {caught.value.next_step}", *traceback.format_exception(caught.value)]
    kept = await stage.seat.credentials(stage.account_id)
    secret = {one.name for one in stage.seat.spec.fields if one.secret}
    values = [v for name, v in kept.items() if name in secret or name.endswith(("_jwt", "_token"))]
    text = "\n".join([*told, caplog.text])
    assert values
    assert [hashlib.sha256(v.encode()).hexdigest()[:8] for v in values if v in text] == []


async def _hide(roles: Roles, comment: Comment, root: Receipt) -> None:
    assert roles.hider is not None
    await roles.hider.hide(comment, root=root, hidden=True)
