"""Resolves an argument to one job or one run."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ciforge.app.session import print_progress
from ciforge.errors import UsageError, did_you_mean
from ciforge.model.job import Job
from ciforge.model.result import Status
from ciforge.plan.planner import Plan
from ciforge.plan.selection import select
from ciforge.plan.selector import Names, means_id

if TYPE_CHECKING:
    from ciforge.store.runs.run_index import Index

_FEW = 8
_NOT_FAILED = (
    Status.PASSED, Status.COMPILED, Status.FLAKY, Status.SKIPPED, Status.CANCELLED,
)  # fmt: skip


def resolve_job(plan: Plan, text: str, state: Path | None = None, *, unlisted: bool = False) -> Job:
    """The job with this id, or the only one that a selector matches. If it matches several,
    the only one that failed last, according to the state folder. Raises UsageError.
    """
    from ciforge.store.runs.run_index import Index

    found = {job.id: job for job in select(plan, [text], unlisted=unlisted)}
    if len(found) == 1:
        return next(iter(found.values()))
    if state is None:
        raise _several(text, list(found))
    with Index.open(state, print_progress) as index:
        index.catch_up()
        return found[_only_failed(index, text, list(found))]


def past_job(
    text: str, ids: Sequence[str], names: Names, index: "Index", run_id: str | None
) -> str:
    """The job of a past run with this id or selector, whether or not the project still lists it.

    If several match, the only one that failed in that run, or in their newest run. Raises
    UsageError if none or several match.
    """
    found = past_jobs(text, ids, names)
    if len(found) > 1:
        return _only_failed(index, text, found, run_id)
    if not found:
        logged = [name for name in names.all if past_jobs(name, ids, names)]
        near = did_you_mean(text, (*ids, *logged))
        hint = f"there are logs of {listed(ids)}" if ids else "no job has run yet"
        raise UsageError(f"no log of {text!r}{near}", hint=hint)
    return found[0]


def past_jobs(text: str, ids: Sequence[str], names: Names) -> list[str]:
    """The ids that a selector matches; an id matches itself only."""
    return [text] if text in ids else [id_ for id_ in ids if means_id(text, id_, names)]


def resolve_run(index: "Index", text: str) -> str:
    """A run by its id or the beginning of its id. Raises UsageError."""
    ids = [run.id for run in index.runs(None)]
    found = [id_ for id_ in ids if id_.startswith(text)]
    if text in ids:
        return text
    if len(found) > 1:
        raise UsageError(f"{text!r} matches {len(found)} runs", hint=listed(found))
    if not found:
        hint = "`ciforge history` lists runs"
        raise UsageError(f"no run {text!r}{did_you_mean(text, ids)}", hint=hint)
    return found[0]


def _only_failed(index: "Index", text: str, ids: Sequence[str], run_id: str | None = None) -> str:
    """The only one of these jobs that did not pass in that run, or in the newest run of any."""
    newest = max((run.id for job in ids for run in index.runs(1, job)), default="")
    results = [row for row in index.results_of(run_id or newest) if row.job in ids]
    failed = [row.job for row in results if row.status not in _NOT_FAILED]
    if len(failed) != 1:
        raise _several(text, failed or ids)
    print_progress(
        f"{text!r} matches several jobs; using {failed[0]}, the only one that failed in run {results[0].run}"
    )
    return failed[0]


def _several(text: str, ids: Sequence[str]) -> UsageError:
    return UsageError(f"{text!r} matches {len(ids)} jobs; name one", hint=listed(ids))


def listed(ids: Iterable[str]) -> str:
    """The first few, as a list in a sentence."""
    names = list(ids)
    rest = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + rest
