"""The step `dist`: the release tarball is made and checked, and takes the place of the tree for the steps that follow."""

DIST = "dist"
FOLDER = "ciforge-dist"
"""Where the tarball is kept, in the source."""

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

_MAKE_DIST = """\
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R -p . "$work/tree"
(
    cd "$work/tree"
    {prepare}
    {make} dist
)
for file in "$work"/tree/*.tar.gz "$work"/tree/*.tar.xz "$work"/tree/*.tar.bz2 "$work"/tree/*.tgz; do
    # What was there before is no tarball of this release.
    if [ -f "$file" ] && [ ! -e "${file##*/}" ]; then tarball=$file; fi
done
if [ -z "${tarball:-}" ]; then
    echo 'dist: `make dist` made no .tar.gz, .tar.xz, .tar.bz2 or .tgz at the top of the source' >&2
    exit 1
fi
mkdir "$work/out"
tar -xf "$tarball" -C "$work/out"
set -- "$work"/out/* "$work"/out/.[!.]*
if [ ! -d "$1" ] || [ -e "${2:-}" ]; then
    echo "dist: ${tarball##*/} does not have all of its files in one folder" >&2
    exit 1
fi
list() { (cd "$1" && find . -name .git -prune -o -name autom4te.cache -prune -o -type f -print | sed 's|^\\./||' | LC_ALL=C sort); }
list . >"$work/in-tree"
list "$1" >"$work/in-tarball"
LC_ALL=C comm -23 "$work/in-tree" "$work/in-tarball" >"$work/left-out"
echo "dist: ${tarball##*/}: files: $(wc -l <"$work/in-tarball"); in the tree alone: $(wc -l <"$work/left-out")"
sed -n '1,200s/^/dist: not in the tarball: /p' "$work/left-out"
"""

_CHECK = r"""# Which file of the tarball includes a header that only the tree has.
(cd "$1" && find . -type f \( -name '*.[chlyS]' -o -name '*.cc' -o -name '*.cpp' -o -name '*.hh' \) -exec \
    grep -En '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' /dev/null {} +) | sed 's|^\./||' >"$work/includes" || :
find "$1" -name Makefile.am -exec cat {} + | sed -e ':a' -e '/\\$/N' -e 's/\\\n/ /' -e 'ta' >"$work/makefiles"
awk -v left="$work/left-out" -v kept="$work/in-tarball" -v makefiles="$work/makefiles" '
function base(path) { sub(/.*\//, "", path); return path }
# The variable of automake that names the file.
function variable(file,    i, n, words) {
    for (i = 1; i <= rows; i++) {
        n = split(row[i], words, /[ \t+=]+/)
        while (n > 1) if (base(words[n--]) == base(file) && words[1] ~ /_SOURCES$/) return words[1]
    }
    return ""
}
BEGIN {
    while ((getline line <left) > 0) {
        left_out[line] = 1
        only[base(line)] = line
    }
    while ((getline line <kept) > 0) has[base(line)] = 1
    while ((getline line <makefiles) > 0) row[++rows] = line
}
{
    match($0, /:[0-9]+:/)
    file = substr($0, 1, RSTART - 1)
    line = substr($0, RSTART + 1, RLENGTH - 2)
    header = $0
    sub(/^[^"]*"/, "", header)
    sub(/".*/, "", header)
    name = base(header)
    beside = file
    if (!sub(/[^\/]*$/, "", beside)) beside = ""
    beside = beside header
    found = beside in left_out ? beside : (name in only && !(name in has) ? only[name] : "")
    if (!found || named[found]) next
    # A file that automake compiles names the variable; what includes the header as well may be one of LIBOBJS.
    owner = variable(file)
    named[found] = owner != ""
    if (!(found in report)) order[++count] = found
    if (named[found] || !(found in report))
        report[found] = sprintf("%s:%s:1: error: %s is in the tree but not in the tarball: add it to %s or EXTRA_DIST", \
            file, line, found, owner ? owner : "a _SOURCES variable")
}
END { for (i = 1; i <= count; i++) print report[order[i]] }' "$work/includes" >"$work/report"
if [ -s "$work/report" ]; then
    cat "$work/report"
    echo "dist: files that the tarball needs and has not: $(wc -l <"$work/report")" >&2
    exit 1
fi
"""

_REPLACE = f"""\
find . -mindepth 1 -maxdepth 1 -exec rm -rf {{}} +
(cd "$1" && tar -cf - .) | tar -xf -
mkdir {FOLDER}
cp "$tarball" {FOLDER}/
"""


def dist_script(prepare: str) -> str:
    """A step of a recipe that makes the tarball in a copy of the tree; `prepare` are its commands before `make dist`."""
    return (_MAKE_DIST + _CHECK + _REPLACE).replace("{prepare}", prepare)
