"""Project and catalogue to jobs, and jobs by selector. Pure: the same on every machine."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeAlias

import attrs

from ciforge.model.cross import CROSS
from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.job import JOB_TIMEOUT, Job, Step, job_id
from ciforge.model.platform import Platform
from ciforge.model.project import JobEntry, Need, Overlay, Project, Repo, Source, Variant
from ciforge.model.source_recipe import source_env
from ciforge.plan.compiler_choice import ChosenCompiler, choose_compiler
from ciforge.plan.cross_check import cross_cells, cross_job, machine_of
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
from ciforge.plan.selector import Names, Selector, chosen, names_of, read_selector
from ciforge.plan.served_platforms import unserved

GIT = "git"
"""The dependency of a job whose steps have a `.git`."""
INSTALL = "install"
NO_STEP = "every step is disabled"
"""Why a job is skipped that would check nothing."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Plan:
    """The jobs that a project lists, and others that its names could mean."""

    project: Project
    catalogue: Catalogue
    names: Names
    jobs: tuple[Job, ...]


def make_plan(project: Project, catalogue: Catalogue) -> Plan:
    """The jobs in the order of `jobs:`, each once; a later entry's settings hold.

    Expects a project without flaws (`plan.check`)."""
    names = names_of(project, catalogue)
    shared = SharedValues()
    jobs = (
        _with_settings(resolve(cell, project, catalogue, names, shared), entry)
        for cell, entry in listed_jobs(project, catalogue, names).values()
    )
    return Plan(project=project, catalogue=catalogue, names=names, jobs=tuple(jobs))


def _with_settings(job: Job, entry: JobEntry) -> Job:
    """The job with what its entry in `jobs:` sets; most entries set nothing."""
    if not (entry.schedule or entry.allow_failure or entry.timeout):
        return job
    return attrs.evolve(
        job,
        schedule=entry.schedule,
        allow_failure=entry.allow_failure,
        timeout=entry.timeout or JOB_TIMEOUT,
    )


@attrs.define(eq=False, repr=False)
class SharedValues:
    """Values shared by jobs that differ only in their release."""

    overlays: dict[tuple[str, ...], ResolvedOverlay] = attrs.field(factory=dict)
    steps: dict[tuple[str, ...], tuple[Step, ...]] = attrs.field(factory=dict)
    needs: dict[str, tuple[tuple[str, ...], bool]] = attrs.field(factory=dict)
    """By repository: those that it needs, and whether another one needs it."""

    def needs_of(self, project: Project, repo: str) -> tuple[tuple[str, ...], bool]:
        """Returns a value of `needs`."""
        if repo not in self.needs:
            self.needs[repo] = needed_by_order(project, repo), is_needed(project, repo)
        return self.needs[repo]


@attrs.frozen(eq=False, repr=False)
class MatrixCoordinates:
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

    def matched_by(self, selector: Selector) -> bool:
        """Whether `selector` elsewhere means it."""
        name = self.distribution.distribution
        return selector.matches(self.repo, name, self.release_id, self.variant, self.platform)


ListedJobs: TypeAlias = Mapping[str, tuple[MatrixCoordinates, JobEntry]]
"""Ids of jobs to their places in the matrix, and to the entries of `jobs:` whose settings hold."""


def listed_jobs(project: Project, catalogue: Catalogue, names: Names) -> ListedJobs:
    """Returns the jobs that all entries of `jobs:` leave, in their order. An exclusion (`!`) takes away what is
    listed before it; a later entry can list it again. Raises ValueError for an unreadable entry."""
    listed: ListedJobs = {}
    for entry in project.jobs:
        selector = read_selector(entry.job, names)
        if selector.negated:
            listed = without_excluded(listed, selector)
        else:
            cells = listed_coordinates(selector, catalogue, names)
            listed = {**listed, **{cell.id: (cell, entry) for cell in cells}}
    return listed


def without_excluded(listed: ListedJobs, exclusion: Selector) -> ListedJobs:
    """The listed jobs that a selector with `!` does not exclude."""
    return {id_: found for id_, found in listed.items() if found[0].matched_by(exclusion)}


def listed_coordinates(
    selector: Selector, catalogue: Catalogue, names: Names
) -> Iterator[MatrixCoordinates]:
    """Every job that `selector` in `jobs:` means: repositories, releases, variants and platforms
    are chosen each by itself, so that a large matrix is never built to be searched.

    A pattern means only what can run; what cannot has to be named. A release that no engine runs
    stands for its cross check. Cross checks and ready variants have to be named."""
    variants = [
        one
        for one in chosen(selector.variant, names.variants)
        if one != CROSS and (one not in names.to_be_named or one in selector.variant)
    ]
    for repo in chosen(selector.repo, names.repos):
        for distribution in catalogue.distributions.values():
            for release in distribution.releases:
                if not selector.lists_release(distribution.release_id(release), names):
                    continue
                crossing = tuple(cross_cells(selector, distribution, release, catalogue))
                for platform in crossing:
                    yield MatrixCoordinates(repo, distribution, release, CROSS, platform)
                if crossing and "*" in selector.variant and not release.image:
                    continue
                named = selector.names_release(distribution, release)
                platforms = [
                    one
                    for one in release.platforms
                    if selector.lists_arch(one.arch)
                    and (named or not unserved(distribution, release, one))
                ]
                for variant in variants:
                    for platform in platforms:
                        yield MatrixCoordinates(repo, distribution, release, variant, platform)


def resolve(
    cell: MatrixCoordinates,
    project: Project,
    catalogue: Catalogue,
    names: Names,
    shared: SharedValues | None = None,
) -> Job:
    """One job with everything settled; `skipped` says why where it cannot run."""
    shared = shared or SharedValues()
    repo = project.repos[cell.repo]
    ready = ready_variant(cell.variant)
    recipe = ready.steps_of(RECIPES[repo.recipe], repo.recipe)
    key, settled = _settled(cell, project, names, shared, recipe)
    sources = ordered_sources(project.sources, settled.sources)
    if cell.variant == CROSS:
        return cross_job(
            repo_id=cell.repo, repo=repo, recipe=recipe, settled=settled, sources=sources,
            distribution=cell.distribution, release=cell.release, platform=cell.platform,
            project=project.project, catalogue=catalogue,
        )  # fmt: skip
    needs = (*settled.needs.values(), *source_needs(sources))
    packages = packages_for(needs, cell.distribution, cell.release)
    compiler, refused = None, ""
    if settled.compiler and repo.recipe in C_RECIPES:
        compiler, refused = choose_compiler(settled.compiler, cell.distribution, cell.release)
    make = ready.make or cell.distribution.make
    steps_key = (make, *key, compiler.cc, compiler.libc) if compiler else (make, *key)
    if steps_key not in shared.steps:
        planned = _own_steps(cell.repo, project, settled, recipe, ready, make)
        shared.steps[steps_key] = compiler.steps(planned) if compiler else planned
    steps = shared.steps[steps_key]
    needed, packs = shared.needs_of(project, cell.repo)
    needs_jobs: tuple[str, ...] = ()
    if needed:
        variant = needed_variant(project, cell.variant)
        needs_jobs = tuple(job_id(name, cell.release_id, variant, cell.platform) for name in needed)
    if packs or needed:
        steps = with_needed_steps(steps, needs_jobs, packs=packs)
    # A step that may have become root writes no cache that another job reads.
    caches = recipe.ccache and not any(step.setuid for step in steps)
    ccache = ccache_packages(cell.distribution, cell.release) if caches else ()
    lacking = unserved(cell.distribution, cell.release, cell.platform)
    services, trouble = job_services(settled.services, steps, cell.distribution, cell.release)
    reasons = (
        *trouble,
        *filter(None, (lacking, refused, ready.refusal(repo.recipe, cell.platform.arch))),
        *packages.reasons,
        *(() if steps else (NO_STEP,)),
    )
    return Job(
        project=project.project,
        repo=cell.repo,
        distribution=cell.distribution,
        release=cell.release,
        manager=catalogue.managers[cell.distribution.manager],
        variant=cell.variant,
        platform=cell.platform,
        packages=tuple(
            sorted({*packages.names, *ccache, *(compiler.packages if compiler else ())})
        ),
        sources=sources,
        users=settled.users,
        env=_env(cell, sources, settled, compiler),
        steps=steps,
        folder=repo.folder,
        needs=needs_jobs,
        builddir=settled.builddir,
        services=services,
        carry_git=repo.carry_git,
        # Its package stays, so that the image is that of other variants.
        ccache=bool(ccache) and not ready.flags and not compiler and not needs_jobs,
        artifacts=recipe.artifacts,
        keep=kept(settled, steps),
        skipped="; ".join(reasons),
        proof=catalogue.proof(cell.distribution, cell.release, cell.platform),
    )


def _own_steps(
    repo_id: str,
    project: Project,
    settled: ResolvedOverlay,
    recipe: Recipe,
    ready: ReadyVariant,
    make: str,
) -> tuple[Step, ...]:
    """The steps of a job, before those that a compiler of its own or another repository adds."""
    repo = project.repos[repo_id]
    steps = job_steps(
        recipe, settled, repo_id=repo_id, repo=repo, further=ready.words(settled), make=make
    )
    if settled.steps.get(LINKED, StepSetting()).on is not False:
        # What is needed only to build another source may be loaded by no program.
        steps = _with_link_check(steps, {name: project.sources[name] for name in settled.sources})
    return ready.changed(steps, str(PurePosixPath(repo.folder, settled.builddir)))


def needs_of(
    cell: MatrixCoordinates,
    project: Project,
    catalogue: Catalogue,
    names: Names,
    shared: SharedValues,
) -> Iterator[tuple[Distribution, Release, Need]]:
    """Yields what one job needs, and the release whose packages have it: for a cross check also its machine's."""
    recipe = RECIPES[project.repos[cell.repo].recipe]
    recipe = ready_variant(cell.variant).steps_of(recipe, project.repos[cell.repo].recipe)
    _, settled = _settled(cell, project, names, shared, recipe)
    sources = ordered_sources(project.sources, settled.sources)
    for need in (*settled.needs.values(), *source_needs(sources)):
        yield cell.distribution, cell.release, need
        if cell.variant == CROSS and catalogue.toolchain:
            yield *machine_of(catalogue, catalogue.toolchain.machine), need


def _settled(
    cell: MatrixCoordinates, project: Project, names: Names, shared: SharedValues, recipe: Recipe
) -> tuple[tuple[str, ...], ResolvedOverlay]:
    """The settings of a job, and the key under which jobs with the same settings share values."""
    repo, ready = project.repos[cell.repo], ready_variant(cell.variant)
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
    return key, shared.overlays[key]


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


def _env(
    cell: MatrixCoordinates,
    sources: Mapping[str, Source],
    settled: ResolvedOverlay,
    compiler: ChosenCompiler | None,
) -> dict[str, str]:
    system = {**cell.distribution.env, **cell.release.env}
    own = compiler.env if compiler else {}
    return {**system, **source_env(sources), **settled.env, **own}
