"""Post records are held to their lexicon."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.practice.bluesky import gates, lexicon
from bot.practice.bluesky.schema import FlawError
from tests.bot.practice.driving import record

LINK = {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example"}
REF = {"uri": "at://did:plc:abc/app.bsky.feed.post/3kabcdefghijk", "cid": "bafyreia"}
BLOB = {"$type": "blob", "ref": {"$link": "bafkreia"}, "mimeType": "image/png", "size": 10}
PICTURE = {"image": BLOB, "alt": ""}
FILM = {**BLOB, "mimeType": "video/mp4", "size": 299_999_999}
VTT = {**BLOB, "mimeType": "text/vtt"}


def facet(start: int, end: int, *features: object) -> dict[str, object]:
    """A facet over some bytes."""
    return {"index": {"byteStart": start, "byteEnd": end}, "features": list(features or (LINK,))}


def images(*pictures: object) -> dict[str, object]:
    """An embed of pictures."""
    return {"$type": "app.bsky.embed.images", "images": list(pictures)}


def external(**more: object) -> dict[str, object]:
    """A link card."""
    card = {"uri": "https://a.example", "title": "t", "description": "d", **more}
    return {"$type": "app.bsky.embed.external", "external": card}


def video(**more: object) -> dict[str, object]:
    """A video."""
    return {"$type": "app.bsky.embed.video", "video": FILM, **more}


GOOD: list[dict[str, Any]] = [
    record(""),
    record("a" * 300),
    record("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 120),
    record("hi", langs=["en", "pt-BR", "zh-Hant"], tags=["a" * 64] * 8),
    record("hi", createdAt="2026-11-23T10:00:00+01:00"),
    record("é x", facets=[facet(0, 2), facet(3, 4)]),
    record("@a #b", facets=[facet(0, 2, {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:abc"})]),
    record("@a #b", facets=[facet(3, 5, {"$type": "app.bsky.richtext.facet#tag", "tag": "b"})]),
    record("x", embed=images(*[PICTURE] * 4)),
    record("x", embed=images({**PICTURE, "aspectRatio": {"width": 4, "height": 3}})),
    record("x", embed=video()),
    record("x", embed=video(alt="a" * 1000, aspectRatio={"width": 9, "height": 16}, presentation="default")),
    record("x", embed=video(captions=[{"file": VTT, "lang": "en"}])),
    record("x", embed={"$type": "app.bsky.embed.recordWithMedia", "record": {"record": REF}, "media": video()}),
    record("x", embed=external(thumb=BLOB)),
    record("x", embed={"$type": "app.bsky.embed.record", "record": REF}),
    record("x", embed={"$type": "app.bsky.embed.recordWithMedia", "record": {"record": REF}, "media": external()}),
    record("x", embed={"$type": "app.bsky.embed.gallery",
                       "items": [{**PICTURE, "aspectRatio": {"width": 1, "height": 1}}]}),
    record("x", reply={"root": REF, "parent": REF}),
    record("x", labels={"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}),
]  # fmt: skip

BAD: list[tuple[object, str]] = [
    ("text", "Record must be an object"),
    ({"$type": "app.bsky.feed.post", "text": "x"}, 'Record must have the property "createdAt"'),
    (record("x", mood="good"), 'Record has an unknown property "mood"'),
    (record("x", **{"$type": "app.bsky.feed.like"}), "Record/$type must be app.bsky.feed.post"),
    ({**record("x"), "text": 5}, "Record/text must be a string"),
    (record("half \ud83d"), "Record/text must be a string"),
    (record("a" * 301), "Record/text must not be longer than 300 graphemes"),
    (record("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 121),
     "Record/text must not be longer than 3000 bytes"),
    (record("x", createdAt="2026-11-23"), "Record/createdAt must be a valid atproto datetime"),
    (record("x", createdAt="2026-11-23T09:00:00"), "Record/createdAt must be a valid atproto datetime"),
    (record("x", createdAt="2026-13-23T09:00:00Z"), "Record/createdAt must be a valid atproto datetime"),
    (record("x", langs=["en"] * 4), "Record/langs must not have more than 3 elements"),
    (record("x", langs=["english!"]), "Record/langs/0 must be a well-formed"),
    (record("x", tags=["a"] * 9), "Record/tags must not have more than 8 elements"),
    (record("x", tags=["#a"]), "Record/tags/0 must be a tag without its hash"),
    (record("x", tags=["a" * 65]), "Record/tags/0 must not be longer than 64 graphemes"),
    (record("abc", facets=[facet(2, 2)]), "Record/facets/0/index must lie within the 3 bytes"),
    (record("abc", facets=[facet(0, 4)]), "Record/facets/0/index must lie within the 3 bytes"),
    (record("abc", facets=[facet(-1, 2)]), "Record/facets/0/index/byteStart must be an integer not less than 0"),
    (record("é", facets=[facet(0, 1)]), "Record/facets/0/index must not cut a character in two"),
    (record("éa", facets=[facet(1, 3)]), "Record/facets/0/index must not cut a character in two"),
    (record("abc", facets=[facet(0, 1, {"$type": "app.bsky.richtext.facet#link", "uri": "example.com"})]),
     "features/0/uri must be a uri"),
    (record("abc", facets=[facet(0, 1, {"$type": "app.bsky.richtext.facet#mention", "did": "@abc"})]),
     "features/0/did must be a valid did"),
    (record("abc", facets=[facet(0, 1, {"$type": "app.bsky.richtext.facet#tag", "tag": "#b"})]),
     "features/0/tag must be a tag without its hash"),
    (record("abc", facets=[facet(0, 1, {"$type": "x"})]), "features/0 must be a link, a mention or a tag"),
    (record("abc", facets=[{"index": {"byteStart": 0, "byteEnd": 1}, "features": []}]), "fewer than 1 elements"),
    (record("x", embed=images()), "Record/embed/images must not have fewer than 1 elements"),
    (record("x", embed=images(*[PICTURE] * 5)), "Record/embed/images must not have more than 4 elements"),
    (record("x", embed=images({"image": BLOB})), 'Record/embed/images/0 must have the property "alt"'),
    (record("x", embed=images({**PICTURE, "aspectRatio": {"width": 0, "height": 1}})), "aspectRatio/width must be"),
    (record("x", embed=images({**PICTURE, "aspectRatio": None})), "aspectRatio must be an object"),
    (record("x", embed=images({**PICTURE, "image": {**BLOB, "mimeType": "video/mp4"}})), "must be an image"),
    (record("x", embed={"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example"}}),
     'must have the property "description"'),
    (record("x", embed=external(uri="nowhere")), "Record/embed/external/uri must be a uri"),
    (record("x", embed={"$type": "app.bsky.embed.film"}), "Record/embed is not an embed this server knows"),
    (record("x", embed={"$type": "app.bsky.embed.video"}), 'must have the property "video"'),
    (record("x", embed=video(video=BLOB)), "Record/embed/video must be video/mp4"),
    (record("x", embed=video(alt="a" * 1001)), "Record/embed/alt must not be longer than 1000 graphemes"),
    (record("x", embed=video(aspectRatio={"width": 1.5, "height": 1})), "aspectRatio/width must be an integer"),
    (record("x", embed=video(captions=[{"file": FILM, "lang": "en"}])), "captions/0/file must be text/vtt"),
    (record("x", embed=video(captions=[{"file": VTT, "lang": "en"}] * 21)), "must not have more than 20"),
    (record("x", embed=video(title="Waves")), 'has an unknown property "title"'),
    (record("x", embed={"$type": "app.bsky.embed.recordWithMedia", "record": {"record": REF},
                        "media": {"$type": "app.bsky.embed.record", "record": REF}}),
     "must be pictures, a video or a link card"),
    (record("x", reply={"root": REF}), 'Record/reply must have the property "parent"'),
    (record("x", reply={"root": {**REF, "uri": "https://a.example"}, "parent": REF}), "must be a valid at-uri"),
    (record("x", reply=None), "Record/reply must be an object"),
]  # fmt: skip


@pytest.mark.parametrize("value", GOOD)
def test_sound_records_are_read(value: dict[str, Any]) -> None:
    assert lexicon.read(value).text == value["text"]


@pytest.mark.parametrize(("value", "reason"), BAD)
def test_flaws_are_named(value: object, reason: str) -> None:
    with pytest.raises(FlawError) as caught:
        lexicon.read(value)
    assert reason in str(caught.value)


def test_what_a_record_refers_to_is_collected() -> None:
    media = images(PICTURE, {**PICTURE, "alt": "b"})
    embed = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": REF}, "media": media}
    reading = lexicon.read(record("x", embed=embed, reply={"root": REF, "parent": REF}))
    assert [one.at for one in reading.references] == [
        "Record/reply/root",
        "Record/reply/parent",
        "Record/embed/record/record",
    ]
    assert [(one.cid, one.most) for one in reading.blobs] == [("bafkreia", 2_000_000)] * 2
    assert (reading.parent, reading.root) == (REF["uri"], REF["uri"])


WORDS = st.sampled_from(["$type", "root", "uri", "index", "images", "app.bsky.embed.images", "values", "x"])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@given(field=st.sampled_from(["text", "createdAt", "langs", "facets", "reply", "embed", "tags", "labels"]),
       value=JSON_VALUES)  # fmt: skip
def test_any_json_is_read_or_refused_but_never_breaks_the_reader(field: str, value: object) -> None:
    with suppress(FlawError):
        assert lexicon.read({**record("hello"), field: value}).text


@given(text=st.text(max_size=40), start=st.integers(0, 60), end=st.integers(0, 60))
def test_facets_are_taken_exactly_on_character_boundaries(text: str, start: int, end: int) -> None:
    raw = text.encode("utf-8", "ignore")
    text = raw.decode()
    edges = {len(text[:at].encode()) for at in range(len(text) + 1)}
    fine = start < end and {start, end} <= edges
    try:
        lexicon.read(record(text, facets=[facet(start, end)]))
    except FlawError:
        assert not fine
    else:
        assert fine


THREAD, QUOTES = "app.bsky.feed.threadgate", "app.bsky.feed.postgate"
ROOT = REF["uri"]


def gate(kind: str, **more: object) -> dict[str, object]:
    """A gate beside the post above."""
    return {"$type": kind, "post": ROOT, "createdAt": "2026-11-23T09:00:00.000Z", **more}


def rules(kind: str, *names: str, **more: object) -> list[object]:
    """Rules of a gate."""
    return [{"$type": f"{kind}#{name}", **more} for name in names]


@pytest.mark.parametrize(
    "record",
    [
        gate(THREAD),
        gate(THREAD, allow=[], hiddenReplies=[ROOT] * 300),
        gate(THREAD, allow=rules(THREAD, "mentionRule", "followingRule", "followerRule")),
        gate(THREAD, allow=rules(THREAD, "listRule", list="at://did:plc:abc/app.bsky.graph.list/3k")),
        gate(QUOTES, embeddingRules=rules(QUOTES, "disableRule"), detachedEmbeddingUris=[ROOT] * 50),
    ],
)
def test_a_sound_gate_is_read(record: dict[str, object]) -> None:
    kind = str(record["$type"])
    assert gates.read(record, gates.beside(ROOT, kind), kind) == record


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (gate(THREAD, post=f"{ROOT}x"), "Record/post must be the post"),
        (gate(THREAD, allow=None), "Record/allow must be an array"),
        (gate(THREAD, allow=rules(THREAD, *["mentionRule"] * 6)), "Record/allow must not have more"),
        (gate(THREAD, allow=rules(THREAD, "everyone")), "Record/allow/0 must be a rule"),
        (gate(THREAD, allow=rules(QUOTES, "mentionRule")), "Record/allow/0 must be a rule"),
        (gate(THREAD, allow=["mentionRule"]), "Record/allow/0 must be a rule"),
        (gate(THREAD, allow=rules(THREAD, "mentionRule", list=ROOT)), "Record/allow/0 has an unknown property"),
        (gate(THREAD, allow=rules(THREAD, "listRule")), "Record/allow/0 must have the property"),
        (gate(THREAD, hiddenReplies=["x"]), "Record/hiddenReplies/0 must be"),
        (gate(THREAD, embeddingRules=[]), 'unknown property "embeddingRules"'),
        (gate(QUOTES, embeddingRules=rules(QUOTES, "mentionRule")), "Record/embeddingRules/0 must be a rule"),
        (gate(QUOTES, detachedEmbeddingUris=[ROOT] * 51), "Record/detachedEmbeddingUris must not have more"),
        (gate(QUOTES, allow=[]), 'unknown property "allow"'),
    ],
)
def test_a_flaw_of_a_gate_is_named(record: dict[str, object], place: str) -> None:
    kind = str(record["$type"])
    with pytest.raises(FlawError, match=place):
        gates.read(record, gates.beside(ROOT, kind), kind)
