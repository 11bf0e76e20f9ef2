"""How a tree is built: which recipe, and what its build files ask for."""

import re
from collections.abc import Callable, Iterable, Iterator

import attrs

from ciforge.inspect import autoconf, cmake, golang, includes, makefile, meson
from ciforge.inspect.clue import Kind, Sign, Text, printable, whole
from ciforge.inspect.ground import Ground, is_aside
from ciforge.inspect.known import headers
from ciforge.inspect.proposal import Said, Step

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""In the order in which make looks for them."""
_MANY = 200
_OTHERS_M4 = re.compile(
    r"(?:^|/)(?:aclocal|libtool|lt|ltoptions|ltsugar|ltversion|lt~obsolete|pkg|gettext|iconv|intl.*"
    r"|nls|po|progtest|lib-.*|gnulib-.*|host-cpu-c-abi|codeset|glibc.*|ax_.*)\.m4$"
)
"""m4 files that are copies of other projects' own."""


@attrs.frozen(kw_only=True)
class Way:
    """One way to build a tree."""

    recipe: Said
    name: Said | None = None
    signs: tuple[Sign, ...] = ()
    bootstrap: bool = False
    """Whether configure has to be made first."""
    users: tuple[Said, ...] = ()
    env: tuple[tuple[str, Said], ...] = ()
    steps: tuple[Step, ...] = ()
    hints: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def ways(ground: Ground) -> list[Way]:
    """All ways that there are, the one to take first."""
    found = (look(ground) for look in _LOOKS)
    return [way for way in found if way]


def _autotools(ground: Ground) -> Way | None:
    source = ground.first("configure.ac", "configure.in")
    if source is None:
        script = ground.first("configure")
        return _bare_configure(ground, script) if script else None
    macros = [file for name in ground.named("*.m4", depth=2) if not _OTHERS_M4.search(name)
              if (file := ground.read(name))]  # fmt: skip
    makes = _read(ground, "Makefile.am")
    bootstrap = "configure" not in ground
    tools = [Sign(kind=Kind.TOOL, name="autoconf", clue=whole(source.name))] if bootstrap else []
    asked = list(autoconf.signs(source, bootstrap=bootstrap))
    asked += _soft(sign for file in macros for sign in autoconf.signs(file, bootstrap=bootstrap))
    named = [sign for file in makes for sign in _soft(makefile.signs(file))]
    users = [_said(file, *one) for file in (source, *macros) for one in autoconf.own_users(file)]
    users += [_said(file, *one) for file in makes for one in makefile.own_users(file)]
    carried = f"{source.name}; configure is there, so nothing makes it anew"
    return Way(
        recipe=Said("autotools", source.name if bootstrap else carried),
        name=_named(source, autoconf.project_name(source)),
        signs=(
            *tools,
            *asked,
            *_archive(ground, source, bootstrap),
            *_texinfo(ground),
            *named,
        ),
        bootstrap=bootstrap,
        users=tuple(users),
        hints=tuple(_tests(makes)),
    )


def _bare_configure(ground: Ground, script: Text) -> Way:
    """A configure script whose source is not there, or that somebody wrote by hand."""
    made = "by GNU Autoconf" in script.text[:4000]
    files = [script, *_read(ground, "Makefile.in"), *_read(ground, "Makefile")]
    signs = [sign for file in files for sign in makefile.signs(file)]
    told = "its words are not those of autoconf; it is called without any"
    return Way(
        recipe=Said("autotools", "configure" if made else "configure, which is no autoconf's"),
        signs=(*(_soft(signs) if made else signs), *_grammars(ground)),
        users=tuple(_said(file, *one) for file in files for one in makefile.own_users(file)),
        hints=() if made else (f"configure: {told}",),
    )


def _cmake(ground: Ground) -> Way | None:
    top = ground.first("CMakeLists.txt")
    if top is None:
        return None
    signs = [
        sign for file in _read(ground, "CMakeLists.txt", "*.cmake") for sign in cmake.signs(file)
    ]
    name = _named(top, cmake.project_name(top))
    return Way(recipe=Said("cmake", top.name), name=name, signs=tuple(signs))


def _meson(ground: Ground) -> Way | None:
    top = ground.first("meson.build")
    if top is None:
        return None
    signs = [sign for file in _read(ground, "meson.build") for sign in meson.signs(file)]
    name = _named(top, meson.project_name(top))
    return Way(recipe=Said("meson", top.name), name=name, signs=tuple(signs))


def _go(ground: Ground) -> Way | None:
    module = ground.first("go.mod")
    if module is None and not any(ground.named("*.go", depth=0)):
        return None
    tree = golang.look(ground)
    tools = ("cc", "libc", "pkg-config") if tree.cgo else ()
    asked = golang.enforced_version(module) if module else None
    late = "a release whose own Go is older cannot build this"
    return Way(
        recipe=Said("go", "go.mod" if module else "*.go, without go.mod"),
        name=_named(module, golang.module_name(module)) if module else None,
        signs=(*(_own(name, tree.cgo) for name in tools if tree.cgo), *tree.signs),
        env=(("CGO_ENABLED", Said("1", str(tree.cgo))),) if tree.cgo else (),
        steps=tuple(_go_steps(tree)),
        doubts=(f"{module.clue(asked[1])}: {late}",) if module and asked else (),
    )


def _go_steps(tree: golang.GoTree) -> Iterator[Step]:
    if tree.main is None:
        yield Step(name="build", run="go build ./...", because=str(tree.clue))
        yield Step(name="install", because="there is no program to install")
    elif tree.main != "." and re.fullmatch(r"[A-Za-z0-9_./-]+", tree.main):
        yield Step(name="build", run=f"go build -o {{repo}} ./{tree.main}", because=str(tree.clue))


def _make(ground: Ground) -> Way | None:
    top = ground.first(*MAKEFILES)
    if top is None:
        return None
    files = [top, *(file for name in makefile.included(top) if (file := ground.first(name)))]
    signs = [sign for file in files for sign in makefile.signs(file)]
    return Way(
        recipe=Said("make", top.name),
        signs=(*signs, *_grammars(ground), *_plus_plus(ground)),
        users=tuple(_said(file, *one) for file in files for one in makefile.own_users(file)),
        steps=tuple(_no_install(top, files)),
        doubts=tuple(_bsd(top)),
    )


def _no_install(top: Text, files: Iterable[Text]) -> Iterator[Step]:
    sure = not makefile.bsd_include(top) and not re.search(r"(?m)^[-s]?include\b.*[$*]", top.text)
    if sure and not any(makefile.has_target(file, "install") for file in files):
        yield Step(name="install", because=f"{top.name} has no rule for install")


def _bsd(top: Text) -> Iterator[str]:
    if found := makefile.bsd_include(top):
        yield f"{top.clue(found.start())}: written for a BSD make, which ciforge does not call on Linux"


def _read(ground: Ground, *patterns: str) -> list[Text]:
    """Build files of the project itself, those of tests and copies left out."""
    names = [name for name in ground.named(*patterns) if not is_aside(name)]
    return [file for name in names[:_MANY] if (file := ground.read(name))]


def _soft(signs: Iterable[Sign]) -> list[Sign]:
    """The same, without a word about those that nobody knows."""
    return [attrs.evolve(sign, firm=False) for sign in signs]


def _own(name: str, clue: object) -> Sign:
    return Sign(kind=Kind.TOOL, name=name, clue=whole(printable(str(clue), 120)))


def _named(file: Text, found: tuple[str, int] | None) -> Said | None:
    return _said(file, *found) if found else None


def _said(file: Text, value: str, offset: int) -> Said:
    return Said(value, str(file.clue(offset)))


def _archive(ground: Ground, source: Text, bootstrap: bool) -> Iterator[Sign]:
    texts = [file.text for name in ground.named("*.m4", depth=2) if (file := ground.read(name))]
    brought = frozenset().union(*(autoconf.defined_macros(text) for text in (source.text, *texts)))
    found = autoconf.foreign_macros(source.text, brought) if bootstrap else None
    if found:
        yield Sign(kind=Kind.TOOL, name="autoconf-archive", clue=source.clue(found.start(1)))


def _texinfo(ground: Ground) -> Iterator[Sign]:
    """Manuals in Texinfo are formatted by every build that does not find them ready."""
    if any(ground.named("*.info", depth=3)):
        return
    manuals = [file for name in ground.named("Makefile.am") if (file := ground.read(name))]
    for file in manuals[:_MANY]:
        if found := re.search(r"(?m)^info_TEXINFOS\b", file.text):
            yield Sign(kind=Kind.TOOL, name="makeinfo", clue=file.clue(found.start()))


def _tests(makes: Iterable[Text]) -> Iterator[str]:
    for file in makes:
        if found := re.search(r"(?m)^(?:TESTS|check_PROGRAMS)\b", file.text):
            yield f"steps: {{check: true}} runs its tests ({file.clue(found.start())})"
            return


def _grammars(ground: Ground) -> Iterator[Sign]:
    for pattern, tool in (("*.y", "bison"), ("*.l", "flex")):
        for name in list(ground.named(pattern))[:1]:
            yield Sign(kind=Kind.TOOL, name=tool, clue=whole(name))


def _plus_plus(ground: Ground) -> Iterator[Sign]:
    for name in list(ground.named("*.cc", "*.cpp", "*.cxx", depth=2))[:1]:
        if not is_aside(name):
            yield Sign(kind=Kind.TOOL, name="c++", clue=whole(name))


def included_headers(ground: Ground) -> tuple[Sign, ...]:
    """What C files include whatever was configured."""
    return tuple(includes.signs(ground, headers()))


_LOOKS: tuple[Callable[[Ground], Way | None], ...] = (_autotools, _cmake, _meson, _go, _make)
"""In the order in which they are taken, where a tree has several."""
