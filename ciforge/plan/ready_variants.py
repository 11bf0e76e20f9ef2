"""Ready variants: ways to build that every project has without naming them, as rows of a table."""

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from ciforge.model.job import Step
from ciforge.model.project import ArgumentChange, Need, Needs, StepChange, Variant
from ciforge.plan.compiler_flags import CompilerFlags
from ciforge.plan.dist_script import (
    AFTER_DIST,
    DIST,
    DIST_COMMANDS,
    DIST_SCRIPT,
    DISTCHECK,
    DISTCHECKS,
    FOLDER,
    NO_AUTOTOOLS,
    UNPACK,
    UNPACK_DIST,
    distcheck_words,
)
from ciforge.plan.job_steps import CHECK
from ciforge.plan.overlay import ResolvedOverlay, StepSetting
from ciforge.plan.portability_script import PORTABILITY, SHELLS, portability_words
from ciforge.plan.recipes import Recipe, RecipeStep
from ciforge.plan.valgrind_check import valgrind_check

Steps: TypeAlias = tuple[Step, ...]

C_RECIPES = ("autotools", "cmake", "meson", "make")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ReadyVariant:
    """A way to build. It is laid over what the repository says, and below the project's own changes to it."""

    overlay: Variant = attrs.field(factory=Variant)
    make: str = ""
    """The make of its jobs; empty: that of the distribution."""
    first: tuple[RecipeStep, ...] = ()
    """Steps before those of every recipe."""
    first_of: Mapping[str, RecipeStep] = attrs.field(factory=dict)
    """By recipe: a step before its own."""
    following: Mapping[str, RecipeStep] = attrs.field(factory=dict)
    """Steps by the name of the one that they follow."""
    recipes: tuple[str, ...] = ()
    """Recipes whose steps have followers."""
    arguments: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """By recipe: arguments for configure."""
    flags: CompilerFlags | None = None
    """Flags for the compiler, which ccache then does not stand before."""
    valgrind: bool = False
    """Whether the tests run under valgrind."""
    compiles: bool = False
    """Whether it is only for recipes that compile C."""
    arches: tuple[str, ...] = ()
    """The processors that it is for; empty: all."""
    checks: Mapping[str, RecipeStep] = attrs.field(factory=dict)
    """By recipe: a step after its build."""
    makes_tarball: bool = False
    """Whether it makes or unpacks a release tarball, which only some recipes can."""
    from_tarball: bool = False
    """Whether it builds from the tarball that another job makes."""

    @property
    def step_names(self) -> frozenset[str]:
        """The steps that it adds."""
        added = (
            *self.first, *self.first_of.values(), *self.following.values(), *self.checks.values()
        )  # fmt: skip
        return frozenset(step.name for step in added)

    def steps_of(self, recipe: Recipe, name: str) -> Recipe:
        """The recipe with the steps that this variant adds."""
        if not (self.first or self.first_of or self.following):
            return recipe
        steps = [*self.first, *(step for key, step in self.first_of.items() if key == name)]
        for step in recipe.steps:
            steps.append(step)
            if name in self.recipes and step.name in self.following:
                steps.append(self.following[step.name])
            if step.name == "build" and name in self.checks:
                steps.append(self.checks[name])
        return attrs.evolve(recipe, steps=tuple(steps))

    def overlay_for(self, recipe: str) -> Variant:
        """Its overlay, with the arguments for configure of one recipe."""
        if recipe not in self.arguments:
            return self.overlay
        return attrs.evolve(self.overlay, configure=ArgumentChange(add=self.arguments[recipe]))

    def refusal(self, recipe: str, arch: str) -> str:
        """Why a recipe has no such variant on a processor; empty where it has."""
        if self.arches and arch not in self.arches:
            return f"{arch} has no such variant: it is for {' and '.join(self.arches)}"
        if self.makes_tarball and recipe not in self.recipes:
            return (
                f"the recipe {recipe} has no such variant: it is for {' and '.join(self.recipes)}"
            )
        if not self.compiles or recipe in C_RECIPES:
            return ""
        return f"the recipe {recipe} has no such variant: it is for C"

    def changed(self, steps: Steps, builddir: str) -> Steps:
        """The steps of a job as this variant runs them."""
        if self.makes_tarball:
            return _without_autotools(steps)
        if self.flags:
            steps = tuple(self.flags.steps(steps))
        if self.valgrind:
            return tuple(
                attrs.evolve(step, run=valgrind_check(step.run, builddir))
                if step.name == CHECK
                else step
                for step in steps
            )
        return steps

    def settled(self, settled: ResolvedOverlay) -> ResolvedOverlay:
        """The settings for the steps of a job: commands of the project for the tarball are a part of the step."""
        own = settled.steps.get(DIST)
        if not (self.makes_tarball and own):
            return settled
        change = attrs.evolve(own.change, run=None)
        return attrs.evolve(
            settled, steps={**settled.steps, DIST: attrs.evolve(own, change=change)}
        )

    def words(self, settled: ResolvedOverlay, recipe: str) -> dict[str, str]:
        """The values of the words in braces in its steps."""
        if self.makes_tarball and recipe in self.recipes:
            given = settled.steps.get(DIST, StepSetting()).change.run
            commands = DIST_COMMANDS[recipe] if given is None else given
            return {
                "dist_commands": commands,
                "distcheck_words": distcheck_words(
                    settled.configure, tests=settled.steps.get(CHECK, StepSetting()).on is True
                ),
            }
        if not self.first:
            return {}
        own = {
            name: setting.change.run
            for name, setting in settled.steps.items()
            if setting.change.run is not None
        }
        return portability_words(own)


def _needs(*names: str) -> Needs:
    return Needs(add=tuple(Need(name=name) for name in names))


def _sanitizer(flags: str, **options: str) -> ReadyVariant:
    """Flags at the build, tests that are run, and options of the run-time library."""
    return ReadyVariant(
        overlay=Variant(dependencies=_needs("sanitizers"), env=options, steps={CHECK: True}),
        flags=CompilerFlags(flags=f"{flags} -g -fno-omit-frame-pointer"),
        compiles=True,
    )


_DIST = RecipeStep(name=DIST, run=DIST_SCRIPT, timeout=3600, in_builddir=False)
_UNPACK = RecipeStep(name=UNPACK_DIST, run=UNPACK, timeout=600, in_builddir=False)


def _without_autotools(steps: Steps) -> Steps:
    """The steps, of which those after the tarball is made or unpacked cannot call autotools."""
    names = [step.name for step in steps]
    first = next((names.index(name) + 1 for name in (DIST, UNPACK_DIST) if name in names), None)
    if first is None:
        return steps
    head = (AFTER_DIST if DIST in names else "") + NO_AUTOTOOLS
    later = (attrs.evolve(step, run=head + step.run) for step in steps[first:])
    return (*steps[:first], *later)


def _distcheck(recipe: str) -> RecipeStep:
    in_builddir = recipe == "autotools"
    return RecipeStep(name=DISTCHECK, run=DISTCHECKS[recipe], timeout=3600, in_builddir=in_builddir)


_CPPCHECK = (
    "cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,portability --suppress=unknownMacro "
    "--template='{file}:{line}:{column}: error: {message} [{id}]' -j \"$(getconf _NPROCESSORS_ONLN)\" ."
)

READY_VARIANTS: Mapping[str, ReadyVariant] = {
    "posix": ReadyVariant(
        overlay=Variant(
            dependencies=_needs("bmake", "busybox", "checkbashisms", "mksh", "shellcheck"),
            env={"CONFIG_SHELL": "/bin/mksh"},
        ),
        make="bmake",
        first=(RecipeStep(name="portability", run=PORTABILITY, timeout=600, in_builddir=False),),
        following={
            "configure": RecipeStep(name="shells", run=SHELLS, timeout=1800, in_builddir=False)
        },
        recipes=("autotools",),
    ),
    "dist": ReadyVariant(
        overlay=Variant(dependencies=_needs("git", "gzip", "tar", "xz"), keep=(f"{FOLDER}/*",)),
        following={"bootstrap": _DIST},
        first_of={"make": _DIST, "meson": _DIST, "cmake": _DIST},
        checks={name: _distcheck(name) for name in DISTCHECKS},
        recipes=C_RECIPES,
        makes_tarball=True,
    ),
    "tarball": ReadyVariant(
        overlay=Variant(
            dependencies=Needs(
                add=tuple(Need(name=name) for name in ("gzip", "tar", "xz")),
                remove=("autoconf", "automake"),
            )
        ),
        first_of=dict.fromkeys(C_RECIPES, _UNPACK),
        recipes=C_RECIPES,
        makes_tarball=True,
        from_tarball=True,
    ),
    # An abort is a signal, which tests and the step smoke take for a failure.
    "asan": _sanitizer(
        "-fsanitize=address",
        ASAN_OPTIONS="abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1",
    ),
    "ubsan": _sanitizer(
        "-fsanitize=undefined -fno-sanitize-recover=undefined",
        UBSAN_OPTIONS="abort_on_error=1:print_stacktrace=1",
    ),
    "tsan": _sanitizer("-fsanitize=thread", TSAN_OPTIONS="abort_on_error=1:halt_on_error=1"),
    "valgrind": ReadyVariant(
        overlay=Variant(dependencies=_needs("valgrind"), steps={CHECK: StepChange(timeout=7200)}),
        flags=CompilerFlags(flags="-g"),
        valgrind=True,
        compiles=True,
    ),
    "analyzer": ReadyVariant(
        flags=CompilerFlags(flags="-fanalyzer", mark=r"\[-Wanalyzer-"), compiles=True
    ),
    "cppcheck": ReadyVariant(
        overlay=Variant(dependencies=_needs("cppcheck")),
        following={
            "build": RecipeStep(name="cppcheck", run=_CPPCHECK, timeout=3600, in_builddir=False)
        },
        recipes=C_RECIPES,
        compiles=True,
    ),
    "scan-build": ReadyVariant(
        overlay=Variant(dependencies=_needs("clang")),
        flags=CompilerFlags(
            flags="--analyze -Xclang -analyzer-output=text -Qunused-arguments",
            mark=r"warning: .* \[[a-z]*\.[A-Za-z.]*\]$",
            analyzer="clang",
        ),
        compiles=True,
    ),
    # Files of pkg-config for 64 bits would bring libraries that cannot be linked.
    "m32": ReadyVariant(
        overlay=Variant(
            dependencies=_needs("multilib"),
            env={
                "PKG_CONFIG_LIBDIR": "/usr/lib/i386-linux-gnu/pkgconfig:/usr/lib/pkgconfig:/usr/share/pkgconfig"
            },
        ),
        flags=CompilerFlags(flags="-m32", everywhere=True),
        compiles=True,
        arches=("amd64",),
    ),
    "static": ReadyVariant(
        overlay=Variant(dependencies=_needs("static-libc")),
        flags=CompilerFlags(
            flags="-static",
            everywhere=True,
            unless='*" -c "*|*" -shared "*',
            without="Calls with -c or -shared",
        ),
        arguments={
            "autotools": ("--disable-shared",),
            "cmake": ("-DBUILD_SHARED_LIBS=OFF",),
            "meson": ("--default-library=static",),
        },
        compiles=True,
    ),
    # Archives of fat objects need no plugin of ar and ranlib.
    "lto": ReadyVariant(
        flags=CompilerFlags(
            flags="-O2 -flto=auto -ffat-lto-objects -Werror=odr -Werror=lto-type-mismatch"
        ),
        compiles=True,
    ),
    "c23": ReadyVariant(
        flags=CompilerFlags(
            flags="-std=gnu2x", everywhere=True, unless='*"++ "*', without="Compilers of C++"
        ),
        compiles=True,
    ),
    "werror": ReadyVariant(flags=CompilerFlags(flags="-Werror"), compiles=True),
    "hardened": ReadyVariant(
        flags=CompilerFlags(
            flags="-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong "
            "-fstack-clash-protection -Wformat -Werror=format-security -Wl,-z,relro,-z,now",
            everywhere=True,
        ),
        compiles=True,
    ),
}
"""By name. A pattern of a selector means none of them: they have to be named."""


_NONE = ReadyVariant()


def ready_variant(name: str) -> ReadyVariant:
    """The row of a variant; one that changes nothing for all others."""
    return READY_VARIANTS.get(name, _NONE)
