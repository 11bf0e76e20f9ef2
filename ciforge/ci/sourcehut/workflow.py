"""A repository's jobs to its build manifests for SourceHut, one for each job."""

import re
from collections.abc import Mapping, Sequence

import attrs
import jinja2

from ciforge.ci.checksum_header import marked
from ciforge.ci.matrix import MatrixEntry, matrix_entries, refuse_nothing
from ciforge.ci.payload import bundle
from ciforge.ci.templates import render
from ciforge.model.job import Job
from ciforge.model.project import Project

FOLDER = ".builds"


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


@attrs.frozen(kw_only=True)
class SourcehutWriter:
    """What all files of a generation share."""

    project: Project
    templates: jinja2.Environment
    scripts: Mapping[str, str]
    command: str

    def files(self, repos: Sequence[str], jobs: Sequence[Job]) -> dict[str, str]:
        """Paths to texts, for the repositories of one tree. Raises UsageError where nothing can run."""
        refuse_nothing(jobs)
        made = {}
        for cell in matrix_entries(jobs):
            id_ = cell.job.id if len(repos) > 1 else cell.job.id.partition("/")[2]
            made[f"{FOLDER}/ciforge-{id_.replace('/', ',')}.yml"] = self._file(cell)
        return made

    def _file(self, cell: MatrixEntry) -> str:
        git = self.project.repos[cell.job.repo].git
        scripts = {name: text for name, text in self.scripts.items() if name != "choose.sh"}
        file = Manifest(
            command=self.command,
            job=cell.job.id,
            sources=(git,) if git else (),
            packages=("docker.io", *(("qemu-user-static",) if cell.emulated else ())),
            environment={"CIFORGE_JOB": cell.job.id},
            pushed=not cell.job.schedule,
            files=f"CIFORGE_HOME=~/ciforge\n{bundle([cell.job], scripts)}",
            tasks=tuple(_tasks(cell)),
        )
        return marked(render(self.templates, "sourcehut/manifest.yml.j2", file))


def _tasks(cell: MatrixEntry) -> list[tuple[str, str]]:
    tasks = [("prepare", _task(cell, "prepare.sh"))]
    taken = {"machine", "unpack", "prepare", "results"}
    for name in cell.shape:
        word = re.sub(r"[^a-z0-9_-]", "_", name.lower())
        while word in taken:
            word += "_"
        taken.add(word)
        tasks.append((word, _task(cell, f"step.sh {name}")))
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


def _task(cell: MatrixEntry, command: str) -> str:
    """Files are kept of a build that passes alone, so one that does not prints its result."""
    return (
        'cd "$(dirname ~/*/.git)"\n'
        f"sh ~/ciforge/{command} || {{\n"
        f"{_ALLOWED if cell.job.allow_failure else _STRICT}"
        "    exit 1\n"
        "}\n"
    )
