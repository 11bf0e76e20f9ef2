"""Project and catalogue to jobs. Pure: the same on every machine."""

import attrs

from ciforge.model.distro import Catalogue
from ciforge.model.job import JOB_TIMEOUT, Job
from ciforge.model.project import JobEntry, Project
from ciforge.plan.job_matrix import listed_jobs
from ciforge.plan.job_resolution import SharedValues, resolve
from ciforge.plan.selector import Names, names_of


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Plan:
    """The jobs that a project lists, and others that its names could mean."""

    project: Project
    catalogue: Catalogue
    names: Names
    jobs: tuple[Job, ...]


def make_plan(project: Project, catalogue: Catalogue) -> Plan:
    """The jobs in the order of `jobs:`, each once; a later entry's settings hold.

    Expects a project without flaws (`plan.check`)."""
    names = names_of(project, catalogue)
    shared = SharedValues()
    jobs = (
        _with_settings(resolve(cell, project, catalogue, names, shared), entry)
        for cell, entry in listed_jobs(project, catalogue, names).values()
    )
    return Plan(project=project, catalogue=catalogue, names=names, jobs=tuple(jobs))


def _with_settings(job: Job, entry: JobEntry) -> Job:
    """The job with what its entry in `jobs:` sets; most entries set nothing."""
    if not (entry.schedule or entry.allow_failure or entry.timeout):
        return job
    return attrs.evolve(
        job,
        schedule=entry.schedule,
        allow_failure=entry.allow_failure,
        timeout=entry.timeout or JOB_TIMEOUT,
    )
