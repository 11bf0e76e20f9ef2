"""Answers pull requests with what their hosted runs came to, which are stored nowhere else."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ciforge.app.import_runs import collected_run, first_day, github_id, project_repos
from ciforge.app.pull_answers import PullAnswers, pull_requests
from ciforge.app.service_access import api_address, token
from ciforge.app.workspace import Workspace
from ciforge.ci.github.api import PULLS, GitHub, HostedRun
from ciforge.ci.github.pull_requests import PullRequest
from ciforge.model.result import SourceUsed
from ciforge.notify.report_builder import read_report
from ciforge.report.pull_answer import PullAnswer, pull_answer
from ciforge.run.exit_status import exit_code


def answer_pulls(workspace: Workspace, state: Path, repository: str, since: str | None) -> None:
    """Answers each open pull request whose newest commit has a finished run that was not answered yet.

    Raises HostedError and HistoryProblem."""
    answers = PullAnswers(
        repository, workspace.project.project, state, pull_requests(repository, state)
    )
    if not (pulls := answers.open()):
        return
    github = GitHub(repository, token=token(), pages=state, api=api_address(), clock=time.monotonic)
    for pull, run in _newest(pulls, list(github.runs(first_day(since), PULLS))):
        name = github_id(run.id, run.attempt)
        if not answers.is_answered(pull, name):
            sources = tuple(
                SourceUsed(
                    repo=repo, origin=f"https://github.com/{repository}", revision=run.revision
                )
                for repo in project_repos(workspace, repository)
            )
            if answer := _answer(workspace, github, run, sources):
                answers.answer(pull, name, answer)


def _newest(
    pulls: list[PullRequest], runs: list[HostedRun]
) -> Iterator[tuple[PullRequest, HostedRun]]:
    """Each pull request with the newest run of its commit; the service names both."""
    for pull in pulls:
        own = [run for run in runs if run.revision == pull.revision]
        if own:
            yield pull, max(own, key=lambda run: (run.id, run.attempt))


def _answer(
    workspace: Workspace, github: GitHub, run: HostedRun, sources: tuple[SourceUsed, ...]
) -> PullAnswer | None:
    """The answer for a run; None if it built nothing, since it changes ignored files only."""
    with tempfile.TemporaryDirectory() as folder:
        done = collected_run(workspace, Path(folder), github, run, sources, whole=True)
        if not done.run:
            return None
        report = read_report(Path(folder), done.run, lambda _run, _job: "")
        return pull_answer(report, exit_code(report.results, interrupted=False))
