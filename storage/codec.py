"""Domain values as JSON text and back; keys of a newer version are passed over, keys it dropped get their defaults."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from services.domain.account import DocumentLimits, Limits, PollLimits, VideoLimits
from services.domain.brand import Brand, Palette
from services.domain.delivery import Receipt
from services.domain.ids import AccountId, Digest, DraftId, PersonId
from services.domain.insight import Finding, Report
from services.domain.media import (
    Attachment,
    MediaItem,
    Picture,
    PictureOrigin,
    PictureStyle,
    PictureWish,
    Slide,
    VideoFacts,
)
from services.domain.metrics import Moods
from services.domain.post import Approval, Brief, Outline, PictureJob, Variant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.domain.ids import BrandId
    from services.domain.media import Medium

Json = dict[str, Any]
"""An object as it was read; only this module looks inside one."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_KEPT: Final = 256
"""Values of each kind that are not decoded again while their text is the same; nobody changes a value."""


def dumps(value: object) -> str:
    """Compact JSON that people can still read in the database."""
    return _encode(value)


@cache
def _names(kind: type) -> dict[str, None]:
    """A set that keeps the order."""
    return dict.fromkeys(f.name for f in fields(kind))


def _known(kind: type, data: Json) -> Json:
    """The keys `kind` has today, lists as the tuples they were."""
    names = _names(kind)
    return {key: tuple(v) if isinstance(v, list) else v for key, v in data.items() if key in names}


_INNER: Final[Mapping[str, type]] = {"video": VideoLimits, "document": DocumentLimits, "poll": PollLimits}
"""The limits within limits."""


def dump_limits(limits: Limits) -> str:
    """As an object of its fields."""
    out = {**_plain(limits), "choices": [[name, list(values)] for name, values in limits.choices]}
    inner = {name: getattr(limits, name) for name in _INNER}
    return dumps({**out, **{name: value and asdict(value) for name, value in inner.items()}})


@lru_cache(maxsize=_KEPT)
def load_limits(text: str) -> Limits:
    """The reverse of `dump_limits`."""
    data = _known(Limits, json.loads(text))
    for name, kind in _INNER.items():
        if data.get(name) is not None:
            data[name] = kind(**_known(kind, data[name]))
    data["choices"] = tuple((name, tuple(values)) for name, values in data.get("choices", ()))
    return Limits(**data)


def dump_options(options: Mapping[str, str]) -> str:
    """As an object, by name."""
    return dumps(dict(sorted(options.items())))


def load_options(text: str) -> dict[str, str]:
    """The reverse of `dump_options`; most accounts have none."""
    return {} if text == "{}" else {str(name): str(value) for name, value in json.loads(text).items()}


def dump_brief(brief: Brief) -> str:
    """As an object of its fields."""
    return dumps(_plain(brief))


@lru_cache(maxsize=_KEPT)
def load_brief(text: str) -> Brief:
    """The reverse of `dump_brief`."""
    return Brief(**_known(Brief, json.loads(text)))


def dump_outline(outline: Outline) -> str:
    """As an object of its fields."""
    return dumps(_plain(outline))


@lru_cache(maxsize=_KEPT)
def load_outline(text: str) -> Outline:
    """The reverse of `dump_outline`."""
    return Outline(**_known(Outline, json.loads(text)))


def dump_voice(brand: Brand) -> str:
    """All of a brand but its id and name, which are columns."""
    return dumps({key: value for key, value in asdict(brand).items() if key not in {"id", "name"}})


@lru_cache(maxsize=_KEPT)
def load_voice(brand_id: BrandId, name: str, text: str) -> Brand:
    """The reverse of `dump_voice`."""
    data = _known(Brand, json.loads(text))
    data["palette"] = Palette(**_known(Palette, data["palette"]))
    return Brand(**{**data, "id": brand_id, "name": name})


def dump_ids(ids: Iterable[str]) -> str:
    """As an array, in order."""
    return dumps(list(ids))


def load_ids(text: str) -> tuple[AccountId, ...]:
    """The reverse of `dump_ids` for accounts."""
    return tuple(AccountId(id_) for id_ in json.loads(text))


def load_people(text: str) -> tuple[PersonId, ...]:
    """The reverse of `dump_ids` for people, most of whom have only one id."""
    return () if text == "[]" else tuple(PersonId(id_) for id_ in json.loads(text))


def dump_texts(texts: Mapping[str, str]) -> str:
    """A mapping from text to text as an object."""
    return dumps(dict(texts))


def load_texts(text: str) -> dict[str, str]:
    """The reverse of `dump_texts`."""
    return {} if text == "{}" else dict(json.loads(text))


def dump_variant(variant: Variant) -> str:
    """With its pictures inside."""
    return dumps(_variant_out(variant))


@lru_cache(maxsize=_KEPT)
def load_variant(text: str) -> Variant:
    """The reverse of `dump_variant`."""
    return _variant_in(json.loads(text))


def dump_variants(variants: Iterable[Variant]) -> str:
    """As an array, in order."""
    return dumps([_variant_out(variant) for variant in variants])


@lru_cache(maxsize=_KEPT)
def load_variants(text: str) -> tuple[Variant, ...]:
    """The reverse of `dump_variants`."""
    return tuple(_variant_in(data) for data in json.loads(text))


def dump_receipts(receipts: Iterable[Receipt]) -> str:
    """As an array, in order, with instants as ISO text."""
    return dumps([_receipt_out(r) for r in receipts])


def load_receipts(text: str) -> tuple[Receipt, ...]:
    """The reverse of `dump_receipts`."""
    return tuple(_receipt(r) for r in json.loads(text))


def _receipt_out(receipt: Receipt) -> Json:
    """Without what was done to it later where nothing was, as it always was."""
    down = receipt.taken_down_at
    later = {"corrected": receipt.corrected, "taken_down_at": down and down.isoformat()}
    plain = {name: value for name, value in _plain(receipt).items() if name not in later}
    when = {"at": receipt.at.isoformat(), "extra": dict(receipt.extra)}
    return {**plain, **when, **{name: value for name, value in later.items() if value}}


def _receipt(data: Json) -> Receipt:
    down = data.get("taken_down_at")
    times = {
        "at": datetime.fromisoformat(data["at"]),
        "taken_down_at": None if down is None else datetime.fromisoformat(down),
    }
    return Receipt(**{**_known(Receipt, data), **times})


def dump_approval(approval: Approval | None) -> str | None:
    """The standing approval, None when there is none."""
    return None if approval is None else dumps({**_plain(approval), "at": approval.at.isoformat()})


def load_approval(text: str | None) -> Approval | None:
    """The reverse of `dump_approval`."""
    if text is None:
        return None
    data = _known(Approval, json.loads(text))
    return Approval(
        draft_id=DraftId(data["draft_id"]),
        revision=data["revision"],
        digest=Digest(data["digest"]),
        by=PersonId(data["by"]),
        by_name=data["by_name"],
        at=datetime.fromisoformat(data["at"]),
    )


def dump_picture_job(job: PictureJob | None) -> str | None:
    """The picture being made, None when there is none."""
    return None if job is None else dumps({**asdict(job), "at": job.at.isoformat()})


def load_picture_job(text: str | None) -> PictureJob | None:
    """The reverse of `dump_picture_job`."""
    if text is None:
        return None
    data = _known(PictureJob, json.loads(text))
    wish = _known(PictureWish, data["wish"])
    style = wish.get("style")
    wish["style"] = None if style is None else PictureStyle(style)
    return PictureJob(**{**data, "wish": PictureWish(**wish), "at": datetime.fromisoformat(data["at"])})


def dump_report(report: Report) -> str:
    """With its findings, moods and picture inside, instants as ISO text."""
    picture = None if report.picture is None else _picture_out(report.picture)
    times = {"since": report.since.isoformat(), "until": report.until.isoformat()}
    return dumps({**asdict(report), **times, "picture": picture})


def load_report(text: str) -> Report:
    """The reverse of `dump_report`."""
    data = _known(Report, json.loads(text))
    for name in ("since", "until"):
        data[name] = datetime.fromisoformat(data[name])
    data["findings"] = tuple(Finding(**_known(Finding, one)) for one in data.get("findings", ()))
    if data.get("moods") is not None:
        data["moods"] = Moods(**_known(Moods, data["moods"]))
    if data.get("picture") is not None:
        data["picture"] = _picture(data["picture"])
    return Report(**data)


def dump_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs of texts, in order."""
    return dumps([list(pair) for pair in pairs])


def load_pairs(text: str) -> tuple[tuple[str, str], ...]:
    """The reverse of `dump_pairs`."""
    return tuple((str(name), str(value)) for name, value in json.loads(text))


def _plain(value: Approval | Brief | Limits | Outline | Receipt) -> Json:
    kind: type = type(value)
    return {name: getattr(value, name) for name in _names(kind)}


def _variant_out(variant: Variant) -> Json:
    return {
        "account_id": variant.account_id,
        "platform": variant.platform,
        "parts": list(variant.parts),
        "media": [_medium_out(medium) for medium in variant.media],
        "options": dict(variant.options),
    }


def _variant_in(data: Json) -> Variant:
    """Also as it was written while a variant showed pictures or one other thing."""
    attached = data.get("attachment")
    shown = data.get("media") or [*data.get("pictures", ()), *([] if attached is None else [attached])]
    return Variant(**{**_known(Variant, data), "media": tuple(_medium(one) for one in shown)})


def dump_slides(slides: Iterable[Slide]) -> str:
    """As an array, in order, each an array of its sizes."""
    return dumps([[_medium_out(one) for one in slide.sizes] for slide in slides])


@lru_cache(maxsize=_KEPT)
def load_slides(text: str) -> tuple[Slide, ...]:
    """The reverse of `dump_slides`."""
    return tuple(Slide(sizes=tuple(_medium(one) for one in sizes)) for sizes in json.loads(text))


def _medium_out(medium: Medium) -> Json:
    return _picture_out(medium) if isinstance(medium, Picture) else _attachment_out(medium)


def _medium(data: Json) -> Medium:
    """What can have a poster is a video or a document."""
    return _attachment(data) if "poster" in data else _picture(data)


def _attachment_out(attachment: Attachment) -> Json:
    poster = attachment.poster
    return {"item": _item_out(attachment.item), "alt": attachment.alt, "poster": poster and _item_out(poster)}


def _attachment(data: Json) -> Attachment:
    poster = data.get("poster")
    return Attachment(item=_item(data["item"]), alt=data["alt"], poster=None if poster is None else _item(poster))


def _item_out(item: MediaItem) -> Json:
    """Without the facts of a video or document where it is neither, as it always was."""
    return {name: value for name, value in asdict(item).items() if value is not None}


def _item(data: Json) -> MediaItem:
    video = data.get("video")
    moving = None if video is None else VideoFacts(**_known(VideoFacts, video))
    return MediaItem(**{**_known(MediaItem, data), "video": moving})


def dump_facts(item: MediaItem) -> str | None:
    """What only a video or a document has; None for a picture."""
    facts = {"video": item.video and asdict(item.video), "pages": item.pages}
    return dumps(facts) if any(value is not None for value in facts.values()) else None


def load_item(facts: str | None, **columns: Any) -> MediaItem:
    """The reverse of `dump_facts`, with the facts that every file has."""
    return _item({**(json.loads(facts) if facts else {}), **columns})


def _picture_out(picture: Picture) -> Json:
    """Without an origin and what was fitted where there is none, as it always was."""
    out: Json = {"item": _item_out(picture.item), "alt": picture.alt}
    if picture.fitted:
        out["fitted"] = picture.fitted
    if picture.whole is not None:
        out["whole"] = _item_out(picture.whole)
    return out if picture.origin is None else {**out, "origin": asdict(picture.origin)}


def _picture(data: Json) -> Picture:
    origin, whole = data.get("origin"), data.get("whole")
    made = {
        "item": _item(data["item"]),
        "origin": None if origin is None else _origin(origin),
        "whole": None if whole is None else _item(whole),
    }
    return Picture(**{**_known(Picture, data), **made})


def _origin(data: Json) -> PictureOrigin:
    return PictureOrigin(**{**_known(PictureOrigin, data), "style": PictureStyle(data["style"])})
