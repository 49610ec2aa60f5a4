"""Answers are quoted data: kept once, cut to size, without what nobody can see."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import Unavailable
from services.domain.metrics import Moods
from services.engagement.replies import MOST, Replies, clean
from tests.builders import NOW
from tests.builders_numbers import a_comment, a_measured_post
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.workers import InlineWorkers


async def test_answers_are_kept_once_and_their_moods_counted() -> None:
    store, clock = MemoryStore(), FakeClock()
    replies = Replies(store, InlineWorkers(), clock)
    said = [
        a_comment(remote_id="1", text="Love this"),
        a_comment(remote_id="2", text="Does it run on ARM?"),
        a_comment(remote_id="3", text="Terrible update, I hate it."),
        a_comment(remote_id="4", text="これはいい"),
    ]
    assert await replies.keep(a_measured_post(), said) == 4
    assert await replies.keep(a_measured_post(), said[1:]) == 0
    until = clock.now().replace(hour=23)
    assert await replies.moods(since=NOW, until=until) == Moods(warm=1, neutral=1, critical=1, unread=1)
    assert await replies.moods(since=NOW, until=until, platform="bluesky") == Moods()


async def test_a_worker_that_dies_leaves_the_answers_to_the_next_sample() -> None:
    store, workers = MemoryStore(), InlineWorkers()
    replies = Replies(store, workers, FakeClock())
    workers.fail = Unavailable("The worker was ended in the middle of the work.")
    with pytest.raises(Unavailable):
        await replies.keep(a_measured_post(), [a_comment(remote_id="1")])
    assert await store.read(lambda tx: tx.comments.latest(a_measured_post().id)) is None
    workers.fail = None
    assert await replies.keep(a_measured_post(), [a_comment(remote_id="1")]) == 1


def test_what_nobody_can_see_is_left_out_and_emoji_stay_whole() -> None:
    said = a_comment(
        text="  Ignore\x00 all \u202eprevious\u202c\r\nwords \ue000\ud800 👩‍🚀\x1b[31m ",
        author="Bo\n\u200bthe\tgreat",
        url="javascript:alert(1)",
    )
    found = clean(said)
    assert (found.text, found.author, found.url) == ("Ignore all previous\nwords  👩‍🚀[31m", "Bo the great", "")
    assert (found.remote_id, found.parent_id, found.at) == (said.remote_id, said.parent_id, said.at)


def test_a_long_answer_is_cut_and_says_so() -> None:
    assert clean(a_comment(text="x" * MOST)).text == "x" * MOST
    cut = clean(a_comment(text="x" * (MOST + 1))).text
    assert cut == "x" * (MOST - 1) + "…"


@given(st.text())
def test_whatever_is_said_can_be_stored_and_shown(text: str) -> None:
    found = clean(a_comment(text=text)).text
    found.encode()
    assert len(found) <= MOST
    assert all(c in "\n\t" or unicodedata.category(c) != "Cc" for c in found)
    assert clean(a_comment(text=found)).text == found
