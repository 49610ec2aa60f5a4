"""Finding a post again: the text as rendered, its place, its time, and never a guess."""

from __future__ import annotations

import html
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import NeedsReauth, OutcomeUnknown, Unavailable
from services.ports.http import Effect
from services.text import find_hashtags, find_links, find_mentions, fingerprint, html_to_text
from tests.fakes.http import FakeHttp
from tests.services.platforms.mastodon.helpers import BASE, NOW, account, me, part, picture, receipt, roles, status

if TYPE_CHECKING:
    from services.domain.delivery import Receipt

PIECES = st.sampled_from(
    [
        "Hi",
        " ",
        "\n",
        "\n\n",
        " <b>&amp; ",
        '"q"',
        " https://example.com/a/long/path?x=1&y=<2 ",
        " @ann@other.example ",
        " #Tag ",
        "é",
        "日本",
    ]
)
LIST = "/api/v1/accounts/109/statuses"
OLD = "2026-03-02T08:00:00.000Z"


async def find(http: FakeHttp, **changes: Any) -> Receipt | None:
    finder = roles(http, known=account()).finder
    assert finder is not None
    return await finder.find(part(**changes))


async def test_finds_the_text_as_the_server_rendered_it() -> None:
    sent = "Hi  https://example.com/very/long?a=1&b=2 <3\n\n@ann@other.example #News cafe\u0301"
    shown = (
        '<p>Hi <a href="https://example.com/very/long?a=1&amp;b=2"><span class="invisible">https://</span>'
        '<span class="ellipsis">example.com/very</span><span class="invisible">/long?a=1&amp;b=2</span></a> &lt;3</p>'
        '<p><span class="h-card"><a href="https://other.example/@ann" class="u-url mention">@<span>ann</span></a>'
        "</span> "
        f'<a href="{BASE}/tags/News" class="mention hashtag" rel="tag">#<span>News</span></a> café</p>'
    )
    http = FakeHttp().on(
        "GET", LIST, json_body=[status("200", "<p>Other</p>"), status("199", shown), status("1", created_at=OLD)]
    )
    live = await find(http, text=sent)
    assert live is not None
    assert (live.remote_id, live.part, live.url) == ("199", 0, f"{BASE}/@driftseas/199")
    [request] = http.requests
    assert request.effect is Effect.READ
    assert dict(request.params) == {"limit": "40", "exclude_reblogs": "true"}


def rendered(text: str) -> str:
    """What Mastodon makes of a text: paragraphs, breaks, shortened links, bare mentions."""
    out, at = [], 0
    for span in sorted((*find_links(text), *find_mentions(text), *find_hashtags(text)), key=lambda s: s.start):
        word, start = html.escape(span.text), span.start
        if span.text.startswith("http"):
            shown = f'<span class="invisible">https://</span><span class="ellipsis">{word[8:20]}</span>{word[20:]}'
            word = f'<a href="{word}" target="_blank">{shown}</a>'
        elif span.text.startswith("@"):
            name = span.text[1:].partition("@")[0]
            link = f'<a href="https://h.example/@x" class="u-url mention">@<span>{name}</span></a>'
            word = f'<span class="h-card">{link}</span>'
        else:
            word = f'<a href="https://h.example/tags/x" rel="tag">#<span>{word[1:]}</span></a>'
        out += [html.escape(text[at:start]), word]
        at = span.end
    body = "".join([*out, html.escape(text[at:])]).strip()
    return "<p>" + body.replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>"


@given(st.lists(PIECES, min_size=1, max_size=30).map("".join))
def test_whatever_is_sent_is_recognised_and_nothing_else(text: str) -> None:
    assert fingerprint(html_to_text(rendered(text))) == fingerprint(text)
    assert fingerprint(html_to_text(rendered(f"{text} more"))) != fingerprint(text)


async def test_a_boost_that_repeats_the_words_is_not_it() -> None:
    posts = [status("9", reblog=status("8")), status("1", created_at=OLD)]
    http = FakeHttp().on("GET", LIST, json_body=posts)
    assert await find(http) is None


async def test_nothing_is_certain_before_the_list_reaches_back_far_enough() -> None:
    http = FakeHttp().on("GET", LIST, json_body=[status("20", "<p>a</p>"), status("19", "<p>b</p>")])
    http.on("GET", LIST, json_body=[status("18"), status("1", created_at=OLD)])
    live = await find(http)
    assert live is not None
    assert live.remote_id == "18"
    assert dict(http.requests[1].params)["max_id"] == "19"
    http.finish()


async def test_the_servers_own_next_page_is_followed() -> None:
    link = f'<{BASE}/{LIST}?min_id=3>; rel="prev", <{BASE}/{LIST}?limit=40&max_id=01ABC>; rel="next"'
    http = FakeHttp().on("GET", LIST, json_body=[status("20", "<p>a</p>")], headers={"Link": link})
    http.on("GET", LIST, json_body=[])
    http.on("GET", "/20/source", status=404)
    assert await find(http) is None
    assert dict(http.requests[1].params)["max_id"] == "01ABC"


async def test_absent_when_all_since_then_was_seen() -> None:
    http = FakeHttp().on("GET", LIST, json_body=[status("1", created_at=OLD)])
    assert await find(http) is None
    http.on("GET", LIST, json_body=[])
    assert await find(http) is None


async def test_an_older_post_with_the_same_words_is_not_it() -> None:
    http = FakeHttp().on("GET", LIST, json_body=[status("5", created_at="2026-03-02T08:56:59Z")])
    assert await find(http) is None


async def test_a_server_whose_clock_is_late_is_read_further_back() -> None:
    date = format_datetime(NOW - timedelta(minutes=30), usegmt=True)
    posts = [status("5", created_at="2026-03-02T08:29:30Z"), status("1", created_at=OLD)]
    http = FakeHttp().on("GET", LIST, json_body=posts, headers={"Date": date})
    live = await find(http)
    assert live is not None
    assert live.remote_id == "5"


async def test_without_a_start_the_first_claim_counts() -> None:
    http = FakeHttp().on(
        "GET", LIST, json_body=[status("5", created_at="2026-03-02T08:54:00Z"), status("1", created_at=OLD)]
    )
    live = await find(http, since=None)
    assert live is not None
    assert live.remote_id == "5"


async def test_the_same_words_elsewhere_or_already_known_are_not_it() -> None:
    posts = [
        status("9", in_reply_to_id="5"),
        status("8", in_reply_to_id="111"),
        status("7"),
        status("1", created_at=OLD),
    ]
    http = FakeHttp().on("GET", LIST, json_body=posts)
    live = await find(http, index=1, receipts=(receipt("111"),))
    assert live is not None
    assert (live.remote_id, live.part) == ("8", 1)
    http.on("GET", LIST, json_body=[status("8", in_reply_to_id="111"), status("1", created_at=OLD)])
    assert await find(http, index=2, receipts=(receipt("111"), receipt("8", 1))) is None


async def test_the_source_tells_where_the_html_does_not() -> None:
    posts = [status("9", "<p>“Hello” <b>all</b></p>"), status("8", "<p>x</p>"), status("1", created_at=OLD)]
    http = FakeHttp().on("GET", LIST, json_body=posts)
    http.on("GET", "/statuses/9/source", json_body={"id": "9", "text": '"Hello" **all**', "spoiler_text": ""})
    live = await find(http, text='"Hello" **all**')
    assert live is not None
    assert live.remote_id == "9"


async def test_the_text_some_servers_add_tells_too() -> None:
    http = FakeHttp().on("GET", LIST, json_body=[status("9", "<p>x</p>", text="Hello"), status("1", created_at=OLD)])
    live = await find(http)
    assert live is not None
    assert live.remote_id == "9"


async def test_uploads_identify_a_post_without_words() -> None:
    pictures, handles = (picture(),), {"media.0": "m1"}
    posts = [status("9", "", media_attachments=[{"id": "m1"}]), status("1", created_at=OLD)]
    http = FakeHttp().on("GET", LIST, json_body=posts)
    live = await find(http, text="", media=pictures, handles=handles)
    assert live is not None
    assert live.remote_id == "9"
    posts = [status("9", "", media_attachments=[{"id": "other"}]), status("1", created_at=OLD)]
    http.on("GET", LIST, json_body=posts)
    with pytest.raises(OutcomeUnknown, match="nobody can tell"):
        await find(http, text="", media=pictures, handles=handles)
    http.on("GET", LIST, json_body=[status("9", "<p>words</p>"), status("1", created_at=OLD)])
    assert await find(http, text="", media=pictures, handles=handles) is None


async def test_a_list_that_can_not_be_read_whole_leaves_it_open() -> None:
    http = FakeHttp()
    for page in range(10):
        http.on("GET", LIST, json_body=[status(str(100 - page), f"<p>{page}</p>")])
    with pytest.raises(OutcomeUnknown, match="could not all be read"):
        await find(http)
    http.finish()


async def test_a_server_that_ignores_the_page_leaves_it_open() -> None:
    http = (
        FakeHttp()
        .on("GET", LIST, json_body=[status("9", "<p>a</p>")])
        .on("GET", LIST, json_body=[status("9", "<p>a</p>")])
    )
    with pytest.raises(OutcomeUnknown):
        await find(http)
    http.finish()


async def test_refusals_never_become_absence() -> None:
    http = FakeHttp().on("GET", LIST, status=404, json_body={"error": "Record not found"})
    with pytest.raises(OutcomeUnknown):
        await find(http)
    http.on("GET", LIST, body="<html>")
    with pytest.raises(Unavailable):
        await find(http)
    http.on("GET", LIST, json_body=[{"id": "9"}])
    with pytest.raises(Unavailable):
        await find(http)
    http.on("GET", LIST, status=403, json_body={"error": "This action is outside the authorized scopes"})
    with pytest.raises(NeedsReauth, match="read:statuses"):
        await find(http)
    http.on("GET", LIST, lost=True)
    with pytest.raises(Unavailable):
        await find(http)


async def test_asks_who_we_are_when_the_account_is_not_stored() -> None:
    http = FakeHttp().on("GET", "/verify_credentials", json_body=me()).on("GET", LIST, json_body=[])
    finder = roles(http).finder
    assert finder is not None
    assert await finder.find(part()) is None
    http.finish()
