"""The packages of a release for the dependencies of a job."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ciforge.model.distro import Distribution, Provision, Release
from ciforge.model.project import Need, Source
from ciforge.model.source_recipe import SOURCE_RECIPES
from ciforge.plan.need_order import need_order

_UNPACKED_BY = {
    ".gz": "gzip", ".tgz": "gzip",
    ".xz": "xz", ".txz": "xz",
}  # fmt: skip
"""Ends of tarballs' names to what `tar` calls for them."""

_FOR_SOURCES = ("cc", "libc", "make", "tar")


@attrs.frozen(eq=False, repr=False)
class Packages:
    """Names for the package manager, and why some dependencies have none."""

    names: frozenset[str]
    reasons: tuple[str, ...]


def packages_for(needs: Iterable[Need], distribution: Distribution, release: Release) -> Packages:
    """Packages to install, or the reasons why dependencies are not available."""
    names: set[str] = set()
    reasons: list[str] = []
    for need in needs:
        found, reason = _provide(need, distribution, release)
        names |= set(found)
        reasons += [reason] if reason else []
    return Packages(frozenset(names), tuple(dict.fromkeys(reasons)))


def _provide(need: Need, distribution: Distribution, release: Release) -> tuple[Sequence[str], str]:
    place = distribution.release_id(release)
    if need.packages is not None:
        for name in (place, distribution.distribution):
            if name in need.packages:
                return need.packages[name], ""
    dependency = distribution.packages.get(need.name)
    if dependency is None and need.packages is not None:
        return (), f"{need.name} is not spelled out for {place}"
    if dependency is None:
        return (), f"{place} has no {need.name}: its descriptor does not list it"
    provision: Provision = dependency.on(release.release)
    if provision.missing:
        return (), f"{place} has no {need.name}: {provision.missing}"
    return provision.packages, ""


def ccache_packages(distribution: Distribution, release: Release) -> tuple[str, ...]:
    """ccache where it is to be had: it speeds jobs up and changes nothing else."""
    dependency = distribution.packages.get("ccache")
    return dependency.on(release.release).packages if dependency else ()


def source_needs(sources: Mapping[str, Source]) -> tuple[Need, ...]:
    """Dependencies for building `sources` from their tarballs."""
    if not sources:
        return ()
    ends = {source.url[source.url.rfind(".") :] for source in sources.values() if source.url}
    tools = sorted({_UNPACKED_BY[end] for end in ends if end in _UNPACKED_BY})
    if any(source.git for source in sources.values()):
        tools += ("ca-certificates", "git")
    if any(source.patches for source in sources.values()):
        tools.append("patch")
    for source in sources.values():
        recipe = SOURCE_RECIPES.get(source.recipe)
        tools += recipe.needs if recipe and not source.build else ()
    own = (need for source in sources.values() for need in source.dependencies)
    return (*(Need(name=name) for name in dict.fromkeys((*_FOR_SOURCES, *tools))), *own)


def ordered_sources(sources: Mapping[str, Source], names: Iterable[str]) -> dict[str, Source]:
    """Returns sources and those that they need, each after these. Sources that need each other stand in any order."""
    order = need_order(names, lambda name: filter(sources.__contains__, sources[name].needs))
    return {name: sources[name] for name in order}
