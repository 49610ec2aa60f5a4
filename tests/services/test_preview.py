"""Link cards from untrusted pages: the right facts, within bounds, and never an exception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.preview import MAX_DESCRIPTION, MAX_TITLE, Preview, picture_type, read_preview

URL = "https://driftseas.com/notes/tides"


def _read(page: str | bytes, content_type: str = "text/html") -> Preview | None:
    raw = page.encode() if isinstance(page, str) else page
    return read_preview(raw, url=URL, content_type=content_type)


def test_open_graph_comes_first() -> None:
    page = """<!doctype html><html><head><title>Plain</title>
    <META NAME="description" CONTENT="plain words">
    <meta property="og:title" content="Tides &amp; time"/>
    <meta property='og:description' content='How
      the sea  moves'>
    <meta property="og:image" content="https://cdn.example/t.jpg?a=1&amp;b=2">
    <meta property="og:title" content="second"></head><body></body></html>"""
    assert _read(page) == Preview(
        title="Tides & time", description="How the sea moves", image="https://cdn.example/t.jpg?a=1&b=2"
    )


def test_twitter_and_plain_tags_fill_in() -> None:
    page = (
        "<title>Plain &lt;b&gt;</title><meta name=twitter:description content=words>"
        "<meta name=twitter:image content=t.jpg>"
    )
    assert _read(page) == Preview(title="Plain <b>", description="words", image="https://driftseas.com/notes/t.jpg")


def test_a_secure_picture_is_preferred() -> None:
    page = (
        "<title>t</title><meta property=og:image content=http://a.example/t.jpg>"
        "<meta property=og:image:secure_url content=https://a.example/t.jpg>"
    )
    assert _read(page) == Preview(title="t", image="https://a.example/t.jpg")


@pytest.mark.parametrize(
    ("image", "absolute"),
    [
        ("/t.jpg", "https://driftseas.com/t.jpg"),
        ("//cdn.example/t.jpg", "https://cdn.example/t.jpg"),
        ("data:image/png;base64,AAAA", ""),
        ("javascript:alert(1)", ""),
        ("https://user:pass@a.example/t.jpg", ""),
        ("https://[::1", ""),
        (f"https://a.example/{'x' * 2000}", ""),
    ],
)
def test_picture_addresses(image: str, absolute: str) -> None:
    assert _read(f'<title>t</title><meta property="og:image" content="{image}">') == Preview(title="t", image=absolute)


def test_a_base_moves_relative_addresses() -> None:
    page = "<base href=/static/><title>t</title><meta property=og:image content=t.jpg>"
    assert _read(page) == Preview(title="t", image="https://driftseas.com/static/t.jpg")


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        ("<title>Gezeiten für Küsten</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ('<meta charset="windows-1252"><title>Gezeiten für Küsten</title>'.encode("cp1252"), "text/html"),
        ("<title>Gezeiten für Küsten</title>".encode(), "text/html; charset=no-such-thing"),
        ("<title>Gezeiten für Küsten</title>".encode(), "text/html; charset=punycode"),
        ("<title>Gezeiten für Küsten</title>".encode(), "text/html; charset=base64"),
        ("<title>Gezeiten für Küsten</title>".encode("utf-8-sig"), ""),
        (b"\xff\xfe" + "<title>Gezeiten für Küsten</title>".encode("utf-16-le"), "application/xhtml+xml"),
    ],
)
def test_character_sets(raw: bytes, content_type: str) -> None:
    assert _read(raw, content_type) == Preview(title="Gezeiten für Küsten")


@pytest.mark.parametrize(
    ("page", "content_type"),
    [
        ("<title>t</title>", "application/pdf"),
        ("<title>t</title>", "image/png"),
        ("", "text/html"),
        ("<title> \n </title>", "text/html"),
        ("<p>no title", "text/html"),
        ("<body><title>too late</title>", "text/html"),
        ("<!-- <title>t</title> -->", "text/html"),
        ("<script>'<title>t</title>'</script>", "text/html"),
    ],
)
def test_pages_without_a_title_give_nothing(page: str, content_type: str) -> None:
    assert _read(page, content_type) is None


def test_only_the_first_title_counts() -> None:
    assert _read("<title>Page</title><svg><title>Icon</title></svg>") == Preview(title="Page")


def test_declarations_that_trip_the_parser_keep_what_was_read() -> None:
    assert _read("<title>t</title><![foo[ x ]]><meta name=description content=x>") in {
        Preview(title="t"),
        Preview(title="t", description="x"),  # parsers of newer Pythons read on
    }
    assert _read("<!DOCTYPE html [ <!x ]><![CDATA[x]]><![if IE]><title>t</title>") == Preview(title="t")


def test_a_long_script_before_the_facts_is_passed_over() -> None:
    page = f"<title>t</title><script>{'x' * 100_000}</script><meta property=og:description content=words>"
    assert _read(page) == Preview(title="t", description="words")


def test_facts_are_short_and_clean() -> None:
    found = _read(f"<title>{'a' * 5000}</title><meta name=description content='x\u202ey\x07 {'b' * 5000}'>")
    assert found is not None
    assert (len(found.title), found.title[-2:]) == (MAX_TITLE, "a…")
    assert (len(found.description), found.description[:6]) == (MAX_DESCRIPTION, "x y bb")


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<!", "<", "&", "<meta ", "<a b='", "<a a ", "<?", "<![CDATA[", "</", "<script>", "<b>"],
)
def test_endless_nonsense_gives_nothing(piece: str) -> None:
    assert _read(piece * (300_000 // len(piece))) is None


_TAGS = st.sampled_from(
    [
        "<title>",
        "</title>",
        "<meta property=og:title content=",
        "<meta ",
        "'",
        '"',
        ">",
        "<",
        "/",
        "&#x110000;",
        "&amp",
        "<![",
        "[",
        "]>",
        "<!",
        "<!--",
        "-->",
        "<?",
        "<base href=",
    ]
)
_ANYTHING = st.one_of(
    st.binary(max_size=200), st.lists(st.one_of(_TAGS, st.text(max_size=5)), max_size=40).map("".join)
)


@given(_ANYTHING, st.text(max_size=30))
def test_any_bytes_are_survived(page: str | bytes, charset: str) -> None:
    raw = page.encode("utf-8", "replace") if isinstance(page, str) else page
    found = read_preview(raw, url=URL, content_type=f"text/html; charset={charset}")
    if found is not None:
        assert 0 < len(found.title) <= MAX_TITLE
        assert len(found.description) <= MAX_DESCRIPTION
        assert found.image == "" or found.image.startswith(("http://", "https://"))
        (found.title + found.description).encode()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"<svg xmlns=", None),
        (b"", None),
    ],
)
def test_pictures_are_known_by_their_bytes(data: bytes, kind: str | None) -> None:
    assert picture_type(data) == kind
