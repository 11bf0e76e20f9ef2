"""Colours of the pages, light and dark, and which of them stand upon which.

A test computes their contrast: 4.5 to 1 for text (WCAG 2.2, 1.4.3), 3 to 1 for what is no text
(1.4.11).
"""

LIGHT = {
    "page": "#f7f6f3", "card": "#ffffff", "sunk": "#efede8", "line": "#8b8577", "rule": "#dedad1",
    "text": "#1f1d1a", "soft": "#5c574d", "link": "#0b57a4", "focus": "#0b57a4",
    "good": "#17663a", "good-bg": "#e4f4e9",
    "bad": "#ab1f1f", "bad-bg": "#fdeaea",
    "warn": "#7d4e00", "warn-bg": "#fdf0d5",
    "lost": "#7a2a8f", "lost-bg": "#f7e9fb",
    "idle": "#4f5a66", "idle-bg": "#eceff2",
    "hit": "#fff3c4", "root": "#ffe0de",
}  # fmt: skip

DARK = {
    "page": "#16171a", "card": "#1e2024", "sunk": "#26282d", "line": "#7f8590", "rule": "#383b42",
    "text": "#e9e7e3", "soft": "#b0aca4", "link": "#8cc2ff", "focus": "#8cc2ff",
    "good": "#7fdc9f", "good-bg": "#17321f",
    "bad": "#ff9d98", "bad-bg": "#431d1d",
    "warn": "#f3c56b", "warn-bg": "#3b2d10",
    "lost": "#e2a8f2", "lost-bg": "#391f41",
    "idle": "#b9c3ce", "idle-bg": "#2b3037",
    "hit": "#3d3410", "root": "#4d2220",
}  # fmt: skip

GROUNDS = ("page", "card", "sunk")
STATES = ("good", "bad", "warn", "lost", "idle")

TEXT = (
    *((color, ground) for color in ("text", "soft", "link") for ground in GROUNDS),
    *((color, "card") for color in STATES),
    *((color, "page") for color in STATES),
    *((color, f"{color}-bg") for color in STATES),
    *(("text", f"{color}-bg") for color in STATES),
    *((color, ground) for color in ("text", "soft", "link") for ground in ("hit", "root")),
    ("bad", "root"),
    ("warn", "hit"),
)
"""Text colours and their backgrounds."""

SHAPES = (
    *(("focus", ground) for ground in GROUNDS),
    *(("line", ground) for ground in GROUNDS),
)
"""Colours of outlines and bars, and their backgrounds."""


def variables(colors: dict[str, str]) -> str:
    """`--text:#1f1d1a;…`"""
    return "".join(f"--{name}:{value};" for name, value in colors.items())
