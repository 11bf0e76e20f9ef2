"""How many examples a property is tried with."""

from hypothesis import settings

_USUAL = 100
"""What a property that names no number is tried with, in the usual profile."""


def examples(number: int) -> int:
    """So many in the usual profile; in the quick one, a part of them, at least five."""
    return max(5, number * settings().max_examples // _USUAL)
