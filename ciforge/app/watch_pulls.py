"""Pull requests that `ciforge watch` builds and answers: those that the service of a repository lists."""

from collections.abc import Sequence
from pathlib import Path

from ciforge.app.pull_answers import PullAnswers, answers_at, has_pull_requests
from ciforge.app.session import print_progress
from ciforge.app.watch_project import FollowedRepo
from ciforge.ci.github.http_client import HostedError
from ciforge.ci.github.pull_requests import PullRequest
from ciforge.errors import CiforgeError, UsageError
from ciforge.model.watch_state import PULLS, WatchOutcome, WatchState
from ciforge.notify.report_builder import read_report
from ciforge.report.pull_answer import pull_answer
from ciforge.store.history_problem import HistoryProblem


def pull_ref(number: int) -> str:
    """The ref that has the commit of a pull request, in the repository that it is for."""
    return f"{PULLS}{number}/head"


class WatchedPulls:
    """The open pull requests of the followed repositories."""

    def __init__(self, repos: Sequence[FollowedRepo], project: str, state: Path) -> None:
        """Raises UsageError if no repository is on the server of the API."""
        if not any(has_pull_requests(repo.address) for repo in repos):
            raise UsageError(
                "--pulls: no repository is on the server whose API lists pull requests",
                hint="GITHUB_SERVER_URL and GITHUB_API_URL name another server than github.com, "
                "FORGEJO_SERVER_URL one of Forgejo or Gitea",
            )
        self._project, self._state = project, state
        self._open: dict[str, list[PullRequest]] = {}

    def refs(self, repo: FollowedRepo) -> dict[str, str]:
        """The refs of the open pull requests of a repository; none of one that is on another server.

        Raises HostedError, and UsageError for a token that cannot be read."""
        service = self._service(repo)
        self._open[repo.name] = service.open() if service else []
        return {pull_ref(pull.number): pull.revision for pull in self._open[repo.name]}

    def answer(self, repo: FollowedRepo, watched: WatchState) -> None:
        """Answers the pull requests whose newest commit was built; a failure is reported, and tried again."""
        try:
            service = self._service(repo)
        except UsageError as error:
            _report(f"the pull requests of {repo.name}", error)
            return
        for pull in self._open.get(repo.name, ()) if service else ():
            try:
                self._answer(service, pull, repo, watched)
            except HistoryProblem as error:  # of this run only
                _report(f"pull request {pull.number} of {repo.name}", error)
            except HostedError as error:
                _report(f"pull request {pull.number} of {repo.name}", error)
                return

    def _answer(
        self,
        service: PullAnswers | None,
        pull: PullRequest,
        repo: FollowedRepo,
        watched: WatchState,
    ) -> None:
        built = next(
            (
                decision for decision in reversed(watched.decisions)
                if (decision.repo, decision.ref) == (repo.name, pull_ref(pull.number))
                and (decision.commit, decision.outcome) == (pull.revision, WatchOutcome.BUILT)
            ), None,
        )  # fmt: skip
        if built and service and not service.is_answered(pull, built.run):
            report = read_report(self._state, built.run, lambda _run, _job: "")
            service.answer(pull, built.run, pull_answer(report, built.exit_code))

    def _service(self, repo: FollowedRepo) -> PullAnswers | None:
        """The service of a repository; None if it is on another server. Raises UsageError."""
        return answers_at(repo.address, self._project, self._state)


def _report(what: str, error: CiforgeError) -> None:
    hint = f" ({error.hint})" if error.hint else ""
    print_progress(f"{what} got no answer: {error}{hint}")
