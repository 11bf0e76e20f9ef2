"""Jobs by selector, as one names them on the command line."""

from collections.abc import Iterable, Sequence

from ciforge.errors import UsageError
from ciforge.model.cross_id import CROSS
from ciforge.model.job import Job
from ciforge.plan.job_matrix import MatrixCoordinates, listed_coordinates
from ciforge.plan.job_resolution import resolve
from ciforge.plan.needed_repos import with_needed_jobs
from ciforge.plan.planner import Plan
from ciforge.plan.ready_variants import READY_VARIANTS
from ciforge.plan.selector import Names, Selector, read_selector
from ciforge.plan.suggestions import no_image, unknown_alternatives


def select(plan: Plan, texts: Iterable[str], *, unlisted: bool = False) -> tuple[Job, ...]:
    """The jobs that the selectors name, in the order of the list, each once; all without any.

    A selector that begins with `!` excludes what the others name, or, alone, what is listed.
    `unlisted` (`--any`) also takes a whole id, or a selector that names no listed job, as
    `jobs:` would; cross checks and ready variants need not be listed. Raises UsageError for a selector that matches nothing, naming the nearest.
    """
    wanted = tuple(texts)
    named = [text for text in wanted if not text.startswith("!")]
    if not named:
        return _without(plan.jobs, plan, wanted)
    chosen: dict[str, Job] = {}
    for text in named:
        chosen |= {job.id: job for job in _named(plan, text, unlisted=unlisted)}
    listed = [job.id for job in plan.jobs if job.id in chosen]
    found = tuple(chosen[id_] for id_ in dict.fromkeys((*listed, *chosen)))
    return _without(found, plan, [text for text in wanted if text.startswith("!")])


def with_needed(plan: Plan, jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Returns the jobs, and before them those whose install they need, also if these are not listed."""
    wanted = {id_ for job in jobs for id_ in job.needs} - {job.id for job in jobs}
    jobs_by_id = {job.id: job for job in plan.jobs if job.id in wanted}
    for id_ in sorted(wanted - jobs_by_id.keys()):
        (cell,) = (cell for cell in _unlisted(plan, _read(id_, plan.names)) if cell.id == id_)
        jobs_by_id[id_] = resolve(cell, plan.project, plan.catalogue, plan.names)
    return with_needed_jobs(jobs, jobs_by_id) if any(job.needs for job in jobs) else tuple(jobs)


def skipped_with_needed(plan: Plan, jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Returns the same jobs; one whose needed job is skipped is skipped, and says which."""
    ids = {job.id for job in jobs}
    return tuple(job for job in with_needed(plan, jobs) if job.id in ids)


def _without(jobs: tuple[Job, ...], plan: Plan, exclusions: Sequence[str]) -> tuple[Job, ...]:
    """The jobs that no exclusion means. Raises UsageError for one that means none, or if none is left."""
    for text in exclusions:
        exclusion = _read(text, plan.names)
        left = tuple(job for job in jobs if _selects(exclusion, job))
        if left == jobs:
            raise UsageError(
                f"{text!r} excludes none of the selected jobs", hint="`ciforge jobs` lists the jobs"
            )
        jobs = left
    if exclusions and not jobs:
        raise UsageError("no job is left: every selected job is excluded")
    return jobs


def _named(plan: Plan, text: str, *, unlisted: bool) -> list[Job]:
    """The jobs that a selector names. A whole id names only its job, whatever else it would match."""
    exact = [job for job in plan.jobs if job.id == text]
    if exact:
        return exact
    selector = _read(text, plan.names)
    cells = _unlisted(plan, selector)
    alone = [cell for cell in cells if cell.id == text] if unlisted else []
    found = [] if alone else [job for job in plan.jobs if _selects(selector, job)]
    if found:
        return found
    given = cells and all(cell.variant in (CROSS, *READY_VARIANTS) for cell in cells)
    if not (given or (unlisted and cells)):
        raise _nothing(plan, selector, cells)
    return [resolve(cell, plan.project, plan.catalogue, plan.names) for cell in alone or cells]


def _read(text: str, names: Names) -> Selector:
    try:
        selector = read_selector(text, names)
    except ValueError as error:
        raise UsageError(str(error)) from None
    for sentence in unknown_alternatives(selector, names):
        raise UsageError(sentence, hint="`ciforge jobs` lists them")
    return selector


def _selects(selector: Selector, job: Job) -> bool:
    return selector.matches(job.repo, job.system, job.release_id, job.variant, job.target_platform)


def _unlisted(plan: Plan, selector: Selector) -> list[MatrixCoordinates]:
    """The jobs that the selector would mean in `jobs:`, as close as possible to those listed there.

    A part that was left out means what the project builds elsewhere: other processors of listed
    jobs first, else other releases for listed repositories and variants."""
    cells = list(listed_coordinates(selector, plan.catalogue, plan.names))
    places = {(job.repo, job.variant, job.release_id) for job in plan.jobs}
    builds = {(job.repo, job.variant) for job in plan.jobs}
    return (
        [cell for cell in cells if (cell.repo, cell.variant, cell.release_id) in places]
        or [cell for cell in cells if (cell.repo, cell.variant) in builds]
        or cells
    )


def _nothing(plan: Plan, selector: Selector, could: list[MatrixCoordinates]) -> UsageError:
    """The error for a selector whose names are all known, but which matches no job."""
    if not could:
        return UsageError(no_image(selector, plan.names), hint="`ciforge jobs` lists the jobs")
    more = f" and {len(could) - 1} more" if len(could) > 1 else ""
    return UsageError(
        f"{selector.text!r} names {could[0].id}{more}, which the project does not list in jobs:",
        hint="add it to jobs: in ciforge.yml, or run it this once with --any",
    )
