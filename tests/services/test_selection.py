"""Which accounts "for a, @b" means, and what to do about a word that means none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.errors import InvalidInput
from services.domain.ids import AccountId, PlatformSlug
from services.domain.post import Brief
from services.selection import destinations, nearest, select
from tests.builders import an_account
from tests.fakes.clock import FakeClock
from tests.fakes.social import FakeSocial

ACCOUNTS = (
    an_account(id=AccountId("m1")),
    an_account(id=AccountId("m2"), handle="other@hachy.test"),
    an_account(id=AccountId("b1"), platform=PlatformSlug("bluesky"), handle="DriftSeas.com"),
)
PLATFORMS = {
    spec.slug: spec
    for spec in (
        FakeSocial(clock=FakeClock(), slug=slug, label=label).spec()
        for slug, label in (("mastodon", "Mastodon"), ("bluesky", "Bluesky"), ("x", "X"))
    )
}


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ((), ["m1", "m2", "b1"]),
        (("", " "), ["m1", "m2", "b1"]),
        (("Bluesky", "MASTODON"), ["m1", "m2", "b1"]),
        (("bluesky",), ["b1"]),
        ((" @driftseas ",), ["m1"]),
        (("@driftseas@social.test", "@driftseas.com"), ["m1", "b1"]),
        (("@other", "mastodon", "@other"), ["m1", "m2"]),
    ],
)
def test_words_mean_accounts_in_order_of_connection(wanted: tuple[str, ...], ids: list[str]) -> None:
    assert [a.id for a in select(ACCOUNTS, wanted, PLATFORMS)] == ids


@pytest.mark.parametrize(
    ("word", "sentence", "hint"),
    [
        ("blueski", "I don't know a network called “blueski”.", "Did you mean bluesky?"),
        ("zzzz", "I don't know a network called “zzzz”.", "It can be bluesky, mastodon, x or an @handle."),
        ("driftseas.com", "I don't know a network called “driftseas.com”.", "Did you mean @DriftSeas.com?"),
        ("other", "I don't know a network called “other”.", "Did you mean @other@hachy.test?"),
        (
            "x",
            "No X account is connected.",
            "Connected are: Bluesky, Mastodon. Connect one with: /desk connect x",
        ),
        ("@drifseas.com", "No connected account is called @drifseas.com.", "Did you mean @DriftSeas.com?"),
        ("@zzzz", "No connected account is called @zzzz.", "Connected are: @driftseas@social.test, @other@hachy.test,"),
    ],
)
def test_a_word_that_means_none_is_named_with_the_nearest(word: str, sentence: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        select(ACCOUNTS, ("mastodon", word), PLATFORMS)

    assert (caught.value.message, caught.value.field) == (sentence, "networks")
    assert caught.value.next_step.startswith(hint)


def test_the_nearest_word_keeps_its_own_spelling() -> None:
    assert nearest("DRIFTSEA.com", ["DriftSeas.com"]) == "DriftSeas.com"
    assert nearest("q", ["mastodon"]) is None


WITHOUT = Brief(text="Tides", picture="no")
SHOWN = {**PLATFORMS, PlatformSlug("bluesky"): replace(PLATFORMS[PlatformSlug("bluesky")], needs_media=True)}


def test_everywhere_leaves_out_whoever_takes_no_post_without_a_picture_and_says_so() -> None:
    chosen, note = destinations(ACCOUNTS, (), WITHOUT, SHOWN)
    assert [a.id for a in chosen] == ["m1", "m2"]
    assert note == "not for Bluesky, where a post needs a picture"


@pytest.mark.parametrize("brief", [Brief(text="Tides"), Brief(text="Tides", picture="minimal")])
def test_nobody_is_left_out_while_a_picture_may_come(brief: Brief) -> None:
    assert destinations(ACCOUNTS, ("",), brief, SHOWN) == (ACCOUNTS, "")


def test_a_network_that_was_named_stays() -> None:
    assert [a.id for a in destinations(ACCOUNTS, ("bluesky",), WITHOUT, SHOWN)[0]] == ["b1"]


def test_when_nobody_is_left_the_picture_is_at_fault() -> None:
    with pytest.raises(InvalidInput, match=r"^Bluesky takes no post without a picture\.$") as caught:
        destinations(ACCOUNTS[2:], (), WITHOUT, SHOWN)
    assert caught.value.field == "picture"
