"""Ready variants: ways to build that every project has without naming them, as rows of a table."""

from collections.abc import Mapping

import attrs

from ciforge.model.project import Need, Needs, Variant
from ciforge.plan.overlay import ResolvedOverlay
from ciforge.plan.portability_script import PORTABILITY, SHELLS, portability_words
from ciforge.plan.recipes import Recipe, RecipeStep


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ReadyVariant:
    """A way to build. It is laid over what the repository says, and below the project's own changes to it."""

    overlay: Variant = attrs.field(factory=Variant)
    make: str = ""
    """The make of its jobs; empty: that of the distribution."""
    first: tuple[RecipeStep, ...] = ()
    """Steps before those of every recipe."""
    following: Mapping[str, RecipeStep] = attrs.field(factory=dict)
    """Steps by the name of the one that they follow."""
    recipes: tuple[str, ...] = ()
    """Recipes whose steps have followers."""

    @property
    def step_names(self) -> frozenset[str]:
        """The steps that it adds."""
        return frozenset(step.name for step in (*self.first, *self.following.values()))

    def steps_of(self, recipe: Recipe, name: str) -> Recipe:
        """The recipe with the steps that this variant adds."""
        steps = list(self.first)
        for step in recipe.steps:
            steps.append(step)
            if name in self.recipes and step.name in self.following:
                steps.append(self.following[step.name])
        return attrs.evolve(recipe, steps=tuple(steps))

    def words(self, settled: ResolvedOverlay) -> dict[str, str]:
        """The values of the words in braces in its steps."""
        if not self.first:
            return {}
        own = {
            name: setting.change.run
            for name, setting in settled.steps.items()
            if setting.change.run is not None
        }
        return portability_words(own)


READY_VARIANTS: Mapping[str, ReadyVariant] = {
    "posix": ReadyVariant(
        overlay=Variant(
            dependencies=Needs(
                add=tuple(
                    Need(name=name)
                    for name in ("bmake", "busybox", "checkbashisms", "mksh", "shellcheck")
                )
            ),
            env={"CONFIG_SHELL": "/bin/mksh"},
        ),
        make="bmake",
        first=(RecipeStep(name="portability", run=PORTABILITY, timeout=600, in_builddir=False),),
        following={
            "configure": RecipeStep(name="shells", run=SHELLS, timeout=1800, in_builddir=False)
        },
        recipes=("autotools",),
    ),
}
"""By name. A pattern of a selector means none of them: they have to be named."""


def ready_variant(name: str) -> ReadyVariant:
    """The row of a variant; one that changes nothing for all others."""
    return READY_VARIANTS.get(name, ReadyVariant())
