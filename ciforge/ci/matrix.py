"""Jobs to the cells of a hosted matrix: what the table of a workflow says about each."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from ciforge.errors import UsageError
from ciforge.model.job import Job

LARGEST_MATRIX = 256
"""Jobs, as GitHub has it; more are split into several."""

_NATIVE: Mapping[str, str] = {
    "linux/amd64": "ubuntu-24.04",
    "linux/386": "ubuntu-24.04",
    "linux/arm64": "ubuntu-24.04-arm",
}
"""Platforms to the runners that need no emulation for them."""

EMULATING = "ubuntu-24.04"
"""The runner for all others."""

_MONTHLY, _WEEKLY, _DAILY = (
    "{minute} {hour} {day} * *",
    "{minute} {hour} * * {weekday}",
    "{minute} {hour} * * *",
)
_WORDS = {"monthly": _MONTHLY, "weekly": _WEEKLY, "daily": _DAILY}

COMMIT = "commit"
"""In the column `when`: with every commit and pull request."""


@attrs.frozen
class MatrixEntry:
    """One job, and how a hosted service is to run it."""

    job: Job
    runner: str
    emulated: bool
    when: tuple[str, ...]

    @property
    def shape(self) -> tuple[str, ...]:
        """The names of its steps: cells of one matrix show the same ones."""
        return tuple(step.name for step in self.job.steps)

    @property
    def row(self) -> str:
        """Its line of the table, without its part."""
        job = self.job
        words = (
            job.id, ",".join(self.when), self.runner, str(job.platform),
            "true" if job.allow_failure else "false",
        )  # fmt: skip
        return " ".join(words)


@attrs.frozen
class MatrixGroup:
    """A matrix: cells with the same steps, at most as many as the service takes."""

    key: str
    cells: tuple[MatrixEntry, ...]


def matrix_entries(jobs: Iterable[Job]) -> Iterator[MatrixEntry]:
    """A cell for every job that can run."""
    for job in jobs:
        if not job.skipped:
            platform = str(job.platform)
            runner = _NATIVE.get(platform, EMULATING)
            yield MatrixEntry(job, runner, platform not in _NATIVE, _when(job))


def refuse_nothing(jobs: Sequence[Job]) -> None:
    """Raises UsageError where no job can run: files without one would always be green."""
    if all(job.skipped for job in jobs):
        reasons = dict.fromkeys(job.skipped for job in jobs)
        raise UsageError(
            f"none of these {len(jobs)} jobs can run: {'; '.join(reasons)}",
            hint="`ciforge jobs` lists them; select others, or say in where: what to do there",
        )


def matrix_groups(cells: Iterable[MatrixEntry]) -> tuple[MatrixGroup, ...]:
    """Matrices in the order of their first cells, shards of a large one beside each other."""
    shapes: dict[tuple[str, ...], list[MatrixEntry]] = {}
    for cell in cells:
        shapes.setdefault(cell.shape, []).append(cell)
    shards = [
        tuple(found[at : at + LARGEST_MATRIX])
        for found in shapes.values()
        for at in range(0, len(found), LARGEST_MATRIX)
    ]
    return tuple(
        MatrixGroup("build" if n == 1 else f"build-{n}", shard) for n, shard in enumerate(shards, 1)
    )


def crons(project: str, cells: Iterable[MatrixEntry]) -> dict[str, str]:
    """Every schedule that a cell asks for, as five cron fields, to its word in the table."""
    asked = {schedule for cell in cells for schedule in _schedules(cell.job)}
    return {_cron(schedule, project): _word(schedule) for schedule in sorted(asked)}


def _schedules(job: Job) -> tuple[str, ...]:
    """A rolling release changes by itself, so it is looked at without a commit too."""
    rolling = ("weekly",) if job.release.rolling else ()
    return (job.schedule,) if job.schedule else rolling


def _when(job: Job) -> tuple[str, ...]:
    words = tuple(map(_word, _schedules(job)))
    return words if job.schedule else (COMMIT, *words)


def _word(schedule: str) -> str:
    return schedule.replace(" ", "_").replace(",", ".")


def _cron(schedule: str, project: str) -> str:
    """At a time of the project's own, so that not all of them begin at once."""
    number = int.from_bytes(hashlib.sha256(project.encode()).digest()[:8])
    return _WORDS.get(schedule, schedule).format(
        minute=1 + number % 59, hour=(number >> 8) % 6, day=1 + (number >> 16) % 28,
        weekday=(number >> 24) % 7,
    )  # fmt: skip


def variable(release_id: str) -> str:
    """The variable that names another base image: `CIFORGE_BASE_DEBIAN_13`."""
    letters = (c if c.isascii() and c.isalnum() else "_" for c in release_id.upper())
    return "CIFORGE_BASE_" + "".join(letters)
