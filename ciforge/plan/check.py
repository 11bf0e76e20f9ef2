"""Mistakes in a project that only show beside the catalogue: unknown names, empty selectors."""

from collections.abc import Iterable, Iterator

from ciforge.model.distro import Catalogue
from ciforge.model.flaw import Flaw, Path
from ciforge.model.project import Project
from ciforge.plan.check_overlay import Words, choice, overlay_flaws, words_of
from ciforge.plan.jobs import listed_cells
from ciforge.plan.nearest import no_image, strangers
from ciforge.plan.recipes import RECIPES
from ciforge.plan.selector import Names, Selector, names_of, read_selector


def check(project: Project, catalogue: Catalogue) -> tuple[Flaw, ...]:
    """Every flaw, in the order of the file's parts."""
    names = names_of(project, catalogue)
    words = words_of(project, catalogue)
    return (
        *_collisions(names),
        *_repos(project, names, words),
        *_variants(project, words),
        *_jobs(project, catalogue, names),
        *_routes(project, names),
    )


def empty_selectors(project: Project, catalogue: Catalogue) -> tuple[Flaw, ...]:
    """Entries of `jobs:` that name no job at all, or have an alternative that names nothing."""
    return tuple(_jobs(project, catalogue, names_of(project, catalogue), unreadable=False))


def _collisions(names: Names) -> Iterator[Flaw]:
    """A single word of a selector must mean one thing. The first variant is `default`."""
    releases = dict.fromkeys(names.release_words, "a distribution or release")
    parts: tuple[tuple[str, Iterable[str], dict[str, str]], ...] = (
        ("repos", names.repos, {"default": "a variant"}),
        ("variants", names.variants[1:], dict.fromkeys(names.repos, "a repository")),
    )
    for part, words, others in parts:
        taken = others | releases
        for word in words:
            if word in taken:
                yield Flaw((part, word), f"{word!r} is {taken[word]} too; name it otherwise", True)


def _repos(project: Project, names: Names, words: Words) -> Iterator[Flaw]:
    for id_, repo in project.repos.items():
        path: Path = ("repos", id_)
        if repo.recipe not in RECIPES:
            message = f"unknown recipe {repo.recipe!r}{choice(repo.recipe, RECIPES)}"
            yield Flaw((*path, "recipe"), message)
        own = words.of_repo(repo)
        yield from overlay_flaws(repo, path, own)
        for text, overlay in repo.where.items():
            place = (*path, "where", text)
            yield from _unreadable(text, place, names, key=True)
            yield from overlay_flaws(overlay, place, own)


def _variants(project: Project, words: Words) -> Iterator[Flaw]:
    for id_, variant in project.variants.items():
        yield from overlay_flaws(variant, ("variants", id_), words.of_variant(variant))


def _routes(project: Project, names: Names) -> Iterator[Flaw]:
    for place, route in enumerate(project.mail.routes if project.mail else ()):
        yield from _unreadable(route.job, ("mail", "routes", place, "job"), names)


def _unreadable(text: str, path: Path, names: Names, *, key: bool = False) -> Iterator[Flaw]:
    """`where` and routes may begin with `!` and match nothing."""
    try:
        read_selector(text, names, negation=True)
    except ValueError as error:
        yield Flaw(path, str(error), key)


def _jobs(
    project: Project, catalogue: Catalogue, names: Names, *, unreadable: bool = True
) -> Iterator[Flaw]:
    for place, entry in enumerate(project.jobs):
        path: Path = ("jobs", place, "job")
        try:
            selector = read_selector(entry.job, names)
        except ValueError as error:
            yield from [Flaw(path, str(error))] * unreadable
        else:
            yield from (Flaw(path, told) for told in _empty(selector, catalogue, names))


def _empty(selector: Selector, catalogue: Catalogue, names: Names) -> Iterator[str]:
    unknown = strangers(selector, names)
    yield from unknown
    if not unknown and not any(listed_cells(selector, catalogue, names)):
        yield no_image(selector, names)
