"""The shared text helpers: counting, finding, cutting without loss, reading HTML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text import (
    apart,
    count_graphemes,
    find_bare_domains,
    find_hashtags,
    find_links,
    find_mentions,
    fingerprint,
    html_to_text,
    nfc,
    replace_spans,
    split_text,
    tidy_sentence,
)

WORDS = st.sampled_from(
    [
        "One",
        "two",
        "three.",
        "Four!",
        "\n\n",
        "\n",
        "日本語。",
        "👨‍👩‍👧‍👦",
        "cafe\u0301",
        "https://example.com/a/long/path?x=1",
        "#tag",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join))


def bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("👨‍👩‍👧‍👦", 1), ("日本語テスト", 6), ("cafe\u0301", 4), ("🇫🇷", 1), ("🙋🏽", 1), ("a\r\nb", 3)],
)
def test_counts_what_people_see(text: str, count: int) -> None:
    assert count_graphemes(text) == count


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.com.", ["https://example.com"]),
        ("(https://example.com/a_(b)) ok", ["https://example.com/a_(b)"]),
        ("https://a.b/c?d=e#f, http://x.y!", ["https://a.b/c?d=e#f", "http://x.y"]),
        ("日本https://example.com/道。", ["https://example.com/道"]),
        ("HTTPS://EXAMPLE.COM", ["HTTPS://EXAMPLE.COM"]),
        ("xhttps://example.com ftp://a.b https:// example.com", []),
        ('<https://example.com> "https://b.c"', ["https://example.com", "https://b.c"]),
        ("_https://example.com/a_", ["https://example.com/a"]),
        ("https://example.comをご覧ください", ["https://example.com"]),
        ("https://example.com:8080、https://b.de❤", ["https://example.com:8080", "https://b.de"]),
        (
            "https://例え.jp/道 https://müller.vermögensberater",
            ["https://例え.jp/道", "https://müller.vermögensberater"],
        ),
    ],
)
def test_finds_links(text: str, links: list[str]) -> None:
    found = find_links(text)
    assert [span.text for span in found] == links
    assert all(text[span.start : span.end] == span.text for span in found)


def test_bare_domains_are_neither_links_nor_mail_nor_files() -> None:
    text = "example.com/a. node.js e.g. me@example.com @a@example.org https://example.net/x.com main.py Example.org"
    assert [span.text for span in find_bare_domains(text)] == ["example.com/a", "Example.org"]


def test_finds_mentions_and_hashtags_outside_links() -> None:
    text = "@bob@example.com, a@b.com @x https://m.example/@ann@b.c/#no #yes #2 #त्योहार a#no"
    assert [span.text for span in find_mentions(text)] == ["@bob@example.com"]
    assert [span.text for span in find_hashtags(text)] == ["#yes", "#त्योहार"]


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("(@ann.b@m.example), @@bob@m.example:", ["@ann.b@m.example", "@bob@m.example"]),
        ("?by=@ann@m.example a@ann@m.example /@ann@m.example", []),
        ("@ann@m @ann@mail@m.example @ann@my://x", []),
        ("@ann.@m.example @_@höst.example.", ["@_@höst.example"]),
    ],
)
def test_a_mention_of_somebody_elsewhere(text: str, mentions: list[str]) -> None:
    assert [span.text for span in find_mentions(text)] == mentions


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("❤️#love 👋🏽#hi", ["#love", "#hi"]),
        ("#️⃣ and #1️⃣ are emoji", []),
        ("e\u0301#no ＃全角", ["＃全角"]),
    ],
)
def test_an_emoji_is_no_word_and_no_tag(text: str, tags: list[str]) -> None:
    assert [span.text for span in find_hashtags(text)] == tags


@pytest.mark.parametrize(
    "text",
    [
        "@" + "a" * 50_000,
        "#a " * 30_000,
        "https://a.co/" + ")" * 100_000,
        "https://a.co #c " * 10_000,
        "https://a.coを" * 3_000,
        "a." * 100_000,
    ],
    ids=range(6),
)
def test_no_text_is_read_again_and_again(text: str) -> None:
    started = time.process_time()
    find_bare_domains(text)
    apart((*find_links(text), *find_mentions(text), *find_hashtags(text)))
    assert time.process_time() - started < 2  # tenths at most; squared, it would be many seconds


def test_a_long_text_is_split_in_one_walk() -> None:
    read = 0

    def fits(part: str) -> bool:
        nonlocal read
        read += len(part)
        return len(part) <= 280

    text = "Words, and then. " * 3_000 + "." * 3_000
    parts = split_text(text, fits)
    assert bare("".join(parts)) == bare(text)
    assert read < 60 * len(text)


def test_a_long_address_that_counts_little_stays_whole() -> None:
    link = "https://example.com/" + "a" * 1500

    def fits(part: str) -> bool:
        return len(part.replace(link, "x" * 23)) <= 280

    assert split_text(f"{'word ' * 60}{link}", fits)[-1].endswith(link)


def test_replaces_spans_in_any_order() -> None:
    spans = find_links("a https://b.c d https://e.f g")
    assert replace_spans("a https://b.c d https://e.f g", ((s, "X") for s in reversed(spans))) == "a X d X g"


def test_splits_at_paragraphs_then_sentences_then_words() -> None:
    assert split_text("One two.\n\nThree four.", lambda t: len(t) <= 12) == ("One two.", "Three four.")
    assert split_text("One two. Three four.", lambda t: len(t) <= 15) == ("One two.", "Three four.")
    assert split_text("see e.g. the one", lambda t: len(t) <= 12) == ("see e.g. the", "one")
    assert split_text("abcdefgh", lambda t: len(t) <= 3) == ("abc", "def", "gh")
    assert split_text("日本語。日本", lambda t: len(t) <= 5) == ("日本語。", "日本")


def test_a_short_text_is_one_part_and_nothing_is_none() -> None:
    assert split_text("  hello ", lambda _: True) == ("hello",)
    assert split_text(" \n ", lambda _: True) == ()


def test_a_link_is_kept_whole_when_it_fits() -> None:
    link = "https://example.com/abc"
    assert split_text(f"日本語日本語{link}", lambda t: len(t) <= 24) == ("日本語日本語", link)
    assert split_text(f"word. {link}", lambda t: len(t) <= 24) == ("word.", link)


@given(TEXTS, st.integers(min_value=1, max_value=60))
def test_splitting_loses_nothing_and_each_part_fits(text: str, limit: int) -> None:
    parts = split_text(text, lambda t: count_graphemes(t) <= limit)
    assert bare("".join(parts)) == bare(text)
    assert all(part == part.strip() and part for part in parts)
    assert all(count_graphemes(part) <= limit for part in parts)


@given(TEXTS)
def test_splitting_ends_even_when_nothing_fits(text: str) -> None:
    assert bare("".join(split_text(text, lambda _: False))) == bare(text)


HTML = (
    '<p>Hi <a href="https://example.com/very/long?a=1&amp;b=2" rel="nofollow"><span class="invisible">https://</span>'
    '<span class="ellipsis">example.com/very</span><span class="invisible">/long?a=1&amp;b=2</span></a> &lt;3 '
    '<span class="h-card"><a href="https://other.example/@ann" class="u-url mention">@<span>ann</span></a></span> '
    '<a href="https://m.example/tags/news" class="mention hashtag" rel="tag">#<span>news</span></a></p>'
    "<p>two<br />lines</p><script>no()</script>"
)


def test_reads_html_with_link_targets() -> None:
    assert html_to_text(HTML) == "Hi https://example.com/very/long?a=1&b=2 <3 @ann #news\n\ntwo\nlines"
    shown = html_to_text('<p><a href="https://x.example/">here</a></p>', link_targets=False)
    assert shown == "here"


def test_reads_broken_html() -> None:
    assert html_to_text('<p>a <a href="https://x.example/">b') == "a https://x.example/"
    assert html_to_text("a < b & c </p></a>") == "a < b & c"


def test_a_fingerprint_survives_rendering() -> None:
    sent = "Hi  https://example.com/very/long?a=1&b=2 <3 @ann@other.example #news\n\ntwo\nlines"
    assert fingerprint(sent) == fingerprint(html_to_text(HTML))
    assert fingerprint("cafe\u0301") == fingerprint("café")
    assert fingerprint("one") != fingerprint("One")


@given(st.text())
def test_a_fingerprint_has_no_white_space_and_is_stable(text: str) -> None:
    once = fingerprint(text)
    assert not any(c.isspace() for c in once)
    assert fingerprint(nfc(text)) == once


@given(st.text())
def test_strangers_html_never_crashes(text: str) -> None:
    html_to_text(text)
    find_bare_domains(text)
    find_hashtags(text)


def test_tidies_a_strangers_sentence() -> None:
    assert tidy_sentence(" a\x00b\r\n\u202ec\x1b[31m ") == "a b c [31m"
    assert tidy_sentence("x" * 10, limit=5) == "xxxx…"
