"""Jobs of systems without a container on machines of a hosted service. None of these machines was used by ciforge's tests."""

from collections.abc import Callable, Sequence

import attrs

from ciforge.model.job import Job
from ciforge.model.proof import Proof
from ciforge.plan.machine_jobs import on_machine
from ciforge.plan.served_platforms import unserved

UNTRIED = "written, never run by the tests of ciforge"
"""The words for a job on such a machine."""


def needs_machine(job: Job) -> bool:
    """Whether the job runs on a machine that is no container, if anywhere."""
    return not job.cross and bool(unserved(job.distribution, job.release, job.platform))


def with_machines(jobs: Sequence[Job], offers: Callable[[Job], bool]) -> tuple[Job, ...]:
    """The jobs; those that need a machine which the service `offers` are not skipped for the lack of a container.

    Their system is proven by texts only: what other jobs of that release have shown was shown on other machines.
    """
    return tuple(_placed(job) if needs_machine(job) and offers(job) else job for job in jobs)


def _placed(job: Job) -> Job:
    sources = ", ".join(job.sources)
    reason = f"machines without a container build no `sources`: {sources}" if sources else ""
    return attrs.evolve(on_machine(job, reason), proof=Proof.RENDERED)
