"""Proposes a project for a source tree, with the evidence for each conclusion."""

import re
from collections.abc import Iterable, Sequence

import attrs

from ciforge.draft import ci_files, system_detection
from ciforge.draft.aliases import FOR_BOOTSTRAP, IMPLIED
from ciforge.draft.aliases import headers as known_headers
from ciforge.draft.ci_text import CiFile, patterns
from ciforge.draft.dependency_matcher import (
    Matcher,
    ResolvedDependency,
    joined,
    resolve_dependencies,
)
from ciforge.draft.proposal import Proposal, SourcedValue
from ciforge.draft.recipe_detection import BuildMethod, build_methods, included_headers
from ciforge.draft.system_detection import RequestedPackage
from ciforge.draft.tree_reader import TreeReader
from ciforge.model.dependency_table import DependencyTable
from ciforge.model.distro import Catalogue, Distribution
from ciforge.model.identifiers import is_id

_FEW = 12
_VERSION = re.compile(r"[-_]v?[0-9][A-Za-z0-9.+~-]*$")
MANY = 200
"""Maximum number of dependencies, users and arguments in a proposal."""
_COMES_ALONG = {"meson": ("meson", "ninja"), "cmake": ("cmake",), "go": ("go",)}


def propose(
    ground: TreeReader, catalogue: Catalogue, table: DependencyTable, folder: str
) -> Proposal | None:
    """The proposal for the tree in a folder of that name; None if there is no build file."""
    found = build_methods(ground)
    if not found:
        return None
    method, matcher = found[0], Matcher(catalogue, table)
    ci_patterns = patterns(catalogue, table.runners)
    files = list(ci_files.look(ground, ci_patterns))
    headers = included_headers(ground, known_headers(table)) if method.recipe.value != "go" else ()
    needs, doubts = resolve_dependencies((*method.requirements, *headers), matcher)
    jobs = system_detection.jobs(files, catalogue)
    name = _name(method, folder, catalogue)
    needs = [
        dependency
        for dependency in needs
        if dependency.need.name not in (name.value, f"lib{name.value}")
    ]
    everywhere, only = _from_packages(needs, files, method, matcher, jobs)
    words, unsure = _words(files, catalogue)
    return Proposal(
        name=name,
        recipe=method.recipe,
        dependencies=tuple(everywhere[:MANY]),
        only=only,
        configure=words if method.recipe.value in ("autotools", "cmake", "meson") else (),
        env=method.env,
        users=_users(method, files)[:MANY],
        steps=method.steps,
        jobs=jobs,
        hints=method.hints,
        doubts=(
            *_others(found),
            *method.doubts,
            *doubts,
            *unsure,
            *_spelled(everywhere, jobs, catalogue),
            *system_detection.unknown_releases(files, catalogue),
            *(f"{file.left_out}: not taken over" for file in files if file.left_out),
            *ground.doubts,
        ),
    )


def _others(found: Sequence[BuildMethod]) -> list[str]:
    if len(found) == 1:
        return []
    names = ", ".join(method.recipe.value for method in found[1:])
    return [f"this can also be built with {names}; the recipe {found[0].recipe.value} was chosen"]


def _from_packages(
    needs: Iterable[ResolvedDependency],
    files: Sequence[CiFile],
    method: BuildMethod,
    matcher: Matcher,
    jobs: Sequence[SourcedValue],
) -> tuple[list[ResolvedDependency], tuple[tuple[str, tuple[ResolvedDependency, ...]], ...]]:
    """The dependencies of all jobs, and those of one distribution only."""
    implied = frozenset() if method.recipe.value == "go" else IMPLIED
    everywhere = {
        dependency.need.name: dependency
        for dependency in needs
        if dependency.need.name not in implied
    }
    skipped = {
        *(() if method.bootstrap else FOR_BOOTSTRAP),
        *_COMES_ALONG.get(method.recipe.value, ()),
    }
    listed = [
        requested
        for requested in system_detection.wanted(files, matcher)
        if requested.need.name not in skipped
    ]
    general = _general(listed, matcher, jobs)
    only: dict[str, dict[str, ResolvedDependency]] = {}
    for request in listed:
        name = request.need.name
        place = (
            everywhere
            if name in everywhere or name in general
            else only.setdefault(request.distribution, {})
        )
        place[name] = joined(place.get(name), request.need, [request.clue])
    kept = ((place, tuple(found.values())[:MANY]) for place, found in only.items())
    return list(everywhere.values()), tuple(kept)


def _general(
    listed: Sequence[RequestedPackage], matcher: Matcher, jobs: Sequence[SourcedValue]
) -> frozenset[str]:
    """Dependencies in the lists of Debian or in all lists, which every system of the jobs has."""
    asked = _asked(jobs, matcher.catalogue)
    every = {requested.distribution for requested in listed}
    names: dict[str, set[str]] = {}
    for request in listed:
        if request.need.packages is None or set(request.need.packages) >= set(
            matcher.table.packaged_by
        ):
            names.setdefault(request.need.name, set()).add(request.distribution)
    return frozenset(
        name
        for name, places in names.items()
        if (places >= every or places & set(matcher.table.packaged_by))
        and not any(
            system_detection.lacks(need, distribution)
            for need in [matcher.need(name)]
            if need
            for distribution in asked
        )
    )


def _words(
    files: Iterable[CiFile], catalogue: Catalogue
) -> tuple[tuple[SourcedValue, ...], list[str]]:
    """The words that every call of configure on a known system has; the others are doubts."""
    calls = [
        call
        for file in files
        if not system_detection.is_foreign(file, catalogue)
        for call in file.words
    ]
    if not calls:
        return (), []
    common = frozenset.intersection(*(frozenset(words) for words in calls))
    first = {word: clue for words in reversed(calls) for word, clue in words.items()}
    found = tuple(SourcedValue(word, str(first[word])) for word in sorted(common))[:MANY]
    others = [
        f"{word} ({first[word].file}:{first[word].line})" for word in sorted({*first} - common)
    ]
    message = "arguments that only some calls of configure have were left out"
    return found, [
        f"{message}: {', '.join(others[:_FEW])}{' …' * (len(others) > _FEW)}"
    ] if others else []


def _users(method: BuildMethod, files: Iterable[CiFile]) -> tuple[tuple[str, SourcedValue], ...]:
    made = {
        user.name: SourcedValue(user.home, str(user.clue))
        for file in files
        for user in reversed(file.users)
    }
    found = {
        user.value: SourcedValue("/var/empty", user.because) for user in reversed(method.users)
    }
    return tuple(sorted({**found, **made}.items()))


def _spelled(
    needs: Iterable[ResolvedDependency], jobs: Sequence[SourcedValue], catalogue: Catalogue
) -> list[str]:
    """The jobs that are skipped because a dependency has no package there."""
    found: dict[str, list[str]] = {}
    for distribution in _asked(jobs, catalogue):
        for dependency in needs:
            name, packages = dependency.need.name, dependency.need.packages
            lacking = packages is not None and name not in distribution.packages
            lacking = lacking or system_detection.is_gap(distribution, name)
            if lacking and distribution.distribution not in (packages or {}):
                found.setdefault(distribution.distribution, []).append(name)
    return [f"{name}: its jobs are skipped until packages are spelled out for {', '.join(missing)}"
            for name, missing in found.items()]  # fmt: skip


def _asked(jobs: Sequence[SourcedValue], catalogue: Catalogue) -> list[Distribution]:
    """The distributions of the jobs."""
    names = {job.value for job in jobs}
    return [
        distribution
        for distribution in catalogue.distributions.values()
        if names & {distribution.distribution, *map(distribution.release_id, distribution.releases)}
    ]


def _name(method: BuildMethod, folder: str, catalogue: Catalogue) -> SourcedValue:
    """An id for project and repository, from the build file or the folder."""
    named = [
        *([method.name] if method.name else []),
        SourcedValue(_VERSION.sub("", folder) or folder, "the folder's name"),
    ]
    found = next(
        (attrs.evolve(sourced, value=made) for sourced in named if (made := _id(sourced.value))),
        None,
    )
    found = found or SourcedValue("project", "no name found in the build file or the folder")
    distributions = catalogue.distributions.values()
    taken = {distribution.distribution for distribution in distributions} | {"default"}
    taken |= {
        distribution.release_id(release)
        for distribution in distributions
        for release in distribution.releases
    }
    return attrs.evolve(found, value=f"{found.value}-src"[:64]) if found.value in taken else found


def _id(text: str) -> str:
    word = re.sub(r"[^a-z0-9._+-]+", "-", text.lower()).strip("._+-")[:60].rstrip("._+-")
    return word if is_id(word) else ""
