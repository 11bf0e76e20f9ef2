"""The step `linked`: programs that were installed load the libraries of `sources`, and not those of the system."""

import shlex
from collections.abc import Mapping

from ciforge.model.project import Source

LINKED = "linked"

_HEAD = """\
PATH=/usr/sbin:/usr/bin:/sbin:/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n 's/^file [^ ]* [^ ]* [^ ]* //p' /ciforge/records/manifest.txt >"$work/installed"
while IFS= read -r file; do
    case $(head -c 4 "$file" 2>/dev/null | tr -d '\\177') in ELF) ;; *) continue ;; esac
    ldd "$file" 2>/dev/null </dev/null | while read -r name arrow path; do
        case "$arrow $path" in "=> /"*) printf '%s\\n' "$name" "${path%" (0x"*}" "$file" ;; esac
    done
done <"$work/installed" >"$work/loaded"
wrong=0
loads() {
    for library in "$2"/lib/lib*.so* "$2"/lib64/lib*.so* "$2"/lib/lib*.a "$2"/lib64/lib*.a; do
        library=${library##*/}
        [ "${library#lib\\*}" = "$library" ] || continue
        echo "${library%%.*}"
    done | sort -u >"$work/libraries"
    [ -s "$work/libraries" ] || { echo "linked: sources/$1 has no library in $2/lib" >&2; wrong=1; }
    found=
    # Three lines for each library: names of files may have blanks.
    while IFS= read -r name && IFS= read -r path && IFS= read -r program; do
        grep -qxF -e "${name%%.so*}" "$work/libraries" || continue
        case $path in
            "$2"/*)
                printf 'linked: %s: %s\\n' "$program" "$path"
                found=yes
                ;;
            *)
                printf 'linked: %s loads %s, not the library of sources/%s in %s\\n' "$program" "$path" "$1" "$2" >&2
                wrong=1
                ;;
        esac
    done <"$work/loaded"
    for library in "$2"/lib*/lib*.so; do
        # What is linked from an archive is not seen.
        if [ -e "$library" ] && [ -z "$found" ] && [ "$wrong" -eq 0 ]; then
            echo "linked: no installed program loads a library of sources/$1 in $2" >&2
            wrong=1
        fi
    done
}
"""


def link_script(sources: Mapping[str, Source]) -> str:
    """A script that names the library that each installed program loads, and fails for one of the system."""
    calls = (shlex.join(("loads", name, source.prefix)) for name, source in sources.items())
    return _HEAD + "\n".join((*calls, 'exit "$wrong"'))
