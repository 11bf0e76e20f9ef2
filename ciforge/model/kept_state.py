"""The source and the steps of a container that was kept after a failure."""

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class KeptState:
    """What a kept container was given, so that only what changed since has to be laid in."""

    files: Mapping[str, str]
    """Files, links and folders of the source to a hash of their kind, mode and contents."""
    steps: Mapping[str, str]
    """Steps to a hash of their scripts."""
    first: str
    """The step that failed."""
    image: str
    """The id of the dependency image."""
    cache: str
    """The volume with the caches that it can read and write; empty for none."""
