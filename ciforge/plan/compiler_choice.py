"""The compiler that a job names: its packages on a release, its environment, and the check that the build used it."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import attrs

from ciforge.model.distro import Catalogue, Compiler, Dependency, Distribution, Release
from ciforge.model.job import Step

BUILD = "build"
_PLAIN: Mapping[str, tuple[str, str, str]] = {
    "gcc": ("cc", "gcc", "g++"),
    "clang": ("clang", "clang", "clang++"),
}
"""Compilers that are a dependency of every descriptor: it, the compiler of C and the one of C++."""
_FOLDER = "/ciforge/home/called"

Replies: TypeAlias = tuple["ChosenCompiler | None", str]


@attrs.frozen(kw_only=True)
class ChosenCompiler:
    """A compiler on one release."""

    name: str
    libc: str
    packages: tuple[str, ...]
    cc: str
    cxx: str = ""

    @property
    def env(self) -> dict[str, str]:
        """Returns the variables by which build systems find it."""
        return {"CC": self.cc, **({"CXX": self.cxx} if self.cxx else {})}

    def steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Returns the steps, of which `build` fails if it called another compiler, or none.

        The programs that record calls are there from the first step on: one that is tried again, or
        whose compiler has another one in front of it, must not take them for compilers. The commands of
        `build` are in a subshell, so that an `exit` of theirs does not end the check.
        """
        values = {
            "name": self.name,
            "folder": _FOLDER,
            "cc": self.cc,
            "cxx": self.cxx,
            "libc": self.libc,
        }
        head, begin, end = (
            re.sub(
                r"@([a-z]+)@",
                lambda found: shlex.quote(values[found[1]]) if values[found[1]] else "",
                text,
            )
            for text in (_HEAD, _BEGIN, _END)
        )
        names = [step.name for step in steps]
        place = names.index(BUILD) if BUILD in names else -1
        return tuple(
            attrs.evolve(step, run=f"{head}{begin}(\n{step.run}\n)\n{end}")
            if at == place
            else attrs.evolve(step, run=head + step.run)
            if at < place
            else step
            for at, step in enumerate(steps)
        )


def choose_compiler(name: str, distribution: Distribution, release: Release) -> Replies:
    """Returns the compiler of a release, or the reason why it has none of the name."""
    kind, version = _parts(name, distribution)
    found = distribution.compilers.get(kind)
    versions = found.versions.get(release.release, ()) if found else ()
    libc = distribution.libc_on(release)
    if found and (version in versions if version else not found.versions):
        packages = tuple(each.replace("{version}", version) for each in found.packages)
        cc, cxx = (each.replace("{version}", version) for each in (found.cc, found.cxx))
        return ChosenCompiler(name=name, libc=libc, packages=packages, cc=cc, cxx=cxx), ""
    if name in _PLAIN:
        dependency, cc, cxx = _PLAIN[name]
        provision = distribution.packages.get(dependency, Dependency(missing="not listed")).on(
            release.release
        )
        if not provision.missing:
            return ChosenCompiler(
                name=name, libc=libc, packages=provision.packages, cc=cc, cxx=cxx
            ), ""
    there = ", ".join(compilers_on(distribution, release)) or "none by name"
    return (
        None,
        f"{distribution.release_id(release)} has no compiler {name}; its descriptor has {there}",
    )


def compilers_on(distribution: Distribution, release: Release) -> Iterator[str]:
    """Yields the names of the compilers that a descriptor has for a release."""
    for kind, compiler in distribution.compilers.items():
        if not compiler.versions:
            yield kind
        yield from (f"{kind}-{version}" for version in compiler.versions.get(release.release, ()))


def known_compilers(catalogue: Catalogue) -> frozenset[str]:
    """Returns all names of compilers that a release of the catalogue has."""
    named = (
        name
        for distribution in catalogue.distributions.values()
        for release in distribution.releases
        for name in compilers_on(distribution, release)
    )
    return frozenset((*_PLAIN, *named))


def _parts(name: str, distribution: Distribution) -> tuple[str, str]:
    """`gcc` and `14` of `gcc-14`; a name without a version is whole."""
    kind, _, version = name.rpartition("-")
    compiler: Compiler | None = distribution.compilers.get(kind)
    return (kind, version) if compiler and compiler.versions else (name, "")


_HEAD = """\
if [ ! -d @folder@ ]; then
    command -v @cc@ >/dev/null || {
        echo compiled: there is no program @cc@ >&2
        exit 1
    }
    mkdir -m 1777 @folder@
    for name in cc gcc c99 c89 clang tcc pcc c++ g++ clang++ @cc@ @cxx@; do
        program=$(command -v "$name") || continue
        cat >@folder@/"$name" <<END
#!/bin/sh
case " \\$* " in *" --analyze "*) ;; *" -c "* | *" -o "*) [ ! -w @folder@/calls ] || echo "$program" >>@folder@/calls ;; esac
exec "$program" "\\$@"
END
        chmod +x @folder@/"$name"
    done
    ciforge_own=$(command -v @cc@)
    echo "$ciforge_own $(command -v @cxx@ 2>/dev/null || :)" >@folder@/own
fi
PATH=@folder@:$PATH
"""
"""Before each step up to the build: later wrappers, those of a ready variant, and paths that configure finds, call these."""

_BEGIN = ": >@folder@/calls\n"
"""What steps before the build call, as configure does, is not recorded."""

_END = """\
{
    read -r ciforge_own <@folder@/own
    right=
    for program in $ciforge_own; do right="$right $(readlink -f "$program")"; done
    wrong=0
    for program in $(sort -u @folder@/calls); do
        case "$right " in
            *" $(readlink -f "$program") "*) continue ;;
        esac
        echo "compiled: $program was called, not" @name@ "of this job: call \\$CC, or give CC to what calls it" >&2
        wrong=1
    done
    if [ ! -s @folder@/calls ]; then
        echo "compiled: no compiler was called by its name: call \\$CC, cc or gcc without a folder" >&2
        wrong=1
    fi
    [ "$wrong" -eq 0 ] || exit 1
    for program in ${ciforge_own%% *}; do
        said=$("$program" --version 2>/dev/null || "$program" -v 2>&1 || :)
        echo "compiled: by" @name@: "$(printf '%s\\n' "$said" | head -n 1)"
    done
    if said=$(getconf GNU_LIBC_VERSION 2>/dev/null); then libc=glibc
    else case $(ldd --version 2>&1 || :) in *[Mm]usl*) libc=musl ;; *) libc= ;; esac; fi
    echo "compiled: with ${said:-${libc:-an unknown libc}}"
    if [ -n "$libc" ] && [ "$libc" != @libc@ ]; then
        echo "compiled: the system has $libc, but its descriptor says" @libc@ >&2
        exit 1
    fi
}"""
