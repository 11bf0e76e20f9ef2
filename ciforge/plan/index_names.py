"""The names in a project that package indexes answer, and which releases need an answer. Pure."""

from collections.abc import Iterator, Mapping

from ciforge.model.distro import Catalogue
from ciforge.model.flaw import Flaw, Path
from ciforge.model.index_name import is_index_name
from ciforge.model.project import Need, Needs, Project
from ciforge.plan.job_matrix import listed_jobs
from ciforge.plan.job_resolution import SharedValues, needs_of
from ciforge.plan.selector import names_of


def index_needs(project: Project) -> Iterator[tuple[Path, Need]]:
    """Yields the dependencies that an index answers, each with its place in the file."""
    for path, needs in _lists(project):
        for place, need in enumerate(needs.add):
            if is_index_name(need.name):
                yield (*path, place), need


def _lists(project: Project) -> Iterator[tuple[Path, Needs]]:
    for id_, repo in project.repos.items():
        yield ("repos", id_, "dependencies"), repo.dependencies
        for text, overlay in repo.where.items():
            yield ("repos", id_, "where", text, "dependencies"), overlay.dependencies
    for id_, variant in project.variants.items():
        yield ("variants", id_, "dependencies"), variant.dependencies
    for id_, source in project.sources.items():
        yield ("sources", id_, "dependencies"), Needs(add=source.dependencies)


def wanted_names(project: Project, catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Returns, by release, the names that its listed jobs need. Expects a project without other flaws."""
    if not any(index_needs(project)):
        return {}
    names, shared = names_of(project, catalogue), SharedValues()
    wanted: dict[str, dict[str, None]] = {}
    for cell, _ in listed_jobs(project, catalogue, names).values():
        for distribution, release, need in needs_of(cell, project, catalogue, names, shared):
            release_id = distribution.release_id(release)
            spelled_out = need.packages or {}
            if (
                is_index_name(need.name)
                and release_id not in spelled_out
                and distribution.distribution not in spelled_out
            ):
                wanted.setdefault(release_id, {})[need.name] = None
    return {release: tuple(sorted(found)) for release, found in sorted(wanted.items())}


def unanswered(project: Project, catalogue: Catalogue) -> Iterator[Flaw]:
    """Yields a flaw for each name that the lock does not answer for a release with a listed job."""
    lacking: dict[str, list[str]] = {}
    for release, names in wanted_names(project, catalogue).items():
        for name in names:
            if name not in catalogue.locked.get(release, {}):
                lacking.setdefault(name, []).append(release)
    for path, need in index_needs(project):
        if releases := lacking.pop(need.name, ()):
            message = f"the lock of the project file has no answer for {need.name!r} on {', '.join(releases)}"
            yield Flaw(path, f"{message}: run `ciforge packages --update`, and commit the file")
