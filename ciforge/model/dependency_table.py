"""The contents of `distros/tables/dependencies.yml`: headers, libraries and programs by dependency."""

from collections.abc import Mapping

import attrs

Names = tuple[str, ...]


@attrs.frozen(kw_only=True)
class DependencyRow:
    """One dependency by its canonical name, and the names that belong to it."""

    dependency: str
    packages: Names = ()
    """Package names in the distributions of the table; empty if descriptors list the dependency."""
    headers: Names = ()
    """Headers as C files include them; a name that ends in `/` is every header below that folder."""
    libraries: Names = ()
    """Library names as for `-l`."""
    modules: Names = ()
    """Names for pkg-config."""
    cmake: Names = ()
    """Names for find_package."""
    tools: Names = ()
    macros: Names = ()
    """Autoconf macros; `LT_*` is every macro with that prefix."""
    symbols: Names = ()
    """Functions; `SSL_*` is every one that begins so."""
    source: str = ""
    """Empty: what the comment at the top of the file names."""


@attrs.frozen(kw_only=True)
class DependencyTable:
    """All rows, and the names that belong to no dependency."""

    dependencies: tuple[DependencyRow, ...] = ()
    packaged_by: Names = ()
    """The distributions that have the `packages` of the rows."""
    no_library: Names = ()
    """Libraries that need no package, or exist only on systems other than Linux."""
    no_module: Names = ()
    no_cmake: Names = ()
    other_names: Mapping[str, str] = attrs.field(factory=dict)
    """Packages under former names, and those that only bring others, to dependencies."""
    for_ci: frozenset[str] = frozenset()
    """Packages that a CI installs for itself."""
    runners: Names = ()
    """Systems in the labels of hosted machines: `ubuntu` of `ubuntu-latest`."""
