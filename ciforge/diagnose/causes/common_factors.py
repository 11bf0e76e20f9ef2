"""The common factor of a cause: what its broken jobs share and green ones lack, in plain words."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set

import attrs

from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.finding import FindingKind
from ciforge.model.job_traits import Traits

_FEW = 3
"""Names that are worth listing."""

_COMPILED = frozenset(
    {
        FindingKind.IMPLICIT_DECLARATION, FindingKind.TYPE_CONFLICT, FindingKind.UNKNOWN_TYPE, FindingKind.INCOMPLETE_TYPE,
        FindingKind.UNDECLARED, FindingKind.REDEFINITION, FindingKind.WERROR, FindingKind.SYNTAX_ERROR,
        FindingKind.INTERNAL_COMPILER_ERROR, FindingKind.MULTIPLE_DEFINITION, FindingKind.RELOCATION, FindingKind.OTHER,
    }
)  # fmt: skip
"""Kinds that depend on the compiler: gcc 14 refuses what 13 warned about, gcc 10 links otherwise."""
_OF_LIBC = _COMPILED | {
    FindingKind.MISSING_HEADER, FindingKind.UNDEFINED_SYMBOL, FindingKind.MISSING_LIBRARY, FindingKind.MISSING_DSO,
    FindingKind.CONFIGURE_CHECK, FindingKind.TEST_FAILURE,
}  # fmt: skip
_AUTOTOOLS = frozenset(
    {
        FindingKind.MISSING_MACRO, FindingKind.AUTOTOOLS_VERSION, FindingKind.SYNTAX_ERROR, FindingKind.CONFIGURE_CHECK,
        FindingKind.OTHER,
    }
)  # fmt: skip


@attrs.frozen(kw_only=True)
class _Component:
    """Something installed whose version explains failures of some kinds."""

    label: str
    packages: tuple[str, ...]
    """The first that is installed says the version; a trailing `*` stands for digits."""
    parts: int
    """How many parts of the version make a difference."""
    kinds: frozenset[FindingKind]
    dependency: str = ""
    """Whose functions and headers it explains, of whatever kind."""


_COMPONENTS = (
    _Component(label="OpenSSL", packages=("libssl-dev", "openssl-dev", "openssl-devel",
        "libopenssl-*-devel", "libopenssl-devel", "openssl", "libssl*", "openssl-libs"), parts=1,
        kinds=frozenset(), dependency="openssl"),
    _Component(label="libevent", packages=("libevent-dev", "libevent-devel", "libevent"), parts=2,
        kinds=frozenset(), dependency="libevent"),
    _Component(label="autoconf", packages=("autoconf",), parts=2, kinds=_AUTOTOOLS),
    _Component(label="automake", packages=("automake",), parts=2, kinds=_AUTOTOOLS),
    _Component(label="libtool", packages=("libtool",), parts=2, kinds=_AUTOTOOLS),
    _Component(label="bison", packages=("bison",), parts=2, kinds=frozenset({FindingKind.YACC_LEX})),
    _Component(label="flex", packages=("flex",), parts=2, kinds=frozenset({FindingKind.YACC_LEX})),
    _Component(label="make", packages=("make",), parts=2,
        kinds=frozenset({FindingKind.MAKE_SYNTAX, FindingKind.MAKE_RULE})),
    _Component(label="Go", packages=("golang-go", "golang", "go"), parts=2,
        kinds=frozenset({FindingKind.GO_BUILD, FindingKind.GO_MODULE})),
    _Component(label="CMake", packages=("cmake",), parts=2, kinds=frozenset({FindingKind.CMAKE_ERROR})),
    _Component(label="Meson", packages=("meson",), parts=2, kinds=frozenset({FindingKind.MESON_ERROR})),
)  # fmt: skip
"""Package names as the descriptors in `distros/` have them."""

_COMPILERS = {"gcc": ("gcc",), "clang": ("clang", "clang*")}
"""Compilers, by the packages that say their version."""
_LIBCS = {"glibc": ("libc6", "glibc"), "musl": ("musl",)}

_BSD = "bsd"
"""The libc of each BSD, in `Traits`."""
_LIBC_WORDS = {_BSD: "the BSDs"}

Version = tuple[int, ...]
Value = Callable[[Traits], str]


@attrs.frozen
class _Sides:
    """The jobs that are compared, never one side empty."""

    broken: Sequence[Traits]
    green: Sequence[Traits]


def shared(
    kind: FindingKind,
    subjects: Collection[str],
    broken: Sequence[str],
    jobs: Mapping[str, Traits],
    green: Collection[str],
    knowledge: DependencyIndex,
) -> str:
    """`musl only`, `gcc 14 and later`; empty where nothing separates them, or nothing is green."""
    repos = {job.partition("/")[0] for job in broken}
    passed = [jobs[job] for job in sorted(green) if job in jobs and job.partition("/")[0] in repos]
    if not passed or not all(job in jobs for job in broken):
        return ""
    sides = _Sides([jobs[job] for job in broken], passed)
    owners = {owner for name in subjects if (owner := knowledge.anything(name))}
    return next(filter(None, _candidates(kind, owners, sides)), "")


def _candidates(kind: FindingKind, owners: Set[str], sides: _Sides) -> Iterator[str]:
    """The most telling first."""
    if kind in _OF_LIBC:
        yield _libcs(sides)
    yield from (_version(sides, row) for row in _COMPONENTS if row.dependency in owners)
    yield _only(sides, lambda trait: trait.variant, "variant {}", most=1)
    if kind in _COMPILED:
        yield _compilers(sides)
    yield from (_version(sides, row) for row in _COMPONENTS if kind in row.kinds)
    yield _only(sides, lambda trait: trait.arch, "{} only")
    yield _only(sides, lambda trait: trait.distribution, "{} only")
    yield _only(sides, lambda trait: trait.release, "{} only")
    yield _only(sides, lambda trait: trait.manager, "with {} only")
    yield _only(sides, lambda trait: f"{trait.variant} on {trait.release}", "{} only", most=1)


def _only(sides: _Sides, value: Value, form: str, *, most: int = _FEW) -> str:
    """Few values that all broken jobs have and no green one; unknown values separate nothing."""
    broken = {value(trait) for trait in sides.broken}
    green = {value(trait) for trait in sides.green}
    if "" in broken | green or broken & green or len(broken) > most:
        return ""
    return form.format(_listed(sorted(broken)))


def _libcs(sides: _Sides) -> str:
    """`musl only`, `the BSDs`, `all but glibc`: whose libc it is."""
    broken, green = ({trait.libc for trait in side} for side in (sides.broken, sides.green))
    if len(broken) > 1 and len(green) == 1 and not broken & green and "" not in broken | green:
        return f"all but {_LIBC_WORDS.get(*green, *green)}"
    if broken == {_BSD} and len({trait.distribution for trait in sides.broken}) == 1:
        return ""  # the name of the one system says more
    factor = _only(sides, lambda trait: trait.libc, "{}")
    if broken == {_BSD}:
        return factor and _LIBC_WORDS[_BSD]
    return factor and f"{factor} only"


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _version(sides: _Sides, row: _Component) -> str:
    broken = [_installed(trait, row.packages, row.parts) for trait in sides.broken]
    green = [_installed(trait, row.packages, row.parts) for trait in sides.green]
    return _bounds(row.label, broken, green)


def _bounds(label: str, broken: Sequence[Version], green: Sequence[Version]) -> str:
    """Versions on one side of all green ones, or one version alone."""
    if () in broken or () in green:
        return ""
    low, high = min(broken), max(broken)
    if low == high and low not in green and min(green) <= low <= max(green):
        return f"{label} {_dotted(low)}"
    if low > max(green):
        later = " and later" if label in _COMPILERS or low < high else ""
        return f"{label} {_dotted(low)}{later}"
    return f"{label} {_dotted(high)} and earlier" if high < min(green) else ""


def _compilers(sides: _Sides) -> str:
    """Compilers from some version on, each apart; all that are broken and none that is green."""
    if any(trait.compiler not in _COMPILERS for trait in [*sides.broken, *sides.green]):
        return ""
    names = {trait.compiler for trait in sides.broken}
    parts = [_compiler(name, sides, alone=len(names) == 1) for name in _COMPILERS if name in names]
    if not all(parts):
        return ""
    if len(parts) > 1 and all(part.endswith(" and later") for part in parts):
        return _listed([part.removesuffix(" and later") for part in parts]) + " and later"
    return _listed(parts)


def _compiler(name: str, sides: _Sides, *, alone: bool) -> str:
    """From which version on; where no green job has that compiler, the compiler if it is alone."""
    packages = _COMPILERS[name]
    broken = [_installed(trait, packages, 1) for trait in sides.broken if trait.compiler == name]
    green = [_installed(trait, packages, 1) for trait in sides.green if trait.compiler == name]
    if not green:
        return f"{name} only" if alone else ""
    return _bounds(name, broken, green)


def _installed(traits: Traits, packages: Sequence[str], parts: int) -> Version:
    """The version of the first that is installed; empty where none is or it has no number."""
    for name in packages:
        if text := _package(traits.packages, name):
            number = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", text)
            return tuple(int(part) for part in number[1].split(".")[:parts]) if number else ()
    return ()


def _package(packages: Mapping[str, str], name: str) -> str:
    if "*" not in name:
        return packages.get(name, "")
    pattern = re.compile(re.escape(name).replace(r"\*", r"[\d_.]+"))
    return next(
        (packages[package] for package in sorted(packages) if pattern.fullmatch(package)), ""
    )


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def libc_of(packages: Mapping[str, str]) -> str:
    """The libc that is installed, found by its package; empty if none is known."""
    return next((libc for libc, names in _LIBCS.items() if any(n in packages for n in names)), "")


def is_newer_libc(trait: Traits, other: Traits) -> bool:
    """Whether `trait` has a later libc than `other`, or nobody knows."""
    versions = [_installed(each, _LIBCS.get(each.libc, ()), 2) for each in (trait, other)]
    return () in versions or versions[0] > versions[1]
