"""The colours of the page can be told apart by everybody: computed from the style sheet, in both themes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

SHEET: Final = (Path(__file__).parents[2] / "handlers" / "web" / "static" / "desk.css").read_text()
TEXT: Final = 4.5
"""The least contrast of text of ordinary size (WCAG 2.2, 1.4.3)."""
SHAPE: Final = 3.0
"""The least contrast of what must be seen but not read (1.4.11)."""
PAIRS: Final = [
    *((colour, ground, TEXT) for colour in ("ink", "soft", "signal", "ok", "warn") for ground in ("paper", "sheet")),
    ("on-signal", "signal", TEXT),
    ("soft", "sheet", SHAPE),
]


def themes(sheet: str) -> dict[str, dict[str, str]]:
    """The tokens of each theme; the dark ones are those inside its media query."""
    blocks = re.findall(r":root\s*\{([^}]*)\}", sheet)
    found = [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", block)) for block in blocks]
    light, dark = found
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("colour", "ground", "least"), PAIRS)
def test_text_can_be_read(theme: str, colour: str, ground: str, least: float) -> None:
    tokens = themes(SHEET)[theme]
    assert contrast(tokens[colour], tokens[ground]) >= least


def test_both_themes_name_the_same_colours() -> None:
    light, dark = (
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", b)) for b in re.findall(r":root\s*\{([^}]*)\}", SHEET)
    )
    assert set(light) == set(dark)


def test_colours_are_named_once() -> None:
    rest = re.sub(r":root\s*\{[^}]*\}", "", SHEET)
    assert re.findall(r"#[0-9a-f]{3,8}\b(?![^{}]*\{)|\brgba?\(|\bhsla?\(", rest, re.IGNORECASE) == []


def test_a_focused_control_is_ringed() -> None:
    rule = re.search(r"([^}]*:focus-visible[^{]*)\{([^}]*)\}", SHEET)
    assert rule is not None
    for control in ("a", "button", "summary", "textarea", "input", "select"):
        assert f"{control}:focus-visible" in rule[1]
    assert re.search(r"outline:\s*2px solid var\(--signal\)", rule[2])
    assert not re.search(r"outline:\s*(0|none)", SHEET)
