"""Jobs by selector, as one names them on the command line."""

from collections.abc import Iterable, Iterator

from ciforge.errors import UsageError, did_you_mean
from ciforge.model.job import Job
from ciforge.plan.jobs import Plan, all_cells, resolve
from ciforge.plan.selector import Names, Selector, read_selector


def select(plan: Plan, texts: Iterable[str], *, unlisted: bool = False) -> tuple[Job, ...]:
    """The jobs that the selectors name, in the order of the list, each once; all without any.

    `unlisted` (`--any`) also takes jobs that the project does not list. Raises UsageError for
    a selector that matches nothing, naming the nearest.
    """
    wanted = tuple(texts)
    if not wanted:
        return plan.jobs
    chosen: dict[str, Job] = {}
    for text in wanted:
        chosen |= {job.id: job for job in _named(plan, text, unlisted=unlisted)}
    listed = [job.id for job in plan.jobs if job.id in chosen]
    return tuple(chosen[id_] for id_ in dict.fromkeys((*listed, *chosen)))


def _named(plan: Plan, text: str, *, unlisted: bool) -> list[Job]:
    """What one selector names. A whole id names its job alone, whatever else it would match."""
    exact = [job for job in plan.jobs if job.id == text]
    selector = _read(text, plan.names)
    found = exact or [job for job in plan.jobs if _selects(selector, job)]
    if not found and unlisted:
        found = list(_unlisted(plan, selector))
    if not found:
        raise _nothing(plan, selector)
    return found


def _read(text: str, names: Names) -> Selector:
    try:
        return read_selector(text, names)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _selects(selector: Selector, job: Job) -> bool:
    return selector.matches(
        job.repo, job.distribution.distribution, job.release_id, job.variant, job.platform
    )


def _unlisted(plan: Plan, selector: Selector) -> Iterator[Job]:
    """The jobs that the selector would mean in `jobs:`."""
    for cell in all_cells(plan.catalogue, plan.names):
        if cell.listed_by(selector, plan.names):
            yield resolve(cell, plan.project, plan.catalogue, plan.names)


def _nothing(plan: Plan, selector: Selector) -> UsageError:
    """Why a selector names no job, and what is nearest to it."""
    text = selector.text
    could = [
        cell.id
        for cell in all_cells(plan.catalogue, plan.names)
        if cell.listed_by(selector, plan.names)
    ]
    if could:
        more = f" and {len(could) - 1} more" if len(could) > 1 else ""
        return UsageError(
            f"{text!r} names {could[0]}{more}, which the project does not list in jobs:",
            hint="add it to jobs: in ciforge.yml, or run it this once with --any",
        )
    return UsageError(
        f"{text!r} matches no job{_nearest(plan, text)}",
        hint="`ciforge jobs` lists them",
    )


def _nearest(plan: Plan, text: str) -> str:
    """A suggestion over whole ids first, else part by part."""
    words = [*(job.id for job in plan.jobs), *plan.names.all]
    whole = did_you_mean(text, words)
    if whole:
        return whole
    for part in text.partition("@")[0].split("/"):
        near = did_you_mean(part, plan.names.all)
        if near and part not in plan.names.all:
            return near
    return ""
