"""The ids of cross checks, apart from the classes that describe their targets, which take time to import."""

CROSS = "cross"
"""The variant of every cross check."""
CROSS_NOTE = (
    "Jobs whose id ends in /cross are cross checks: they compile and link for the system in their id on "
    "another system, and nothing runs there."
)
"""For readers of a report or a mail that has cross checks."""


def is_cross_check(job: str) -> bool:
    """Whether the id is that of a cross check: `portable/openbsd-7.8/cross@arm64`."""
    return job.rpartition("/")[2].partition("@")[0] == CROSS
