"""Reads `brand.toml`, so that the voice is a file a team can edit and review like any other."""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from services.domain.brand import Brand, Palette
from services.domain.errors import InvalidInput
from services.domain.ids import BrandId

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

DEFAULT_BRAND: Final = Brand(
    id=BrandId("default"),
    name="DriftSeas",
    industry="AI/ML and developer tools",
    tone="authoritative but accessible, like a senior engineer explaining to a peer",
    audience="senior developers, ML engineers and CTOs",
    values=("technical depth", "practical utility", "honest assessment"),
    banned_words=("game-changing", "revolutionary", "cutting-edge", "synergy"),
    palette=Palette(background="#14202b", text="#efeadf", accent="#ff8a7a"),
)
"""The voice when there is no file; the shipped `brand.toml` says the same."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Example = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
_Tag = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^#?\w{1,64}$")]
_Colour = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^#[0-9a-fA-F]{6}$")]
_COLOUR_RULE: Final = "must be a colour written as #rrggbb"
_TAG_RULE: Final = "must be one word of letters, digits and underscores"


class _File(BaseModel):
    # pydantic's own engine unrolls 64 letters of any script into seven megabytes that stay for the life of the process.
    model_config = ConfigDict(extra="forbid", strict=True, regex_engine="python-re")


class _PaletteFile(_File):
    background: _Colour
    text: _Colour
    accent: _Colour


class _BrandFile(_File):
    name: _Text
    industry: _Text
    tone: _Text
    audience: _Text
    values: list[_Text] = []
    banned_words: list[_Text] = []
    hashtags: list[_Tag] = []
    examples: list[_Example] = []
    palette: _PaletteFile


_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "": tuple(_BrandFile.model_fields),
    "palette": tuple(_PaletteFile.model_fields),
}
_RULES: Final = {
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "list_type": "must be a list of texts in [ ]",
    "model_type": "must be a table with background, text and accent",
}


def load_brand(path: Path) -> Brand:
    """The voice of this file, or `DEFAULT_BRAND` when there is none; raises `InvalidInput` naming line and key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return DEFAULT_BRAND
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(f"{path.name} can't be read as UTF-8 text ({type(error).__name__}).") from error
    return parse_brand(text, source=path.name)


def parse_brand(text: str, *, source: str = "brand.toml") -> Brand:
    """The voice in this TOML; raises `InvalidInput` with one sentence per wrong key."""
    try:
        read = _BrandFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _invalid(f"{source} is not valid TOML: {error}.") from error
    except ValidationError as error:
        sentences = [_sentence(detail, text, source) for detail in error.errors(include_url=False)]
        raise _invalid(" ".join(sentences)) from error
    return Brand(
        id=DEFAULT_BRAND.id,
        name=read.name,
        industry=read.industry,
        tone=read.tone,
        audience=read.audience,
        values=tuple(read.values),
        banned_words=tuple(read.banned_words),
        hashtags=tuple(tag.lstrip("#") for tag in read.hashtags),
        examples=tuple(read.examples),
        palette=Palette(background=read.palette.background, text=read.palette.text, accent=read.palette.accent),
    )


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(
        message, unchanged="The brand in use is unchanged.", next_step="Correct the file and try again."
    )


def _sentence(detail: ErrorDetails, text: str, source: str) -> str:
    table = str(detail["loc"][0]) if len(detail["loc"]) > 1 and detail["loc"][0] == "palette" else ""
    key = str(detail["loc"][1 if table else 0])
    line = _line_of(key, table, text)
    place = f"{source}, line {line}" if line else source
    shown = f"{table}.{key}" if table else key
    if detail["type"] == "missing":
        return f'{place}: "{shown}" is missing.'
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, _KEYS[table], n=1)
        hint = f' Did you mean "{near[0]}"?' if near else f" Known here: {', '.join(_KEYS[table])}."
        return f'{place}: "{shown}" is not a key of this file.{hint}'
    if detail["type"] == "string_too_long":
        return f'{place}: "{shown}" is too long; at most {detail["ctx"]["max_length"]} characters.'
    pattern_rule = _TAG_RULE if key == "hashtags" else _COLOUR_RULE
    return f'{place}: "{shown}" {_RULES.get(detail["type"], pattern_rule)}.'


def _line_of(key: str, table: str, text: str) -> int | None:
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            inside = header[1]
            if not table and inside == key:
                return number
        elif inside == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
            return number
    return None
