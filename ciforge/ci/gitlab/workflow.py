"""A repository's jobs to a file for GitLab CI, which the project's own `.gitlab-ci.yml` includes.

The template is `workflows/gitlab/jobs.yml.j2`, not in this folder: a project replaces it under that name.
Facts of the service: https://docs.gitlab.com/ci/yaml/ and https://docs.gitlab.com/ci/docker/docker_in_docker/.
"""

import re
import shlex
from collections.abc import Mapping, Sequence

import attrs

from ciforge.ci.hosted_jobs import (
    by_file,
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
from ciforge.model.job import Job

UNUSED_SCRIPTS = frozenset({"choose.sh", "matcher.json", "summary.awk", "registry.sh"})
"""Scripts of `workflows/hosted/` that this service has no use for."""

_BRANCH = re.compile(r"[A-Za-z0-9._/@+=,-]+")
"""Text that may be quoted in an expression of GitLab, which has no way to escape a quote."""


Rule = Mapping[str, str]
"""An element of `rules:`."""

_BY_HAND = {"if": "$CI_PIPELINE_SOURCE == 'web'"}


@attrs.frozen(kw_only=True)
class GitlabJob:
    """One job as the template has it."""

    id: str
    rules: "tuple[Rule, ...]"
    """When it starts; empty for the same as most jobs."""
    allow_failure: bool
    minutes: int
    """Its time limit."""


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
        made = {}
        for name, some in by_file(given.project, jobs).items():
            path = f"{given.place.folder}/{given.place.stem}{name and f'-{name}'}.yml"
            file = self._file(given, path, some, _branches(given, repos))
            made[path] = render(given.templates, "gitlab/jobs.yml.j2", file)
        scripts = needed_scripts(given, UNUSED_SCRIPTS)
        return made | job_files(tuple(runnable(jobs)), scripts, given.place.home)

    def _file(
        self, given: GenerationInput, path: str, jobs: Sequence[Job], branches: Sequence[str]
    ) -> GitlabFile:
        rules = (*_commit_rules(branches), _BY_HAND)
        place = given.place
        enter = (f"cd {shlex.quote(place.source)}",) if place.source else ()
        return GitlabFile(
            command=given.command,
            path=path,
            ignore=" ".join(given.project.ciforge.ignore),
            before=(f"sh {place.home}/unpack.sh", *enter),
            run=f'sh "$CI_PROJECT_DIR/{place.home}/job.sh"',
            keep=f'sh {place.home}/job.sh keep "$CI_PROJECT_DIR/ciforge-results"',
            rules=rules,
            jobs=tuple(_job(job, rules) for job in runnable(jobs)),
            left_out=tuple((job.id, job.skipped) for job in jobs if job.skipped),
            proven=proof_words(jobs),
        )


SERVICE = Gitlab()


def _job(job: Job, rules: Sequence[Rule]) -> GitlabJob:
    own: tuple[Rule, ...] = ()
    if job.schedule:
        own = (_schedule_rule(job.schedule), _BY_HAND)
    elif job.release.rolling:  # it changes without a commit
        own = (*rules, _schedule_rule("weekly"))
    return GitlabJob(
        id=job.id, rules=own, allow_failure=job.allow_failure, minutes=service_minutes(job)
    )


def _schedule_rule(schedule: str) -> Rule:
    """Schedules are made in the settings of the project, with the variable CIFORGE_SCHEDULE."""
    return {"if": f"$CI_PIPELINE_SOURCE == 'schedule' && $CIFORGE_SCHEDULE == '{schedule}'"}


def _commit_rules(branches: Sequence[str]) -> tuple[Rule, ...]:
    """Merge requests, and pushes to `branches`, or to all; no commit is built twice."""
    push = "$CI_PIPELINE_SOURCE == 'push' && "
    pushes: tuple[Rule, ...] = tuple(
        {"if": f"{push}$CI_COMMIT_BRANCH == '{branch}'"} for branch in branches
    ) or (
        {"if": f"{push}$CI_OPEN_MERGE_REQUESTS", "when": "never"},
        {"if": f"{push}$CI_COMMIT_BRANCH"},
    )
    return ({"if": "$CI_PIPELINE_SOURCE == 'merge_request_event'"}, *pushes)


def _branches(given: GenerationInput, repos: Sequence[str]) -> tuple[str, ...]:
    every = [given.project.repos[repo].branches for repo in repos]
    found = tuple(dict.fromkeys(one for some in every for one in some)) if all(every) else ()
    for branch in found:
        if not _BRANCH.fullmatch(branch):
            raise UsageError(
                f"branch {branch!r} cannot be used in a GitLab rule",
                hint="GitLab expressions have no way to quote it; remove it from branches:",
            )
    return found
