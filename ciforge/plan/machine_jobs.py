"""Jobs of systems that no container engine runs, for machines that have these systems."""

import attrs

from ciforge.model.job import Job
from ciforge.plan.package_set import ccache_packages
from ciforge.plan.served_platforms import unserved


def served(job: Job) -> Job:
    """The job without the reason that no container engine runs it, which is none on a machine."""
    lacking = unserved(job.distribution, job.release, job.platform)
    skipped = job.skipped.removeprefix(lacking).removeprefix("; ") if lacking else job.skipped
    return attrs.evolve(job, skipped=skipped)


def on_machine(job: Job, reason: str = "") -> Job:
    """The job for a machine that is no container; `reason` says why none may run it."""
    skipped = "; ".join(filter(None, (reason, served(job).skipped)))
    return attrs.evolve(without_caches(job), skipped=skipped)


def without_caches(job: Job) -> Job:
    """The job as such a machine runs it, which keeps no caches and needs no ccache."""
    caching = ccache_packages(job.distribution, job.release)
    packages = tuple(name for name in job.packages if name not in caching)
    return attrs.evolve(job, ccache=False, packages=packages)
