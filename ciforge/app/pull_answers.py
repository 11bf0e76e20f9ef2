"""Answers pull requests with what a run of them came to."""

import time
from pathlib import Path

from ciforge.app.forgejo_access import forgejo_api, forgejo_repository, forgejo_token
from ciforge.app.service_access import api_address, hosted_repository, token
from ciforge.app.session import print_progress
from ciforge.ci.forgejo.pull_requests import ForgejoPullRequests
from ciforge.ci.github.pull_requests import PullRequest, PullRequests
from ciforge.errors import UsageError
from ciforge.model.pull_ledger import AnsweredPull
from ciforge.report.pull_answer import AnswerState, PullAnswer, marker
from ciforge.sources.git_url import host_and_path
from ciforge.store.pull_ledger_file import keep_answer, read_answers
from ciforge.store.watch_files import watch_folder


def pull_requests(repository: str, state: Path) -> PullRequests:
    """The pull requests of a repository, with the token of the environment if there is one."""
    return PullRequests(
        repository, token=token(), api=api_address(), clock=time.monotonic,
        pages=watch_folder(state),
    )  # fmt: skip


def has_pull_requests(address: str) -> bool:
    """Returns whether a git address is on a server whose API lists pull requests."""
    return bool(hosted_repository(address) or forgejo_repository(address))


def answers_at(address: str, project: str, state: Path) -> "PullAnswers | None":
    """Returns the answers to the pull requests at a git address, on GitHub or Forgejo; None if it is elsewhere.

    Raises UsageError for a token that cannot be read."""
    if repository := hosted_repository(address):
        return PullAnswers(repository, project, state, pull_requests(repository, state))
    if repository := forgejo_repository(address):
        pulls = ForgejoPullRequests(
            repository, token=forgejo_token(), api=forgejo_api(), clock=time.monotonic,
            pages=watch_folder(state),
        )  # fmt: skip
        name = f"{host_and_path(address)[0]}/{repository}"
        return PullAnswers(name, project, state, pulls)
    return None


def require_token() -> None:
    """Checks that answers can be written. Raises UsageError."""
    if not (token() or forgejo_token()):
        raise UsageError(
            "--answer: there is no token to answer pull requests with",
            hint="set GITHUB_TOKEN, CIFORGE_GITHUB_TOKEN_FILE to a file, or FORGEJO_TOKEN; it must be able to write "
            "commit statuses and pull requests",
        )


class PullAnswers:
    """The answers to the pull requests of one repository."""

    def __init__(self, repository: str, project: str, state: Path, pulls: PullRequests) -> None:
        """`repository` is how it is named in messages and in the state folder."""
        self._repository, self._project, self._state = repository, project, state
        self._pulls = pulls

    def open(self) -> list[PullRequest]:
        """The open pull requests. Raises HostedError."""
        return self._pulls.open()

    def is_answered(self, pull: PullRequest, run: str) -> bool:
        """Whether the last answer was about this run of the same commit. Raises HistoryProblem."""
        last = read_answers(self._state).answers.get(self._name(pull))
        return last is not None and (last.revision, last.run) == (pull.revision, run)

    def answer(self, pull: PullRequest, run: str, answer: PullAnswer) -> None:
        """Answers a pull request, if it is still open and at the commit. Raises HostedError.

        A pull request that passes gets a comment only if it has one that says something else."""
        if self._pulls.current(pull.number) != pull:
            print_progress(
                f"{self._name(pull)} has moved on, and gets no answer about the old commit"
            )
            return
        where = self._pulls.report(pull.revision, f"ciforge: {self._project}", answer)
        last = read_answers(self._state).answers.get(self._name(pull))
        comment = last.comment if last else 0
        comment = comment or self._pulls.own_comment(pull.number, marker(self._project))
        if comment or answer.state is not AnswerState.SUCCESS:
            comment = self._pulls.comment(pull.number, answer.comment, comment)
        kept = AnsweredPull(revision=pull.revision, run=run, comment=comment)
        keep_answer(self._state, self._name(pull), kept)
        print_progress(f"{self._name(pull)}: {answer.state.value} ({where}), {answer.headline}")

    def _name(self, pull: PullRequest) -> str:
        return f"{self._repository}#{pull.number}"
