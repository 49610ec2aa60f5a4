"""The brand file reads as shipped, and a wrong one is told line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.content.brand_file import DEFAULT_BRAND, load_brand, parse_brand
from services.domain.errors import InvalidInput

ROOT = Path(__file__).parents[3]
GOOD = (ROOT / "brand.toml").read_text(encoding="utf-8")


def complaint(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse_brand(text)
    assert caught.value.next_step == "Correct the file and try again."
    return caught.value.message


def test_the_shipped_file_says_what_the_default_says() -> None:
    assert load_brand(ROOT / "brand.toml") == DEFAULT_BRAND


def test_no_file_means_the_default(tmp_path: Path) -> None:
    assert load_brand(tmp_path / "brand.toml") is DEFAULT_BRAND


def test_own_tags_and_examples_are_read() -> None:
    brand = parse_brand(GOOD.replace("hashtags = []", 'hashtags = ["#DriftSeas", "MLOps"]'))
    assert brand.hashtags == ("DriftSeas", "MLOps")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "banned_words",
            "banned_word",
            'brand.toml, line 10: "banned_word" is not a key of this file. Did you mean "banned_words"?',
        ),
        (
            "accent =",
            "acent =",
            'brand.toml, line 19: "palette.acent" is not a key of this file. Did you mean "accent"?',
        ),
        ('name = "DriftSeas"', "name = 7", 'brand.toml, line 3: "name" must be text in quotes.'),
        ('name = "DriftSeas"', 'name = " "', 'brand.toml, line 3: "name" must not be empty.'),
        ('"#efeadf"', '"white"', 'brand.toml, line 18: "palette.text" must be a colour written as #rrggbb.'),
        (
            "hashtags = []",
            'hashtags = ["two words"]',
            'brand.toml, line 13: "hashtags" must be one word of letters, digits and underscores.',
        ),
        ("hashtags = []", 'hashtags = "one"', 'brand.toml, line 13: "hashtags" must be a list of texts in [ ].'),
        ("[palette]", "[colours]", 'brand.toml: "palette" is missing.'),
        ("hashtags = []", "zzz = 1", 'brand.toml, line 13: "zzz" is not a key of this file. Known here: name,'),
    ],
)
def test_a_wrong_key_is_named_with_its_line(old: str, new: str, expected: str) -> None:
    assert expected in complaint(GOOD.replace(old, new))


def test_every_wrong_key_is_told_at_once() -> None:
    text = GOOD.replace('name = "DriftSeas"', "nam = 1")
    assert complaint(text) == (
        'brand.toml: "name" is missing. brand.toml, line 3: "nam" is not a key of this file. Did you mean "name"?'
    )


def test_broken_toml_names_the_line() -> None:
    assert "line 2" in complaint('name = "a"\nindustry = \n')


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "brand.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="can't be read as UTF-8"):
        load_brand(path)
