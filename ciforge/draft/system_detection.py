"""Detects distributions in handwritten workflows and Dockerfiles: jobs, and packages by system."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from ciforge.draft.aliases import ANYWAY, COMPILERS
from ciforge.draft.ci_text import CiFile, ListedPackage, NamedImage
from ciforge.draft.dependency_matcher import Matcher
from ciforge.draft.evidence import WIDTH, SourceLine
from ciforge.draft.proposal import SourcedValue
from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.identifiers import PACKAGE, is_id
from ciforge.model.project import Need
from ciforge.model.proof import Proof
from ciforge.sanitize import short_line

_ENDS = ("-devel", "-dev")
_ANY = ("", "latest", "stable", "rolling")
"""Tags that stand for the newest release."""


@attrs.frozen(kw_only=True)
class DetectedSystem:
    """A distribution in a file; without a release if the catalogue does not have it."""

    distribution: Distribution
    release: Release | None
    tag: str
    clue: SourceLine
    runner: bool
    """Whether it is only a runner of a hosted service."""
    arch: str = ""
    """The processor, if it is not the usual one."""

    @property
    def selector(self) -> str:
        """A selector for `jobs:`."""
        at = f"@{self.arch}" if self.arch else ""
        if self.release is None or self.release.release in self.distribution.default_releases:
            return f"{self.distribution.distribution}{at}"
        return f"{self.distribution.release_id(self.release)}{at}"


@attrs.frozen(kw_only=True)
class RequestedPackage:
    """A dependency in a list of packages, and the distribution of the list."""

    distribution: str
    need: Need
    clue: SourceLine


def systems_of(hosted: CiFile, catalogue: Catalogue) -> tuple[DetectedSystem, ...]:
    """The systems that a file builds on; a runner counts only without any other."""
    found = tuple(filter(None, (_system(image, catalogue) for image in hosted.images)))
    images = tuple(image for image in found if not image.runner)
    return images or found


def is_foreign(hosted: CiFile, catalogue: Catalogue) -> bool:
    """Whether the file names only systems that the catalogue does not have."""
    named = any(not image.listed for image in hosted.images)
    return named and not systems_of(hosted, catalogue)


def _system(image: NamedImage, catalogue: Catalogue) -> DetectedSystem | None:
    for distribution in catalogue.distributions.values():
        if not any(release.image for release in distribution.releases):
            continue  # no job of it could be listed
        tags = _tags(distribution)
        name = image.name.removeprefix("docker.io/").removeprefix("library/")
        if name in tags or image.name in tags:
            wanted = image.tag.removesuffix("-slim")
            releases = tags.get(name, tags.get(image.name, {}))
            return DetectedSystem(
                distribution=distribution, release=releases.get(wanted), tag=short_line(wanted, WIDTH), clue=image.clue,
                runner=image.runner, arch=image.arch,
            )  # fmt: skip
    return None


def _tags(distribution: Distribution) -> Mapping[str, Mapping[str, Release]]:
    """Names of images to tags and the releases that they stand for."""
    found: dict[str, dict[str, Release]] = {distribution.distribution: {}}
    for release in distribution.releases:
        path, _, tag = release.image.partition("/")[2].rpartition(":")
        name = path.removeprefix("library/")
        names = {release.release, release.codename, release.suite, tag, tag.removesuffix("-slim")}
        for key in (name, distribution.distribution, release.image.rpartition(":")[0]):
            found.setdefault(key, {}).update(dict.fromkeys(names - {"", "latest"}, release))
    return found


def jobs(files: Iterable[CiFile], catalogue: Catalogue) -> tuple[SourcedValue, ...]:
    """A selector for each distribution on which jobs have run, then for each system of a file."""
    tested = {release for (release, _), proof in catalogue.proofs.items() if proof is Proof.TESTED}
    found = {
        distribution.distribution: SourcedValue(
            distribution.distribution, "ciforge is tested on it"
        )
        for distribution in catalogue.distributions.values()
        if tested & {distribution.release_id(release) for release in distribution.releases}
    }
    named = [(file, system) for file in files for system in systems_of(file, catalogue)]
    for file, named_system in sorted(named, key=lambda pair: pair[1].runner):
        chosen = file.builds and named_system.tag not in _ANY
        if file.packages or chosen or not named_system.runner:
            found.setdefault(
                named_system.selector, SourcedValue(named_system.selector, str(named_system.clue))
            )
    return tuple(found.values())


def unknown_releases(files: Iterable[CiFile], catalogue: Catalogue) -> Iterator[str]:
    """A message for images whose tag no descriptor has."""
    for file in files:
        for system in systems_of(file, catalogue):
            if system.release is None and system.tag not in _ANY:
                name = system.distribution.distribution
                yield f"{system.clue}: {name} {system.tag} has no descriptor; the default releases were chosen"


def wanted(files: Iterable[CiFile], matcher: Matcher) -> Iterator[RequestedPackage]:
    """The dependencies of the packages that files install, except those for the CI itself."""
    for file in files:
        named = {
            system.distribution.distribution: system.distribution
            for system in systems_of(file, matcher.catalogue)
        }
        for listed in file.packages:
            for distribution in _installing(listed, named, matcher.catalogue):
                yield from _wanted(listed, distribution, matcher)


def _installing(
    listed: ListedPackage, named: Mapping[str, Distribution], catalogue: Catalogue
) -> list[Distribution]:
    """The systems of the file with this package manager, else the first one in the catalogue."""
    fits = [
        distribution
        for distribution in named.values()
        if listed.manager in ("", distribution.manager)
    ]
    if fits or named or not listed.manager:
        return fits
    return [
        distribution
        for distribution in catalogue.distributions.values()
        if distribution.manager == listed.manager
    ][:1]


def _wanted(
    listed: ListedPackage, distribution: Distribution, matcher: Matcher
) -> Iterator[RequestedPackage]:
    package, name = listed.package, distribution.distribution
    if package in matcher.table.for_ci or COMPILERS.fullmatch(package):
        return
    dependency = _dependency(package, distribution, matcher)
    if dependency in ANYWAY:
        return
    need = matcher.need(dependency) if dependency else None
    if need is not None and (need.packages is not None or is_gap(distribution, dependency)):
        packages = need.packages or {}
        need = attrs.evolve(need, packages={**packages, name: packages.get(name, (package,))})
    if need is not None:
        yield RequestedPackage(distribution=name, need=need, clue=listed.clue)
    elif PACKAGE.fullmatch(package) and is_id(_stem(package)):
        spelled = Need(name=_stem(package), packages={name: (package,)})
        yield RequestedPackage(distribution=name, need=spelled, clue=listed.clue)


def _dependency(package: str, distribution: Distribution, matcher: Matcher) -> str:
    """The dependency of a package: by the descriptor, else by the table."""
    if package in matcher.table.other_names:
        return matcher.table.other_names[package]
    for name, dependency in distribution.packages.items():
        provisions = (dependency, *dependency.releases.values())
        if any(package in provision.packages for provision in provisions):
            return name
    listed = distribution.distribution in matcher.table.packaged_by
    if listed and (found := matcher.of_package(package)):
        return found
    return _stem(package) if matcher.need(_stem(package)) else ""


def _stem(package: str) -> str:
    """The name without the suffix of development packages."""
    return next((package.removesuffix(end) for end in _ENDS if package.endswith(end)), package)


def is_gap(distribution: Distribution, name: str) -> bool:
    """Whether nobody knows a package for a dependency there; a fact has a source."""
    found = distribution.packages.get(name)
    return found is not None and found.missing != "" and not found.source


def lacks(need: Need, distribution: Distribution) -> bool:
    """Whether a default release of a distribution does not have this dependency."""
    if need.packages is not None:
        return False
    dependency = distribution.packages.get(need.name)
    return dependency is None or any(
        dependency.on(release).missing for release in distribution.default_releases
    )
