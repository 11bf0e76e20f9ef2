"""Recipes: how a kind of project is built, as rows of a table."""

from collections.abc import Mapping

import attrs

MAKE_JOBS = '-j"${CIFORGE_JOBS:-$(getconf _NPROCESSORS_ONLN)}"'
"""A fair share of the processors where the engine says which, else all of them."""


@attrs.frozen(kw_only=True)
class RecipeStep:
    """One step as the recipe has it; `{…}` in `run` is replaced by `plan.steps`."""

    name: str
    run: str
    root: bool = False
    network: bool = False
    timeout: int = 1800
    on: bool = True
    """False: only where the project says `NAME: true`."""
    in_builddir: bool = True


@attrs.frozen(kw_only=True)
class Recipe:
    """A kind of project."""

    implied: tuple[str, ...]
    """Dependencies that it cannot do without."""
    steps: tuple[RecipeStep, ...]
    env: Mapping[str, str] = attrs.field(factory=dict)
    builddir: str = ""
    """Where it is built unless the project says otherwise; empty: in the source."""
    artifacts: tuple[str, ...] = ()
    ccache: bool = True
    """Whether what it compiles can come from ccache."""

    @property
    def configures(self) -> bool:
        """Whether the words of `configure:` go anywhere."""
        return any("{configure}" in step.run for step in self.steps)

    @property
    def step_names(self) -> frozenset[str]:
        return frozenset(step.name for step in self.steps)


_BOOTSTRAP = """\
if [ -f configure ]; then
    echo 'The source carries configure: nothing to bootstrap.'
elif [ -x bootstrap ]; then
    ./bootstrap
elif [ -f bootstrap ]; then
    sh bootstrap
elif [ -x autogen.sh ]; then
    NOCONFIGURE=1 ./autogen.sh
elif [ -f autogen.sh ]; then
    NOCONFIGURE=1 sh autogen.sh
elif [ -f configure.ac ] || [ -f configure.in ]; then
    autoreconf -fi
else
    echo 'Neither configure, bootstrap, autogen.sh nor configure.ac is here.' >&2
    exit 1
fi"""

_GO_PLACE = """\
if [ ! -f go.mod ]; then
    GO111MODULE=off
    GOPATH=/ciforge/home/go
    export GO111MODULE GOPATH
    mkdir -p "$GOPATH/src/"{go_parent}
    ln -sfn "$PWD" "$GOPATH/src/"{go_path}
    cd "$GOPATH/src/"{go_path}
fi
"""

_BOX = ("findutils", "useradd-tool")
"""What ciforge itself uses in every box."""

_C = ("cc", "libc", "make", "pkg-config", *_BOX)

_CHECK = RecipeStep(name="check", run="{make} check", on=False)
_INSTALL = RecipeStep(name="install", run="{make} install", root=True, timeout=600)
_BUILD = RecipeStep(name="build", run="{make} " + MAKE_JOBS, timeout=3600)

RECIPES: Mapping[str, Recipe] = {
    "autotools": Recipe(
        implied=_C,
        artifacts=("config.log", "config.h"),
        steps=(
            RecipeStep(name="bootstrap", run=_BOOTSTRAP, timeout=600, in_builddir=False),
            RecipeStep(name="configure", run="{top}configure{configure}", timeout=900),
            _BUILD,
            _CHECK,
            _INSTALL,
        ),
    ),
    "cmake": Recipe(
        implied=(*_C, "cmake"),
        builddir="build",
        artifacts=("CMakeCache.txt", "CMakeFiles/CMakeConfigureLog.yaml"),
        steps=(
            RecipeStep(name="configure", run="cmake -S {source} -B .{configure}", timeout=900),
            RecipeStep(name="build", run="cmake --build . -- " + MAKE_JOBS, timeout=3600),
            RecipeStep(name="check", run="ctest --output-on-failure", on=False),
            RecipeStep(name="install", run="cmake --install .", root=True, timeout=600),
        ),
    ),
    "meson": Recipe(
        implied=(*_C, "meson", "ninja"),
        builddir="build",
        artifacts=("meson-logs/meson-log.txt",),
        steps=(
            RecipeStep(
                name="configure",
                run="meson setup{configure} {builddir} .",
                timeout=900,
                in_builddir=False,
            ),
            RecipeStep(
                name="build",
                run="meson compile -C {builddir} " + MAKE_JOBS.replace("-j", "-j ", 1),
                timeout=3600,
                in_builddir=False,
            ),
            RecipeStep(name="check", run="meson test -C {builddir}", on=False, in_builddir=False),
            RecipeStep(
                name="install",
                run="meson install -C {builddir} --no-rebuild",
                root=True,
                timeout=600,
                in_builddir=False,
            ),
        ),
    ),
    "make": Recipe(implied=_C, steps=(_BUILD, _CHECK, _INSTALL)),
    "go": Recipe(
        implied=("go", "ca-certificates", *_BOX),
        env={"CGO_ENABLED": "0", "GOTOOLCHAIN": "local"},
        ccache=False,
        steps=(
            RecipeStep(
                name="fetch",
                run="if [ -f go.mod ]; then\n    go mod download\nelse\n"
                "    echo 'No go.mod: nothing to fetch.'\nfi",
                network=True,
                timeout=600,
            ),
            RecipeStep(name="build", run=_GO_PLACE + "go build -o {repo} .", timeout=1800),
            RecipeStep(name="check", run=_GO_PLACE + "go test ./...", on=False),
            RecipeStep(
                name="install",
                run="install -d /usr/local/bin\ninstall -m 0755 {repo} /usr/local/bin/{repo}",
                root=True,
                timeout=600,
            ),
        ),
    ),
}

ALL_STEP_NAMES = frozenset(name for recipe in RECIPES.values() for name in recipe.step_names)
