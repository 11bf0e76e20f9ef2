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
- The runner keeps caches: all jobs read those of pushes, a pull request writes only for itself.
  `getWriteIsolationKey` in https://code.forgejo.org/forgejo/runner/src/branch/main/internal/app/run/runner.go
- The token of a job is none for packages; a registry takes one with `write:package`, and gives public images to all.
  https://forgejo.org/docs/latest/user/packages/container/, https://forgejo.org/docs/latest/user/token-scope/
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
    CACHE_NAMES,
    IGNORED,
    base_image_variable,
    by_file,
    first_with_image,
    followed_branches,
    kept_in,
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
from ciforge.model.project import CacheStore

UNUSED_SCRIPTS = frozenset({"choose.sh", "matcher.json"})
"""Scripts of `workflows/hosted/` that this service has no use for."""

_WORD = re.compile(r"[a-z]+")


@attrs.frozen(kw_only=True)
class ForgejoJobs:
    """Jobs with the same steps, as the template has them."""

    key: str
    entries: tuple[Mapping[str, Any], ...]
    compiles: bool
    """Whether one of its jobs has results of compilers to keep."""
    minutes: int
    """The time limit of each."""
    may_fail: bool
    """Whether one of its jobs may fail: a failed step does not end that one, `finish.sh` does."""
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
    bases: Mapping[str, Expression]
    """Variables of the service that may name other base images."""
    parts: tuple[ForgejoJobs, ...]
    caches: bool
    """Whether images and results of compilers are kept for later runs."""
    registry: bool
    """Whether images are kept in the registry."""
    kept: tuple[Mapping[str, Any], ...]
    """The jobs whose image or results a push keeps; the image of several jobs is kept with the first."""
    cache_names: str
    """The command that names what a job keeps."""
    make_image: str
    """The command that makes an image and keeps it."""
    prepare: str
    """The command that makes an image, and a container of it."""
    keys: tuple[str, ...]
    """The jobs of the file that build."""
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
    carries_tarballs: bool = False
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
        kept = kept_in(given, repos)
        caches, scripts = kept is not CacheStore.NONE, _Scripts(place)
        made = {}
        for name, own in by_file(given.project, jobs).items():
            for word, cron, some in _triggers(given, repos, own):
                path = f"{place.folder}/workflows/{'-'.join(filter(None, (place.stem, name, word)))}.yml"
                file = ForgejoFile(
                    command=given.command,
                    name=" ".join(filter(None, (title, name and f"on {name}", word))),
                    cron=cron,
                    branches=followed_branches(given, repos),
                    ignore=" ".join(given.project.ciforge.ignore) if not cron else "",
                    ignored=f"{place.home}/{IGNORED}",
                    bases=_bases(some),
                    parts=(parts := tuple(_parts(scripts, some))),
                    keys=tuple(part.key for part in parts),
                    caches=caches,
                    registry=kept is CacheStore.REGISTRY,
                    kept=_kept(some) if caches and not cron else (),
                    cache_names=scripts.command(CACHE_NAMES),
                    make_image=scripts.command("prepare.sh", "image"),
                    prepare=scripts.command("prepare.sh"),
                    left_out=tuple((job.id, job.skipped) for job in own if job.skipped),
                    proven=proof_words(own),
                    uses=uses(newer(read_pins(given.pins), existing.get(path, ""))),
                )
                made[path] = render(given.templates, "forgejo/workflow.yml.j2", file)
        needed = needed_scripts(given, UNUSED_SCRIPTS, kept)
        return {**made, **job_files(tuple(runnable(jobs)), needed, place.home, ccache=caches)}


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


@attrs.frozen
class _Scripts:
    """The scripts of the set, run in the folder of the source."""

    place: SetPlace

    def command(self, name: str, *arguments: str) -> str:
        """Returns the command that runs a script."""
        if not self.place.source:
            return " ".join(("sh", f"{self.place.home}/{name}", *arguments))
        script = f'"$GITHUB_WORKSPACE"/{self.place.home}/{name}'
        return " ".join(("cd", shlex.quote(self.place.source), "&& sh", script, *arguments))


def _parts(scripts: _Scripts, jobs: Sequence[Job]) -> Iterator[ForgejoJobs]:
    for number, (shape, some) in enumerate(step_shapes(jobs).items(), 1):
        yield ForgejoJobs(
            key="build" if number == 1 else f"build-{number}",
            entries=tuple(map(_entry, some)),
            compiles=any(job.ccache for job in some),
            minutes=max(map(service_minutes, some)),
            may_fail=any(job.allow_failure for job in some),
            steps=tuple((name, scripts.command("step.sh", name)) for name in shape),
            finish=scripts.command("finish.sh"),
        )


def _bases(jobs: Sequence[Job]) -> Mapping[str, Expression]:
    names = sorted({base_image_variable(job.machine_id) for job in runnable(jobs)})
    return {name: Expression(f"vars.{name}") for name in names}


def _entry(job: Job) -> Mapping[str, Any]:
    return {
        "job": job.id, "artifact": job.id.replace("/", ","), "may_fail": job.allow_failure,
    }  # fmt: skip


def _kept(jobs: Sequence[Job]) -> tuple[Mapping[str, Any], ...]:
    first = first_with_image(jobs)
    rows = (
        {
            "job": job.id, "artifact": job.id.replace("/", ","),
            "image": first[job.id] is job, "ccache": job.ccache,
        }
        for job in runnable(jobs)
    )  # fmt: skip
    return tuple(row for row in rows if row["image"] or row["ccache"])
