"""Settings of a project that change no listed job, as warnings with their places."""

from collections.abc import Iterator, Sequence

from ciforge.model.cross_id import CROSS
from ciforge.model.distro import Catalogue
from ciforge.model.flaw import Flaw, Path
from ciforge.model.job import Job
from ciforge.model.project import Overlay, Project
from ciforge.plan.job_matrix import listed_jobs
from ciforge.plan.job_resolution import resolve
from ciforge.plan.ready_variants import C_RECIPES
from ciforge.plan.selector import Names, Selector, names_of, read_selector


def idle_settings(project: Project, catalogue: Catalogue) -> Iterator[Flaw]:
    """Warns of `flaky`, `compiler` and `sources` that have no effect. Expects a project without flaws."""
    names = names_of(project, catalogue)
    cells = [cell for cell, _ in listed_jobs(project, catalogue, names).values()]
    jobs = [resolve(cell, project, catalogue, names) for cell in cells]
    for path, overlay, changed in _layers(project, names, jobs):
        yield from _flaky(path, overlay, changed)
        if overlay.compiler and not any(_takes_compiler(project, job) for job in changed):
            message = (
                "warning: this has no effect: it changes no listed job whose recipe compiles C"
            )
            yield Flaw((*path, "compiler"), message, True)
    used = {name for job in jobs for name in job.sources}
    for name in project.sources:
        if name not in used:
            message = f"warning: no listed job is built with this source: `replace: {{DEPENDENCY: sources/{name}}}` names it"
            yield Flaw(("sources", name), message, True)


def _layers(
    project: Project, names: Names, jobs: Sequence[Job]
) -> Iterator[tuple[Path, Overlay, list[Job]]]:
    """Every overlay with its place and the listed jobs that it changes."""
    for id_, repo in project.repos.items():
        own = [job for job in jobs if job.repo == id_]
        yield ("repos", id_), repo, own
        for text, overlay in repo.where.items():
            selector = read_selector(text, names)
            yield (
                ("repos", id_, "where", text),
                overlay,
                [job for job in own if _meant(selector, job)],
            )
    for id_, variant in project.variants.items():
        yield ("variants", id_), variant, [job for job in jobs if job.variant == id_]


def _meant(selector: Selector, job: Job) -> bool:
    place = (job.repo, job.system, job.release_id, job.variant, job.target_platform)
    return selector.matches(*place)


def _flaky(path: Path, overlay: Overlay, changed: Sequence[Job]) -> Iterator[Flaw]:
    for name in overlay.flaky:
        if not any(step.name == name for job in changed for step in job.steps):
            message = (
                f"warning: this has no effect: no listed job that it changes has a step {name!r}"
            )
            yield Flaw((*path, "flaky", name), message, True)


def _takes_compiler(project: Project, job: Job) -> bool:
    return project.repos[job.repo].recipe in C_RECIPES and job.variant != CROSS
