"""Mistakes in a project that only show beside the catalogue: unknown names, empty selectors."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from ciforge.errors import did_you_mean
from ciforge.model.distro import Catalogue
from ciforge.model.flaw import Flaw, Path
from ciforge.model.project import Overlay, Project, StepChange
from ciforge.plan.jobs import all_cells
from ciforge.plan.recipes import RECIPES, Recipe
from ciforge.plan.selector import Names, names_of, read_selector

_RESERVED = {"prepare", "expect", "root"}


def check(project: Project, catalogue: Catalogue) -> tuple[Flaw, ...]:
    """Every flaw, in the order of the file's parts."""
    names = names_of(project, catalogue)
    known = _known_dependencies(catalogue)
    return tuple(
        flaw
        for part in (_collisions, _repos, _variants, _jobs, _routes)
        for flaw in part(project, names, known)
    )


_Check = Callable[[Project, Names, frozenset[str]], Iterator[Flaw]]


def _known_dependencies(catalogue: Catalogue) -> frozenset[str]:
    return frozenset(name for d in catalogue.distributions.values() for name in d.packages)


def _collisions(project: Project, names: Names, _known: frozenset[str]) -> Iterator[Flaw]:
    """A single word of a selector must mean one thing."""
    taken = dict.fromkeys(names.release_words, "a distribution or release")
    parts: tuple[tuple[str, Iterable[str], str], ...] = (
        ("repos", project.repos, "a repository"),
        ("variants", project.variants, "a variant"),
    )
    for part, words, kind in parts:
        for word in words:
            if word in taken:
                yield Flaw((part, word), f"{word!r} is {taken[word]} too; name it otherwise", True)
        taken |= dict.fromkeys(words, kind)


def _repos(project: Project, names: Names, known: frozenset[str]) -> Iterator[Flaw]:
    for id_, repo in project.repos.items():
        path: Path = ("repos", id_)
        recipe = RECIPES.get(repo.recipe)
        if recipe is None:
            message = f"unknown recipe {repo.recipe!r}{_choice(repo.recipe, RECIPES)}"
            yield Flaw((*path, "recipe"), message)
        steps = _step_names(recipe, repo.steps)
        yield from _overlay(repo, path, project, known, steps)
        for text, overlay in repo.where.items():
            place = (*path, "where", text)
            yield from _selector(text, place, names, negation=True, key=True)
            yield from _overlay(overlay, place, project, known, steps | _own_steps(overlay.steps))


def _variants(project: Project, _names: Names, known: frozenset[str]) -> Iterator[Flaw]:
    steps: set[str] = set()
    for repo in project.repos.values():
        steps |= _step_names(RECIPES.get(repo.recipe), repo.steps)
    for id_, variant in project.variants.items():
        yield from _overlay(
            variant, ("variants", id_), project, known, steps | _own_steps(variant.steps)
        )


def _step_names(recipe: Recipe | None, changes: Mapping[str, StepChange | bool]) -> set[str]:
    own = {step.name for step in recipe.steps} if recipe else set()
    return own | {"expect"} | _own_steps(changes)


def _own_steps(changes: Mapping[str, StepChange | bool]) -> set[str]:
    """Steps that the project adds: those that say what they run."""
    return {
        name for name, change in changes.items() if isinstance(change, StepChange) and change.run
    }


def _overlay(
    overlay: Overlay, path: Path, project: Project, known: frozenset[str], steps: set[str]
) -> Iterator[Flaw]:
    yield from _dependencies(overlay, path, project, known)
    yield from _steps(overlay, path, steps, set(overlay.users) | _all_users(project))


def _all_users(project: Project) -> set[str]:
    users: set[str] = set()
    for repo in project.repos.values():
        users |= set(repo.users)
        users |= {user for overlay in repo.where.values() for user in overlay.users}
    return users | {user for variant in project.variants.values() for user in variant.users}


def _dependencies(
    overlay: Overlay, path: Path, project: Project, known: frozenset[str]
) -> Iterator[Flaw]:
    for place, need in enumerate(overlay.dependencies.add):
        if need.packages is None and need.name not in known:
            message = f"unknown dependency {need.name!r}{did_you_mean(need.name, known)}"
            hint = f"; or spell it out: {{{need.name}: {{debian: …}}}}"
            yield Flaw((*path, "dependencies", place), message + hint)
    for name, target in overlay.replace.items():
        source = target.removeprefix("sources/")
        if target.startswith("sources/") and source not in project.sources:
            message = f"no source {source!r}{_choice(source, project.sources)}"
            yield Flaw((*path, "replace", name), message)
        elif not target.startswith("sources/") and target not in known:
            message = f"unknown dependency {target!r}{did_you_mean(target, known)}"
            yield Flaw((*path, "replace", name), message + "; or write sources/NAME")


def _steps(overlay: Overlay, path: Path, known: set[str], users: set[str]) -> Iterator[Flaw]:
    for name, change in overlay.steps.items():
        place = (*path, "steps", name)
        if name in _RESERVED:
            yield Flaw(place, f"{name!r} is a name that ciforge uses itself", True)
        elif name not in known:
            message = f"no step {name!r} here{_choice(name, known)}; one of your own needs run:"
            yield Flaw(place, message, True)
        if not isinstance(change, StepChange):
            continue
        if change.after is not None and change.after not in known - {name}:
            message = (
                f"no step {change.after!r} to come after{_choice(change.after, known - {name})}"
            )
            yield Flaw((*place, "after"), message)
        if change.user is not None and change.user not in users | {"root"}:
            message = f"unknown user {change.user!r}{_choice(change.user, users | {'root'})}"
            yield Flaw((*place, "as"), message)


def _jobs(project: Project, names: Names, _known: frozenset[str]) -> Iterator[Flaw]:
    for place, entry in enumerate(project.jobs):
        yield from _selector(entry.job, ("jobs", place, "job"), names)


def _routes(project: Project, names: Names, _known: frozenset[str]) -> Iterator[Flaw]:
    for place, route in enumerate(project.mail.routes if project.mail else ()):
        path: Path = ("mail", "routes", place, "job")
        yield from _selector(route.job, path, names, negation=True)


def _selector(
    text: str, path: Path, names: Names, *, negation: bool = False, key: bool = False
) -> Iterator[Flaw]:
    try:
        read_selector(text, names, negation=negation)
    except ValueError as error:
        yield Flaw(path, str(error), key)


def empty_selectors(project: Project, catalogue: Catalogue) -> tuple[Flaw, ...]:
    """Entries of `jobs:` that name no job at all. Expects selectors that can be read."""
    names = names_of(project, catalogue)
    cells = list(all_cells(catalogue, names))
    flaws = []
    for place, entry in enumerate(project.jobs):
        selector = read_selector(entry.job, names)
        if not any(cell.listed_by(selector, names) for cell in cells):
            flaws.append(Flaw(("jobs", place, "job"), _why_empty(entry.job, names)))
    return tuple(flaws)


def _why_empty(text: str, names: Names) -> str:
    body, _, arch = text.partition("@")
    for part in body.split("/"):
        if part not in names.all and (near := did_you_mean(part, names.all)):
            return f"{text!r} matches no job{near}"
    return f"{text!r} matches no job" + (f"; is there an image for {arch}?" if arch else "")


def _choice(word: str, known: Iterable[str]) -> str:
    """A suggestion, else all there is to choose from."""
    words = sorted(known)
    return did_you_mean(word, words) or (f" (there are {', '.join(words)})" if words else "")
