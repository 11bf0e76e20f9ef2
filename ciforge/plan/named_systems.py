"""Find the systems that the jobs of a project can be on, so that others need not be read."""

import fnmatch
from collections.abc import Iterable, Mapping
from contextlib import suppress

from ciforge.model.project import Project
from ciforge.plan.selector import expand, matches_one


def named_systems(
    project: Project, selectors: Iterable[str], releases: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    """The distributions that `jobs:` and the selectors can mean.

    `releases` are all distributions with the ids of their releases."""
    texts = (*(entry.job for entry in project.jobs), *selectors)
    names = {word for text in texts for word in _release_words(text, project)}
    return frozenset(
        name
        for name, ids in releases.items()
        if any(fnmatch.fnmatchcase(each, word) for each in (name, *ids) for word in names)
    )


def _release_words(text: str, project: Project) -> tuple[str, ...]:
    """The words of a selector that may be a release; none of what is no selector."""
    parts = text.partition("@")[0].split("/")
    with suppress(ValueError):
        if len(parts) == 3:
            return expand(parts[1])
        first = expand(parts[0])
        return expand(parts[1]) if len(parts) == 2 and matches_one(first, project.repos) else first
    return ()
