"""What holds for one job: the repository's words, then what `where` and the variant change."""

from collections.abc import Iterable, Mapping

import attrs

from ciforge.model.project import Need, Overlay, StepChange


@attrs.frozen(kw_only=True)
class Settled:
    """All overlays of one job, laid over each other in order."""

    needs: Mapping[str, Need]
    """Dependencies by name, in the order of the file."""
    sources: Mapping[str, str]
    """Dependencies that a source replaces, to the source's name."""
    configure: tuple[str, ...]
    env: Mapping[str, str]
    builddir: str
    steps: Mapping[str, StepChange | bool]
    expect: Mapping[str, tuple[str, ...]]
    users: Mapping[str, str]


def settle(
    layers: Iterable[Overlay], *, implied: Iterable[str], env: Mapping[str, str], builddir: str
) -> Settled:
    """Lay `layers` over what the recipe implies; a later layer wins."""
    settled = Settled(
        needs={name: Need(name=name) for name in implied},
        sources={},
        configure=(),
        env=dict(env),
        builddir=builddir,
        steps={},
        expect={},
        users={},
    )
    for layer in layers:
        settled = _lay(settled, layer)
    return settled


def _lay(below: Settled, layer: Overlay) -> Settled:
    needs = dict(below.needs)
    for name in layer.dependencies.remove:
        needs.pop(name, None)
    needs |= {need.name: need for need in layer.dependencies.add}
    sources = dict(below.sources)
    for name, target in layer.replace.items():
        needs.pop(name, None)
        if target.startswith("sources/"):
            sources[name] = target.removeprefix("sources/")
        else:
            needs[target] = Need(name=target)
    kept = (word for word in below.configure if word not in layer.configure.remove)
    return attrs.evolve(
        below,
        needs=needs,
        sources=sources,
        configure=(*kept, *layer.configure.add),
        env={**below.env, **layer.env},
        builddir=below.builddir if layer.builddir is None else layer.builddir,
        steps=_merge_steps(below.steps, layer.steps),
        expect=_merge_expect(below.expect, layer.expect),
        users={**below.users, **layer.users},
    )


def _merge_steps(
    below: Mapping[str, StepChange | bool], layer: Mapping[str, StepChange | bool]
) -> dict[str, StepChange | bool]:
    steps = dict(below)
    for name, change in layer.items():
        steps[name] = _merge_step(steps.get(name), change)
    return steps


def _merge_step(below: StepChange | bool | None, change: StepChange | bool) -> StepChange | bool:
    if isinstance(below, StepChange) and isinstance(change, StepChange):
        return StepChange(
            run=_either(change.run, below.run),
            after=_either(change.after, below.after),
            user=_either(change.user, below.user),
            env={**below.env, **change.env},
            network=below.network if change.network is None else change.network,
            timeout=below.timeout if change.timeout is None else change.timeout,
        )
    if isinstance(below, StepChange) and change is True:
        return below
    return change


def _either(upper: str | None, lower: str | None) -> str | None:
    return lower if upper is None else upper


def _merge_expect(
    below: Mapping[str, tuple[str, ...]], layer: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    merged = dict(below)
    for name, words in layer.items():
        merged[name] = tuple(dict.fromkeys((*merged.get(name, ()), *words)))
    return merged
