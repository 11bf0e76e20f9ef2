"""A job with other versions of its packages."""

from collections.abc import Iterator, Mapping

import attrs

from ciforge.model.identifiers import PACKAGE, VERSION
from ciforge.model.job import Job


def with_versions(job: Job, versions: Mapping[str, str]) -> Job:
    """Returns the job with these versions of packages in its image, be they its own or required by them.

    Raises ValueError for a name or a version that no package has: they may come from a container.
    """
    for name, version in versions.items():
        if not (PACKAGE.fullmatch(name) and VERSION.fullmatch(version)):
            raise ValueError("not a package with a version")
    manager = attrs.evolve(job.manager, install=job.manager.install_pinned)
    return attrs.evolve(job, manager=manager, packages=tuple(_words(job, versions)))


def _words(job: Job, versions: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*job.packages, *versions}):
        form = job.manager.pinned if name in versions else "{package}"
        yield form.replace("{package}", name).replace("{version}", versions.get(name, ""))
