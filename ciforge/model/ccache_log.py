"""The log in which ccache records its results in a container: where it is, and what it says."""

PATH = "/ciforge/records/ciforge/ccache.log"
"""Of ccache 4.4 or newer; older ones write none."""
LARGEST = 4 * 1024 * 1024
_HITS = (b"direct_cache_hit", b"preprocessed_cache_hit")


def hits(log: bytes) -> int:
    """Returns the number of compilations that the cache answered."""
    return sum(line.strip() in _HITS for line in log.splitlines())
