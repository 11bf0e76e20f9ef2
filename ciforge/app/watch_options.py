"""The arguments of `ciforge watch`, and the arguments of the commands that it starts."""

from pathlib import Path

import attrs

from ciforge.app.session import project_options
from ciforge.app.watch_project import WatchedProject
from ciforge.app.watch_search import CommitSearch
from ciforge.app.workspace import state_root
from ciforge.model.watch_state import RefKind, WaitingCommit


@attrs.frozen(kw_only=True)
class WatchOptions:
    """The arguments of `ciforge watch`."""

    repos: tuple[str, ...] = ()
    interval: int = 300
    """Seconds between two polls."""
    budget: int | None = None
    """Seconds of builds in 24 hours; None: no limit."""
    tags: bool = True
    pulls: bool = False
    """Build open pull requests, too."""
    answer: bool = False
    """Answer them on the service."""
    once: bool = False
    engine: str = "docker"
    file: Path | None = None
    state_dir: Path | None = None

    @property
    def kinds(self) -> list[RefKind]:
        """The kinds of refs that are followed."""
        more = {RefKind.TAG: self.tags, RefKind.PULL: self.pulls}
        return [RefKind.BRANCH, *(kind for kind, on in more.items() if on)]


@attrs.frozen
class WatchCommands:
    """Arguments of commands of ciforge for the project as it is now."""

    options: WatchOptions
    project: WatchedProject

    def build(self, waiting: WaitingCommit) -> list[str]:
        """Returns those that build a commit."""
        repo = next((repo for repo in self.project.repos if repo.name == waiting.repo), None)
        selectors = repo.selectors if repo else ()
        ref = waiting.ref if waiting.ref == "HEAD" else f"refs/{waiting.ref}"
        notify = [] if waiting.kind is RefKind.PULL else ["--notify"]
        engine = ["--engine", self.options.engine] if self.options.engine != "docker" else []
        return [
            "run", *notify, *engine, "--rev", f"{waiting.repo}={ref}", *self._project(), "--",
            *selectors,
        ]  # fmt: skip

    def search(self, search: CommitSearch, limit: int) -> list[str]:
        """Returns those that search for a commit, for at most `limit` seconds."""
        return [
            "bisect", search.job, "--good", search.good, "--bad", search.bad, "--cause",
            str(search.cause), "--budget", str(limit), *self._project(),
        ]  # fmt: skip

    def notify(self) -> list[str]:
        """Returns those that send what is due."""
        return ["notify", *self._project()]

    def _project(self) -> list[str]:
        return project_options(self.project.file, state_root(self.options.state_dir))
