"""The line of a command's output that is repeated in a sentence."""

from ciforge.sanitize import printable

_LINE = 300
"""Bytes of the output that are looked at."""


def last_output_line(output: bytes) -> str:
    """The last line that is not empty, without control characters."""
    lines = output[-_LINE:].decode(errors="replace").split("\n")
    return next(filter(None, map(printable, reversed(lines))), "")
