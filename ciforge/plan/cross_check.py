"""Cross checks of the plan: which there are, and what one of them needs."""

import re
from collections.abc import Iterable, Iterator, Mapping

import attrs

from ciforge.model.cross import TOOLS, CrossCheck, CrossDependency, CrossSystem
from ciforge.model.cross_id import CROSS
from ciforge.model.distro import Catalogue, Distribution, Provision, Release
from ciforge.model.job import Job
from ciforge.model.platform import Platform
from ciforge.model.project import Need, Repo, Source
from ciforge.model.source_recipe import SOURCE_RECIPES, source_env
from ciforge.model.toolchain import Toolchain
from ciforge.plan.cross_steps import cross_steps
from ciforge.plan.cross_targets import cross_platforms
from ciforge.plan.overlay import ResolvedOverlay
from ciforge.plan.package_set import ccache_packages, packages_for, source_needs
from ciforge.plan.recipes import Recipe
from ciforge.plan.selector import Selector

_LIBC = "libc"
"""In `provided`: the target's libc has it, and so has the compiler."""


def cross_job(
    *,
    repo_id: str,
    repo: Repo,
    recipe: Recipe,
    settled: ResolvedOverlay,
    distribution: Distribution,
    release: Release,
    platform: Platform,
    project: str,
    sources: Mapping[str, Source],
    catalogue: Catalogue,
) -> Job:
    """The cross check of a repository for one platform of a release."""
    tools = catalogue.toolchain
    assert tools is not None
    machine, its_release = machine_of(catalogue, tools.machine)
    source_dependencies = (need for source in sources.values() for need in source.dependencies)
    all_needs = (*settled.needs.values(), *source_dependencies)
    needs = [need for need in all_needs if need.name not in tools.replaced]
    check = _described(needs, distribution, release, platform, catalogue)
    own = [need for need in needs if not _is_given(need, distribution, release)]
    own += [
        need
        for need in source_needs(sources)
        if need not in needs and need.name not in tools.replaced
    ]
    packages = packages_for(own, machine, its_release)
    ccache = ccache_packages(machine, its_release) if recipe.ccache else ()
    reasons = (
        *packages_for(needs, distribution, release).reasons,
        *packages.reasons,
        *_native_sources(sources),
        *_refusals(repo, recipe),
    )
    return Job(
        project=project,
        repo=repo_id,
        distribution=machine,
        release=its_release,
        manager=catalogue.managers[machine.manager],
        variant=CROSS,
        platform=_machine_platform(tools, its_release),
        packages=tuple(sorted({*packages.names, *ccache})),
        sources=sources,
        users=settled.users,
        env={
            **machine.env, **its_release.env, **_env(check), **source_env(sources), **settled.env,
        },
        steps=cross_steps(recipe, settled, check, repo_id=repo_id, repo=repo, make=machine.make),
        folder=repo.folder,
        builddir=settled.builddir,
        carry_git=repo.carry_git,
        ccache=bool(ccache),
        artifacts=recipe.artifacts,
        keep=settled.keep,
        skipped="; ".join(dict.fromkeys(reasons)),
        proof=catalogue.proof(distribution, release, platform),
        cross=check,
    )  # fmt: skip


def _described(
    needs: Iterable[Need],
    distribution: Distribution,
    release: Release,
    platform: Platform,
    catalogue: Catalogue,
) -> CrossCheck:
    """What a cross check for a platform is made with: its compiler, libc, libraries, and the machine that it runs on."""
    tools = catalogue.toolchain
    assert tools is not None and release.cross is not None
    needs = tuple(needs)
    machine, its_release = machine_of(catalogue, tools.machine)
    return CrossCheck(
        release_id=distribution.release_id(release),
        distribution=distribution.distribution,
        platform=platform,
        system=_with_libraries(release.cross, needs),
        target=release.cross.targets[str(platform)],
        toolchain=tools,
        machine=tools.machines[str(_machine_platform(tools, its_release))],
        libc=distribution.libc_on(release),
        stands_in=not release.image,
        dependencies=tuple(_libraries(needs, distribution, release, machine, its_release, tools)),
    )


def _machine_platform(tools: Toolchain, its_release: Release) -> Platform:
    """The first platform of the machine's release that the toolchain runs on."""
    return next(platform for platform in its_release.platforms if str(platform) in tools.machines)


def _refusals(repo: Repo, recipe: Recipe) -> Iterator[str]:
    """The reasons why a repository has no cross check."""
    if not recipe.cross:
        yield f"the recipe {repo.recipe} has no cross check"
    if repo.needs:
        yield f"needs {', '.join(repo.needs)}, which a cross check does not install"


def cross_cells(
    selector: Selector, distribution: Distribution, release: Release, catalogue: Catalogue
) -> Iterator[Platform]:
    """The platforms whose cross check the selector means.

    `cross` has to be named where engines run the release; where none does, the release has to be."""
    stands_in = (
        not release.image
        and "*" in selector.variant
        and selector.names_release(distribution, release)
    )
    if CROSS in selector.variant or stands_in:
        for platform in cross_platforms(release, catalogue):
            if selector.lists_arch(platform.arch):
                yield platform


def _native_sources(sources: Mapping[str, Source]) -> Iterator[str]:
    """The reasons why sources cannot be built for another system."""
    for name, source in sources.items():
        if not source.build and not SOURCE_RECIPES[source.recipe].takes_host:
            yield (
                f"sources/{name} cannot be built for another system by the recipe {source.recipe}: "
                "autotools can, and commands in build"
            )


def machine_of(catalogue: Catalogue, id_: str) -> tuple[Distribution, Release]:
    """Returns the distribution and the release with an id, such as `debian-13`."""
    return next(
        (distribution, release)
        for distribution in catalogue.distributions.values()
        for release in distribution.releases
        if distribution.release_id(release) == id_
    )


def _env(check: CrossCheck) -> dict[str, str]:
    """The environment of every step: the names of the tools, and answers that no program can find here."""
    answers = {name: answer.value for name, answer in check.system.answers.items()}
    return {
        "CC": "cc",
        "CXX": "c++",
        "AR": "ar",
        "RANLIB": "ranlib",
        "PKG_CONFIG_LIBDIR": f"{TOOLS}/sysroot/lib/pkgconfig",
        **answers,
    }


def _provision(need: Need, distribution: Distribution, release: Release) -> Provision | None:
    dependency = distribution.packages.get(need.name)
    return dependency.on(release.release) if dependency and need.packages is None else None


def _is_given(need: Need, distribution: Distribution, release: Release) -> bool:
    """Whether the target has it without packages of the machine."""
    found = _provision(need, distribution, release)
    libraries = release.cross.libraries if release.cross else {}
    defined = {library.dependency or name for name, library in libraries.items()}
    return need.name in defined or (found is not None and found.provided == _LIBC)


def _with_libraries(system: CrossSystem, needs: Iterable[Need]) -> CrossSystem:
    """The system with the libraries that the job has: those of the base system, and of `needs`."""
    named = {"", *(need.name for need in needs)}
    libraries = {
        name: library for name, library in system.libraries.items() if library.dependency in named
    }
    return attrs.evolve(system, libraries=libraries)


def _libraries(
    needs: Iterable[Need],
    distribution: Distribution,
    release: Release,
    machine: Distribution,
    its_release: Release,
    tools: Toolchain,
) -> Iterator[CrossDependency]:
    """Dependencies whose headers and names come from the machine's packages."""
    for need in needs:
        if not _is_given(need, distribution, release):
            found = packages_for([need], machine, its_release).names
            packages = tuple(sorted(name for name in found if re.search(tools.library, name)))
            if packages:
                yield CrossDependency(name=need.name, packages=packages)
