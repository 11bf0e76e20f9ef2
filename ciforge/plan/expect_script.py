"""`expect` as a shell script, so that it is checked the same way wherever a job runs."""

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

INSTALLED = "installed"

# An install may have put a grep of its own into /usr/local/bin.
_HEAD = """\
PATH=/usr/sbin:/usr/bin:/sbin:/bin
unmet=0
unmet() {
    printf 'expect: %s\\n' "$*"
    unmet=1
}
"""

# The manifest knows a file by its own place: some systems make /usr/local/sbin a link to bin.
_INSTALLED = """\
installed() {
    path=$1
    shift
    folder=$(CDPATH='' cd -P "${path%/*}/" 2>/dev/null && pwd -P) || folder=${path%/*}
    place=${folder%/}/${path##*/}
    found=
    [ -f /ciforge/records/manifest.txt ] || { unmet "$path: nothing was installed"; return; }
    [ -s /ciforge/records/manifest.txt ] || { unmet "$path: the install manifest is empty"; return; }
    while read -r type mode uname gname name; do
        [ "$name" = "$place" ] || [ "$name" = "$path" ] || continue
        found=yes
        for want in "$@"; do
            case $want in
            type=*) is=type=$type ;;
            mode=*) is=mode=$mode ;;
            uname=*) is=uname=$uname ;;
            gname=*) is=gname=$gname ;;
            esac
            [ "$is" = "$want" ] || unmet "$path has $is, not $want"
        done
    done </ciforge/records/manifest.txt
    [ -n "$found" ] || unmet "$path was not installed"
}
"""

# A macro that is defined as 0 says no, as AC_CHECK_DECLS and #cmakedefine01 have it.
_TRUE = """\
true_of() {
    grep -E "^[[:space:]]*#[[:space:]]*define[[:space:]]+$2([[:space:]]|\\$)" "$1" |
        grep -Eqv '[[:space:]][(]*0(x0+|0*)[uUlL]*[)]*[[:space:]]*(/[*/].*)?$'
}
"""

_DEFINES = """\
defines() {
    define="^[[:space:]]*#[[:space:]]*define[[:space:]]+$2"
    if ! [ -f "$1" ]; then
        unmet "there is no $1"
    elif ! grep -Eq "$define([[:space:]]|\\$)" "$1"; then
        unmet "$1 does not define $2"
    elif [ $# -eq 4 ]; then
        grep -Eq "$define$3[[:space:]]*\\$" "$1" || unmet "$1 does not define $2 as $4"
    elif ! true_of "$1" "$2"; then
        unmet "$1 defines $2 as 0"
    fi
}
"""

_LACKS = """\
lacks() {
    if ! [ -f "$1" ]; then
        unmet "there is no $1"
    elif true_of "$1" "$2"; then
        unmet "$1 defines $2"
    elif ! grep -Eq "(^|[^A-Za-z0-9_])$2([^A-Za-z0-9_]|\\$)" "$1"; then
        unmet "$1 never mentions $2, so !$2 would always be met"
    fi
}
"""

_FUNCTIONS = (
    (_INSTALLED, ("installed ",)),
    (_TRUE, ("defines ", "lacks ")),
    (_DEFINES, ("defines ",)),
    (_LACKS, ("lacks ",)),
)


def expect_script(expect: Mapping[str, tuple[str, ...]], builddir: str) -> str:
    """A script that names everything unmet and ends 1, or says nothing amiss and ends 0."""
    calls: list[str] = []
    for place, lines in expect.items():
        calls += [
            _installed(line) if place == INSTALLED else _macro(place, line, builddir)
            for line in lines
        ]
    functions = [_HEAD]
    functions += [text for text, used in _FUNCTIONS if any(c.startswith(used) for c in calls)]
    met = (
        "The expectation is met." if len(calls) == 1 else f"All {len(calls)} expectations are met."
    )
    end = (f"[ \"$unmet\" -ne 0 ] || echo '{met}'", 'exit "$unmet"')
    return "".join(functions) + "\n".join((*calls, *end))


def _installed(line: str) -> str:
    """`/usr/local/sbin/smtpctl mode=02555 gname=_smtpq` to a call; modes as `stat` prints them."""
    path, *keys = line.split()
    properties = [re.sub(r"^mode=0*(?=.)", "mode=", key) for key in keys]
    return shlex.join(("installed", path, *properties))


def _macro(place: str, line: str, builddir: str) -> str:
    file = str(PurePosixPath(builddir) / place)
    name, is_set, value = line.partition("=")
    if name.startswith("!"):
        return shlex.join(("lacks", file, name[1:]))
    if is_set:
        return shlex.join(("defines", file, name, _ere(value), value or "nothing"))
    return shlex.join(("defines", file, name))


def _ere(value: str) -> str:
    """An extended regular expression for `value` alone, and the space between it and its name."""
    value = value.strip(" \t")
    escaped = re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", value)
    return f"[[:space:]]+{escaped}" if value else ""


def merge_expect(
    below: Mapping[str, tuple[str, ...]], layer: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Both, but for a macro, or a property of a path, the words of `layer` alone."""
    merged = dict(below)
    for place, lines in layer.items():
        kept = (_without(line, lines, place) for line in merged.get(place, ()))
        merged[place] = tuple(dict.fromkeys((*filter(None, kept), *lines)))
    return merged


def _without(line: str, later: Iterable[str], place: str) -> str:
    """The keys of `line` that no later layer overrides; may be empty."""
    if place != INSTALLED:
        return "" if _subject(line) in map(_subject, later) else line
    path, *keys = line.split()
    overridden = {word.partition("=")[0] for other in later for word in _keys(other, path)}
    left = [key for key in keys if key.partition("=")[0] not in overridden]
    return " ".join((path, *left)) if left or not keys else ""


def _subject(line: str) -> str:
    """The macro that it is about."""
    return line.removeprefix("!").partition("=")[0]


def _keys(line: str, path: str) -> list[str]:
    fields = line.split()
    return fields[1:] if fields[0] == path else []
