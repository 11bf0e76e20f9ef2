"""Mistakes in a project that only show beside the catalogue: unknown names, empty selectors."""

import re
from collections.abc import Iterable, Iterator

import attrs

from ciforge.model.cross_id import CROSS
from ciforge.model.distro import Catalogue
from ciforge.model.flaw import Flaw, Path
from ciforge.model.project import Needs, Overlay, Project
from ciforge.model.source_recipe import SOURCE_RECIPES
from ciforge.plan.exclusion_checks import exclusion_flaws
from ciforge.plan.job_matrix import listed_coordinates, listed_jobs
from ciforge.plan.job_resolution import NO_STEP, resolve
from ciforge.plan.needed_repos import needed_flaws
from ciforge.plan.overlay_checks import KnownNames, choice, known_names, overlay_flaws
from ciforge.plan.package_set import ordered_sources
from ciforge.plan.ready_variants import READY_VARIANTS
from ciforge.plan.recipes import RECIPES
from ciforge.plan.selector import BUILT_IN, Names, Selector, matches_one, names_of, read_selector
from ciforge.plan.served_platforms import unserved
from ciforge.plan.suggestions import no_image, unknown_alternatives

_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""")
_COMMENT = re.compile(r"(?:^|[\s;&|()])#")


def check(project: Project, catalogue: Catalogue) -> tuple[Flaw, ...]:
    """Every flaw, in the order of the file's parts."""
    names = names_of(project, catalogue)
    allowed = known_names(project, catalogue)
    flaws = (
        *_collisions(names),
        *_repos(project, names, allowed),
        *_variants(project, allowed),
        *_sources(project, allowed),
        *needed_flaws(project),
        *_jobs(project, catalogue, names),
        *exclusion_flaws(project, catalogue, names),
        *_routes(project, names),
    )
    return flaws or tuple(_without_steps(project, catalogue, names))


def empty_selectors(project: Project, catalogue: Catalogue) -> tuple[Flaw, ...]:
    """Entries of `jobs:` that name no job at all, or have an alternative that names nothing."""
    return tuple(_jobs(project, catalogue, names_of(project, catalogue), unreadable=False))


def _collisions(names: Names) -> Iterator[Flaw]:
    """A single word of a selector must mean one thing."""
    releases = dict.fromkeys(names.release_words, "a distribution or release")
    repos = dict.fromkeys(names.repos, "a repository")
    parts: tuple[tuple[str, Iterable[str], dict[str, str]], ...] = (
        ("repos", names.repos, dict.fromkeys(BUILT_IN, "a variant")),
        ("variants", [variant for variant in names.variants if variant not in BUILT_IN], repos),
    )
    for part, members, others in parts:
        taken = others | releases
        for word in members:
            if word in taken:
                yield Flaw(
                    (part, word), f"{word!r} is also {taken[word]}; choose another name", True
                )


def _repos(project: Project, names: Names, allowed: KnownNames) -> Iterator[Flaw]:
    for id_, repo in project.repos.items():
        path: Path = ("repos", id_)
        if repo.recipe not in RECIPES:
            message = f"unknown recipe {repo.recipe!r}{choice(repo.recipe, RECIPES)}"
            yield Flaw((*path, "recipe"), message)
        own = allowed.of_repo(repo)
        yield from overlay_flaws(repo, path, own)
        for text, overlay in repo.where.items():
            place = (*path, "where", text)
            yield from _pointless(text, place, names, repo=id_, key=True)
            yield from overlay_flaws(overlay, place, own)


def _variants(project: Project, allowed: KnownNames) -> Iterator[Flaw]:
    for id_, variant in project.variants.items():
        variant_names = allowed.of_variant(variant)
        if id_ in READY_VARIANTS:
            variant_names = attrs.evolve(
                variant_names, steps=variant_names.steps | READY_VARIANTS[id_].step_names
            )
        yield from overlay_flaws(variant, ("variants", id_), variant_names)


def _sources(project: Project, allowed: KnownNames) -> Iterator[Flaw]:
    needed = {id_: ordered_sources(project.sources, (id_,)) for id_ in project.sources}
    for id_, source in project.sources.items():
        path: Path = ("sources", id_)
        if source.recipe not in SOURCE_RECIPES:
            message = f"unknown recipe {source.recipe!r}{choice(source.recipe, SOURCE_RECIPES)}"
            yield Flaw((*path, "recipe"), message)
        if source.build and source.configure:
            message = "the commands of build: have no use for these arguments; write them there"
            yield Flaw((*path, "configure"), message, True)
        for place, command in enumerate(source.build):
            if _ends_in_comment(command):
                message = "a comment at the end would also hide the command that follows: omit it"
                yield Flaw((*path, "build", place), message)
        for place, name in enumerate(source.needs):
            if name not in project.sources:
                yield Flaw(
                    (*path, "needs", place), f"no source {name!r}{choice(name, project.sources)}"
                )
            elif name == id_ or id_ in needed[name]:
                yield Flaw(
                    (*path, "needs", place),
                    f"{id_} and {name} need each other: neither can be first",
                )
        needs = Overlay(dependencies=Needs(add=source.dependencies))
        yield from overlay_flaws(needs, path, allowed)


def _ends_in_comment(command: str) -> bool:
    """Whether a shell takes the end of the line as a comment."""
    return bool(_COMMENT.search(_QUOTED.sub("quoted", command)))


def _routes(project: Project, names: Names) -> Iterator[Flaw]:
    after: str = ""
    for place, route in enumerate(project.mail.routes if project.mail else ()):
        path: Path = ("mail", "routes", place, "job")
        yield from _pointless(route.job, path, names)
        if after:
            yield Flaw(path, f"this route is never reached: {after!r} before it matches every mail")
        if not (route.when or route.kind) and _means_all(route.job, names):
            after = after or route.job


def _means_all(text: str, names: Names) -> bool:
    try:
        selector = read_selector(text, names)
    except ValueError:
        return False
    parts = (selector.repo, selector.release, selector.variant, selector.arch or ("*",))
    return not selector.negated and all("*" in part for part in parts)


def _pointless(
    text: str, path: Path, names: Names, *, repo: str = "", key: bool = False
) -> Iterator[Flaw]:
    """A selector of `where` or of a route that names nothing that exists, unless it begins with `!`.

    `repo` is the repository that contains it, if any."""
    try:
        selector = read_selector(text, names)
    except ValueError as error:
        yield Flaw(path, str(error), key)
        return
    if selector.negated:
        return
    unknown = unknown_alternatives(selector, names)
    yield from (Flaw(path, sentence, key) for sentence in unknown)
    if not unknown and repo and not matches_one(selector.repo, [repo]):
        yield Flaw(path, f"{text!r} matches no job of {repo}", key)
    elif not unknown and not _has_image(selector, names):
        yield Flaw(path, no_image(selector, names), key)


def _has_image(selector: Selector, names: Names) -> bool:
    """Whether a release that it means has an image for a processor that it means."""
    return any(
        matches_one(selector.release, (distribution, id_))
        and (selector.arch is None or matches_one(selector.arch, names.arches[id_]))
        for distribution, ids in names.releases.items()
        for id_ in ids
    )


def _without_steps(project: Project, catalogue: Catalogue, names: Names) -> Iterator[Flaw]:
    """Listed jobs that would check nothing; only where a project switches steps off at all."""
    layers = (*project.repos.values(), *project.variants.values())
    below = (overlay for repo in project.repos.values() for overlay in repo.where.values())
    if not any(False in layer.steps.values() for layer in (*layers, *below)):
        return
    flawed: set[int] = set()
    for cell, entry in listed_jobs(project, catalogue, names).values():
        place = project.jobs.index(entry)
        if place not in flawed and not resolve(cell, project, catalogue, names).steps:
            flawed.add(place)
            yield Flaw(("jobs", place, "job"), f"{cell.id} has no step: {NO_STEP}")


def _jobs(
    project: Project, catalogue: Catalogue, names: Names, *, unreadable: bool = True
) -> Iterator[Flaw]:
    for place, entry in enumerate(project.jobs):
        path: Path = ("jobs", place, "job")
        try:
            selector = read_selector(entry.job, names)
        except ValueError as error:
            yield from [Flaw(path, str(error))] * unreadable
            continue
        if not selector.negated:
            yield from (Flaw(path, sentence) for sentence in _empty(selector, catalogue, names))
            yield from (Flaw(path, sentence) for sentence in _unserved(selector, catalogue, names))


def _unserved(selector: Selector, catalogue: Catalogue, names: Names) -> Iterator[str]:
    """A sentence for each release that nothing can run; a pattern never means one, a cross check
    needs no engine that runs its release, and machines of hosted services run some releases."""
    cells = (
        coordinate
        for coordinate in listed_coordinates(selector, catalogue, names)
        if coordinate.variant != CROSS and not coordinate.release.hosted.serve(coordinate.platform)
    )
    reasons = (unserved(cell.distribution, cell.release, cell.platform) for cell in cells)
    yield from (f"{sentence}; leave it out" for sentence in dict.fromkeys(filter(None, reasons)))


def _empty(selector: Selector, catalogue: Catalogue, names: Names) -> Iterator[str]:
    unknown = unknown_alternatives(selector, names)
    yield from unknown
    if not unknown and not any(listed_coordinates(selector, catalogue, names)):
        yield no_image(selector, names)
