"""`expect` as a shell script, so that it is checked the same way wherever a job runs."""

import re
import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath

INSTALLED = "installed"

_HEAD = """\
unmet=0
unmet() {
    echo "expect: $*"
    unmet=1
}
"""

_INSTALLED = """\
installed() {
    path=$1
    shift
    found=
    while read -r type mode uname gname name; do
        [ "$name" = "$path" ] || continue
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

_DEFINES = """\
defines() {
    if ! [ -f "$1" ]; then
        unmet "there is no $1"
    elif ! grep -Eq "^[[:space:]]*#[[:space:]]*define[[:space:]]+$2([[:space:]]|\\$)" "$1"; then
        unmet "$1 does not define $2"
    elif [ $# -eq 4 ] && ! grep -Eq "^[[:space:]]*#[[:space:]]*define[[:space:]]+$2[[:space:]]+$3[[:space:]]*\\$" "$1"; then
        unmet "$1 does not define $2 as $4"
    fi
}
"""

_LACKS = """\
lacks() {
    if ! [ -f "$1" ]; then
        unmet "there is no $1"
    elif grep -Eq "^[[:space:]]*#[[:space:]]*define[[:space:]]+$2([[:space:]]|\\$)" "$1"; then
        unmet "$1 defines $2"
    fi
}
"""


def expect_script(expect: Mapping[str, tuple[str, ...]], builddir: str) -> str:
    """A script that names everything unmet and ends 1, or says nothing amiss and ends 0."""
    calls: list[str] = []
    for place, lines in expect.items():
        calls += [
            _installed(line) if place == INSTALLED else _macro(place, line, builddir)
            for line in lines
        ]
    functions = [_HEAD]
    functions += [text for text, name in _FUNCTIONS if any(call.startswith(name) for call in calls)]
    count = len(calls)
    return "".join(functions) + "\n".join(
        (
            *calls,
            f"[ \"$unmet\" -ne 0 ] || echo 'All {count} expectations are met.'",
            'exit "$unmet"',
        )
    )


_FUNCTIONS = ((_INSTALLED, "installed "), (_DEFINES, "defines "), (_LACKS, "lacks "))


def _installed(line: str) -> str:
    """`/usr/local/sbin/smtpctl mode=02555 gname=_smtpq` to a call; modes as `stat` prints them."""
    path, *keys = line.split()
    words = [re.sub(r"^mode=0*(?=.)", "mode=", key) for key in keys]
    return shlex.join(("installed", path, *words))


def _macro(place: str, line: str, builddir: str) -> str:
    file = str(PurePosixPath(builddir) / place)
    name, is_set, value = line.partition("=")
    if name.startswith("!"):
        return shlex.join(("lacks", file, name[1:]))
    if is_set:
        return shlex.join(("defines", file, name, _ere(value), value))
    return shlex.join(("defines", file, name))


def _ere(text: str) -> str:
    """`text` as an extended regular expression that matches it alone."""
    return re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text)
