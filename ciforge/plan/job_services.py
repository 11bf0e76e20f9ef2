"""The services of one job: their packages on its release, and why it cannot have them."""

from collections.abc import Iterable, Mapping

from ciforge.errors import UsageError
from ciforge.model.distro import Distribution, Release
from ciforge.model.job import Job, JobService, Step
from ciforge.model.project import Need, Service
from ciforge.plan.package_set import packages_for
from ciforge.plan.recipes import OWN


def refuse_services(jobs: Iterable[Job], what: str, hint: str) -> None:
    """Raises UsageError if one of the jobs has services; `what` is what has none: `a generated job`."""
    served = [job.id for job in jobs if job.services]
    if served:
        raise UsageError(f"{what} has no services, which {', '.join(served[:4])} needs", hint=hint)


def job_services(
    services: Mapping[str, Service], steps: Iterable[Step], distribution: Distribution,
    release: Release,
) -> tuple[tuple[JobService, ...], tuple[str, ...]]:  # fmt: skip
    """The services with their packages, and reasons why the job cannot run with them."""
    own = packages_for((Need(name=name) for name in OWN), distribution, release).names
    found: list[JobService] = []
    reasons: list[str] = []
    for name, service in services.items():
        packages = packages_for(service.dependencies, distribution, release)
        reasons += packages.reasons
        names = () if service.image else tuple(sorted({*packages.names, *own}))
        found.append(
            JobService(
                name=name, healthy=service.healthy, run=service.run, packages=names,
                image=service.image,
            )
        )  # fmt: skip
    reasons += [
        f"the step {step.name} has a network, which its services would share: give its files in `sources`, or omit one of both"
        for step in steps
        if step.network and services
    ]
    return tuple(found), tuple(reasons)
