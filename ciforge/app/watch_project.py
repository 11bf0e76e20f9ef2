"""The project as `ciforge watch` follows it; its file is read again when it changes."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.app.project_files import find_project
from ciforge.app.session import print_progress
from ciforge.app.workspace import Workspace, open_workspace
from ciforge.errors import CiforgeError, UsageError, did_you_mean
from ciforge.model.lock_path import lock_path


@attrs.frozen(kw_only=True)
class FollowedRepo:
    """A repository that is followed."""

    name: str
    address: str
    branches: tuple[str, ...]
    """Empty: the one that HEAD of the repository names."""
    selectors: tuple[str, ...]
    """Of all its jobs without a schedule."""


class WatchedProject:
    """A project file, and the repositories of it that are followed."""

    def __init__(self, file: Path | None, names: Sequence[str]) -> None:
        """Raises InputError, and UsageError where a repository cannot be followed."""
        self.file = (file if file is not None else find_project(Path.cwd().resolve())).absolute()
        self._names = tuple(names)
        self._read = self._times()
        workspace = open_workspace(self.file, self.file.parent)
        self.name = workspace.project.project
        self.repos = followed_repos(workspace, self._names)
        self._problem = ""
        """What was reported last, and is not repaired."""

    @property
    def usable(self) -> bool:
        """Whether the project as it is now can be built."""
        return not self._problem

    def read_again(self) -> None:
        """Takes over changed files; a mistake is reported once, and looked for again until it is repaired."""
        if (times := self._times()) == self._read and self.usable:
            return
        self._read = times
        try:
            workspace = open_workspace(self.file, self.file.parent)
            repos = followed_repos(workspace, self._names)
            if workspace.project.project != self.name:
                raise UsageError(
                    f"the project is named {workspace.project.project} now; start again"
                )
        except CiforgeError as error:
            if str(error) != self._problem:
                print_progress(f"nothing is built until the project file is corrected: {error}")
            self._problem = str(error)
            return
        self.repos, self._problem = repos, ""

    def _times(self) -> tuple[tuple[str, int, int], ...]:
        """The files that the plan depends on, each with its time of change and its size.

        One that is missing is left out, as while git replaces it."""
        beside = self.file.parent / "distros"
        descriptors = (*beside.glob("*.y*ml"), *beside.glob("managers/*.y*ml"))
        found = list[tuple[str, int, int]]()
        for file in (self.file, lock_path(self.file), *sorted(descriptors)):
            with suppress(OSError):
                state = file.stat()
                found.append((str(file), state.st_mtime_ns, state.st_size))
        return tuple(found)


def followed_repos(workspace: Workspace, names: Sequence[str]) -> tuple[FollowedRepo, ...]:
    """These repositories, or all that have a git address and jobs. Raises UsageError."""
    project = workspace.project
    for name in names:
        if name not in project.repos:
            near = did_you_mean(name, project.repos)
            hint = f"the project has {', '.join(project.repos)}"
            raise UsageError(f"no repository {name!r}{near}", hint=hint)
        if not project.repos[name].git:
            hint = f"add `git: ADDRESS` to {name} in ciforge.yml"
            raise UsageError(
                f"{name} has no git address that can be asked for new commits", hint=hint
            )
    found = []
    for name in names or tuple(name for name, repo in project.repos.items() if repo.git):
        jobs = [job for job in workspace.plan.jobs if job.repo == name and not job.skipped]
        if any(not job.schedule for job in jobs):
            excluded = tuple(f"!{_exact(job.id)}" for job in jobs if job.schedule)
            repo = project.repos[name]
            found.append(
                FollowedRepo(
                    name=name,
                    address=repo.git,
                    branches=repo.branches,
                    selectors=(f"{name}/*/*", *excluded),
                )
            )
        elif names:
            raise UsageError(f"{name} has no job that is built with every commit")
    if not found:
        hint = "add `git: ADDRESS` to a repository in ciforge.yml"
        raise UsageError("no repository of the project can be followed", hint=hint)
    return tuple(found)


def _exact(job: str) -> str:
    return job if "@" in job else f"{job}@amd64"
