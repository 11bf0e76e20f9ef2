"""`ciforge status`: shows the current state of each job."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from ciforge import __version__
from ciforge.app.job_cache import CachedJob, cached_jobs
from ciforge.app.workspace import open_workspace, state_root
from ciforge.cli import options
from ciforge.model.cross_id import CROSS_NOTE, is_cross_check
from ciforge.model.job_view import JobView, StatusView
from ciforge.model.open_cause import OpenCause
from ciforge.private import shared_files
from ciforge.report.priorities import priority_lines, ranked
from ciforge.sanitize import safe_line
from ciforge.store.incidents.status_reader import status_view
from ciforge.timestamp import minute_text, utc

_FIRST = 5
"""Causes that are listed before the jobs."""


class StatusRow(NamedTuple):
    """One job on one branch, or one of which nothing is known."""

    repo: str
    branch: str
    job: str
    state: str
    stale: bool = False
    since: float = 0.0
    """In seconds since 1970; 0 if unknown."""
    commit: str = ""
    run: str = ""
    why: tuple[str, ...] = ()
    """Titles of its causes of failure."""
    last_commit: str = ""
    last_run: str = ""
    """Those of the newest run that says something about the source; `commit` and `run` began the state."""


@click.command("status")
@click.option("--html", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write a static page and badges for a web site instead: DIR/index.html, DIR/badges/.")  # fmt: skip
@click.option("--state-branch", metavar="BRANCH",
              help="Read the state from this branch of the checkout's remote, where `ciforge collect "
              "--state-branch` keeps it.")  # fmt: skip
@options.JSON
@options.FILE
@options.STATE
def command(
    file: Path | None,
    state_dir: Path | None,
    as_json: bool,
    html: Path | None,
    state_branch: str | None,
) -> None:
    """Show what to work on first, and the current state of each job.

    The open causes come first: those that break most jobs and systems at the top, each with its age,
    and with the commit or the distribution that brought it as far as that is known. A job has its
    result, since when and since which commit it holds, and its causes.

    Only runs of `ciforge run --notify` and imported runs count, and of each job the last result that
    says something about the source. A job without a result for too long is stale.

    \b
      ciforge status
      ciforge status --json             for programs
      ciforge status --html public      for a web site; from cron, after `ciforge notify`

    A DIR that contains anything other than an earlier status page is not changed.
    """
    here, root = Path.cwd().resolve(), state_root(state_dir)
    listed = cached_jobs(file, here, root)
    with _state_folder(root / listed.project, state_branch, here) as state:
        view = status_view(state, listed.project)
        if html is not None:
            _write_html(file, here, state, html)
    if not view.has_results:
        click.echo(
            "no results: only runs made with --notify and imported runs count; "
            "`ciforge history` lists all runs", err=True,
        )  # fmt: skip
    if as_json or html is None:
        rows = tuple(_rows(view, listed.jobs))
        texts = _as_json(rows) if as_json else (*_what_first(view.causes), *_as_text(rows))
        lines = list(texts if as_json else map(safe_line, texts))
        if not as_json and any(is_cross_check(row.job) for row in rows):
            lines += ["", CROSS_NOTE]
        if lines:
            click.echo("\n".join(lines))


def _what_first(causes: Sequence[OpenCause]) -> Iterator[str]:
    """The open causes, the one to work on first at the top; nothing if none is open."""
    now = time.time()
    found = ranked(causes, now)
    for number, cause in enumerate(found[:_FIRST], 1):
        yield from priority_lines(number, cause, now)
    if len(found) > _FIRST:
        yield f"and {len(found) - _FIRST} more causes; `ciforge incident` lists them"
    if found:
        yield ""


@contextmanager
def _state_folder(state: Path, branch: str | None, here: Path) -> Iterator[Path]:
    """The state on this machine, or a copy of the one on the branch. Raises UsageError, EngineError, HistoryProblem."""
    if branch is None:
        yield state
        return
    import tempfile

    from ciforge.app.state_branch import copy_state_branch

    with tempfile.TemporaryDirectory() as folder:
        copy_state_branch(branch, here, Path(folder))
        yield Path(folder)


def _write_html(file: Path | None, here: Path, state: Path, folder: Path) -> None:
    from ciforge.notify.deadlines import expected, followed_branches
    from ciforge.report.current_matrix import branch_matrices
    from ciforge.report.html.status_site import CurrentStatus, write_status_site
    from ciforge.store.incidents.read_only import present

    workspace, now = open_workspace(file, here), time.time()
    ledger = present(state, workspace.project.project)
    followed = [
        line for repo in workspace.project.repos
        for line in followed_branches(workspace.project, repo, ledger)
    ]  # fmt: skip
    deadlines = expected(workspace.project, workspace.plan.jobs, ledger)
    matrices = branch_matrices(workspace.plan.jobs, ledger, followed, deadlines, now)
    status = CurrentStatus(
        project=workspace.project.project, version=__version__, now=now, matrices=tuple(matrices)
    )
    with shared_files():
        written = write_status_site(status, folder)
    click.echo(safe_line(f"status: {written}"), err=True)


def _rows(view: StatusView, jobs: Sequence[CachedJob]) -> Iterator[StatusRow]:
    """The rows by branch, in the order of the listed jobs; skipped and unlisted jobs come last."""
    order = {job.id: at for at, job in enumerate(jobs)}
    why = _titles(view.causes)
    for job in sorted(
        view.jobs,
        key=lambda each: (each.repo, each.branch, order.get(each.job, len(order)), each.job),
    ):
        place = (job.repo, job.branch, job.job)
        yield _row(job, place in view.stale, why.get(place, ()))
    seen = {job.job for job in view.jobs}
    for listed in jobs:
        if listed.id not in seen:
            state = "skipped" if listed.skipped else "no result"
            yield StatusRow(repo=listed.repo, branch="", job=listed.id, state=state)


def _titles(causes: Sequence[OpenCause]) -> Mapping[tuple[str, str, str], list[str]]:
    """The titles of the open causes of each job, with the commit that brought them where that is known."""
    titles: dict[tuple[str, str, str], list[str]] = {}
    for cause in causes:
        title = f"{cause.title} ({cause.bisection})" if cause.bisection else cause.title
        for job in cause.broken:
            titles.setdefault((cause.repo, cause.branch, job), []).append(title)
    return titles


def _row(job: JobView, stale: bool, why: Sequence[str]) -> StatusRow:
    return StatusRow(
        repo=job.repo, branch=job.branch, job=job.job, state=job.status or "no result", stale=stale,
        since=job.since, commit=job.commit, run=job.run, last_commit=job.last_commit,
        last_run=job.last_run, why=(*why, *_trouble(job)),
    )  # fmt: skip


def _trouble(job: JobView) -> list[str]:
    if not job.troubles:
        return []
    runs = "1 run" if job.troubles == 1 else f"{job.troubles} runs"
    return [f"infrastructure for {runs}: {job.trouble}".rstrip(": ")]


def _as_text(rows: Sequence[StatusRow]) -> Iterator[str]:
    width = max((len(row.job) for row in rows), default=0)
    states = max((len(_state_text(row)) for row in rows), default=0)
    branch = None
    for row in rows:
        if (row.repo, row.branch) != branch and row.branch:
            yield f"{row.repo} {row.branch}:"
        branch = (row.repo, row.branch)
        since = (
            f"since {minute_text(row.since)}  {row.commit[:12]:12}{_last(row)}" if row.since else ""
        )
        yield f"{row.job:{width}}  {_state_text(row):{states}}  {since}  {'; '.join(row.why)}".rstrip()


def _last(row: StatusRow) -> str:
    """The commit of the newest run, if it is another one than that which began the state."""
    return f", last {row.last_commit[:12]}" if row.last_commit != row.commit else ""


def _state_text(row: StatusRow) -> str:
    return f"{row.state}, stale" if row.stale else row.state


def _as_json(rows: Sequence[StatusRow]) -> Iterator[str]:
    for row in rows:
        since = utc(row.since) if row.since else None
        yield json.dumps(
            {
                "v": 1, "job": row.job, "repo": row.repo, "branch": row.branch,
                "status": row.state, "stale": row.stale,
                "since": since.isoformat().replace("+00:00", "Z") if since else None,
                "commit": row.commit, "run": row.run, "last_commit": row.last_commit,
                "last_run": row.last_run, "why": list(row.why),
            }
        )  # fmt: skip
