"""Contrast of the report's colours, as WCAG 2.2 reckons it (relative luminance, 1.4.3, 1.4.11)."""

import re

import pytest

from ciforge.report.html.palette import DARK, LIGHT, SHAPES, TEXT
from ciforge.report.html.site import style_sheet

PALETTES = {"light": LIGHT, "dark": DARK}


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)]
)
def test_it_is_reckoned_as_the_standard_does(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("room", PALETTES)
@pytest.mark.parametrize(("color", "ground"), TEXT)
def test_text_can_be_read(room: str, color: str, ground: str) -> None:
    colors = PALETTES[room]
    assert contrast(colors[color], colors[ground]) >= 4.5


@pytest.mark.parametrize("room", PALETTES)
@pytest.mark.parametrize(("color", "ground"), SHAPES)
def test_shapes_can_be_seen(room: str, color: str, ground: str) -> None:
    colors = PALETTES[room]
    assert contrast(colors[color], colors[ground]) >= 3


def test_both_palettes_have_the_same_names() -> None:
    assert list(LIGHT) == list(DARK)


def test_every_colour_that_the_style_uses_is_in_the_palette() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", style_sheet())) <= set(LIGHT)


def test_the_style_asks_for_nothing_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|https?:", style_sheet())
