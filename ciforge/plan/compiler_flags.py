"""The steps of a ready variant that compiles with further flags, whatever build system calls the compiler.

A compiler of its name, which adds the flags, is before the real one in PATH. So flags of the project stay,
and makefiles that read neither CFLAGS nor CC from the environment are reached as well.
"""

import shlex
from collections.abc import Iterable, Iterator

import attrs

from ciforge.model.job import Step

BUILD = "build"
"""The step that compiles; flags of most variants are only for this one and those after it."""

_FOLDER = "/ciforge/home/compilers"

_HEAD = """\
if [ ! -d {folder} ]; then
    mkdir -m 1777 {folder}
    for name in cc gcc c99 clang c++ g++ clang++ ${{CC:-}} ${{CXX:-}}; do
        case $name in -* | */*) continue ;; esac
        program=$(command -v "$name") || continue
        cat >"{folder}/$name" <<END
{call}
END
        chmod +x "{folder}/$name"
    done
fi
PATH={folder}:$PATH
"""

_CALL = """\
#!/bin/sh
{unless}[ -z "\\${{CIFORGE_FLAGS:-}}" ] || [ -e {folder}/used ] || touch {folder}/used
exec $program \\${{CIFORGE_FLAGS:-}} "\\$@"\
"""

_UNLESS = 'case "\\$0 \\$* " in {pattern}) CIFORGE_FLAGS= ;; esac\n'

_REPORTING_CALL = """\
#!/bin/sh
[ -z "\\${{CIFORGE_FLAGS:-}}" ] || [ -e {folder}/used ] || touch {folder}/used
output={folder}/output.\\$\\$
code=0
$program \\${{CIFORGE_FLAGS:-}} "\\$@" 2>"\\$output" || code=\\$?
cat "\\$output" >&2
grep '{mark}' "\\$output" >>{folder}/report
rm "\\$output"
exit \\$code\
"""

_ANALYZING_CALL = """\
#!/bin/sh
case "\\$* " in *".c "* | *".cc "* | *".cpp "* | *".cxx "*)
    if [ -n "\\${{CIFORGE_FLAGS:-}}" ]; then
        [ -e {folder}/used ] || touch {folder}/used
        output={folder}/output.\\$\\$
        CIFORGE_FLAGS= {analyzer} \\$CIFORGE_FLAGS "\\$@" 2>"\\$output" || grep ': error: ' "\\$output" >>{folder}/report
        cat "\\$output" >&2
        grep '{mark}' "\\$output" >>{folder}/report
        rm "\\$output"
    fi ;;
esac
exec $program "\\$@"\
"""

_UNUSED = (
    "build: no compiler was called with {flags}. "
    "Call cc, gcc, clang, $CC or $CXX without a folder, so that PATH is searched."
)

_USED = """
if [ ! -e {folder}/used ]; then
    echo {unused} >&2
    exit 1
fi"""

_REPORTED = """
if [ -s {folder}/report ]; then
    sort -u {folder}/report | sed 's/: warning: /: error: /'
    echo "build: findings of {flags}: $(sort -u {folder}/report | wc -l)" >&2
    exit 1
fi"""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CompilerFlags:
    """Flags that a variant gives to every compiler."""

    flags: str
    everywhere: bool = False
    """Whether configure has them as well. Sanitizers define functions that configure would take for the system's."""
    unless: str = ""
    """A pattern of the shell: calls of the compiler, each followed by a space, that have none of the flags."""
    without: str = ""
    """The calls that `unless` means, for the message of a build that has no others."""
    mark: str = ""
    """In a warning that fails the build after all is compiled; empty: none does."""
    analyzer: str = ""
    """A compiler that has the flags in place of the build's own, and is called before it for each file."""

    def steps(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps with these flags. The build fails if it called no compiler that has them."""
        head = _HEAD.format(folder=_FOLDER, call=self._call)
        given = f"CIFORGE_FLAGS={shlex.quote(self.flags)}\nexport CIFORGE_FLAGS\n"
        reached = self.everywhere
        for step in steps:
            reached = reached or step.name == BUILD
            run = head + (given if reached else "") + step.run
            if step.name == BUILD:
                run = f"rm -f {_FOLDER}/used\n{run}{self._end}"
            yield attrs.evolve(step, run=run)

    @property
    def _call(self) -> str:
        if self.analyzer:
            return _ANALYZING_CALL.format(folder=_FOLDER, mark=self.mark, analyzer=self.analyzer)
        if self.mark:
            return _REPORTING_CALL.format(folder=_FOLDER, mark=self.mark)
        unless = _UNLESS.format(pattern=self.unless) if self.unless else ""
        return _CALL.format(folder=_FOLDER, unless=unless)

    @property
    def _end(self) -> str:
        without = f" {self.without} have none of these flags." if self.without else ""
        unused = shlex.quote(_UNUSED.format(flags=self.flags) + without)
        used = _USED.format(folder=_FOLDER, unused=unused)
        return used + (_REPORTED.format(folder=_FOLDER, flags=self.flags) if self.mark else "")
