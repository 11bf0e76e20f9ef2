"""The step `dist`: the release tarball is made and checked, and takes the place of the tree for the steps that follow."""

import re
import shlex
from collections.abc import Iterable, Mapping

from ciforge.plan.dist_check import CHECK_TARBALL, REFERENCES

DIST = "dist"
FOLDER = "ciforge-dist"
"""Where the tarball is kept, in the source."""
DISTCHECK = "distcheck"
UNPACK_DIST = "unpack-dist"
"""The first step of a job that is built from the tarball of another one."""
DIST_PACKED = "/ciforge/home/dist.tar"
"""An archive of the tarball's folder, for the jobs that are built from it."""

# Tools that a user of the tarball need not have. `missing` of automake calls them by their versions as well.
NO_AUTOTOOLS = """\
tools=/ciforge/home/no-autotools
if [ ! -d "$tools" ]; then
    mkdir "$tools"
    for name in autoconf autoheader autom4te automake aclocal autoreconf libtoolize; do
        printf '%s\\n' '#!/bin/sh' 'echo "${0##*/} is called, which who builds a tarball does not have: a file is older than what it is made of, or is not in the tarball" >&2' 'exit 1' >"$tools/$name"
        chmod 755 "$tools/$name"
        for version in /usr/bin/"$name"-[0-9]*; do
            [ ! -e "$version" ] || cp "$tools/$name" "$tools/${version##*/}"
        done
    done
fi
PATH=$tools:$PATH
"""

AFTER_DIST = f"""\
trap '[ "$?" -eq 0 ] || cat {REFERENCES} 2>/dev/null || :' EXIT
"""
"""Before each step that is run on the tarball: one that fails names what the tarball may lack."""

_MAKE_DIST = """\
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make={make}
name={repo}${CIFORGE_DESCRIBE:+-$CIFORGE_DESCRIBE}
set --{configure}
# The copy as a commit, with all files, ignored ones as well.
commit() {
    rm -rf .git
    git init -q
    git add -A -f
    git -c user.name=ciforge -c user.email=ciforge@localhost -c gc.auto=0 commit -q --no-verify -m dist
    [ -z "${CIFORGE_DESCRIBE:-}" ] || git tag "$CIFORGE_DESCRIBE"
}
archive() {
    echo "dist: git archive"
    commit
    git archive --format=tar --prefix="$name/" HEAD | gzip -n >"$name.tar.gz"
}
# A makefile whose target is broken has it.
has_dist() {
    ! $make -n dist 2>&1 | grep -q -e "o rule to make target .dist'" -e "don't know how to make dist"
}
cp -R -p . "$work/tree"
(
    cd "$work/tree"
    {dist_commands}
)
for file in "$work"/tree/*.tar.gz "$work"/tree/*.tar.xz "$work"/tree/*.tar.bz2 "$work"/tree/*.tgz; do
    # What was there before is no tarball of this release.
    if [ -f "$file" ] && [ ! -e "${file##*/}" ]; then tarball=$file; fi
done
if [ -z "${tarball:-}" ]; then
    echo 'dist: no .tar.gz, .tar.xz, .tar.bz2 or .tgz was made at the top of the source' >&2
    exit 1
fi
mkdir "$work/out"
tar -xf "$tarball" -C "$work/out"
set -- "$work"/out/* "$work"/out/.[!.]*
if [ ! -d "$1" ] || [ -e "${2:-}" ]; then
    echo "dist: ${tarball##*/} does not have all of its files in one folder" >&2
    exit 1
fi
"""

_REPLACE = f"""\
find . -mindepth 1 -maxdepth 1 -exec rm -rf {{}} +
(cd "$1" && tar -cf - .) | tar -xf -
mkdir {FOLDER}
cp "$tarball" {FOLDER}/
tar -cf {DIST_PACKED} {FOLDER}
"""

UNPACK = f"""\
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/packed" "$work/tree"
for file in /ciforge/home/needed,*,dist.tar /ciforge/home/needed,*,dist@*.tar; do
    [ ! -f "$file" ] || tar -xf "$file" -C "$work/packed"
done
for file in "$work"/packed/{FOLDER}/*; do
    echo "{UNPACK_DIST}: ${{file##*/}}"
    tar -xf "$file" -C "$work/tree"
done
set -- "$work"/tree/*
find . -mindepth 1 -maxdepth 1 -exec rm -rf {{}} +
(cd "$1" && tar -cf - .) | tar -xf -
"""
"""Puts the tarball that another job made in the place of the tree."""

_MESON = """\
commit
meson setup "$work/build" . "$@"
meson dist -C "$work/build" --no-tests --formats gztar
mv "$work"/build/meson-dist/*.tar.gz ."""

_CMAKE = """\
cmake -S . -B "$work/build" "$@"
if [ -f "$work/build/CPackSourceConfig.cmake" ]; then
    (cd "$work/build" && cpack -G TGZ --config CPackSourceConfig.cmake)
    mv "$work"/build/*.tar.gz .
else
    archive
fi"""

DIST_COMMANDS: Mapping[str, str] = {
    "autotools": '[ ! -x configure ] || ./configure "$@"\nif has_dist; then $make dist; else archive; fi',
    "make": "if has_dist; then $make dist; else archive; fi",
    "meson": _MESON,
    "cmake": _CMAKE,
}
"""By recipe: commands that leave the tarball at the top of a copy of the source, if the project has none of its own."""

DIST_SCRIPT = f"{_MAKE_DIST}{CHECK_TARBALL}{_REPLACE}"

_AUTOMAKE_CHECK = """\
if grep -q '^distcheck:' Makefile 2>/dev/null; then
    {make} distcheck{distcheck_words}
else
    echo 'distcheck: the makefile has no such target'
fi"""
_CLEAN_SOURCE = """\
find . -path ./{builddir} -prune -o -path ./ciforge-dist -prune -o -type f -newer ciforge-dist -print >/ciforge/home/written
if [ -s /ciforge/home/written ]; then
    sed 's/^/distcheck: the build wrote into the source: /' /ciforge/home/written >&2
    exit 1
fi
echo 'distcheck: the build wrote nothing into the source'"""

DISTCHECKS: Mapping[str, str] = {
    "autotools": _AUTOMAKE_CHECK,
    "meson": _CLEAN_SOURCE,
    "cmake": _CLEAN_SOURCE,
}
"""By recipe: what `make distcheck` checks, after the build."""


def distcheck_words(configure: Iterable[str], *, tests: bool) -> str:
    """Returns arguments of make: those of configure that name no folder, and no test where the job has none."""
    arguments = [word for word in configure if not re.match(r"--(\w*dir|(exec-)?prefix)=", word)]
    flags = "DISTCHECK_CONFIGURE_FLAGS=" + " ".join(map(shlex.quote, arguments))
    # TESTS may be a part of EXTRA_DIST, which the target makes a tarball of again.
    without = () if tests else ("TEST_LOGS=",)
    return "".join(f" {shlex.quote(word)}" for word in (flags, *without))
