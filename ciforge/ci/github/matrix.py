"""Jobs as entries of a matrix: their runners, when they run, and how many fit into one."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from ciforge.ci.hosted_jobs import runnable
from ciforge.ci.hosted_machines import needs_machine
from ciforge.errors import UsageError
from ciforge.model.job import Job

LARGEST_MATRIX = 256
"""Jobs that GitHub takes in one matrix; more are split into several."""

_NATIVE: Mapping[str, str] = {
    "linux/amd64": "ubuntu-24.04",
    "linux/386": "ubuntu-24.04",
    "linux/arm64": "ubuntu-24.04-arm",
}
"""Platforms to the labels of the runners that need no emulation for them."""

EMULATING = "ubuntu-24.04"
"""The label of the runner for all others."""

_GUESTS: Mapping[str, str] = {"amd64": "x86_64", "arm64": "aarch64", "riscv64": "riscv64"}
"""Processors to the words of the actions that boot virtual machines (README.md of vmactions, `arch`)."""

_MONTHLY, _WEEKLY, _DAILY = (
    "{minute} {hour} {day} * *",
    "{minute} {hour} * * {weekday}",
    "{minute} {hour} * * *",
)
_WORDS = {"monthly": _MONTHLY, "weekly": _WEEKLY, "daily": _DAILY}

COMMIT = "commit"
"""In the column `when`: with every commit and pull request."""


@attrs.frozen(eq=False, repr=False)
class MatrixEntry:
    """One job, with its runner and the events that start it."""

    job: Job
    runner: str
    emulated: bool
    when: tuple[str, ...]
    guest: str = ""
    """The processor of the virtual machine that an action boots, in its words; empty where none is needed."""

    @property
    def shape(self) -> tuple[bool, tuple[str, ...]]:
        """Whether it has no container, and the names of its steps: the same for all entries of one matrix."""
        return needs_machine(self.job), self.steps

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of its steps."""
        return tuple(step.name for step in self.job.steps)

    @property
    def tarball(self) -> str:
        """The id of the job whose release tarball it is built from; empty for all others."""
        return "".join(self.job.needs[-1:])

    @property
    def row(self) -> str:
        """Its line of the table that `choose.sh` reads, without its part."""
        return " ".join((self.job.id, ",".join(self.when), self.runner))


@attrs.frozen(eq=False, repr=False)
class MatrixGroup:
    """A matrix: entries with the same steps, at most LARGEST_MATRIX."""

    key: str
    cells: tuple[MatrixEntry, ...]

    def waits_for(self, groups: "Iterable[MatrixGroup]") -> tuple[str, ...]:
        """The keys of the groups with the jobs that make the tarballs of its own. Raises UsageError if none does."""
        keys = {cell.job.id: group.key for group in groups for cell in group.cells}
        for cell in self.cells:
            if cell.tarball and cell.tarball not in keys:
                raise UsageError(
                    f"{cell.job.id} needs the tarball of {cell.tarball}, which another file or none makes",
                    hint="generate both, and leave out `workflows: distribution`",
                )
        return tuple(dict.fromkeys(keys[cell.tarball] for cell in self.cells if cell.tarball))


def matrix_entries(jobs: Sequence[Job]) -> Iterator[MatrixEntry]:
    """An entry for every job that can run."""
    for job in runnable(jobs):
        platform = str(job.platform)
        if needs_machine(job):
            yield _machine_entry(job)
            continue
        runner = _NATIVE.get(platform, EMULATING)
        yield MatrixEntry(job, runner, platform not in _NATIVE, _when(job))


def offers(job: Job) -> bool:
    """Whether GitHub's runners have the system of a job, themselves or as a virtual machine."""
    hosted = job.release.hosted
    return str(job.platform) in hosted.runners or (
        bool(hosted.action) and job.platform.arch in _GUESTS
    )


def _machine_entry(job: Job) -> MatrixEntry:
    hosted = job.release.hosted
    own = hosted.runners.get(str(job.platform))
    if own:
        return MatrixEntry(job, own, False, _when(job))
    return MatrixEntry(job, EMULATING, False, _when(job), _GUESTS[job.platform.arch])


def with_makers(cells: Sequence[MatrixEntry]) -> tuple[MatrixEntry, ...]:
    """The entries, of which those that make a tarball also run when one runs that is built from it."""
    events: dict[str, tuple[str, ...]] = {}
    for cell in cells:
        if cell.tarball:
            events[cell.tarball] = (*events.get(cell.tarball, ()), *cell.when)
    return tuple(
        attrs.evolve(cell, when=tuple(dict.fromkeys((*cell.when, *events[cell.job.id]))))
        if cell.job.id in events
        else cell
        for cell in cells
    )


def matrix_groups(cells: Iterable[MatrixEntry]) -> tuple[MatrixGroup, ...]:
    """Matrices in the order of their first entries; the parts of a large one follow each other."""
    shapes: dict[tuple[bool, tuple[str, ...]], list[MatrixEntry]] = {}
    for cell in cells:
        shapes.setdefault(cell.shape, []).append(cell)
    shards = [
        tuple(shape[at : at + LARGEST_MATRIX])
        for shape in shapes.values()
        for at in range(0, len(shape), LARGEST_MATRIX)
    ]
    return tuple(
        MatrixGroup("build" if n == 1 else f"build-{n}", shard) for n, shard in enumerate(shards, 1)
    )


def crons(project: str, cells: Iterable[MatrixEntry]) -> dict[str, str]:
    """Every schedule of an entry, as five cron fields, to its word in the table."""
    asked = {schedule for cell in cells for schedule in _schedules(cell.job)}
    return {_cron(schedule, project): _word(schedule) for schedule in sorted(asked)}


def weekly(seed: str) -> str:
    """Five cron fields: once a week, at a time that depends on the seed."""
    return _cron("weekly", seed)


def _schedules(job: Job) -> tuple[str, ...]:
    """A rolling release changes by itself, so it is looked at without a commit too."""
    rolling = ("weekly",) if job.release.rolling else ()
    return (job.schedule,) if job.schedule else rolling


def _when(job: Job) -> tuple[str, ...]:
    schedules = tuple(map(_word, _schedules(job)))
    return schedules if job.schedule else (COMMIT, *schedules)


def _word(schedule: str) -> str:
    return schedule.replace(" ", "_").replace(",", ".")


def _cron(schedule: str, project: str) -> str:
    """At a time of the project's own, so that not all of them begin at once."""
    number = int.from_bytes(hashlib.sha256(project.encode()).digest()[:8])
    return _WORDS.get(schedule, schedule).format(
        minute=1 + number % 59, hour=(number >> 8) % 6, day=1 + (number >> 16) % 28,
        weekday=(number >> 24) % 7,
    )  # fmt: skip
