"""The one job or run that somebody means, where a command is about one."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ciforge.errors import UsageError, did_you_mean
from ciforge.model.job import Job
from ciforge.plan.jobs import Plan
from ciforge.plan.select import select
from ciforge.plan.selector import Names, means_id

if TYPE_CHECKING:
    from ciforge.history.index import Index

_FEW = 8


def meant_job(plan: Plan, text: str, *, unlisted: bool = False) -> Job:
    """By its id, or by a selector that names no other. Raises UsageError."""
    found = select(plan, [text], unlisted=unlisted)
    if len(found) > 1:
        raise _several(text, [job.id for job in found])
    return found[0]


def past_job(text: str, ids: Sequence[str], names: Names) -> str:
    """The one of these ids that is meant, whether or not the project still lists it.

    Raises UsageError where the text names none of them, or several."""
    found = past_jobs(text, ids, names)
    if len(found) > 1:
        raise _several(text, found)
    if not found:
        has = f"there are logs of {listed(ids)}" if ids else "no job has run yet"
        near = did_you_mean(text, (*ids, *names.all))
        raise UsageError(f"no log of {text!r}{near}", hint=has)
    return found[0]


def past_jobs(text: str, ids: Sequence[str], names: Names) -> list[str]:
    """Those of these ids that a selector names; an id that is one of them means itself alone."""
    return [text] if text in ids else [id_ for id_ in ids if means_id(text, id_, names)]


def meant_run(index: "Index", text: str) -> str:
    """A run by its id, or by how its id begins. Raises UsageError."""
    ids = [run.id for run in index.runs(None)]
    found = [id_ for id_ in ids if id_.startswith(text)]
    if text in ids:
        return text
    if len(found) > 1:
        raise UsageError(f"{text!r} begins {len(found)} runs", hint=listed(found))
    if not found:
        hint = "`ciforge history` lists runs"
        raise UsageError(f"no run {text!r}{did_you_mean(text, ids)}", hint=hint)
    return found[0]


def _several(text: str, ids: Sequence[str]) -> UsageError:
    return UsageError(f"{text!r} names {len(ids)} jobs, and one is needed", hint=listed(ids))


def listed(ids: Iterable[str]) -> str:
    """Their first few, for a sentence."""
    words = list(ids)
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return ", ".join(words[:_FEW]) + more
