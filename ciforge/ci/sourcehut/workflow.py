"""A repository's jobs to its build manifests for SourceHut, one for each job.

The template is `workflows/sourcehut/manifest.yml.j2`, not in this folder: a project replaces it under that
name.
"""

import re
from collections.abc import Mapping, Sequence

import attrs

from ciforge.ci.checksum_header import marked
from ciforge.ci.hosted_jobs import require_runnable, runnable
from ciforge.ci.payload import bundle
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import render
from ciforge.model.job import Job

FOLDER = ".builds"
_NO_EMULATOR = ("linux/amd64", "linux/386", "linux/arm64")
"""Platforms whose jobs install no emulator."""


@attrs.frozen(kw_only=True)
class Manifest:
    """A file as the template has it."""

    command: str
    job: str
    sources: tuple[str, ...]
    packages: tuple[str, ...]
    environment: Mapping[str, str]
    pushed: bool
    """Whether a push submits it; others are for a schedule of one's own."""
    files: str
    tasks: tuple[tuple[str, str], ...]
    """Name of each task and the text of its script."""


@attrs.frozen
class Sourcehut:
    """The service. It is a `CiService`."""

    name: str = "sourcehut"
    folder: str = FOLDER
    single: str = f"{FOLDER}/ciforge-*.yml"
    template_file: type[attrs.AttrsInstance] = Manifest
    pins_file: str = ""
    sends_mail: bool = False

    def files(
        self,
        given: GenerationInput,
        repos: Sequence[str],
        jobs: Sequence[Job],
        existing: Mapping[str, str],
    ) -> dict[str, str]:
        """A manifest for each job that can run. Raises UsageError where none can."""
        require_runnable(jobs)
        made = {}
        for job in runnable(jobs):
            id_ = job.id if len(repos) > 1 else job.id.partition("/")[2]
            made[f"{FOLDER}/ciforge-{id_.replace('/', ',')}.yml"] = _file(given, job)
        return made


SERVICE = Sourcehut()


def _file(given: GenerationInput, job: Job) -> str:
    git = given.project.repos[job.repo].git
    scripts = {name: text for name, text in given.scripts.items() if name != "choose.sh"}
    emulator = () if str(job.platform) in _NO_EMULATOR else ("qemu-user-static",)
    file = Manifest(
        command=given.command,
        job=job.id,
        sources=(git,) if git else (),
        packages=("docker.io", *emulator),
        environment={"CIFORGE_JOB": job.id},
        pushed=not job.schedule,
        files=f"CIFORGE_HOME=~/ciforge\n{bundle([job], scripts)}",
        tasks=tuple(_tasks(job)),
    )
    return marked(render(given.templates, "sourcehut/manifest.yml.j2", file))


def _tasks(job: Job) -> list[tuple[str, str]]:
    tasks = [("prepare", _task(job, "prepare.sh"))]
    taken = {"machine", "unpack", "prepare", "results"}
    for name in (step.name for step in job.steps):
        word = re.sub(r"[^a-z0-9_-]", "_", name.lower())
        while word in taken:
            word += "_"
        taken.add(word)
        tasks.append((word, _task(job, f"step.sh {name}")))
    return tasks


_KEEP = "tar -czf ~/ciforge-result.tar.gz -C ~/ciforge/result .\n"
_STRICT = "    sh ~/ciforge/finish.sh || :\n    cat ~/ciforge/result/result.json\n"
_ALLOWED = (
    "    known=yes\n"
    "    sh ~/ciforge/finish.sh || known=\n"
    "    cat ~/ciforge/result/result.json\n"
    f"    {_KEEP}"
    '    [ -z "$known" ] || complete-build\n'
)
"""What a task does when its step has failed: a build passes, and keeps its files, where that is
allowed and something is known of the source."""


def _task(job: Job, command: str) -> str:
    """Files are kept of a build that passes alone, so one that does not prints its result."""
    return (
        'cd "$(dirname ~/*/.git)"\n'
        f"sh ~/ciforge/{command} || {{\n"
        f"{_ALLOWED if job.allow_failure else _STRICT}"
        "    exit 1\n"
        "}\n"
    )
