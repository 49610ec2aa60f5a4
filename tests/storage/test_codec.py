"""Values as text and back, also across versions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from services.domain.account import DocumentLimits, Limits, PollLimits, VideoLimits
from services.domain.delivery import Receipt
from services.domain.ids import AccountId, BrandId, Digest, DraftId, PersonId, PlatformSlug
from services.domain.insight import Finding, Report
from services.domain.media import (
    Attachment,
    MediaItem,
    Medium,
    Picture,
    PictureOrigin,
    PictureStyle,
    PictureWish,
    Slide,
    VideoFacts,
)
from services.domain.metrics import Moods
from services.domain.post import Outline, PictureJob, Variant
from storage import codec
from storage.types import DraftNumber, Instant, draft_number
from tests.builders import a_brand, a_picture, a_receipt, a_variant, an_approval, an_attachment, an_outline, some_limits

DIALECT = sqlite.dialect()
texts = st.text(st.characters(exclude_categories=["Cs"]))
words = st.dictionaries(texts, texts)
instants = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)).map(  # noqa: DTZ001 - made aware next
    lambda at: at.replace(tzinfo=UTC)
)
items = st.builds(
    MediaItem,
    digest=texts.map(Digest),
    mime=texts,
    width=st.integers(0),
    height=st.integers(0),
    size=st.integers(0),
)
styles = st.sampled_from(PictureStyle)
origins = st.builds(
    PictureOrigin,
    made_with=texts,
    style=styles,
    prompt=texts,
    take=st.integers(0),
    contrast=st.none() | st.floats(1, 21),
)
facts = st.builds(
    VideoFacts,
    seconds=st.floats(0, 9e4),
    frame_rate=st.floats(0, 240),
    codec=texts,
    audio=texts,
    streamable=st.booleans(),
)
files = st.builds(
    MediaItem,
    digest=texts.map(Digest),
    mime=texts,
    width=st.integers(0),
    height=st.integers(0),
    size=st.integers(0),
    video=st.none() | facts,
    pages=st.none() | st.integers(0),
)
attachments = st.builds(Attachment, item=files, alt=texts, poster=st.none() | items)
pictures = st.builds(Picture, item=items, alt=texts, origin=st.none() | origins, fitted=texts, whole=st.none() | items)
lines = st.lists(texts).map(tuple)
reports = st.builds(
    Report,
    since=instants,
    until=instants,
    zone=texts,
    platform=texts,
    posts=st.integers(0),
    sentences=lines,
    findings=st.lists(st.builds(Finding, kind=texts, text=texts, posts=st.integers(0), basis=texts)).map(tuple),
    planned=lines,
    waiting=lines,
    moods=st.none() | st.builds(Moods, warm=st.integers(0), unread=st.integers(0)),
    gaps=lines,
    picture=st.none() | pictures,
)
wishes = st.builds(PictureWish, prompt=texts, style=st.none() | styles, take=st.integers(0))
variants = st.builds(
    Variant,
    account_id=texts.map(AccountId),
    platform=texts.map(PlatformSlug),
    parts=st.lists(texts).map(tuple),
    media=st.lists(pictures | attachments).map(tuple),
    options=words,
)
pairs = st.tuples(st.floats(0, 9e4), st.floats(0, 9e4))
videos = st.builds(VideoLimits, size=st.integers(0), types=lines, seconds=st.none() | pairs, ratio=st.none() | pairs)
limits = st.builds(
    Limits,
    text=st.integers(0),
    unit=texts,
    image_ratio=st.none() | pairs,
    video=st.none() | videos,
    document=st.none() | st.builds(DocumentLimits, size=st.integers(0), pages=st.none() | st.integers(0), types=lines),
    poll=st.none() | st.builds(PollLimits, answers=st.integers(2), characters=st.integers(1)),
    choices=st.lists(st.tuples(texts, lines)).map(tuple),
)
receipts = st.builds(
    Receipt,
    part=st.integers(0),
    remote_id=texts,
    url=texts,
    at=instants,
    extra=words,
    corrected=texts,
    taken_down_at=st.none() | instants,
)


@given(limits)
def test_limits_come_back_equal(value: Limits) -> None:
    assert codec.load_limits(codec.dump_limits(value)) == value


@given(st.lists(variants).map(tuple))
def test_variants_come_back_equal(value: tuple[Variant, ...]) -> None:
    assert codec.load_variants(codec.dump_variants(value)) == value


@given(st.lists(st.lists(pictures | attachments, min_size=1).map(tuple)).map(tuple))
def test_slides_come_back_equal(value: tuple[tuple[Medium, ...], ...]) -> None:
    slides = tuple(Slide(sizes=sizes) for sizes in value)
    assert codec.load_slides(codec.dump_slides(slides)) == slides


@given(st.builds(PictureJob, id=texts, wish=wishes, by=texts.map(PersonId), at=instants))
def test_jobs_come_back_equal(value: PictureJob) -> None:
    assert codec.load_picture_job(codec.dump_picture_job(value)) == value


@given(reports)
def test_reports_come_back_equal(value: Report) -> None:
    assert codec.load_report(codec.dump_report(value)) == value


@given(st.lists(receipts).map(tuple))
def test_receipts_come_back_equal(value: tuple[Receipt, ...]) -> None:
    assert codec.load_receipts(codec.dump_receipts(value)) == value


@given(st.builds(Outline, topic=texts, hook=texts, hashtags=st.lists(texts).map(tuple)))
def test_outlines_come_back_equal(value: Outline) -> None:
    assert codec.load_outline(codec.dump_outline(value)) == value


def test_keys_of_a_newer_version_are_passed_over() -> None:
    def newer(text: str) -> str:
        return json.dumps(_with_more(json.loads(text)))

    assert codec.load_limits(newer(codec.dump_limits(some_limits()))) == some_limits()
    assert codec.load_outline(newer(codec.dump_outline(an_outline()))) == an_outline()
    assert codec.load_approval(newer(codec.dump_approval(an_approval()) or "")) == an_approval()
    assert codec.load_receipts(newer(codec.dump_receipts([a_receipt()]))) == (a_receipt(),)
    assert codec.load_voice(BrandId("driftseas"), "Driftseas", newer(codec.dump_voice(a_brand()))) == a_brand()
    pictured = a_variant(media=(a_picture(),))
    assert codec.load_variant(newer(codec.dump_variant(pictured))) == pictured


def _with_more(value: object) -> object:
    if isinstance(value, list):
        return [_with_more(part) for part in value]
    if isinstance(value, dict) and value:
        return {key: _with_more(part) for key, part in value.items()} | {"of_tomorrow": {"x": [1]}}
    return value


def test_keys_that_an_older_version_did_not_write_get_their_defaults() -> None:
    assert codec.load_limits('{"text": 300, "unit": "graphemes"}') == Limits(text=300, unit="graphemes")
    assert codec.load_outline("{}") == Outline()
    assert codec.load_variant('{"account_id": "a", "platform": "p", "parts": ["x"]}') == Variant(
        account_id=AccountId("a"), platform=PlatformSlug("p"), parts=("x",)
    )


def test_what_was_shown_before_there_were_several_is_read() -> None:
    """As they were written while a variant had pictures or one attachment."""
    film, still = an_attachment(), a_picture()
    sizes = json.loads(codec.dump_slides([Slide(sizes=(still,)), Slide(sizes=(film,))]))
    old = {"account_id": "acc1", "platform": "mastodon", "parts": ["Ships today."], "options": {}}
    pictured = json.dumps({**old, "pictures": sizes[0]})
    moving = json.dumps({**old, "pictures": [], "attachment": sizes[1][0]})
    assert codec.load_variant(pictured) == a_variant(media=(still,))
    assert codec.load_variants(f"[{moving}]") == (a_variant(media=(film,)),)


def test_text_stays_readable_in_the_database() -> None:
    assert codec.dumps({"text": "Grüße 🌊"}) == '{"text":"Grüße 🌊"}'


@given(instants, instants)
def test_instants_sort_and_come_back_exactly(one: datetime, two: datetime) -> None:
    stored = [Instant().process_bind_param(at, DIALECT) for at in (one, two)]
    assert [Instant().process_result_value(number, DIALECT) for number in stored] == [one, two]
    assert isinstance(stored[0], int)
    assert isinstance(stored[1], int)
    assert (stored[0] < stored[1]) == (one < two)


def test_instants_of_other_zones_are_the_same_moment_and_naive_ones_are_refused() -> None:
    east = datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))
    assert Instant().process_bind_param(east, DIALECT) == 1_772_442_000_000_000
    with pytest.raises(ValueError, match="time zone"):
        Instant().process_bind_param(east.replace(tzinfo=None), DIALECT)


@given(st.integers(0, 10**18 - 1))
def test_numbers_of_drafts_come_back_as_people_say_them(number: int) -> None:
    assert DraftNumber().process_bind_param(DraftId(str(number)), DIALECT) == number
    assert DraftNumber().process_result_value(number, DIALECT) == str(number)


@given(texts)
def test_text_is_a_number_only_as_people_say_it(text: str) -> None:
    number = draft_number(text)
    assert number is None or str(number) == text
