"""Jobs as the writers of all CI services need them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import attrs

from ciforge.ci.service import GenerationInput
from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.model.project import CacheStore, Project
from ciforge.model.proof import Proof
from ciforge.render.dockerfile import dockerfile_parts


def runnable(jobs: Sequence[Job]) -> Iterator[Job]:
    """The jobs that are not skipped, in their order."""
    return (job for job in jobs if not job.skipped)


def require_runnable(jobs: Sequence[Job]) -> None:
    """Raises UsageError where no job can run: files without one would always be green."""
    if all(job.skipped for job in jobs):
        reasons = dict.fromkeys(job.skipped for job in jobs)
        raise UsageError(
            f"none of these {len(jobs)} jobs can run: {'; '.join(reasons)}",
            hint="`ciforge jobs` lists them; select others, or adapt these in where:",
        )


def proof_words(jobs: Sequence[Job]) -> str:
    """Each word for how far a system is proven, with its releases: `tested debian-13; rendered arch-latest`."""
    sentences = []
    for proof in Proof:
        found = (job.release_id for job in runnable(jobs) if job.proof is proof)
        if releases := ", ".join(dict.fromkeys(found)):
            sentences.append(f"{proof.value} {releases}")
    return "; ".join(sentences)


def base_image_variable(release_id: str) -> str:
    """The variable that names another base image: `CIFORGE_BASE_DEBIAN_13`."""
    letters = (c if c.isascii() and c.isalnum() else "_" for c in release_id.upper())
    return "CIFORGE_BASE_" + "".join(letters)


SURROUNDINGS = 30
"""Minutes of a hosted job besides those of its own limit."""


def service_minutes(job: Job) -> int:
    """The limit that a service is given for a job; `step.sh` ends the job earlier, at its own."""
    return -(-job.timeout // 60) + SURROUNDINGS


IGNORED = "ignored.sh"
"""The script that tells whether a pull request changes only ignored files."""


REGISTRY = "registry.sh"
"""The script that takes images from a registry."""

CACHE_NAMES = "cache-names.sh"
"""The script that names what a job keeps, where no other job chooses what runs."""


def followed_branches(given: GenerationInput, repos: Sequence[str]) -> tuple[str, ...]:
    """Returns the branches that a push builds; empty for all, where a repository names none."""
    every = [given.project.repos[repo].branches for repo in repos]
    return tuple(dict.fromkeys(branch for some in every for branch in some)) if all(every) else ()


def kept_in(given: GenerationInput, repos: Sequence[str]) -> CacheStore:
    """Returns where images are kept for later runs: nowhere without followed branches, which alone may write."""
    return given.project.ciforge.cache if followed_branches(given, repos) else CacheStore.NONE


def first_with_image(jobs: Sequence[Job]) -> Mapping[str, Job]:
    """Returns for the id of each job that can run the first one that has the same image."""
    first: dict[tuple[str, ...], Job] = {}
    return {
        job.id: first.setdefault((str(job.platform), *dockerfile_parts(job)), job)
        for job in runnable(jobs)
    }


def needed_scripts(
    given: GenerationInput, unused: Collection[str], kept: CacheStore
) -> Mapping[str, str]:
    """Returns the `given.scripts` that a project needs, without those that the service does not use."""
    without = {*unused, *(() if given.project.ciforge.ignore else (IGNORED,))}
    if kept is not CacheStore.REGISTRY:
        without.add(REGISTRY)
    if kept is CacheStore.NONE:
        without.add(CACHE_NAMES)
    return {name: text for name, text in given.scripts.items() if name not in without}


def by_file(project: Project, jobs: Sequence[Job]) -> Mapping[str, Sequence[Job]]:
    """The jobs of each file: of one without a name, or of one for each distribution that has a job to run."""
    if project.ciforge.workflows != "distribution":
        return {"": jobs}
    found: dict[str, list[Job]] = {}
    for job in jobs:
        found.setdefault(job.system, []).append(job)
    return {name: some for name, some in found.items() if not all(job.skipped for job in some)}


NATIVE = ("linux/amd64", "linux/386")
"""Platforms that an amd64 machine runs without emulation."""


def native_only(jobs: Sequence[Job], machines: str) -> tuple[Job, ...]:
    """The jobs, of which those that need emulation are skipped: `machines` do not have it."""
    return tuple(
        job
        if job.skipped or str(job.platform) in NATIVE
        else attrs.evolve(
            job, skipped=f"{job.platform} needs emulation, which {machines} do not have"
        )
        for job in jobs
    )


def step_shapes(jobs: Sequence[Job]) -> Mapping[tuple[str, ...], tuple[Job, ...]]:
    """The jobs that can run, by the names of their steps, in their order."""
    shapes: dict[tuple[str, ...], tuple[Job, ...]] = {}
    for job in runnable(jobs):
        shape = tuple(step.name for step in job.steps)
        shapes[shape] = (*shapes.get(shape, ()), job)
    return shapes
