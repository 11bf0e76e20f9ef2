"""A repository's jobs to its files for GitHub Actions.

The templates are `workflows/github/*.j2`, not in this folder: a project replaces them under their names, and
people who change only the YAML need no Python.
"""

from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.ci.file_set import SetPlace
from ciforge.ci.github.action_pins import Pins, newer, read_pins, uses
from ciforge.ci.github.expression_limit import refuse_long_expressions
from ciforge.ci.github.file_values import Guest, MatrixJob, Notify, PackageSchedule, Workflow
from ciforge.ci.github.matrix import (
    COMMIT,
    MatrixEntry,
    MatrixGroup,
    crons,
    matrix_entries,
    matrix_groups,
    offers,
    weekly,
    with_makers,
)
from ciforge.ci.hosted_jobs import (
    by_file,
    followed_branches,
    kept_in,
    needed_scripts,
    proof_words,
    require_runnable,
    runnable,
)
from ciforge.ci.hosted_machines import UNTRIED, needs_machine, with_machines
from ciforge.ci.job_files import job_files
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import render
from ciforge.ci.yaml_values import Expression, Word
from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.model.project import CacheStore, Project

FOLDER = ".github/workflows"
LARGEST_FILE = 480_000
"""Bytes; GitHub does not start runs of a workflow file of more than 500 KB (docs, "Actions limits")."""

_SURROUNDINGS = 30
"""Minutes of a hosted job besides those of its own limit."""
_LONGEST = 360
"""Minutes that a job has on a hosted runner (docs.github.com, "Actions limits")."""


@attrs.frozen(eq=False, repr=False)
class GithubActions:
    """The service. It is a `CiService`."""

    name: str = "github"
    folder: str = ".github"
    single: str = f"{FOLDER}/ciforge*.yml"
    template_file: type[attrs.AttrsInstance] = Workflow
    pins_file: str = "github/actions.json"
    carries_tarballs: bool = True
    sends_mail: bool = True

    def files(
        self,
        given: GenerationInput,
        repos: Sequence[str],
        jobs: Sequence[Job],
        existing: Mapping[str, str],
    ) -> dict[str, str]:
        """Workflows and what they run; newer pins of `existing` are kept.

        Raises UsageError where no job can run, or what is written exceeds a limit of GitHub."""
        pins = read_pins(given.pins)
        jobs = with_machines(jobs, lambda job: offers(job) and _is_pinned(job, pins))
        require_runnable(jobs)
        writer = _Writer(given, pins, tuple(repos), existing)
        made = job_files(
            tuple(runnable(jobs)),
            needed_scripts(given, (), writer.kept),
            given.place.home,
            ccache=writer.caches,
            boots=True,
        )
        for names, some in _groups(given.project, given.place, repos, jobs):
            made |= writer.sized(names, some)
        made |= writer.packages(_names(given.place, repos))
        for path, text in made.items():
            if path.startswith(f"{FOLDER}/"):
                refuse_long_expressions(path, text)
        return made


SERVICE = GithubActions()


@attrs.frozen(eq=False, repr=False)
class _FileNames:
    """The names of a workflow: as a file, on GitHub's pages, and as a check."""

    stem: str
    title: str
    gate: str

    def part(self, number: int, count: int) -> "_FileNames":
        """The names of one of several files that hold the jobs of one."""
        if count == 1:
            return self
        title = f"{self.title} ({number} of {count})"
        if number == 1:
            return _FileNames(self.stem, title, self.gate)
        return _FileNames(f"{self.stem}.{number}", title, f"{self.gate} {number}")


@attrs.frozen(eq=False, repr=False)
class _Writer:
    given: GenerationInput
    pins: Pins
    repos: tuple[str, ...]
    existing: Mapping[str, str]

    @property
    def kept(self) -> CacheStore:
        """Where images are kept for later runs."""
        return kept_in(self.given, self.repos)

    @property
    def caches(self) -> bool:
        """Whether anything is kept for later runs."""
        return self.kept is not CacheStore.NONE

    def sized(self, names: _FileNames, jobs: Sequence[Job]) -> dict[str, str]:
        """One workflow, or as many as it takes for each to be small enough; each has a job that runs."""
        left_out = [job for job in jobs if job.skipped]
        jobs = [job for job in jobs if not job.skipped]
        count = 1
        while count <= len(jobs):
            size = -(-len(jobs) // count)
            slices = [jobs[at : at + size] for at in range(0, len(jobs), size)]
            slices[0] = [*slices[0], *left_out]
            texts: dict[str, str] = {}
            for number, some in enumerate(slices, 1):
                texts |= self._files(names.part(number, len(slices)), some)
            largest = max(len(text.encode()) for text in texts.values())
            if largest <= LARGEST_FILE:
                return texts
            count = max(count + 1, count * largest // LARGEST_FILE)
        raise UsageError(
            f"{jobs[0].id} alone is larger than a workflow file may be ({LARGEST_FILE} bytes)",
            hint="shorten its steps or its environment",
        )

    def packages(self, names: _FileNames) -> dict[str, str]:
        """The workflow that checks names of packages, where a runner can install ciforge."""
        install, project = self.given.project.ciforge.install, self.given.project
        place, path = self.given.place, f"{FOLDER}/{self.given.place.stem}.packages.yml"
        if not (install and self.given.project_file):
            return {}
        packages = PackageSchedule(
            name=f"{names.title} packages",
            cron=weekly(f"{project.project}/{place.source}/packages"),
            install=install,
            file=self.given.project_file,
        )
        pins = newer(self.pins, self.existing.get(path, ""))
        file = attrs.evolve(self._workflow(names, ()), packages=packages, uses=uses(pins))
        return {path: render(self.given.templates, "github/packages.yml.j2", file)}

    def _files(self, names: _FileNames, jobs: Sequence[Job]) -> dict[str, str]:
        """A workflow, and the one that calls it on its schedules."""
        file = self._workflow(names, jobs)
        path = f"{FOLDER}/{names.stem}.yml"
        pins = newer(self.pins, self.existing.get(path, ""))
        file = attrs.evolve(file, uses=uses(pins))
        made = {path: render(self.given.templates, "github/workflow.yml.j2", file)}
        if file.schedules:
            text = render(self.given.templates, "github/schedule.yml.j2", file)
            made[f"{FOLDER}/{file.caller}"] = text
        return made

    def _workflow(self, names: _FileNames, jobs: Sequence[Job]) -> Workflow:
        cells = with_makers(tuple(matrix_entries(jobs)))
        parts = matrix_groups(cells)
        place = self.given.place
        schedules = crons(f"{self.given.project.project}/{'/'.join(self.repos)}", cells)
        up = "../" * (place.source.count("/") + 1) if place.source else ""
        return Workflow(
            name=names.title,
            schedule_name=f"{names.title} schedule",
            command=self.given.command,
            project=self.given.project.project,
            folder=place.home,
            scripts=up + place.home,
            directory=place.source,
            state=f"{place.stem}-state",
            pushed=any(COMMIT in cell.when for cell in cells),
            branches=followed_branches(self.given, self.repos),
            schedules=schedules,
            caller=f"{names.stem}.schedule.yml",
            called=f"{names.stem}.yml",
            left_out=tuple((job.id, job.skipped) for job in jobs if job.skipped),
            untried=UNTRIED,
            proven=proof_words(jobs),
            choose=_choose(up + place.home, parts, schedules),
            ignore=self.given.project.ciforge.ignore,
            parts=tuple(_matrix_job(part, part.waits_for(parts)) for part in parts),
            caches=self.caches,
            registry=self.kept is CacheStore.REGISTRY,
            keys=("choose", *(part.key for part in parts)),
            gate=names.gate,
            uses={},
            notify=self._notify(),
        )

    def _notify(self) -> Notify | None:
        """The job `notify`; None without a recipient, a way to install ciforge, or a project file to read."""
        install = self.given.project.ciforge.install
        if not (install and self.given.project.mail and self.given.project_file):
            return None
        return Notify(install=install, file=self.given.project_file)


def _is_pinned(job: Job, pins: Pins) -> bool:
    """Whether the action that boots the job's machine is one whose commit is known."""
    return not job.release.hosted.action or job.release.hosted.action in pins


def _guests(part: MatrixGroup) -> tuple[Guest, ...]:
    found = {(cell.job.machine_id, cell.guest): cell.job for cell in part.cells if cell.guest}
    releases = [release for release, _ in found]
    return tuple(
        _guest(job, arch, alone=releases.count(release) == 1)
        for (release, arch), job in found.items()
    )


def _guest(job: Job, arch: str, *, alone: bool) -> Guest:
    """The step that boots a release; `alone` is whether no job of it has another processor."""
    # The name of an artifact is the id of its job, with commas for slashes.
    release = f"contains(matrix.artifact, ',{job.machine_id},')"
    processor = f"endsWith(matrix.platform, '{job.platform.arch}')"
    chosen = release if alone else f"{release} && {processor}"
    return Guest(
        title=f"{job.distribution.title} {job.release.release} ({arch})",
        chosen=Expression(chosen),
        action=job.release.hosted.action.rpartition("/")[2],
        release=job.release.release,
        arch=arch,
    )


def _matrix_job(part: MatrixGroup, waits_for: tuple[str, ...]) -> MatrixJob:
    output = f"needs.choose.outputs.{part.key}"
    # One whose maker was not chosen says so itself.
    some = "!failure() && !cancelled() && " if waits_for else ""
    first: MatrixEntry = part.cells[0]
    longest = max(-(-cell.job.timeout // 60) for cell in part.cells)
    return MatrixJob(
        key=part.key,
        output=Expression(f"steps.choose.outputs.{part.key}"),
        include=Expression(f"fromJSON({output})"),
        some=Expression(f"{some}{output} != '[]'"),
        steps=first.steps,
        waits_for=waits_for,
        container=not needs_machine(first.job),
        guests=_guests(part),
        prepare=Word(f"{'prepare-machine' if needs_machine(first.job) else 'prepare'}.sh"),
        emulates=any(cell.emulated for cell in part.cells),
        may_fail=any(cell.job.allow_failure for cell in part.cells),
        chosen=Expression(f"join(fromJSON({output} || '[]').*.job, ' ')"),
        minutes=min(longest + _SURROUNDINGS, _LONGEST),
    )


def _choose(scripts: str, parts: Sequence[MatrixGroup], schedules: Mapping[str, str]) -> str:
    """The command that chooses, with the table of jobs on its standard input."""
    rows = [f"schedule {word} {cron}" for cron, word in schedules.items()]
    rows += [f"{part.key} {cell.row}" for part in parts for cell in part.cells]
    return "".join(f"{line}\n" for line in (f"sh {scripts}/choose.sh <<'END'", *rows, "END"))


def _groups(
    project: Project, place: SetPlace, repos: Sequence[str], jobs: Sequence[Job]
) -> Iterator[tuple[_FileNames, Sequence[Job]]]:
    """Names and jobs of each workflow: one for the repository, or one a distribution."""
    whole = _names(place, repos)
    for name, some in by_file(project, jobs).items():
        stem, on = (f"{whole.stem}-{name}", f" on {name}") if name else (whole.stem, "")
        yield _FileNames(stem, f"{whole.title}{on}", f"{whole.gate} {name}".rstrip()), some


def _names(place: SetPlace, repos: Sequence[str]) -> _FileNames:
    where = f" in {place.source}" if place.source else ""
    title = f"ciforge {', '.join(repos)}{where}"
    return _FileNames(place.stem, title, f"gate {place.source}".rstrip())
