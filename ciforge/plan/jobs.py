"""Project and catalogue to jobs, and jobs by selector. Pure: the same on every machine."""

from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.job import Job, job_id
from ciforge.model.platform import Platform
from ciforge.model.project import JobEntry, Need, Overlay, Project, Repo, Source, Variant
from ciforge.plan.overlay import Settled, settle
from ciforge.plan.recipes import RECIPES
from ciforge.plan.selector import Names, Selector, names_of, read_selector
from ciforge.plan.steps import job_steps


@attrs.frozen(kw_only=True)
class Plan:
    """All jobs that a project lists, and what else its names could mean."""

    project: Project
    catalogue: Catalogue
    names: Names
    jobs: tuple[Job, ...]


def make_plan(project: Project, catalogue: Catalogue) -> Plan:
    """The jobs in the order of `jobs:`, each once; a later entry's settings hold.

    Expects a project without flaws (`plan.check`)."""
    names = names_of(project, catalogue)
    listed: dict[str, Job] = {}
    for entry in project.jobs:
        for job in _listed(entry, project, catalogue, names):
            listed[job.id] = job
    return Plan(project=project, catalogue=catalogue, names=names, jobs=tuple(listed.values()))


def _listed(entry: JobEntry, project: Project, catalogue: Catalogue, names: Names) -> Iterator[Job]:
    selector = read_selector(entry.job, names)
    for cell in all_cells(catalogue, names):
        if cell.listed_by(selector, names):
            job = resolve(cell, project, catalogue, names)
            yield attrs.evolve(job, schedule=entry.schedule, allow_failure=entry.allow_failure)


@attrs.frozen
class Cell:
    """A place in the matrix of all jobs that could be."""

    repo: str
    distribution: Distribution
    release: Release
    variant: str
    platform: Platform

    @property
    def release_id(self) -> str:
        return self.distribution.release_id(self.release)

    @property
    def id(self) -> str:
        """The id that its job has."""
        return job_id(self.repo, self.release_id, self.variant, self.platform)

    def listed_by(self, selector: Selector, names: Names) -> bool:
        """Whether `selector` in `jobs:` means it."""
        return selector.lists(self.repo, self.release_id, self.variant, self.platform, names)

    def matched_by(self, selector: Selector) -> bool:
        """Whether `selector` elsewhere means it."""
        name = self.distribution.distribution
        return selector.matches(self.repo, name, self.release_id, self.variant, self.platform)


def all_cells(catalogue: Catalogue, names: Names) -> Iterator[Cell]:
    """Every job that could be: each repository, release, variant and platform with an image."""
    for repo in names.repos:
        for distribution in catalogue.distributions.values():
            for release in distribution.releases:
                for variant in names.variants:
                    for platform in release.platforms:
                        yield Cell(repo, distribution, release, variant, platform)


def resolve(cell: Cell, project: Project, catalogue: Catalogue, names: Names) -> Job:
    """One job with everything settled; `skipped` says why where it cannot run."""
    repo = project.repos[cell.repo]
    recipe = RECIPES[repo.recipe]
    layers = (repo, *_where(repo, names, cell), project.variants.get(cell.variant, Variant()))
    settled = settle(layers, implied=recipe.implied, env=recipe.env, builddir=recipe.builddir)
    packages, reasons = _packages(settled, cell.distribution, cell.release)
    ccache = _ccache(cell.distribution, cell.release) if recipe.ccache else ()
    sources = {name: project.sources[name] for name in settled.sources.values()}
    make = cell.distribution.make
    return Job(
        project=project.project,
        repo=cell.repo,
        distribution=cell.distribution,
        release=cell.release,
        manager=catalogue.managers[cell.distribution.manager],
        variant=cell.variant,
        platform=cell.platform,
        packages=tuple(sorted({*packages, *ccache})),
        sources=sources,
        users=settled.users,
        env=_env(cell, sources, settled),
        steps=job_steps(recipe, settled, repo_id=cell.repo, repo=repo, make=make),
        builddir=settled.builddir,
        ccache=bool(ccache),
        artifacts=recipe.artifacts,
        skipped="; ".join(reasons),
    )


def _where(repo: Repo, names: Names, cell: Cell) -> Iterator[Overlay]:
    for text, overlay in repo.where.items():
        if cell.matched_by(read_selector(text, names, negation=True)):
            yield overlay


def _env(cell: Cell, sources: Mapping[str, Source], settled: Settled) -> dict[str, str]:
    system = {**cell.distribution.env, **cell.release.env}
    return {**system, **_source_env(sources), **settled.env}


def _packages(
    settled: Settled, distribution: Distribution, release: Release
) -> tuple[set[str], list[str]]:
    """The names for the package manager, and why some dependencies have none."""
    packages: set[str] = set()
    reasons: list[str] = []
    for need in settled.needs.values():
        names, reason = _provide(need, distribution, release)
        packages |= set(names)
        reasons += [reason] if reason else []
    return packages, reasons


def _provide(need: Need, distribution: Distribution, release: Release) -> tuple[Sequence[str], str]:
    place = distribution.release_id(release)
    if need.packages is not None:
        for name in (place, distribution.distribution):
            if name in need.packages:
                return need.packages[name], ""
        return (), f"{need.name} is not spelled out for {distribution.distribution}"
    provision = distribution.packages[need.name].on(release.release)
    if provision.missing:
        return (), f"{place} has no {need.name}: {provision.missing}"
    return provision.packages, ""


def _ccache(distribution: Distribution, release: Release) -> tuple[str, ...]:
    """ccache where it is to be had: it speeds jobs up and changes nothing else."""
    known = distribution.packages.get("ccache")
    return known.on(release.release).packages if known else ()


def _source_env(sources: Mapping[str, Source]) -> dict[str, str]:
    """Where pkg-config and the run-time linker find libraries in prefixes of their own."""
    if not sources:
        return {}
    libraries = [f"{source.prefix}/lib" for source in sources.values()]
    return {
        "PKG_CONFIG_PATH": ":".join(f"{folder}/pkgconfig" for folder in libraries),
        "LD_RUN_PATH": ":".join(libraries),
    }
