"""Detects the recipe of a source tree, and the requirements in its build files."""

import re
from collections.abc import Callable, Iterable, Iterator

import attrs

from ciforge.draft import (
    autoconf_reader,
    c_includes,
    check_detection,
    cmake_reader,
    go_reader,
    makefile_reader,
    meson_reader,
)
from ciforge.draft.evidence import Requirement, RequirementKind, TextFile, whole
from ciforge.draft.proposal import ProposedStep, SourcedValue
from ciforge.draft.tree_reader import TreeReader, is_aside
from ciforge.sanitize import short_line

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""In the order in which make searches for them."""
_MANY = 200
_GENERATED = "by GNU Autoconf"
"""In the first lines of each script that autoconf makes."""
_AUTOTOOLS = {
    "autoconf": re.compile(
        r"(?m)^(?![ \t]*#).*?(?<![\w./-])(?:autoconf|autoheader|autoreconf|aclocal|automake)\b(?![./-])"
    ),
    "automake": re.compile(
        r"(?m)^(?![ \t]*#).*?(?<![\w./-])(?:aclocal|automake|autoreconf)\b(?![./-])"
    ),
}
"""Dependencies to the lines that call one of their programs."""
_CMAKE_CALL = re.compile(r"(?m)^[^#\n]*(?:\bcmake|\$\{?CMAKE(?:_COMMAND)?\}?\"?)[ \t]+[-\"'$.\w]")
_MESON_CALL = re.compile(r"(?m)^[^#\n]*\bmeson[ \t]+(?:setup\b|[-\"'$.])")
_OTHERS_M4 = re.compile(
    r"(?:^|/)(?:aclocal|libtool|lt|ltoptions|ltsugar|ltversion|lt~obsolete|pkg|gettext|iconv|intl.*"
    r"|nls|po|progtest|lib-.*|gnulib-.*|host-cpu-c-abi|codeset|glibc.*|ax_.*)\.m4$"
)
"""m4 files that are usually copied from other projects."""


@attrs.frozen(kw_only=True)
class BuildMethod:
    """One way to build a tree."""

    recipe: SourcedValue
    name: SourcedValue | None = None
    requirements: tuple[Requirement, ...] = ()
    bootstrap: bool = False
    """Whether configure must be generated first."""
    users: tuple[SourcedValue, ...] = ()
    env: tuple[tuple[str, SourcedValue], ...] = ()
    steps: tuple[ProposedStep, ...] = ()
    hints: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def build_methods(ground: TreeReader) -> list[BuildMethod]:
    """All possible build methods, the preferred one first."""
    found = (look(ground) for look in _LOOKS)
    return [method for method in found if method]


BUILD_FILES = (
    "configure.ac", "configure.in", "configure", "CMakeLists.txt", "meson.build", "go.mod", *MAKEFILES,
)  # fmt: skip
"""Files that make a folder one that can be built."""


def folders_to_build(ground: TreeReader) -> tuple[str, ...]:
    """The uppermost folders below the top that have a build file, without tests and copies of others."""
    found = {
        name.rpartition("/")[0]
        for name in ground.named(*BUILD_FILES)
        if "/" in name and not is_aside(name)
    }
    return tuple(
        folder
        for folder in sorted(found)
        if not any(folder.startswith(f"{other}/") for other in found)
    )


def _autotools(ground: TreeReader) -> BuildMethod | None:
    source = ground.first("configure.ac", "configure.in")
    if source is None:
        script = ground.first("configure")
        return _bare_configure(ground, script) if script and not _wraps(ground, script) else None
    macros = [file for name in ground.named("*.m4", depth=2) if not _OTHERS_M4.search(name)
              if (file := ground.read(name))]  # fmt: skip
    makes = _read(ground, "Makefile.am")
    bootstrap = "configure" not in ground
    tools = (
        [Requirement(kind=RequirementKind.TOOL, name="autoconf", clue=whole(source.name))]
        if bootstrap
        else list(_called_autotools(ground))
    )
    asked = list(autoconf_reader.requirements(source, bootstrap=bootstrap))
    asked += _soft(
        requirement
        for file in macros
        for requirement in autoconf_reader.requirements(file, bootstrap=bootstrap)
    )
    named = [
        requirement for file in makes for requirement in _soft(makefile_reader.requirements(file))
    ]
    users = [
        _sourced(file, *user)
        for file in (source, *macros)
        for user in autoconf_reader.own_users(file)
    ]
    users += [_sourced(file, *user) for file in makes for user in makefile_reader.own_users(file)]
    carried = f"{source.name}; configure exists, so it is not generated again"
    return BuildMethod(
        recipe=SourcedValue("autotools", source.name if bootstrap else carried),
        name=_named(source, autoconf_reader.project_name(source)),
        requirements=(
            *tools,
            *asked,
            *_archive(ground, source, bootstrap),
            *_texinfo(ground),
            *named,
        ),
        bootstrap=bootstrap,
        users=tuple(users),
        hints=tuple(check_detection.hints(ground, "autotools")),
    )


def _called_autotools(ground: TreeReader) -> Iterator[Requirement]:
    """The autotools that a handwritten `configure` calls, to make the real one."""
    script = ground.first("configure")
    if script is None or _GENERATED in script.text[:4000]:
        return
    for name, calls in _AUTOTOOLS.items():
        if match := calls.search(script.text):
            yield Requirement(kind=RequirementKind.TOOL, name=name, clue=script.clue(match.start()))


def _wraps(ground: TreeReader, script: TextFile) -> bool:
    """Whether a handwritten `configure` only calls CMake or Meson, by which the tree is then built."""
    if _GENERATED in script.text[:4000]:
        return False
    calls = {"CMakeLists.txt": _CMAKE_CALL, "meson.build": _MESON_CALL}
    return any(name in ground and call.search(script.text) for name, call in calls.items())


def _bare_configure(ground: TreeReader, script: TextFile) -> BuildMethod:
    """A configure script without configure.ac, or a handwritten one."""
    made = _GENERATED in script.text[:4000]
    files = [script, *_read(ground, "Makefile.in"), *_read(ground, "Makefile")]
    requirements = [
        requirement for file in files for requirement in makefile_reader.requirements(file)
    ]
    bmake = tuple(_bmake(files[1:]))
    message = "it does not take the arguments of autoconf, and is called without any"
    return BuildMethod(
        recipe=SourcedValue(
            "autotools", "configure" if made else "configure, which was not made by autoconf"
        ),
        requirements=(
            *(_soft(requirements) if made else requirements),
            *_grammars(ground),
            *bmake,
        ),
        steps=tuple(_bmake_steps(files[1:])),
        users=tuple(
            _sourced(file, *user) for file in files for user in makefile_reader.own_users(file)
        ),
        hints=(
            *(() if made else (f"configure: {message}",)),
            *check_detection.makefile_hints(
                [*files[1:], *_read(ground, "*.mk")], "bmake" if bmake else "make"
            ),
        ),
    )


def _cmake(ground: TreeReader) -> BuildMethod | None:
    top = ground.first("CMakeLists.txt")
    if top is None:
        return None
    requirements = [
        requirement
        for file in _read(ground, "CMakeLists.txt", "*.cmake")
        for requirement in cmake_reader.requirements(file)
    ]
    name = _named(top, cmake_reader.project_name(top))
    return BuildMethod(
        recipe=SourcedValue("cmake", top.name),
        name=name,
        requirements=tuple(requirements),
        hints=tuple(check_detection.hints(ground, "cmake")),
    )


def _meson(ground: TreeReader) -> BuildMethod | None:
    top = ground.first("meson.build")
    if top is None:
        return None
    requirements = [
        requirement
        for file in _read(ground, "meson.build")
        for requirement in meson_reader.requirements(file)
    ]
    name = _named(top, meson_reader.project_name(top))
    return BuildMethod(
        recipe=SourcedValue("meson", top.name),
        name=name,
        requirements=tuple(requirements),
        hints=tuple(check_detection.hints(ground, "meson")),
    )


def _go(ground: TreeReader) -> BuildMethod | None:
    module = ground.first("go.mod")
    if module is None and not any(ground.named("*.go", depth=0)):
        return None
    tree = go_reader.look(ground)
    tools = ("cc", "libc", "pkg-config") if tree.cgo else ()
    asked = go_reader.enforced_version(module) if module else None
    late = "a release whose own Go is older cannot build this"
    return BuildMethod(
        recipe=SourcedValue("go", "go.mod" if module else "*.go, without go.mod"),
        name=_named(module, go_reader.module_name(module)) if module else None,
        requirements=(*(_own(name, tree.cgo) for name in tools if tree.cgo), *tree.requirements),
        env=(("CGO_ENABLED", SourcedValue("1", str(tree.cgo))),) if tree.cgo else (),
        steps=tuple(_go_steps(tree)),
        hints=tuple(check_detection.hints(ground, "go")),
        doubts=(f"{module.clue(asked[1])}: {late}",) if module and asked else (),
    )


def _go_steps(tree: go_reader.GoTree) -> Iterator[ProposedStep]:
    if tree.main is None:
        yield ProposedStep(name="build", run="go build ./...", because=str(tree.clue))
        yield ProposedStep(name="install", because="there is no program to install")
    elif tree.main != "." and re.fullmatch(r"[A-Za-z0-9_./-]+", tree.main):
        yield ProposedStep(
            name="build", run=f"go build -o {{repo}} ./{tree.main}", because=str(tree.clue)
        )


def _make(ground: TreeReader) -> BuildMethod | None:
    top = ground.first(*MAKEFILES)
    if top is None:
        return None
    files = [top, *(file for name in makefile_reader.included(top) if (file := ground.first(name)))]
    requirements = [
        requirement for file in files for requirement in makefile_reader.requirements(file)
    ]
    return BuildMethod(
        recipe=SourcedValue("make", top.name),
        requirements=(*requirements, *_grammars(ground), *_plus_plus(ground), *_bmake([top])),
        users=tuple(
            _sourced(file, *user) for file in files for user in makefile_reader.own_users(file)
        ),
        steps=(*_bmake_steps([top]), *_no_install(top, files)),
        hints=tuple(
            check_detection.makefile_hints(files, "bmake" if any(_bmake([top])) else "make")
        ),
    )


def _no_install(top: TextFile, files: Iterable[TextFile]) -> Iterator[ProposedStep]:
    sure = not makefile_reader.bsd_directive(top) and not re.search(
        r"(?m)^[-s]?include\b.*[$*]", top.text
    )
    if sure and all(makefile_reader.target(file, "install") is None for file in files):
        yield ProposedStep(name="install", because=f"{top.name} has no rule for install")


def _bmake(files: Iterable[TextFile]) -> Iterator[Requirement]:
    """The make of the BSDs, for makefiles with its directives."""
    for file in files:
        if found := makefile_reader.bsd_directive(file):
            yield Requirement(
                kind=RequirementKind.TOOL, name="bmake", clue=file.clue(found.start())
            )
            return


def _bmake_steps(files: Iterable[TextFile]) -> Iterator[ProposedStep]:
    """Steps that call it."""
    for needed in _bmake(files):
        because = str(needed.clue)
        yield ProposedStep(name="build", run='bmake -j"$CIFORGE_JOBS"', because=because)
        yield ProposedStep(name="install", run="bmake install", because=because)


def _read(ground: TreeReader, *patterns: str) -> list[TextFile]:
    """Build files of the project itself, without those of tests and bundled copies."""
    names = [name for name in ground.named(*patterns) if not is_aside(name)]
    return [file for name in names[:_MANY] if (file := ground.read(name))]


def _soft(requirements: Iterable[Requirement]) -> list[Requirement]:
    """The same requirements, but unknown names are not reported."""
    return [attrs.evolve(requirement, firm=False) for requirement in requirements]


def _own(name: str, clue: object) -> Requirement:
    return Requirement(kind=RequirementKind.TOOL, name=name, clue=whole(short_line(str(clue), 120)))


def _named(file: TextFile, found: tuple[str, int] | None) -> SourcedValue | None:
    return _sourced(file, *found) if found else None


def _sourced(file: TextFile, value: str, offset: int) -> SourcedValue:
    return SourcedValue(value, str(file.clue(offset)))


def _archive(ground: TreeReader, source: TextFile, bootstrap: bool) -> Iterator[Requirement]:
    texts = [file.text for name in ground.named("*.m4", depth=2) if (file := ground.read(name))]
    brought = frozenset().union(
        *(autoconf_reader.defined_macros(text) for text in (source.text, *texts))
    )
    found = autoconf_reader.foreign_macros(source.text, brought) if bootstrap else None
    if found:
        yield Requirement(
            kind=RequirementKind.TOOL, name="autoconf-archive", clue=source.clue(found.start(1))
        )


def _texinfo(ground: TreeReader) -> Iterator[Requirement]:
    """Texinfo manuals need makeinfo, unless the formatted manual is in the tree."""
    if any(ground.named("*.info", depth=3)):
        return
    manuals = [file for name in ground.named("Makefile.am") if (file := ground.read(name))]
    for file in manuals[:_MANY]:
        if match := re.search(r"(?m)^info_TEXINFOS\b", file.text):
            yield Requirement(
                kind=RequirementKind.TOOL, name="makeinfo", clue=file.clue(match.start())
            )


def _grammars(ground: TreeReader) -> Iterator[Requirement]:
    for pattern, tool in (("*.y", "bison"), ("*.l", "flex")):
        for name in list(ground.named(pattern))[:1]:
            yield Requirement(kind=RequirementKind.TOOL, name=tool, clue=whole(name))


def _plus_plus(ground: TreeReader) -> Iterator[Requirement]:
    for name in list(ground.named("*.cc", "*.cpp", "*.cxx", depth=2))[:1]:
        if not is_aside(name):
            yield Requirement(kind=RequirementKind.TOOL, name="c++", clue=whole(name))


def included_headers(ground: TreeReader, names: Iterable[str]) -> tuple[Requirement, ...]:
    """The `known` headers that C files include unconditionally."""
    return tuple(c_includes.requirements(ground, names))


_LOOKS: tuple[Callable[[TreeReader], BuildMethod | None], ...] = (
    _autotools,
    _cmake,
    _meson,
    _go,
    _make,
)
"""In order of preference, if a tree has several."""
