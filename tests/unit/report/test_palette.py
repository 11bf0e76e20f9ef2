"""Contrast of the report's colours, as WCAG 2.2 defines it (relative luminance, 1.4.3, 1.4.11)."""

import re
from collections.abc import Iterable, Mapping

import pytest

from ciforge.report.html.page_writer import style_sheet
from ciforge.report.html.palette import DARK, LIGHT, SHAPES, TEXT

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


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", PALETTES)
def test_text_colours_have_a_contrast_of_4_5(scheme: str) -> None:
    assert weaker(PALETTES[scheme], TEXT, 4.5) == []


@pytest.mark.parametrize("scheme", PALETTES)
def test_shape_colours_have_a_contrast_of_3(scheme: str) -> None:
    assert weaker(PALETTES[scheme], SHAPES, 3) == []


def test_pair_below_a_contrast_is_found() -> None:
    assert weaker({"a": "#777777", "b": "#ffffff"}, [("a", "b")], 4.5) == [("a", "b")]


def weaker(
    colors: Mapping[str, str], pairs: Iterable[tuple[str, str]], ratio: float
) -> list[tuple[str, str]]:
    return [pair for pair in pairs if contrast(*(colors[name] for name in pair)) < ratio]


def test_light_and_dark_palettes_have_the_same_names() -> None:
    assert list(LIGHT) == list(DARK)


def test_style_sheet_uses_only_colours_of_the_palette() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", style_sheet())) <= set(LIGHT)


def test_style_sheet_loads_nothing() -> None:
    assert not re.search(r"url\(|@import|https?:", style_sheet())
