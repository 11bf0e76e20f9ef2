"""Comparisons of cached answers with cold ones."""

import enum

import attrs


class Cache(enum.Enum):
    """What can answer for a job instead of work; in the order in which answers are compared."""

    PROVEN = "proven job"
    STEPS = "saved steps"
    COMPILERS = "compiler and configure cache"


@attrs.frozen(kw_only=True)
class Audit:
    """One cached answer that was compared with that of a run without caches."""

    time: str
    """RFC 3339, UTC."""
    job: str
    cache: Cache
    run: str
    """The run with the cached answer."""
    cold_run: str
    differences: tuple[str, ...] = ()
    """Sentences; none if both said the same."""
    dropped: str = ""
    """What was removed because of them."""
