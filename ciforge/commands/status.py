"""`ciforge status`: shows the current state of each job."""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import click

from ciforge import __version__
from ciforge.app.job_cache import CachedJob, cached_jobs
from ciforge.app.workspace import open_workspace, state_root
from ciforge.cli import options
from ciforge.model.cross import CROSS_NOTE, is_cross_check
from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentLedger,
    JobState,
    RunRef,
)
from ciforge.model.result import Status
from ciforge.private import shared_files
from ciforge.report.formatting import outcome_text
from ciforge.report.priorities import priority_lines, ranked
from ciforge.sanitize import safe_line
from ciforge.store.incidents.read_only import present
from ciforge.timestamp import minute_text, utc

_FIRST = 5
"""Causes that are listed before the jobs."""


@attrs.frozen(kw_only=True)
class StatusRow:
    """One job on one branch."""

    branch_ref: BranchRef
    job: str
    state: str
    since: float
    """In seconds since 1970; 0 if unknown."""
    commit: str
    run: str
    why: tuple[str, ...]
    """Titles of its causes of failure."""
    last: RunRef = attrs.field(factory=RunRef)
    """The newest run that says something about the source; `commit` and `run` are those that began the state."""


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
    ledger = _ledger(root / listed.project, listed.project, state_branch, here)
    if not ledger.job_states:
        click.echo(
            "no results: only runs made with --notify and imported runs count; "
            "`ciforge history` lists all runs", err=True,
        )  # fmt: skip
    if html is not None:
        _write_html(file, here, ledger, html)
    if as_json or html is None:
        rows = tuple(_rows(ledger, listed.jobs))
        texts = _as_json(rows) if as_json else (*_what_first(ledger), *_as_text(rows))
        for text in texts if as_json else map(safe_line, texts):
            click.echo(text)
        if not as_json and any(is_cross_check(row.job) for row in rows):
            click.echo(f"\n{CROSS_NOTE}")


def _what_first(ledger: IncidentLedger) -> Iterator[str]:
    """The open causes, the one to work on first at the top; nothing if none is open."""
    now = time.time()
    found = ranked(ledger, now)
    for number, incident in enumerate(found[:_FIRST], 1):
        yield from priority_lines(number, incident, now)
    if len(found) > _FIRST:
        yield f"and {len(found) - _FIRST} more causes; `ciforge incident` lists them"
    if found:
        yield ""


def _ledger(state: Path, project: str, branch: str | None, here: Path) -> IncidentLedger:
    """The state on this machine, or on the branch. Raises UsageError, EngineError, HistoryProblem."""
    if branch is None:
        return present(state, project)
    from ciforge.app.state_branch import copy_state_branch

    with tempfile.TemporaryDirectory() as folder:
        copy_state_branch(branch, here, Path(folder))
        return present(Path(folder), project)


def _write_html(file: Path | None, here: Path, ledger: IncidentLedger, folder: Path) -> None:
    from ciforge.notify.deadlines import expected, followed_branches
    from ciforge.report.current_matrix import branch_matrices
    from ciforge.report.html.status_site import CurrentStatus, write_status_site

    workspace, now = open_workspace(file, here), time.time()
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


def _rows(ledger: IncidentLedger, jobs: Sequence[CachedJob]) -> Iterator[StatusRow]:
    """The rows by branch, in the order of the listed jobs; skipped and unlisted jobs come last."""
    order = {job.id: at for at, job in enumerate(jobs)}
    states = [job_state for job_state in ledger.job_states.values() if not job_state.retired]
    incidents_of = _incidents(ledger)
    for job_state in sorted(
        states, key=lambda s: (s.branch_ref.repo, s.branch_ref.branch, _at(order, s))
    ):
        yield _row(job_state, incidents_of)
    seen = {job_state.job for job_state in states}
    for job in jobs:
        if job.id not in seen:
            line = BranchRef(repo=job.repo)
            state = "skipped" if job.skipped else "no result"
            yield StatusRow(
                branch_ref=line, job=job.id, state=state, since=0, commit="", run="", why=()
            )


def _at(order: Mapping[str, int], job_state: JobState) -> tuple[int, str]:
    return order.get(job_state.job, len(order)), job_state.job


def _incidents(ledger: IncidentLedger) -> dict[tuple[BranchRef, str], list[Incident]]:
    """The open incidents of each job, by branch."""
    incidents_of: dict[tuple[BranchRef, str], list[Incident]] = {}
    for incident in ledger.incidents.values():
        for job in incident.broken:
            incidents_of.setdefault((incident.branch_ref, job), []).append(incident)
    return incidents_of


def _row(
    job_state: JobState, incidents_of: Mapping[tuple[BranchRef, str], Sequence[Incident]]
) -> StatusRow:
    incidents = incidents_of.get((job_state.branch_ref, job_state.job), ())
    stale = any(incident.kind is IncidentKind.STALE for incident in incidents)
    state = job_state.last.status.value if job_state.last else "no result"
    since = job_state.since
    return StatusRow(
        branch_ref=job_state.branch_ref, job=job_state.job, state=f"{state}, stale" if stale else state,
        since=since.at, commit=since.revision, run=since.run,
        last=job_state.last.point if job_state.last else RunRef(),
        why=(*_titles(incidents), *_trouble(job_state)),
    )  # fmt: skip


def _titles(incidents: Sequence[Incident]) -> Iterator[str]:
    """The title of each cause, with the commit that brought it where that is known."""
    for incident in incidents:
        if incident.cause:
            title = incident.cause.title or incident.cause.key
            yield f"{title} ({incident.bisection.sentence})" if incident.bisection else title


def _trouble(job_state: JobState) -> list[str]:
    if not job_state.troubles:
        return []
    runs = "1 run" if job_state.troubles == 1 else f"{job_state.troubles} runs"
    return [f"infrastructure for {runs}: {job_state.trouble}".rstrip(": ")]


def _as_text(rows: Sequence[StatusRow]) -> Iterator[str]:
    width = max((len(row.job) for row in rows), default=0)
    states = max((len(_state_text(row)) for row in rows), default=0)
    line = None
    for row in rows:
        if row.branch_ref != line and row.branch_ref.branch:
            yield f"{row.branch_ref.repo} {row.branch_ref.branch}:"
        line = row.branch_ref
        since = (
            f"since {minute_text(row.since)}  {row.commit[:12]:12}{_last(row)}" if row.since else ""
        )
        yield f"{row.job:{width}}  {_state_text(row):{states}}  {since}  {'; '.join(row.why)}".rstrip()


def _last(row: StatusRow) -> str:
    """The commit of the newest run, if it is another one than that which began the state."""
    return f", last {row.last.revision[:12]}" if row.last.revision != row.commit else ""


def _state_text(row: StatusRow) -> str:
    word, comma, more = row.state.partition(",")
    known = next((one for one in Status if one.value == word), None)
    return outcome_text(known, allowed=False) + comma + more if known else row.state


def _as_json(rows: Sequence[StatusRow]) -> Iterator[str]:
    for row in rows:
        since = utc(row.since) if row.since else None
        yield json.dumps(
            {
                "v": 1, "job": row.job, "repo": row.branch_ref.repo, "branch": row.branch_ref.branch,
                "status": row.state.partition(",")[0], "stale": row.state.endswith(", stale"),
                "since": since.isoformat().replace("+00:00", "Z") if since else None,
                "commit": row.commit, "run": row.run, "last_commit": row.last.revision,
                "last_run": row.last.run, "why": list(row.why),
            }
        )  # fmt: skip
