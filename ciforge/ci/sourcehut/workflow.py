"""A repository's jobs to its build manifests for SourceHut, one for each job.

The template is `workflows/sourcehut/manifest.yml.j2`, not in this folder: a project replaces it under that
name. Facts of the service: https://man.sr.ht/builds.sr.ht/manifest.md and the sources of builds.sr.ht and git.sr.ht.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.ci.hosted_jobs import (
    IGNORED,
    NATIVE,
    needed_scripts,
    proof_words,
    require_runnable,
    runnable,
)
from ciforge.ci.hosted_machines import UNTRIED, needs_machine, with_machines
from ciforge.ci.job_files import job_files
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import render
from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.model.project import CacheStore

FOLDER = ".builds"
LARGEST_MANIFEST = 4096
"""Bytes. The service stores 16384 characters (`buildsrht/types/job.py`), after git.sr.ht has written the
manifest again with its own keys (`update-hook/submitter.go`)."""
IMAGE = "debian/trixie"
"""Its apt installs no recommended packages (`images/debian/genimg`), so each is named."""
PACKAGES = ("docker.io", "docker-cli")
EMULATOR = ("qemu-user", "qemu-user-binfmt")
"""In Debian 13 qemu-user is static and only recommends the other, which has the kernel use it."""
UNUSED_SCRIPTS = frozenset({"choose.sh", "matcher.json", "summary.awk", "registry.sh"})
"""Scripts of `workflows/hosted/` that this service has no use for."""


@attrs.frozen(kw_only=True)
class Manifest:
    """A file as the template has it."""

    command: str
    job: str
    proven: str
    """How far the job's system is proven, and its release."""
    image: str
    packages: tuple[str, ...]
    environment: Mapping[str, str]
    untried: str
    """What is to be known of a job on an image of the service that is no container; empty for others."""
    pushed: bool
    """Whether a push submits it; others are for a schedule of one's own."""
    unpack: str
    """The command of the first task that the tree brings."""
    tasks: tuple[tuple[str, str], ...]
    """Name of each task and its command."""
    results: str
    """The command of the last task."""


@attrs.frozen
class Sourcehut:
    """The service. It is a `CiService`."""

    name: str = "sourcehut"
    folder: str = FOLDER
    single: str = f"{FOLDER}/ciforge-*.yml"
    template_file: type[attrs.AttrsInstance] = Manifest
    pins_file: str = ""
    carries_tarballs: bool = False
    sends_mail: bool = False

    def files(
        self,
        given: GenerationInput,
        repos: Sequence[str],
        jobs: Sequence[Job],
        existing: Mapping[str, str],
    ) -> dict[str, str]:
        """A manifest for each job that can run, and what all run. Raises UsageError where none can."""
        jobs = with_machines(jobs, _offers)
        require_runnable(jobs)
        place, made = given.place, {}
        for job in runnable(jobs):
            id_ = job.id if len(repos) > 1 else job.id.partition("/")[2]
            made[f"{place.folder}/{place.stem}-{id_.replace('/', ',')}.yml"] = _file(given, job)
        scripts = needed_scripts(given, {*UNUSED_SCRIPTS, IGNORED}, CacheStore.NONE)
        return {**made, **job_files(tuple(runnable(jobs)), scripts, place.home)}


SERVICE = Sourcehut()


def _offers(job: Job) -> bool:
    """Whether the service has an image of the job's release; all are amd64."""
    return bool(job.release.hosted.image) and job.platform.arch == "amd64"


def _packages(job: Job) -> tuple[str, ...]:
    """What the service installs before the first task: an engine, or nothing on a machine without one."""
    if needs_machine(job):
        return ()
    return PACKAGES if str(job.platform) in NATIVE else (*PACKAGES, *EMULATOR)


def _file(given: GenerationInput, job: Job) -> str:
    # The service clones the repository into a folder of its name; there is no other clone.
    script = f"sh ~/*/{given.place.home}/task.sh"
    file = Manifest(
        command=given.command,
        job=job.id,
        proven=proof_words([job]),
        image=job.release.hosted.image if needs_machine(job) else IMAGE,
        packages=_packages(job),
        untried=UNTRIED if needs_machine(job) else "",
        environment={"CIFORGE_JOB": job.id}
        | ({"CIFORGE_SOURCE": given.place.source} if given.place.source else {}),
        pushed=not job.schedule,
        unpack=f"{script} unpack",
        tasks=tuple(_tasks(job, script)),
        results=f"{script} results",
    )
    text = render(given.templates, "sourcehut/manifest.yml.j2", file)
    if (size := len(text.encode())) > LARGEST_MANIFEST:
        raise UsageError(
            f"the manifest of {job.id} has {size} bytes, more than {LARGEST_MANIFEST}",
            hint="builds.sr.ht refuses larger manifests; give the job fewer steps",
        )
    return text


def _tasks(job: Job, script: str) -> Iterator[tuple[str, str]]:
    # A build passes, and keeps its files, if its failure is allowed and something is known of the source.
    end = " || { [ $? -eq 10 ] && complete-build; }" if job.allow_failure else ""
    yield "prepare", f"{script} {'prepare-machine' if needs_machine(job) else 'prepare'}{end}"
    taken = {"machine", "unpack", "prepare", "results"}
    for name in (step.name for step in job.steps):
        word = re.sub(r"[^a-z0-9_-]", "_", name.lower())
        while word in taken:
            word += "_"
        taken.add(word)
        yield word, f"{script} step {name}{end}"
