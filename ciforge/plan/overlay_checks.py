"""Mistakes in what a repository, a `where` or a variant says, beside all other names of the project."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from ciforge.errors import did_you_mean
from ciforge.model.distro import Catalogue
from ciforge.model.flaw import Flaw, Path
from ciforge.model.index_name import is_index_name
from ciforge.model.project import Overlay, Project, Repo, StepChange, Variant
from ciforge.plan.backtrace import DEBUGGER
from ciforge.plan.compiler_choice import known_compilers
from ciforge.plan.job_steps import EXPECT, ROOT
from ciforge.plan.link_check import LINKED
from ciforge.plan.needed_repos import PACK, UNPACK
from ciforge.plan.overlay import SOURCES
from ciforge.plan.package_set import source_needs
from ciforge.plan.ready_variants import READY_VARIANTS
from ciforge.plan.recipes import ALL_STEP_NAMES, RECIPES

MOST_SERVICES = 16
"""Services of one job; each is a container that starts before its steps."""
USER = "ciforge"
"""The unprivileged user that every image has."""

_DESCRIBED = "posix"
"""The variant whose tools are in descriptors, on the systems that have all of them."""

_RESERVED = {"prepare", EXPECT, LINKED, PACK, ROOT, UNPACK}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class KnownNames:
    """Every name that an overlay may use."""

    project: Project
    dependencies: frozenset[str]
    """Dependencies of the catalogue."""
    compilers: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    spelled_out: frozenset[str] = frozenset()
    """Dependencies that the project spells out."""
    configure: frozenset[str] = frozenset()
    """Words that something adds, and a later layer may remove."""
    configures: bool = True
    """Whether the recipe has a use for them."""

    def of_repo(self, repo: Repo) -> "KnownNames":
        """Names that `repo` and its `where` may use."""
        recipe = RECIPES.get(repo.recipe)
        names = recipe.step_names if recipe else ALL_STEP_NAMES
        return attrs.evolve(
            self._with(repo, *repo.where.values(), *self.project.variants.values()),
            steps=names | {EXPECT} | _own_steps((repo, *repo.where.values())),
            configures=recipe is None or recipe.configures,
        )

    def of_variant(self, variant: Variant) -> "KnownNames":
        """Names that a variant may use: it is for all repositories."""
        layers = tuple(_all_layers(self.project))
        names: set[str] = {EXPECT}
        for repo in self.project.repos.values():
            recipe = RECIPES.get(repo.recipe)
            names |= recipe.step_names if recipe else ALL_STEP_NAMES
            names |= _own_steps((repo, *repo.where.values()))
        steps = frozenset(names | _own_steps((variant,)))
        return attrs.evolve(self._with(*layers), steps=steps)

    def _with(self, *layers: Overlay) -> "KnownNames":
        return attrs.evolve(
            self,
            users=frozenset(user for layer in layers for user in layer.users),
            configure=frozenset(word for layer in layers for word in layer.configure.add),
        )


def known_names(project: Project, catalogue: Catalogue) -> KnownNames:
    """The names that hold everywhere in a project."""
    names = (name for d in catalogue.distributions.values() for name in d.packages)
    spelled_out = (
        need.name
        for layer in _all_layers(project)
        for need in layer.dependencies.add
        if need.packages is not None
    )
    return KnownNames(
        project=project, dependencies=frozenset(names) | catalogue.tabled,
        spelled_out=frozenset(spelled_out), compilers=known_compilers(catalogue),
    )  # fmt: skip


def lacking_names(
    project: Project, catalogue: Catalogue, selectors: Iterable[str] = ()
) -> tuple[str, ...]:
    """Dependencies of a project that a descriptor of the catalogue lacks, in the order of the file.

    Those of the ready variants that `selectors` or its jobs name are among them."""
    texts = (*selectors, *(entry.job for entry in project.jobs))
    ready = (
        row.overlay
        for name, row in READY_VARIANTS.items()
        if name != _DESCRIBED and any(name in text for text in texts)
    )
    names = dict.fromkeys(
        need.name for layer in (*_all_layers(project), *ready) for need in layer.dependencies.add
    )
    names |= {need.name: None for need in source_needs(project.sources)}
    names |= {
        need.name: None
        for layer in _all_layers(project)
        for service in layer.services.values()
        for need in service.dependencies
    }
    if any(_has_backtrace(layer) for layer in _all_layers(project)):
        names[DEBUGGER.name] = None
    every = [distribution.packages for distribution in catalogue.distributions.values()]
    return tuple(
        name
        for name in names
        if not is_index_name(name) and not all(name in packages for packages in every)
    )


def _has_backtrace(layer: Overlay) -> bool:
    """Whether it sets `backtrace: true` for a step."""
    return any(isinstance(step, StepChange) and step.backtrace for step in layer.steps.values())


def _all_layers(project: Project) -> Iterator[Overlay]:
    for repo in project.repos.values():
        yield from (repo, *repo.where.values())
    yield from project.variants.values()


def _own_steps(layers: Iterable[Overlay]) -> frozenset[str]:
    """Steps that the project adds: those that say what they run."""
    return frozenset(
        name
        for layer in layers
        for name, change in layer.steps.items()
        if isinstance(change, StepChange) and change.run is not None
    )


def overlay_flaws(overlay: Overlay, path: Path, allowed: KnownNames) -> Iterator[Flaw]:
    """The flaws of the overlay at `path`."""
    yield from _dependencies(overlay, (*path, "dependencies"), allowed)
    yield from _replace(overlay, (*path, "replace"), allowed)
    yield from _compiler(overlay, path, allowed)
    yield from _configure(overlay, (*path, "configure"), allowed)
    yield from _steps(overlay, (*path, "steps"), allowed)
    if len(overlay.services) > MOST_SERVICES:
        message = f"{len(overlay.services)} services; a job has at most {MOST_SERVICES}"
        yield Flaw((*path, "services"), message, True)
    for name, service in overlay.services.items():
        for place, need in enumerate(service.dependencies):
            if need.packages is None and need.name not in allowed.dependencies:
                message = f"unknown dependency {need.name!r}{did_you_mean(need.name, allowed.dependencies)}"
                yield Flaw((*path, "services", name, "dependencies", place), message)
    for name in overlay.flaky:
        if name not in allowed.steps:
            yield Flaw(
                (*path, "flaky", name), f"no step {name!r} here{choice(name, allowed.steps)}", True
            )
    if USER in overlay.users:
        yield Flaw(
            (*path, "users", USER), f"{USER!r} is a user that every container already has", True
        )


def _dependencies(overlay: Overlay, path: Path, allowed: KnownNames) -> Iterator[Flaw]:
    names = allowed.dependencies
    # The other form of the key, a list, has no `add`.
    to_added = (*path, "add") if overlay.dependencies.remove else path
    for place, need in enumerate(overlay.dependencies.add):
        if need.packages is None and need.name not in names:
            message = f"unknown dependency {need.name!r}{did_you_mean(need.name, names)}"
            hint = f"; or spell it out: {{{need.name}: {{debian: …}}}}"
            yield Flaw((*to_added, place), message + hint)
    names |= allowed.spelled_out
    for place, name in enumerate(overlay.dependencies.remove):
        if name not in names:
            message = f"unknown dependency {name!r}{did_you_mean(name, names)}"
            yield Flaw((*path, "remove", place), message)


def _replace(overlay: Overlay, path: Path, allowed: KnownNames) -> Iterator[Flaw]:
    names = allowed.dependencies | allowed.spelled_out
    for name, target in overlay.replace.items():
        source = target.removeprefix(SOURCES)
        if name not in names:
            yield Flaw(
                (*path, name), f"unknown dependency {name!r}{did_you_mean(name, names)}", True
            )
        if target.startswith(SOURCES) and source not in allowed.project.sources:
            message = f"no source {source!r}{choice(source, allowed.project.sources)}"
            yield Flaw((*path, name), message)
        elif not target.startswith(SOURCES) and target not in allowed.dependencies:
            message = f"unknown dependency {target!r}{did_you_mean(target, allowed.dependencies)}"
            yield Flaw((*path, name), message + "; or write sources/NAME")


def _compiler(overlay: Overlay, path: Path, allowed: KnownNames) -> Iterator[Flaw]:
    if overlay.compiler and overlay.compiler not in allowed.compilers:
        near = did_you_mean(overlay.compiler, allowed.compilers)
        message = f"no descriptor has the compiler {overlay.compiler!r}{near}"
        yield Flaw((*path, "compiler"), message)
    for name in ("CC", "CXX"):
        if overlay.compiler and name in overlay.env:
            yield Flaw(
                (*path, "env", name), "compiler: sets this variable; leave out one of them", True
            )


def _configure(overlay: Overlay, path: Path, allowed: KnownNames) -> Iterator[Flaw]:
    if overlay.configure.add and not allowed.configures:
        yield Flaw(
            path, "its recipe has no configure step, so these arguments have no effect", True
        )
    for place, word in enumerate(overlay.configure.remove):
        if word not in allowed.configure:
            near = did_you_mean(word, allowed.configure)
            yield Flaw((*path, "remove", place), f"nothing here adds {word!r}{near}")


def _steps(overlay: Overlay, path: Path, allowed: KnownNames) -> Iterator[Flaw]:
    names = allowed.steps
    for name, change in overlay.steps.items():
        place = (*path, name)
        if name == LINKED and isinstance(change, bool):
            continue
        if name in _RESERVED:
            only = "; write false to omit the step" if name == LINKED else ""
            yield Flaw(place, f"{name!r} is a name that ciforge uses itself{only}", True)
        elif name not in names:
            message = f"no step {name!r} here{choice(name, names)}; one of your own needs run:"
            yield Flaw(place, message, True)
        if isinstance(change, StepChange):
            yield from _after(name, overlay.steps, place, names)
            yield from _as(change, place, allowed.users | {ROOT, USER})
            if change.privileges and change.user == ROOT:
                message = "the step runs as root, which needs no setuid programs: omit one of both"
                yield Flaw((*place, "privileges"), message)


def _after(
    name: str, steps: Mapping[str, StepChange | bool], place: Path, names: frozenset[str]
) -> Iterator[Flaw]:
    after = _said_after(steps.get(name))
    if after is not None and after not in names - {name}:
        message = f"no step {after!r} to come after{choice(after, names - {name})}"
        yield Flaw((*place, "after"), message)
        return
    circle = [name]
    while after is not None and after not in circle:
        circle.append(after)
        after = _said_after(steps.get(after))
    if after == name:
        yield Flaw((*place, "after"), f"a cycle: {' after '.join((*circle, name))}")


def _said_after(change: StepChange | bool | None) -> str | None:
    return change.after if isinstance(change, StepChange) else None


def _as(change: StepChange, place: Path, users: frozenset[str]) -> Iterator[Flaw]:
    if change.user is not None and change.user not in users:
        yield Flaw((*place, "as"), f"unknown user {change.user!r}{choice(change.user, users)}")


def choice(word: str, choices: Iterable[str]) -> str:
    """A suggestion, else all there is to choose from."""
    ordered = sorted(choices)
    return did_you_mean(word, ordered) or (f" (there are {', '.join(ordered)})" if ordered else "")
