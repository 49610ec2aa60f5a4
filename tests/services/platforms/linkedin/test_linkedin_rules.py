"""Little text is written so that nothing is cut off, and LinkedIn's way of counting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.practice.linkedin import littletext as theirs
from services.marks import MarkKind
from services.platforms.linkedin import SPEC
from services.platforms.linkedin.littletext import RESERVED, escape, escape_plain, unescape
from services.platforms.linkedin.rules import COMMENT, LIMITS, LinkedInRules, length_of

RULES = LinkedInRules()
ACME = "@[Acme Inc](urn:li:organization:12345)"


def test_the_published_vector_holds() -> None:
    text = r"Ship it (beta) #launch off_now [v2] a\b ~ok"
    assert escape_plain(text) == r"Ship it \(beta\) \#launch off\_now \[v2\] a\\b \~ok"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("plain", "plain"),
        ("Ship it #launch", r"Ship it {hashtag|\#|launch}"),
        ("#one#two #3 a#b #off_now", r"{hashtag|\#|one}\#two \#3 a\#b {hashtag|\#|off\_now}"),
        ("❤️#love", r"❤️{hashtag|\#|love}"),
        ("#️⃣ 1️⃣ #1️⃣", r"\#️⃣ 1️⃣ \#1️⃣"),
        ("＃全角", "＃全角"),
        ("#größe, #日本", r"{hashtag|\#|größe}, {hashtag|\#|日本}"),
        ("https://a.example/x_y#frag(1)", r"https://a.example/x\_y\#frag\(1\)"),
        (f"with {ACME}!", f"with {ACME}!"),
        ("@[A_b](urn:li:person:x-1)", r"@[A\_b](urn:li:person:x-1)"),
        ("@[No](urn:li:share:1)", r"\@\[No\]\(urn:li:share:1\)"),
        ("mail@example.com @name", r"mail\@example.com \@name"),
        ("{hashtag|#|x}", r"\{hashtag\|\#\|x\}"),
    ],
)
def test_tags_and_mentions_work_and_all_else_means_itself(text: str, written: str) -> None:
    assert escape(text) == written
    assert unescape(written) == text


SIGNS = st.lists(
    st.sampled_from([*RESERVED, *"ab 1_é日\n.:/＃\ufe0f\u20e3", "#tag", ACME, "https://a.example/_"]), max_size=40
).map("".join)


@given(SIGNS | st.text(max_size=60))
def test_what_is_written_reads_as_it_was_meant(text: str) -> None:
    assert unescape(escape(text)) == text


@given(SIGNS | st.text(max_size=60))
def test_another_reader_of_little_text_finds_nothing_cut_off(text: str) -> None:
    assert theirs.read(escape(text))[0] == text


def test_a_bare_sign_would_have_cut_the_post() -> None:
    assert theirs.read("Ship it (beta) now")[0] == "Ship it "


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("日本", 2), ("👨‍👩‍👧‍👦", 7), ("cafe\N{COMBINING ACUTE ACCENT}", 4), ("a_b", 3), (f"by {ACME}", 11)],
)
def test_characters_are_counted_as_readers_see_them(text: str, length: int) -> None:
    assert length_of(text) == length


def test_too_long_blocks_and_much_escaping_warns() -> None:
    over = RULES.measure("a" * 3001, LIMITS)
    assert (over.length, over.limit, over.valid) == (3001, 3000, False)
    assert [(p.code, p.fix) for p in over.problems] == [("too_long", "Shorten by 1.")]
    close = RULES.measure("_" * 1600, LIMITS)
    assert close.valid
    assert [(p.code, p.severity.value) for p in close.problems] == [("long_in_writing", "warn")]
    assert RULES.measure("a" * 3000, LIMITS).problems == ()
    assert [p.code for p in RULES.measure("a\ud800", LIMITS).problems] == ["bad_character"]


@given(st.text(alphabet="ab .\n_日", min_size=1, max_size=900))
def test_the_parts_after_the_first_fit_into_comments(text: str) -> None:
    small = replace(LIMITS, text=120)
    parts = RULES.split(text, small)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(length_of(part) <= 120 for part in parts)
    long = RULES.split("word " * 1500, LIMITS)
    assert len(long[0]) > COMMENT
    assert all(len(part) <= COMMENT for part in long[1:])


def test_marks_show_names_instead_of_urns() -> None:
    text = f"{ACME} ships #it: https://a.example/x"
    assert [(m.kind, m.shown, m.href) for m in SPEC.marks(text)] == [
        (MarkKind.MENTION, "Acme Inc", ""),
        (MarkKind.TAG, "#it", ""),
        (MarkKind.LINK, "https://a.example/x", "https://a.example/x"),
    ]
    assert {option.name: option.default for option in SPEC.options} == {
        "visibility": "PUBLIC",
        "poll": "",
        "poll_question": "",
        "poll_duration": "ONE_DAY",
    }
