"""Cross checks: compile and link for another system than that of the machine, without running anything there."""

import re
from collections.abc import Mapping

import attrs

from ciforge.model.platform import Platform
from ciforge.model.toolchain import Toolchain, ToolchainMachine
from ciforge.model.value import Value

TOOLS = "/ciforge/toolchain"
"""The folder of the compiler and its files on the machine."""
STAGES = ("toolchain", "target")
"""Stages of a cross check's Dockerfile before the last one: the compiler, which is the same for every
target; then that with the runtime of one target, which is the same for every project."""
DESTDIR = "/ciforge/destdir"
"""The folder into which a cross check installs."""
_NAMES = "headers and symbol names of"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossTarget(Value):
    """One processor of a release, as compiler and configure name it."""

    target: str
    """The compiler's own name, with the version of the libc: `x86_64-freebsd.14.0`."""
    host: str
    """The name for `configure --host`: `x86_64-unknown-freebsd14.0`."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossAnswer(Value):
    """A result of configure that is known, because the program that would find it cannot run."""

    value: str
    reason: str
    source: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossLibrary(Value):
    """A library of the target that the compiler does not have: only its names are defined."""

    functions: tuple[str, ...]
    dependency: str = ""
    """The dependency for which it is there; empty: the base system has it."""
    header: str = ""
    """Its header, below the folder of headers; empty: the compiler or the libc has it."""
    declarations: tuple[str, ...] = ()
    """Lines of C: the whole header."""
    source: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossAddition(Value):
    """Names that a library of the base system has and the machine's library of the same name lacks."""

    header: str
    """The header that declares it, below the folder of headers."""
    declarations: tuple[str, ...]
    """Lines of C."""
    functions: tuple[str, ...]
    source: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossMacro(Value):
    """A macro that the target's headers cannot have defined, whatever the project says."""

    reason: str
    source: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossSystem(Value):
    """The cross check settings of a descriptor for one release."""

    libc: str
    """The libc whose headers and symbols are used, for people: `FreeBSD 14.0`."""
    uname: str = "Linux"
    """The output of `uname -s` there, which is also the name in CMake."""
    targets: Mapping[str, CrossTarget]
    """By platform: `freebsd/amd64`."""
    answers: Mapping[str, CrossAnswer] = attrs.field(factory=dict)
    """Variables of configure's cache to their values."""
    libraries: Mapping[str, CrossLibrary] = attrs.field(factory=dict)
    """By the name that is linked, without `-l`."""
    additions: Mapping[str, CrossAddition] = attrs.field(factory=dict)
    """By the name that is linked, for libraries that come from the machine's packages."""
    undefine: Mapping[str, CrossMacro] = attrs.field(factory=dict)
    """Macros that every compilation undefines last, such as `_FORTIFY_SOURCE`."""
    source: str = ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossDependency(Value):
    """A library of a cross check: the machine's packages give its headers and the names that it defines."""

    name: str
    packages: tuple[str, ...]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CrossCheck(Value):
    """A job that compiles and links for one system on a machine of another."""

    release_id: str
    """The release: `openbsd-7.8`."""
    distribution: str
    platform: Platform
    """The platform: `openbsd/amd64`."""
    system: CrossSystem
    target: CrossTarget
    toolchain: Toolchain
    machine: ToolchainMachine
    libc: str = ""
    """The family of its libc: `bsd`, `musl`, `glibc`; empty: nothing is known."""
    stands_in: bool = False
    """Whether no engine runs whole jobs of that release."""
    dependencies: tuple[CrossDependency, ...] = ()

    @property
    def configure(self) -> tuple[str, ...]:
        """Words for a configure of autoconf."""
        return (f"--build={self.machine.build}", f"--host={self.target.host}")

    def statement(self, versions: Mapping[str, str], machine: str) -> str:
        """Returns the sentence of a passed check: `compiles and links for FreeBSD 14.0 (…)`, with the origin of each
        library. `versions` are those of the machine's packages, `machine` is its title."""
        given = (
            " ".join((dependency.name, *_upstream(dependency.packages, versions)))
            for dependency in self.dependencies
        )
        return self._sentence(", ".join(given), machine)

    def statement_form(self, machine: str) -> str:
        """`statement` where versions are not known yet: `@NAME,NAME@` stands for a space and the version of the
        first of these packages that is installed."""
        given = (
            f"{dependency.name}@{','.join(dependency.packages)}@"
            for dependency in self.dependencies
        )
        return self._sentence(", ".join(given), machine)

    def _sentence(self, given: str, machine: str) -> str:
        # The compiler has the code of musl, and of other libcs what linking needs.
        libc = "its libc and headers" if self.libc == "musl" else f"{_NAMES} its libc"
        of = [f"{libc} as in {self.toolchain.name} {self.toolchain.version}, {self.target.target}"]
        if own := ", ".join(f"lib{name}" for name in self.system.libraries):
            of.append(f"{_NAMES} {own}")
        if given:
            of.append(f"{_NAMES} {given} as in {machine}")
        return f"compiles and links for {self.system.libc} ({'; '.join(of)}); nothing ran there"


def _upstream(packages: tuple[str, ...], versions: Mapping[str, str]) -> tuple[str, ...]:
    """The version of the first package that has one, without the distribution's own part: `3.5.4`."""
    found = next((versions[name] for name in packages if name in versions), "")
    # 1:1.3.dfsg+really1.3.1-1 is 1.3.1.
    version = re.sub(r"^.*\+really|^[0-9]+:", "", found).partition("-")[0].partition("+")[0]
    return (version,) if version else ()
