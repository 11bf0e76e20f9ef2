"""Releases of listed jobs that are past their end of life or near it, as sentences with their places."""

from collections.abc import Iterable, Iterator

from ciforge.model.distro import Catalogue
from ciforge.model.end_of_life import Day, end_sentence
from ciforge.model.flaw import Flaw
from ciforge.model.job import Job
from ciforge.model.project import Project
from ciforge.plan.job_matrix import listed_jobs
from ciforge.plan.selector import names_of


def ended_releases(jobs: Iterable[Job], today: Day) -> tuple[str, ...]:
    """A sentence for each release of the jobs that has ended or ends within 30 days, each once."""
    sentences = (end_sentence(job.distribution, job.release, today) for job in jobs)
    return tuple(dict.fromkeys(filter(None, sentences)))


def ended_entries(project: Project, catalogue: Catalogue, today: Day) -> Iterator[Flaw]:
    """Warnings for each entry of `jobs:`, at its place. Expects a project without flaws."""
    names = names_of(project, catalogue)
    sentences = (
        (project.jobs.index(entry), end_sentence(cell.distribution, cell.release, today))
        for cell, entry in listed_jobs(project, catalogue, names).values()
    )
    found = dict.fromkeys((place, sentence) for place, sentence in sentences if sentence)
    for place, sentence in sorted(found, key=lambda each: each[0]):
        yield Flaw(("jobs", place, "job"), f"warning: {sentence}")
