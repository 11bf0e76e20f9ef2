"""A repository's jobs to its files for Forgejo Actions: one for commits, and one for each schedule.

The template is `workflows/forgejo/workflow.yml.j2`, not in this folder: a project replaces it under that name.
Facts of the service, and how it differs from GitHub Actions, which it resembles:

- It reads `.forgejo/workflows`, and `.github/workflows` only where that does not exist; actions without an
  address come from the instance's own place. https://forgejo.org/docs/latest/user/actions/reference/
- `permissions` and a job's `continue-on-error` have no effect, and the images of most runners are Debian with
  Node.js. https://forgejo.org/docs/latest/user/actions/github-actions/
- Labels of runners are what their administrators chose, and jobs reach an engine only where they permit it.
  https://forgejo.org/docs/latest/admin/actions/docker-access/
- Artifact actions of GitHub refuse other servers; Forgejo has changed copies of them.
  https://code.forgejo.org/forgejo/upload-artifact
"""

import hashlib
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from ciforge.ci.file_set import SetPlace
from ciforge.ci.github.action_pins import newer, read_pins, uses
from ciforge.ci.github.matrix import COMMIT, crons, matrix_entries
from ciforge.ci.hosted_jobs import (
    IGNORED,
    base_image_variable,
    by_file,
    native_only,
    needed_scripts,
    proof_words,
    require_runnable,
    runnable,
    service_minutes,
    step_shapes,
)
from ciforge.ci.job_files import job_files
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import render
from ciforge.ci.yaml_values import Expression, Pinned
from ciforge.model.job import Job

UNUSED_SCRIPTS = frozenset({"choose.sh", "matcher.json", "registry.sh"})
"""Scripts of `workflows/hosted/` that this service has no use for."""

_WORD = re.compile(r"[a-z]+")


@attrs.frozen(kw_only=True)
class ForgejoJobs:
    """Jobs with the same steps, as the template has them."""

    key: str
    entries: tuple[Mapping[str, Any], ...]
    bases: Mapping[str, Expression]
    """Variables of the service that may name other base images."""
    minutes: int
    """The time limit of each."""
    may_fail: bool
    """Whether one of its jobs may fail: a failed step does not end that one, `finish.sh` does."""
    prepare: str
    steps: tuple[tuple[str, str], ...]
    """Name of each step and its command."""
    finish: str


@attrs.frozen(kw_only=True)
class ForgejoFile:
    """A file as the template has it."""

    command: str
    name: str
    cron: str
    """Its schedule; empty for commits and pull requests."""
    branches: tuple[str, ...]
    """Branches that a push builds; empty for all."""
    ignore: str
    """Patterns of files; a pull request that changes no others builds nothing."""
    ignored: str
    """The script that tells whether it does."""
    unpack: str
    parts: tuple[ForgejoJobs, ...]
    left_out: tuple[tuple[str, str], ...]
    proven: str
    """Each word for how far a system is proven, with its releases."""
    uses: Mapping[str, Pinned]


@attrs.frozen
class Forgejo:
    """The service. It is a `CiService`."""

    name: str = "forgejo"
    folder: str = ".forgejo"
    single: str = ""
    template_file: type[attrs.AttrsInstance] = ForgejoFile
    pins_file: str = "forgejo/actions.json"
    sends_mail: bool = False

    def files(
        self,
        given: GenerationInput,
        repos: Sequence[str],
        jobs: Sequence[Job],
        existing: Mapping[str, str],
    ) -> dict[str, str]:
        """The workflows and what they run; newer pins of `existing` are kept.

        Raises UsageError where no job can run."""
        jobs = native_only(jobs, "Forgejo's runners")
        require_runnable(jobs)
        place, title = given.place, f"ciforge {', '.join(repos)}"
        made = {}
        for name, own in by_file(given.project, jobs).items():
            for word, cron, some in _triggers(given, repos, own):
                path = f"{place.folder}/workflows/{'-'.join(filter(None, (place.stem, name, word)))}.yml"
                file = ForgejoFile(
                    command=given.command,
                    name=" ".join(filter(None, (title, name and f"on {name}", word))),
                    cron=cron,
                    branches=_branches(given, repos),
                    ignore=" ".join(given.project.ciforge.ignore) if not cron else "",
                    ignored=f"{place.home}/{IGNORED}",
                    unpack=f"sh {place.home}/unpack.sh",
                    parts=tuple(_parts(place, some)),
                    left_out=tuple((job.id, job.skipped) for job in own if job.skipped),
                    proven=proof_words(own),
                    uses=uses(newer(read_pins(given.pins), existing.get(path, ""))),
                )
                made[path] = render(given.templates, "forgejo/workflow.yml.j2", file)
        scripts = needed_scripts(given, UNUSED_SCRIPTS)
        return {**made, **job_files(tuple(runnable(jobs)), scripts, place.home)}


SERVICE = Forgejo()


def _triggers(
    given: GenerationInput, repos: Sequence[str], jobs: Sequence[Job]
) -> Iterator[tuple[str, str, Sequence[Job]]]:
    """A word for the name, the schedule and the jobs of each file; both are empty for commits."""
    entries = tuple(matrix_entries(jobs))
    if commit := [entry.job for entry in entries if COMMIT in entry.when]:
        yield "", "", commit
    for cron, word in crons(f"{given.project.project}/{'/'.join(repos)}", entries).items():
        name = word if _WORD.fullmatch(word) else f"cron-{_digest(word)}"
        yield name, cron, [entry.job for entry in entries if word in entry.when]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _branches(given: GenerationInput, repos: Sequence[str]) -> tuple[str, ...]:
    every = [given.project.repos[repo].branches for repo in repos]
    return tuple(dict.fromkeys(one for some in every for one in some)) if all(every) else ()


def _parts(place: SetPlace, jobs: Sequence[Job]) -> Iterator[ForgejoJobs]:
    enter = f"cd {shlex.quote(place.source)} && " if place.source else ""
    folder = f'"$GITHUB_WORKSPACE"/{place.home}' if enter else place.home
    for number, (shape, some) in enumerate(step_shapes(jobs).items(), 1):
        names = sorted({base_image_variable(job.machine_id) for job in some})
        yield ForgejoJobs(
            key="build" if number == 1 else f"build-{number}",
            entries=tuple(map(_entry, some)),
            bases={name: Expression(f"vars.{name}") for name in names},
            minutes=max(map(service_minutes, some)),
            may_fail=any(job.allow_failure for job in some),
            prepare=f"{enter}sh {folder}/prepare.sh",
            steps=tuple((name, f"{enter}sh {folder}/step.sh {name}") for name in shape),
            finish=f"{enter}sh {folder}/finish.sh",
        )


def _entry(job: Job) -> Mapping[str, Any]:
    return {
        "job": job.id, "artifact": job.id.replace("/", ","), "may_fail": job.allow_failure,
    }  # fmt: skip
