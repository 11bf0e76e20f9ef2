"""A repository's jobs to its files for GitHub Actions.

The template is `workflows/github/workflow.yml.j2`, not in this folder: a project replaces it under that
name, and people who change only the YAML need no Python.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.ci.checksum_header import marked
from ciforge.ci.github.action_pins import Pins, newer, read_pins, uses
from ciforge.ci.github.matrix import (
    COMMIT,
    MatrixEntry,
    MatrixGroup,
    crons,
    matrix_entries,
    matrix_groups,
)
from ciforge.ci.heredoc_texts import here
from ciforge.ci.hosted_jobs import base_image_variable, require_runnable
from ciforge.ci.payload import bundle
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import render
from ciforge.ci.yaml_values import Expression, Pinned
from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.model.project import Project

FOLDER = ".github/workflows"
LARGEST_FILE = 480_000
"""Bytes; GitHub does not start runs of a workflow file of more than 500 KB (docs, "Actions limits")."""

_MINUTES = 150
"""For a hosted job: its own limit of two hours, and what surrounds it."""


@attrs.frozen(kw_only=True)
class MatrixJob:
    """A part of a workflow as the template has it."""

    key: str
    output: Expression
    include: Expression
    some: Expression
    steps: tuple[str, ...]
    """Their names."""
    bases: Mapping[str, Expression]
    """Variables of the service that may name other base images."""
    emulates: bool
    may_fail: bool
    """Whether one of its jobs may fail: a failed step does not end that one, `finish.sh` does."""
    files: str


@attrs.frozen(kw_only=True)
class Notify:
    """The job that takes in results and sends mail."""

    install: str
    """The command that brings ciforge."""
    file: str
    """The project's file, from the top of the repository."""


@attrs.frozen(kw_only=True)
class Workflow:
    """A file as the template has it."""

    name: str
    command: str
    project: str
    pushed: bool
    """Whether a job runs with each commit; else a push would be green though nothing ran."""
    branches: tuple[str, ...]
    schedules: Mapping[str, str]
    left_out: tuple[tuple[str, str], ...]
    choose: str
    ignore: tuple[str, ...]
    parts: tuple[MatrixJob, ...]
    keys: tuple[str, ...]
    gate: str
    """The check to require; no two files of a repository have the same, or one could stand for another."""
    uses: Mapping[str, Pinned]
    notify: Notify | None = None
    minutes: int = _MINUTES


@attrs.frozen
class GithubActions:
    """The service. It is a `CiService`."""

    name: str = "github"
    folder: str = ".github"
    single: str = f"{FOLDER}/ciforge*.yml"
    template_file: type[attrs.AttrsInstance] = Workflow
    pins_file: str = "github/actions.json"
    sends_mail: bool = True

    def files(
        self,
        given: GenerationInput,
        repos: Sequence[str],
        jobs: Sequence[Job],
        existing: Mapping[str, str],
    ) -> dict[str, str]:
        """One file, or several; newer pins of `existing` are kept.

        Raises UsageError where no job can run, or one is too large."""
        require_runnable(jobs)
        writer = _Writer(given, read_pins(given.pins))
        made: dict[str, str] = {}
        for stem, title, some in _groups(given.project, repos, jobs):
            made |= writer.sized(repos, stem, title, some, existing)
        return made


SERVICE = GithubActions()


@attrs.frozen
class _Writer:
    given: GenerationInput
    pins: Pins

    def sized(
        self,
        repos: Sequence[str],
        stem: str,
        title: str,
        jobs: Sequence[Job],
        committed: Mapping[str, str],
    ) -> dict[str, str]:
        """One file, or as many as it takes for each to be small enough; each has a job that runs."""
        left_out = [job for job in jobs if job.skipped]
        jobs = [job for job in jobs if not job.skipped]
        count = 1
        while count <= len(jobs):
            size = -(-len(jobs) // count)
            slices = [jobs[at : at + size] for at in range(0, len(jobs), size)]
            slices[0] = [*slices[0], *left_out]
            texts = {}
            for number, some in enumerate(slices, 1):
                own = stem if number == 1 else f"{stem}.{number}"
                path = f"{FOLDER}/{own}.yml"
                name = title if len(slices) == 1 else f"{title} ({number} of {len(slices)})"
                texts[path] = self._file(repos, name, _gate(own), some, committed.get(path, ""))
            largest = max(len(text.encode()) for text in texts.values())
            if largest <= LARGEST_FILE:
                return texts
            count = max(count + 1, count * largest // LARGEST_FILE)
        raise UsageError(
            f"{jobs[0].id} alone is larger than a workflow file may be ({LARGEST_FILE} bytes)",
            hint="shorten its steps or its environment",
        )

    def _file(
        self, repos: Sequence[str], title: str, gate: str, jobs: Sequence[Job], committed: str
    ) -> str:
        cells = tuple(matrix_entries(jobs))
        parts = matrix_groups(cells)
        schedules = crons(f"{self.given.project.project}/{'/'.join(repos)}", cells)
        rows = "".join(f"{part.key} {cell.row}\n" for part in parts for cell in part.cells)
        file = Workflow(
            name=title,
            command=self.given.command,
            project=self.given.project.project,
            pushed=any(COMMIT in cell.when for cell in cells),
            branches=self._branches(repos),
            schedules=schedules,
            left_out=tuple((job.id, job.skipped) for job in jobs if job.skipped),
            choose=_choose(self.given.scripts["choose.sh"], rows, schedules),
            ignore=self.given.project.ciforge.ignore,
            parts=tuple(self._matrix(part) for part in parts),
            keys=("choose", *(part.key for part in parts)),
            gate=gate,
            uses=uses(newer(self.pins, committed)),
            notify=self._notify(),
        )
        return marked(render(self.given.templates, "github/workflow.yml.j2", file))

    def _branches(self, repos: Sequence[str]) -> tuple[str, ...]:
        """Those that a push builds; empty for all."""
        every = [self.given.project.repos[repo].branches for repo in repos]
        return tuple(dict.fromkeys(one for some in every for one in some)) if all(every) else ()

    def _notify(self) -> Notify | None:
        """Where there is somebody to write to, a ciforge to install, and a project file to read."""
        install = self.given.project.ciforge.install
        if not (install and self.given.project.mail and self.given.project_file):
            return None
        return Notify(install=install, file=self.given.project_file)

    def _matrix(self, part: MatrixGroup) -> MatrixJob:
        scripts = {name: text for name, text in self.given.scripts.items() if name != "choose.sh"}
        output = f"needs.choose.outputs.{part.key}"
        return MatrixJob(
            key=part.key,
            output=Expression(f"steps.choose.outputs.{part.key}"),
            include=Expression(f"fromJSON({output})"),
            some=Expression(f"{output} != '[]'"),
            steps=_shape(part),
            bases={name: Expression(f"vars.{name}") for name in _variables(part)},
            emulates=any(cell.emulated for cell in part.cells),
            may_fail=any(cell.job.allow_failure for cell in part.cells),
            files=bundle((cell.job for cell in part.cells), scripts),
        )


def _gate(stem: str) -> str:
    """`ciforge-debian.2` to `gate debian 2`."""
    return " ".join(["gate", *stem.removeprefix("ciforge").replace(".", "-").split("-")[1:]])


def _variables(part: MatrixGroup) -> list[str]:
    return sorted({base_image_variable(cell.job.release_id) for cell in part.cells})


def _shape(part: MatrixGroup) -> tuple[str, ...]:
    first: MatrixEntry = part.cells[0]
    return first.shape


def _choose(script: str, rows: str, schedules: Mapping[str, str]) -> str:
    """The script with the table on its standard input."""
    words = "".join(
        f"{shlex.quote(cron)}) CIFORGE_WHEN={shlex.quote(w)} ;;\n" for cron, w in schedules.items()
    )
    return (
        'cd "$RUNNER_TEMP"\n'
        + here("choose.sh", script)
        + (f"case $CIFORGE_SCHEDULE in\n{words}esac\nexport CIFORGE_WHEN\n" if words else "")
        + 'cd "$GITHUB_WORKSPACE"\n'
        + "sh \"$RUNNER_TEMP/choose.sh\" <<'END'\n"
        + f"# part job when runner platform may-fail\n{rows}END\n"
    )


def _groups(
    project: Project, repos: Sequence[str], jobs: Sequence[Job]
) -> Iterator[tuple[str, str, Sequence[Job]]]:
    """File name, title and jobs of each workflow: one for the repository, or one a distribution."""
    title = f"ciforge {', '.join(repos)}"
    if project.ciforge.workflows != "distribution":
        yield "ciforge", title, jobs
        return
    for name in dict.fromkeys(job.distribution.distribution for job in jobs):
        own = [job for job in jobs if job.distribution.distribution == name]
        if not all(job.skipped for job in own):
            yield f"ciforge-{name}", f"{title} on {name}", own
