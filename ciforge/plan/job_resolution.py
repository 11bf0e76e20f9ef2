"""One place of the matrix to its job, with everything settled."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import attrs

from ciforge.model.cross_id import CROSS
from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.job import Job, Step, job_id
from ciforge.model.project import Need, Overlay, Project, Repo, Source, Variant
from ciforge.model.source_recipe import source_env
from ciforge.plan.backtrace import DEBUGGER
from ciforge.plan.compiler_choice import ChosenCompiler, choose_compiler
from ciforge.plan.cross_check import cross_job, machine_of
from ciforge.plan.dist_script import DIST
from ciforge.plan.job_matrix import MatrixCoordinates, listed_of_variant
from ciforge.plan.job_services import job_services
from ciforge.plan.job_steps import job_steps, kept
from ciforge.plan.link_check import LINKED, link_script
from ciforge.plan.needed_repos import (
    is_needed,
    needed_by_order,
    needed_variant,
    with_needed_steps,
)
from ciforge.plan.overlay import ResolvedOverlay, StepSetting, resolve_overlays
from ciforge.plan.package_set import (
    ccache_packages,
    ordered_sources,
    packages_for,
    source_needs,
)
from ciforge.plan.ready_variants import C_RECIPES, ReadyVariant, ready_variant
from ciforge.plan.recipes import ALL_STEP_NAMES, RECIPES, Recipe
from ciforge.plan.selector import Names, read_selector
from ciforge.plan.served_platforms import unserved

GIT = "git"
"""The dependency of a job whose steps have a `.git`."""
INSTALL = "install"
NO_DIST = f"no job makes its tarball: add REPO/RELEASE/{DIST} to `jobs`"
"""Why a job that is built from the release tarball is skipped."""
NO_STEP = "every step is disabled"
"""Why a job is skipped that would check nothing."""


@attrs.define(eq=False, repr=False)
class SharedValues:
    """Values shared by jobs that differ only in their release."""

    overlays: dict[tuple[str, ...], ResolvedOverlay] = attrs.field(factory=dict)
    steps: dict[tuple[str, ...], tuple[Step, ...]] = attrs.field(factory=dict)
    needs: dict[str, tuple[tuple[str, ...], bool]] = attrs.field(factory=dict)
    """By repository: those that it needs, and whether another one needs it."""

    dists: dict[str, str] = attrs.field(factory=dict)
    """By repository: the job that makes its release tarball; empty where `jobs:` has none."""

    def dist_of(self, project: Project, catalogue: Catalogue, repo: str) -> str:
        """Returns a value of `dists`: the first job of the variant `dist` in the order of `jobs:`."""
        if repo not in self.dists:
            listed = listed_of_variant(project, catalogue, DIST)
            self.dists[repo] = next((cell.id for cell in listed if cell.repo == repo), "")
        return self.dists[repo]

    def needs_of(self, project: Project, repo: str) -> tuple[tuple[str, ...], bool]:
        """Returns a value of `needs`."""
        if repo not in self.needs:
            self.needs[repo] = needed_by_order(project, repo), is_needed(project, repo)
        return self.needs[repo]


@attrs.frozen(eq=False, repr=False)
class _Settled:
    """The settings of one place of the matrix."""

    cell: MatrixCoordinates
    project: Project
    repo: Repo
    ready: ReadyVariant
    recipe: Recipe
    key: tuple[str, ...]
    """Jobs with the same one have the same overlay, and share it."""
    overlay: ResolvedOverlay
    sources: Mapping[str, Source]

    @property
    def needs(self) -> tuple[Need, ...]:
        """All dependencies, those of its sources included."""
        return (*self.overlay.needs.values(), *source_needs(self.sources))


def resolve(
    cell: MatrixCoordinates,
    project: Project,
    catalogue: Catalogue,
    names: Names,
    shared: SharedValues | None = None,
) -> Job:
    """One job with everything settled; `skipped` says why where it cannot run."""
    shared = shared or SharedValues()
    settled = _settle(cell, project, names, shared)
    if cell.variant == CROSS:
        return cross_job(
            repo_id=cell.repo, repo=settled.repo, recipe=settled.recipe, settled=settled.overlay,
            sources=settled.sources, distribution=cell.distribution, release=cell.release,
            platform=cell.platform, project=project.project, catalogue=catalogue,
        )  # fmt: skip
    return _container_job(settled, catalogue, shared)


def _container_job(settled: _Settled, catalogue: Catalogue, shared: SharedValues) -> Job:
    """A job that runs on the release itself, in a container or on a machine."""
    cell, repo, ready, overlay = settled.cell, settled.repo, settled.ready, settled.overlay
    compiler, refused = _compiler(settled)
    needed, packs = shared.needs_of(settled.project, cell.repo)
    needs_jobs = _needed_jobs(settled, needed)
    steps = _steps(settled, compiler, shared)
    if packs or needed:
        steps = with_needed_steps(steps, needs_jobs, packs=packs)
    if ready.from_tarball:
        maker = shared.dist_of(settled.project, catalogue, cell.repo)
        refused = refused or ("" if maker else NO_DIST.replace("REPO", cell.repo))
        needs_jobs += (maker,) if maker else ()
    # A step that may have become root writes no cache that another job reads.
    caches = settled.recipe.ccache and not any(step.setuid for step in steps)
    ccache = ccache_packages(cell.distribution, cell.release) if caches else ()
    debugger = (DEBUGGER,) if any(step.backtrace for step in steps) else ()
    packages = packages_for((*settled.needs, *debugger), cell.distribution, cell.release)
    services, trouble = job_services(overlay.services, steps, cell.distribution, cell.release)
    lacking = unserved(cell.distribution, cell.release, cell.platform)
    reasons = (
        *trouble,
        *_shared_prefixes(settled.sources),
        *filter(None, (lacking, refused, ready.refusal(repo.recipe, cell.platform.arch))),
        *packages.reasons,
        *(() if steps else (NO_STEP,)),
    )
    return Job(
        project=settled.project.project,
        repo=cell.repo,
        distribution=cell.distribution,
        release=cell.release,
        manager=catalogue.managers[cell.distribution.manager],
        variant=cell.variant,
        platform=cell.platform,
        packages=tuple(
            sorted({*packages.names, *ccache, *(compiler.packages if compiler else ())})
        ),
        sources=settled.sources,
        users=overlay.users,
        env=_env(settled, compiler),
        steps=steps,
        folder=repo.folder,
        needs=needs_jobs,
        builddir=overlay.builddir,
        services=services,
        carry_git=repo.carry_git,
        # Its package stays, so that the image is that of other variants.
        ccache=bool(ccache) and not ready.flags and not compiler and not needs_jobs,
        artifacts=settled.recipe.artifacts,
        keep=kept(overlay, steps),
        skipped="; ".join(reasons),
        proof=catalogue.proof(cell.distribution, cell.release, cell.platform),
    )


def _shared_prefixes(sources: Mapping[str, Source]) -> Iterator[str]:
    """Yields a sentence for each source of a job that would be installed over another one."""
    first: dict[str, str] = {}
    for name, source in sources.items():
        other = first.setdefault(source.prefix, name)
        if other != name:
            yield f"the sources {other} and {name} have the same prefix, {source.prefix}: give each its own"


def _compiler(settled: _Settled) -> tuple[ChosenCompiler | None, str]:
    """The compiler that the settings name where C is compiled, or why the release has none of that name."""
    if settled.overlay.compiler and settled.repo.recipe in C_RECIPES:
        return choose_compiler(
            settled.overlay.compiler, settled.cell.distribution, settled.cell.release
        )
    return None, ""


def _needed_jobs(settled: _Settled, needed: Iterable[str]) -> tuple[str, ...]:
    """The ids of the jobs of the same release whose installs go into the machine, in the order of `needed`."""
    cell = settled.cell
    variant = needed_variant(settled.project, cell.variant)
    return tuple(job_id(name, cell.release_id, variant, cell.platform) for name in needed)


def _steps(
    settled: _Settled, compiler: ChosenCompiler | None, shared: SharedValues
) -> tuple[Step, ...]:
    """The steps of a job, shared by those that differ in nothing which steps depend on."""
    make = settled.ready.make or settled.cell.distribution.make
    key = (make, *settled.key, *((compiler.cc, compiler.libc) if compiler else ()))
    if key not in shared.steps:
        planned = _own_steps(settled, make)
        shared.steps[key] = compiler.steps(planned) if compiler else planned
    return shared.steps[key]


def _own_steps(settled: _Settled, make: str) -> tuple[Step, ...]:
    """The steps of a job, before those that a compiler of its own or another repository adds."""
    repo, overlay, ready = settled.repo, settled.overlay, settled.ready
    steps = job_steps(
        settled.recipe, ready.settled(overlay), repo_id=settled.cell.repo, repo=repo,
        further=ready.words(overlay, repo.recipe), make=make,
    )  # fmt: skip
    if overlay.steps.get(LINKED, StepSetting()).on is not False:
        # What is needed only to build another source may be loaded by no program.
        named = {name: settled.project.sources[name] for name in overlay.sources}
        steps = _with_link_check(steps, named)
    return ready.changed(steps, str(PurePosixPath(repo.folder, overlay.builddir)))


def needs_of(
    cell: MatrixCoordinates,
    project: Project,
    catalogue: Catalogue,
    names: Names,
    shared: SharedValues,
) -> Iterator[tuple[Distribution, Release, Need]]:
    """Yields what one job needs, and the release whose packages have it: for a cross check also its machine's."""
    for need in _settle(cell, project, names, shared).needs:
        yield cell.distribution, cell.release, need
        if cell.variant == CROSS and catalogue.toolchain:
            yield *machine_of(catalogue, catalogue.toolchain.machine), need


def _settle(
    cell: MatrixCoordinates, project: Project, names: Names, shared: SharedValues
) -> _Settled:
    """Reads all layers of settings that a place of the matrix has."""
    repo, ready = project.repos[cell.repo], ready_variant(cell.variant)
    recipe = ready.steps_of(RECIPES[repo.recipe], repo.recipe)
    where = _where(repo, names, cell)
    key = (cell.repo, cell.variant, *where)
    if key not in shared.overlays:
        below = (repo, *where.values())
        variant = _fitting(project.variants.get(cell.variant, Variant()), recipe, below)
        given = _without_dropped(_fitting(ready.overlay_for(repo.recipe), recipe, below), below)
        shared.overlays[key] = resolve_overlays(
            (*below, given, variant),
            implied=(*recipe.implied, *((GIT,) if repo.carry_git else ())),
            env=recipe.env,
            builddir=recipe.builddir,
        )
    overlay = shared.overlays[key]
    sources = ordered_sources(project.sources, overlay.sources)
    return _Settled(cell, project, repo, ready, recipe, key, overlay, sources)


def _where(repo: Repo, names: Names, cell: MatrixCoordinates) -> dict[str, Overlay]:
    """The overlays of `where` that the job has, by their selectors."""
    return {
        text: overlay
        for text, overlay in repo.where.items()
        if cell.matched_by(read_selector(text, names))
    }


def _fitting(variant: Variant, recipe: Recipe, below: Iterable[Overlay]) -> Variant:
    """Without changes to steps that only other recipes have: a variant is for all repositories."""
    own = recipe.step_names.union(*(layer.steps for layer in below))
    steps = {
        name: change
        for name, change in variant.steps.items()
        if name in own or name not in ALL_STEP_NAMES
    }
    return attrs.evolve(variant, steps=steps)


def _with_link_check(steps: tuple[Step, ...], sources: Mapping[str, Source]) -> tuple[Step, ...]:
    """The steps, and after the install one that checks which libraries the programs load."""
    names = [step.name for step in steps]
    if not sources or INSTALL not in names:
        return steps
    place = names.index(INSTALL) + 1
    check = Step(name=LINKED, run=link_script(sources), timeout=300)
    return (*steps[:place], check, *steps[place:])


def _without_dropped(ready: Variant, below: Iterable[Overlay]) -> Variant:
    """Without steps that the repository drops: a ready variant runs tests only where there are some."""
    dropped = {name for layer in below for name, change in layer.steps.items() if change is False}
    steps = {name: change for name, change in ready.steps.items() if name not in dropped}
    return attrs.evolve(ready, steps=steps)


def _env(settled: _Settled, compiler: ChosenCompiler | None) -> dict[str, str]:
    """The environment of every step; later layers win: system, sources, project, compiler."""
    system = {**settled.cell.distribution.env, **settled.cell.release.env}
    own = compiler.env if compiler else {}
    return {**system, **source_env(settled.sources), **settled.overlay.env, **own}
