"""Mistakes in exclusions, the entries of `jobs:` that begin with `!`."""

from collections.abc import Iterator

import attrs

from ciforge.model.distro import Catalogue
from ciforge.model.flaw import Flaw, Path
from ciforge.model.project import JobEntry, Project
from ciforge.plan.job_matrix import ListedJobs, listed_coordinates, without_excluded
from ciforge.plan.selector import Names, Selector, read_selector
from ciforge.plan.suggestions import unknown_alternatives


def exclusion_flaws(project: Project, catalogue: Catalogue, names: Names) -> Iterator[Flaw]:
    """A flaw for each exclusion that means nothing, has settings, or leaves no job.

    Unreadable entries are passed over; `project_checks` reports them."""
    if not any(entry.job.startswith("!") for entry in project.jobs):
        return
    listed: ListedJobs = {}
    for place, entry in enumerate(project.jobs):
        try:
            selector = read_selector(entry.job, names)
        except ValueError:
            continue
        if not selector.negated:
            cells = listed_coordinates(selector, catalogue, names)
            listed = {**listed, **{cell.id: (cell, entry) for cell in cells}}
            continue
        left = without_excluded(listed, selector)
        yield from _flaws(("jobs", place), entry, selector, names, excluded=len(listed) - len(left))
        if listed and not left and place == len(project.jobs) - 1:
            yield Flaw(("jobs", place, "job"), f"{entry.job!r} leaves no job")
        listed = left


def _flaws(
    path: Path, entry: JobEntry, selector: Selector, names: Names, *, excluded: int
) -> Iterator[Flaw]:
    unknown = unknown_alternatives(selector, names)
    yield from (Flaw((*path, "job"), sentence) for sentence in unknown)
    if not unknown and not excluded:
        message = f"{entry.job!r} excludes no job: no entry before it lists a job that matches"
        yield Flaw((*path, "job"), message)
    for field in ("schedule", "allow_failure", "timeout"):
        if getattr(entry, field) != getattr(attrs.fields(JobEntry), field).default:
            yield Flaw((*path, field), "has no effect on an exclusion", True)
