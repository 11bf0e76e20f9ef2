"""How a library is built from its tarball into a prefix of its own, as rows of a table."""

from collections.abc import Mapping

import attrs

from ciforge.model.project import Source


@attrs.frozen(kw_only=True)
class SourceRecipe:
    """Commands, run in the unpacked tarball.

    `{prefix}`, `{words}` (arguments of configure), `{make}` and `{jobs}` (make with all processors) are replaced."""

    commands: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Dependencies, besides a compiler and make."""
    takes_host: bool = False
    """Whether its configure takes `--build` and `--host`, as cross checks need it."""


SOURCE_RECIPES: Mapping[str, SourceRecipe] = {
    "autotools": SourceRecipe(
        commands=("./configure --prefix={prefix}{words}", "{jobs}", "{make} install"),
        takes_host=True,
    ),
    # Its configure is a program of perl, and libraries would go to lib64.
    "openssl": SourceRecipe(
        commands=("./config --prefix={prefix} --libdir=lib{words}", "{jobs}", "{make} install_sw"),
        needs=("perl",),
    ),
    "cmake": SourceRecipe(
        commands=(
            "cmake -S . -B ciforge-build -DCMAKE_INSTALL_PREFIX={prefix} -DCMAKE_INSTALL_LIBDIR=lib{words}",
            "cmake --build ciforge-build",
            "cmake --install ciforge-build",
        ),
        needs=("cmake",),
    ),
    "meson": SourceRecipe(
        commands=(
            "meson setup --prefix={prefix} --libdir=lib{words} ciforge-build",
            "ninja -C ciforge-build install",
        ),
        needs=("meson", "ninja"),
    ),
    "make": SourceRecipe(commands=("{jobs}{words}", "{make} install PREFIX={prefix}{words}")),
}
"""By the value of `recipe:` of a source."""


def source_env(sources: Mapping[str, Source]) -> dict[str, str]:
    """Variables with which pkg-config and the run-time linker find libraries in their own prefixes."""
    if not sources:
        return {}
    # One that needs others is after them in the order of building, and is looked for first.
    libraries = [f"{source.prefix}/lib" for source in reversed(tuple(sources.values()))]
    return {
        "PKG_CONFIG_PATH": ":".join(f"{folder}/pkgconfig" for folder in libraries),
        "LD_RUN_PATH": ":".join(libraries),
    }
