"""The settings of a job: those of the repository, changed by `where` and the variant."""

from collections.abc import Iterable, Mapping

import attrs

from ciforge.model.project import Need, Overlay, Service, StepChange
from ciforge.plan.expect_script import merge_expect

SOURCES = "sources/"
"""Before the name of a source that replaces a dependency."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StepSetting:
    """The settings of the project for one step."""

    on: bool | None = None
    """None: as the recipe has it."""
    change: StepChange = attrs.field(factory=StepChange)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ResolvedOverlay:
    """All overlays of one job, laid over each other in order."""

    needs: Mapping[str, Need] = attrs.field(factory=dict)
    """Dependencies by name, in the order of the file; what is replaced is in it no more."""
    replace: Mapping[str, str] = attrs.field(factory=dict)
    sources: tuple[str, ...] = ()
    """Names of sources that replace a dependency."""
    configure: tuple[str, ...] = ()
    env: Mapping[str, str] = attrs.field(factory=dict)
    compiler: str = ""
    """Its name, where the build has to use a certain one."""
    builddir: str = ""
    steps: Mapping[str, StepSetting] = attrs.field(factory=dict)
    expect: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    keep: tuple[str, ...] = ()
    users: Mapping[str, str] = attrs.field(factory=dict)
    services: Mapping[str, Service] = attrs.field(factory=dict)
    flaky: Mapping[str, int] = attrs.field(factory=dict)


def resolve_overlays(
    layers: Iterable[Overlay], *, implied: Iterable[str], env: Mapping[str, str], builddir: str
) -> ResolvedOverlay:
    """Lay `layers` over what the recipe implies; a later layer wins."""
    needs = {name: Need(name=name) for name in implied}
    settled = ResolvedOverlay(needs=needs, env=dict(env), builddir=builddir)
    for layer in layers:
        settled = _lay(settled, layer)
    return _replaced(settled)


def _lay(below: ResolvedOverlay, layer: Overlay) -> ResolvedOverlay:
    gone = layer.dependencies.remove
    needs = {name: need for name, need in below.needs.items() if name not in gone}
    kept = (word for word in below.configure if word not in layer.configure.remove)
    return attrs.evolve(
        below,
        needs=needs | {need.name: need for need in layer.dependencies.add},
        replace={**below.replace, **layer.replace},
        configure=(*kept, *layer.configure.add),
        env={**below.env, **layer.env},
        compiler=layer.compiler or below.compiler,
        builddir=below.builddir if layer.builddir is None else layer.builddir,
        steps=_merge_steps(below.steps, layer.steps),
        expect=merge_expect(below.expect, layer.expect),
        keep=tuple(dict.fromkeys((*below.keep, *layer.keep))),
        users={**below.users, **layer.users},
        services={**below.services, **layer.services},
        flaky={**below.flaky, **layer.flaky},
    )


def _replaced(settled: ResolvedOverlay) -> ResolvedOverlay:
    """Only what is needed is replaced: a variant is for repositories without that dependency too."""
    needs: dict[str, Need] = {}
    sources: list[str] = []
    for name, need in settled.needs.items():
        target = _last(name, settled.replace)
        if target.startswith(SOURCES):
            sources.append(target.removeprefix(SOURCES))
        elif target == name:
            needs[name] = need
        else:
            needs.setdefault(target, settled.needs.get(target, Need(name=target)))
    return attrs.evolve(settled, needs=needs, sources=tuple(dict.fromkeys(sources)))


def _last(name: str, replace: Mapping[str, str]) -> str:
    """The end of a chain of replacements; one that goes in a circle ends before its beginning."""
    seen = {name}
    while (target := replace.get(name, name)) not in seen:
        seen.add(target)
        name = target
    return name


def _merge_steps(
    below: Mapping[str, StepSetting], layer: Mapping[str, StepChange | bool]
) -> dict[str, StepSetting]:
    steps = dict(below)
    for name, change in layer.items():
        steps[name] = _merge_step(steps.get(name, StepSetting()), change)
    return steps


def _merge_step(below: StepSetting, change: StepChange | bool) -> StepSetting:
    """A change switches a step on, but one that was dropped only if it says what to run instead."""
    if isinstance(change, bool):
        return attrs.evolve(below, on=change)
    on = True if below.on is None or change.run is not None else below.on
    return StepSetting(on=on, change=_merge_changes(below.change, change))


def _merge_changes(below: StepChange, change: StepChange) -> StepChange:
    return StepChange(
        run=_either(change.run, below.run),
        after=_either(change.after, below.after),
        user=_either(change.user, below.user),
        env={**below.env, **change.env},
        network=below.network if change.network is None else change.network,
        timeout=below.timeout if change.timeout is None else change.timeout,
        tty=below.tty if change.tty is None else change.tty,
        locale=change.locale or below.locale,
        privileges=change.privileges or below.privileges,
        backtrace=below.backtrace if change.backtrace is None else change.backtrace,
    )


def _either(upper: str | None, lower: str | None) -> str | None:
    return lower if upper is None else upper
