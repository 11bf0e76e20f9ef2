"""A repository's jobs to a file for GitLab CI, which the project's own `.gitlab-ci.yml` includes.

The template is `workflows/gitlab/jobs.yml.j2`, not in this folder: a project replaces it under that name.
Facts of the service: https://docs.gitlab.com/ci/yaml/ and https://docs.gitlab.com/ci/docker/docker_in_docker/.
Caches: protected branches and others do not share them, a variable may be the policy, and a key has no slash
(https://docs.gitlab.com/ci/caching/, https://docs.gitlab.com/ci/yaml/#cachepolicy); at most 200 jobs of a matrix
(https://docs.gitlab.com/ci/yaml/#parallelmatrix); predefined variables name the project's registry
(https://docs.gitlab.com/user/packages/container_registry/authenticate_with_container_registry/).
"""

import hashlib
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.ci.hosted_jobs import (
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
)
from ciforge.ci.job_files import job_files
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import render
from ciforge.errors import UsageError
from ciforge.model.identifiers import file_name
from ciforge.model.job import Job
from ciforge.model.project import CacheStore

UNUSED_SCRIPTS = frozenset({"choose.sh", "matcher.json", "summary.awk"})
"""Scripts of `workflows/hosted/` that this service has no use for."""

_BRANCH = re.compile(r"[A-Za-z0-9._/@+=,-]+")
"""Text that may be quoted in an expression of GitLab, which has no way to escape a quote."""


LARGEST_MATRIX = 200
"""Jobs that one matrix may have."""

Rule = Mapping[str, str | Mapping[str, str]]
"""An element of `rules:`."""

_MERGE_REQUEST = {"if": "$CI_PIPELINE_SOURCE == 'merge_request_event'"}
_BY_HAND = {"if": "$CI_PIPELINE_SOURCE == 'web'"}


@attrs.frozen(kw_only=True)
class GitlabJob:
    """One job as the template has it."""

    id: str
    rules: "tuple[Rule, ...]"
    """When it starts; empty for the same as most jobs."""
    allow_failure: bool
    minutes: int
    """Its time limit; 0 for the same as most jobs."""
    image: str
    """The name of its image in the cache; empty where it is in the registry, or not kept."""


@attrs.frozen(kw_only=True)
class GitlabFile:
    """The file as the template has it."""

    command: str
    path: str
    """The path of the file, from the top of the repository."""
    ignore: str
    """Patterns of files; a merge request that changes no others builds nothing."""
    before: tuple[str, ...]
    """Commands that unpack the job and enter the folder of the source."""
    run: str
    """The command that runs all steps."""
    keep: str
    """The command that copies the results to where the service takes them from."""
    minutes: int
    """The time limit of a job that has none of its own."""
    caches: bool
    """Whether images and results of compilers are kept for later pipelines."""
    compiles: bool
    """Whether one of the jobs has results of compilers to keep."""
    registry: bool
    """Whether images are kept in the registry of the project."""
    images: tuple[tuple[str, tuple[Mapping[str, str], ...]], ...]
    """Jobs that keep images, each with the variables of its matrix."""
    keep_image: str
    """The command that builds an image and keeps it."""
    pushes: "tuple[Rule, ...]"
    """The pushes that keep something."""
    rules: "tuple[Rule, ...]"
    """Returns the rule of a job that has none of its own."""
    jobs: tuple[GitlabJob, ...]
    left_out: tuple[tuple[str, str], ...]
    proven: str
    """Each word for how far a system is proven, with its releases."""


@attrs.frozen
class Gitlab:
    """The service. It is a `CiService`."""

    name: str = "gitlab"
    folder: str = ".gitlab"
    single: str = ""
    template_file: type[attrs.AttrsInstance] = GitlabFile
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
        """A file with all jobs, or one for each distribution, and what they run.

        Raises UsageError where no job can run."""
        jobs = native_only(jobs, "GitLab's runners")
        require_runnable(jobs)
        made, kept = {}, kept_in(given, repos)
        branches = _checked(followed_branches(given, repos))
        for name, some in by_file(given.project, jobs).items():
            stem = f"{given.place.stem}{name and f'-{name}'}"
            file = self._file(given, stem, some, branches, kept)
            made[file.path] = render(given.templates, "gitlab/jobs.yml.j2", file)
        scripts, caches = needed_scripts(given, UNUSED_SCRIPTS, kept), kept is not CacheStore.NONE
        return made | job_files(tuple(runnable(jobs)), scripts, given.place.home, ccache=caches)

    def _file(
        self,
        given: GenerationInput,
        stem: str,
        jobs: Sequence[Job],
        branches: Sequence[str],
        kept: CacheStore,
    ) -> GitlabFile:
        place, caches = given.place, kept is not CacheStore.NONE
        pushes = _push_rules(branches, keep=caches)
        rules: tuple[Rule, ...] = (_MERGE_REQUEST, *pushes, _BY_HAND)
        images = _image_names(jobs) if kept is CacheStore.SERVICE else {}
        minutes = Counter(map(service_minutes, runnable(jobs))).most_common(1)[0][0]
        enter = (f"cd {shlex.quote(place.source)}",) if place.source else ()
        return GitlabFile(
            command=given.command,
            path=f"{place.folder}/{stem}.yml",
            ignore=" ".join(given.project.ciforge.ignore),
            before=(f"sh {place.home}/unpack.sh", *enter),
            run=f'sh "$CI_PROJECT_DIR/{place.home}/job.sh"',
            keep=f'sh {place.home}/job.sh keep "$CI_PROJECT_DIR/ciforge-results"',
            minutes=minutes,
            caches=caches,
            compiles=any(job.ccache for job in runnable(jobs)),
            registry=kept is CacheStore.REGISTRY,
            images=tuple(_image_jobs(stem, jobs, images)) if caches else (),
            keep_image=f'sh "$CI_PROJECT_DIR/{place.home}/job.sh" image',
            pushes=pushes,
            rules=rules,
            jobs=tuple(_job(job, rules, minutes, images.get(job.id, "")) for job in runnable(jobs)),
            left_out=tuple((job.id, job.skipped) for job in jobs if job.skipped),
            proven=proof_words(jobs),
        )


SERVICE = Gitlab()


def _job(job: Job, rules: Sequence[Rule], minutes: int, image: str) -> GitlabJob:
    own: tuple[Rule, ...] = ()
    if job.schedule:
        own = (_schedule_rule(job.schedule), _BY_HAND)
    elif job.release.rolling:  # it changes without a commit
        own = (*rules, _schedule_rule("weekly"))
    limit = service_minutes(job)
    return GitlabJob(
        id=job.id, rules=own, allow_failure=job.allow_failure, image=image,
        minutes=limit if limit != minutes else 0,
    )  # fmt: skip


def _image_names(jobs: Sequence[Job]) -> Mapping[str, str]:
    """Returns the name of each job's image in the cache, by id; jobs with the same image have the same one."""
    return {name: file_name(first.id) for name, first in first_with_image(jobs).items()}


def _image_jobs(
    stem: str, jobs: Sequence[Job], names: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Mapping[str, str], ...]]]:
    """Yields the name of each job that keeps images, and the variables of its matrix."""
    firsts = dict.fromkeys(job.id for job in first_with_image(jobs).values())
    rows = tuple(
        {"CIFORGE_JOB": first} | ({"CIFORGE_IMAGE": names[first]} if names else {})
        for first in firsts
    )
    for at in range(0, len(rows), LARGEST_MATRIX):
        number = f" {at // LARGEST_MATRIX + 1}" if at else ""
        yield f"{stem} images{number}", rows[at : at + LARGEST_MATRIX]


def _schedule_rule(schedule: str) -> Rule:
    """Schedules are made in the settings of the project, with the variable CIFORGE_SCHEDULE."""
    return {"if": f"$CI_PIPELINE_SOURCE == 'schedule' && $CIFORGE_SCHEDULE == '{schedule}'"}


def _push_rules(branches: Sequence[str], *, keep: bool) -> tuple[Rule, ...]:
    """Pushes to `branches`, or to all; no commit is built twice. With `keep` they write the cache of the branch."""
    push = "$CI_PIPELINE_SOURCE == 'push' && "
    return tuple(
        {"if": f"{push}$CI_COMMIT_BRANCH == '{branch}'"}
        | (
            {"variables": {"CIFORGE_CACHE": "pull-push", "CIFORGE_BRANCH": _key(branch)}}
            if keep
            else {}
        )
        for branch in branches
    ) or (
        {"if": f"{push}$CI_OPEN_MERGE_REQUESTS", "when": "never"},
        {"if": f"{push}$CI_COMMIT_BRANCH"},
    )


def _key(branch: str) -> str:
    """Returns a name for a branch that a cache key can have, and no other branch."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", branch)
    return (
        plain if plain == branch else f"{plain}-{hashlib.sha256(branch.encode()).hexdigest()[:8]}"
    )


def _checked(found: tuple[str, ...]) -> tuple[str, ...]:
    for branch in found:
        if not _BRANCH.fullmatch(branch):
            raise UsageError(
                f"branch {branch!r} cannot be used in a GitLab rule",
                hint="GitLab expressions have no way to quote it; remove it from branches:",
            )
    return found
