"""What people type, read as it was meant."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.grammar import Command, Linked, Usage, Word, parse
from services.domain.errors import InvalidInput

NETWORKS = ("bluesky", "Bluesky", "mastodon", "Mastodon")


def command(text: str) -> Command:
    found = parse(text, NETWORKS)
    assert isinstance(found, Command)
    return found


@pytest.mark.parametrize("text", ["", "   ", "/desk", " /desk \n", "help", "/DESK help", "HELP"])
def test_nothing_is_help(text: str) -> None:
    assert command(text) == Command(word=Word.HELP)


@pytest.mark.parametrize(
    ("text", "brief", "networks"),
    [
        ("draft We ship", "We ship", ()),
        ("/desk draft We ship", "We ship", ()),
        ("Draft We ship for mastodon", "We ship", ("mastodon",)),
        ("draft We ship for mastodon,bluesky", "We ship", ("mastodon", "bluesky")),
        ("draft We ship for Mastodon, bluesky", "We ship", ("Mastodon", "bluesky")),
        ("draft We ship for mastodon and bluesky", "We ship", ("mastodon", "bluesky")),
        ("draft We ship for @drift@social.test", "We ship", ("@drift@social.test",)),
        ("draft We ship for tiktok", "We ship", ("tiktok",)),
        ("draft A guide for developers", "A guide for developers", ()),
        ("draft Tips for instagrammers", "Tips for instagrammers", ()),
        ("draft A tool for developers for mastodon", "A tool for developers", ("mastodon",)),
        ("draft A tool for mastodon developers", "A tool for mastodon developers", ()),
        ("draft Thanks for mastodon and everything", "Thanks for mastodon and everything", ()),
        ("draft Made for mastodon.", "Made for mastodon.", ()),
        ("draft Waiting for", "Waiting for", ()),
        ("draft for mastodon", "", ("mastodon",)),
        ("draft", "", ()),
        ("draft before mastodon", "before mastodon", ()),
    ],
)
def test_a_closing_for_counts_only_when_every_word_is_a_network(
    text: str, brief: str, networks: tuple[str, ...]
) -> None:
    found = command(text)
    assert (found.word, found.rest, found.networks) == (Word.DRAFT, brief, networks)


@pytest.mark.parametrize("text", ["draft Hi for mastodn", "draft Hi for Blusky", "draft Hi for mastodon,blueskyy"])
def test_a_slip_is_asked_back(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text, NETWORKS)
    assert caught.value.field == "networks"
    assert caught.value.next_step.startswith(("Did you mean mastodon?", "Did you mean bluesky?"))


def test_what_is_not_known_can_be_put_where_it_was_meant() -> None:
    found = parse("draft Hi for mastodn, bluesky picture=watercolor", NETWORKS, strict=False)
    assert found == Command(word=Word.DRAFT, rest="Hi", networks=("mastodn", "bluesky"))


def test_notes_follow_an_empty_line() -> None:
    found = command("draft We ship 2.4 for bluesky brand=acme\n\nFacts:\n\n- faster for mastodn\n- smaller")
    assert found == Command(
        word=Word.DRAFT,
        rest="We ship 2.4",
        notes="Facts:\n\n- faster for mastodn\n- smaller",
        networks=("bluesky",),
        brand="acme",
    )


def test_the_brand_may_stand_on_either_side() -> None:
    assert command("draft Hi brand=acme for bluesky") == command("draft Hi for bluesky brand=acme")
    assert command("draft brand=new is a tag").rest == "brand=new is a tag"


def test_lines_before_an_empty_one_belong_to_the_brief() -> None:
    assert command("draft\r\nFirst\r\nSecond\r\n\r\nNote").rest == "First\nSecond"
    assert command("draft cafe\u0301\x00\x0bhalf \ud83d").rest == "café\nhalf \ufffd"


@pytest.mark.parametrize(
    ("text", "suggestion", "known"),
    [
        ("scedule", "schedule", "schedule"),
        ("/desk scedule 12 tomorrow 9am", "schedule 12 tomorrow 9am", "schedule"),
        ("darft Hello there", "draft Hello there", "draft"),
        ("Queu mine", "queue mine", "queue"),
        ("We ship today", None, None),
        ("hello", None, None),
        ("12", None, None),
    ],
)
def test_other_text_is_answered_with_what_was_meant(text: str, suggestion: str | None, known: str | None) -> None:
    found = parse(text, NETWORKS)
    assert isinstance(found, Usage)
    assert (found.suggestion, found.known) == (suggestion, known)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thread How we cut our bill", Command(word=Word.THREAD, rest="How we cut our bill")),
        (
            "thread How we cut our bill parts=4 for mastodon and bluesky",
            Command(word=Word.THREAD, rest="How we cut our bill", parts="4", networks=("mastodon", "bluesky")),
        ),
        (
            'Thread Our bill for mastodon PARTS=4 tone="warm and plain" brand=acme\n\nFacts',
            Command(
                word=Word.THREAD,
                rest="Our bill",
                networks=("mastodon",),
                parts="4",
                tone="warm and plain",
                brand="acme",
                notes="Facts",
            ),
        ),
        ("draft Our bill tone=dry", Command(word=Word.DRAFT, rest="Our bill", tone="dry")),
        ("draft Our bill tone=“calm, short”", Command(word=Word.DRAFT, rest="Our bill", tone="calm, short")),
        ("draft Our bill parts=many", Command(word=Word.DRAFT, rest="Our bill", parts="many")),
        ("draft What tone=warm means", Command(word=Word.DRAFT, rest="What tone=warm means")),
        ("draft x parts=3 parts=4", Command(word=Word.DRAFT, rest="x parts=3", parts="4")),
        ("thread", Command(word=Word.THREAD)),
        ("adapt 12 for bluesky", Command(word=Word.ADAPT, rest="12", networks=("bluesky",))),
        ("/desk adapt #12 to linkedin", Command(word=Word.ADAPT, rest="#12", networks=("linkedin",))),
        ("adapt 12 bluesky, mastodon", Command(word=Word.ADAPT, rest="12", networks=("bluesky", "mastodon"))),
        (
            "adapt 12 from @for.test for bluesky and mastodon tone=dry parts=2\n\nName the team.",
            Command(
                word=Word.ADAPT,
                rest="12",
                networks=("bluesky", "mastodon"),
                source="@for.test",
                tone="dry",
                parts="2",
                notes="Name the team.",
            ),
        ),
        (
            "image #12 https://e.example/a.jpg?x=y Waves at dusk",
            Command(
                word=Word.IMAGE, rest="#12", links=(Linked(link="https://e.example/a.jpg?x=y", words="Waves at dusk"),)
            ),
        ),
        (
            "image 12 <www.e.example/a.mp4>\n\nWaves\nat dusk",
            Command(
                word=Word.IMAGE, rest="12", links=(Linked(link="https://www.e.example/a.mp4", words="Waves at dusk"),)
            ),
        ),
        ("image 12 ftp://e.example/a", Command(word=Word.IMAGE, rest="12", links=(Linked(link="ftp://e.example/a"),))),
        (
            "image 12 https://e.example/a.jpg The pier\n<https://e.example/b.jpg>\nwww.e.example/c.jpg Sea, see b.jpg",
            Command(
                word=Word.IMAGE,
                rest="12",
                links=(
                    Linked(link="https://e.example/a.jpg", words="The pier"),
                    Linked(link="https://e.example/b.jpg"),
                    Linked(link="https://www.e.example/c.jpg", words="Sea, see b.jpg"),
                ),
            ),
        ),
        (
            "image 12 a pier, see https://e.example style=minimal",
            Command(word=Word.IMAGE, rest="12", notes="a pier, see https://e.example", picture="minimal"),
        ),
        ("image", Command(word=Word.IMAGE)),
        ("image 12", Command(word=Word.IMAGE, rest="12")),
        ("adapt", Command(word=Word.ADAPT)),
        ("adapt 12", Command(word=Word.ADAPT, rest="12")),
    ],
)
def test_threads_and_adaptations_are_read(text: str, expected: Command) -> None:
    assert command(text) == expected


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    for full in (text, f"draft {text}", f"draft x for {text}", f"thread {text}", f"adapt {text}", f"image {text}"):
        with suppress(InvalidInput):
            assert isinstance(parse(full, NETWORKS), Command | Usage)


@given(st.lists(st.sampled_from(["mastodon", "bluesky", "@a", "@b.test"]), min_size=1, max_size=4, unique=True))
def test_networks_written_out_come_back(wanted: list[str]) -> None:
    assert command(f"draft A thing for {','.join(wanted)}").networks == tuple(wanted)


@given(st.from_regex(r"[a-z]{3,10}( [a-z]{3,10}){0,5}\.", fullmatch=True), st.sampled_from(["", "\n\nnotes\n\nmore"]))
def test_a_sentence_with_a_full_stop_is_all_brief(sentence: str, notes: str) -> None:
    found = command(f"draft {sentence}{notes}")
    assert (found.rest, found.networks, found.notes) == (sentence, (), notes.strip())


@pytest.mark.parametrize(
    ("tail", "networks"),
    [
        ("for myspace", ("myspace",)),
        ("for mastodon,nosuch", ("mastodon", "nosuch")),
        ("for mastodon, nosuch", ("mastodon", "nosuch")),
        ("for nosuch,other", ("nosuch", "other")),
        ("for some-other-network", ("some-other-network",)),
        ("for python", ()),
        ("for 1,000", ()),
        ("for speed, clarity", ()),
        ("for the network", ()),
        ("for Mastodon and developers", ()),
        ("for mastodon, bluesky and everybody else", ()),
    ],
)
def test_what_only_a_list_of_networks_looks_like_is_one(tail: str, networks: tuple[str, ...]) -> None:
    parsed = parse(f"draft A faster parser {tail}", ["mastodon", "Mastodon", "bluesky", "Bluesky"])
    assert isinstance(parsed, Command)
    assert parsed.networks == networks
    assert parsed.rest == ("A faster parser" if networks else f"A faster parser {tail}")
