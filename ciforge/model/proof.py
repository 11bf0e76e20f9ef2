"""The degree to which a system is proven, in one word; set by records of real jobs, never by hand."""

import enum


class Proof(enum.Enum):
    """From the strongest to the weakest."""

    TESTED = "tested"
    """Whole jobs ran on it."""
    USERLAND = "userland"
    """Jobs ran on its real userland, with another toolchain."""
    CROSS = "cross"
    """The source was compiled and linked for it on another system."""
    RENDERED = "rendered"
    """Only the texts of its jobs were made."""
