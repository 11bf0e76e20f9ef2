"""Which files of the source a release tarball lacks although its own files name them."""

REFERENCES = "/ciforge/home/not-in-tarball"
"""What build files of the tarball name and only the tree has: lines that a step prints when it fails."""

_LISTS = """\
list() { (cd "$1" && find . -name .git -prune -o -name autom4te.cache -prune -o -type f -print | sed 's|^\\./||' | LC_ALL=C sort); }
list . >"$work/in-tree"
list "$1" >"$work/in-tarball"
LC_ALL=C comm -23 "$work/in-tree" "$work/in-tarball" >"$work/left-out"
echo "dist: ${tarball##*/}: files: $(wc -l <"$work/in-tarball"); in the tree alone: $(wc -l <"$work/left-out")"
sed -n '1,200s/^/dist: not in the tarball: /p' "$work/left-out"
advice=
if [ -f "$work/build/CPackSourceConfig.cmake" ]; then
    advice='an expression of CPACK_SOURCE_IGNORE_FILES matches it'
elif [ -d "$work/tree/.git" ]; then
    advice='export-ignore in .gitattributes, or a dist script, leaves it out'
elif [ ! -f "$1/Makefile.am" ]; then
    advice='add it to what the target dist packs'
fi
"""

_HEADERS = r"""# Which file of the tarball includes a header that only the tree has.
(cd "$1" && find . -type f \( -name '*.[chlyS]' -o -name '*.cc' -o -name '*.cpp' -o -name '*.hh' \) -exec \
    grep -En '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' /dev/null {} +) | sed 's|^\./||' >"$work/includes" || :
find "$1" -name Makefile.am -exec cat {} + | sed -e ':a' -e '/\\$/N' -e 's/\\\n/ /' -e 'ta' >"$work/makefiles"
awk -v left="$work/left-out" -v kept="$work/in-tarball" -v makefiles="$work/makefiles" -v advice="$advice" '
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
        report[found] = sprintf("%s:%s:1: error: %s is in the tree but not in the tarball: %s", \
            file, line, found, advice ? advice : "add it to " (owner ? owner : "a _SOURCES variable") " or EXTRA_DIST")
}
END { for (i = 1; i <= count; i++) print report[order[i]] }' "$work/includes" >"$work/report"
if [ -s "$work/report" ]; then
    cat "$work/report"
    echo "dist: files that the tarball needs and has not: $(wc -l <"$work/report")" >&2
    exit 1
fi
"""

# A word of a build file is a path from the folder of that file; folders have a build file of their own.
_BUILD_FILES = r"""# Which build file of the tarball names a file that only the tree has.
(cd "$1" && find . -type f \( -name 'Makefile*' -o -name makefile -o -name GNUmakefile -o -name '*.mk' \
    -o -name configure.ac -o -name CMakeLists.txt -o -name '*.cmake' -o -name meson.build \) -exec \
    grep -n '[A-Za-z]' /dev/null {} +) | sed 's|^\./||' >"$work/lines" || :
awk -v left="$work/left-out" -v advice="$advice" '
BEGIN { while ((getline line <left) > 0) { left_out[line] = 1; count++ } }
!count { exit }
{
    match($0, /:[0-9]+:/)
    file = substr($0, 1, RSTART - 1)
    line = substr($0, RSTART + 1, RLENGTH - 2)
    text = substr($0, RSTART + RLENGTH)
    if (text ~ /^[ \t]*#/) next
    beside = file
    if (!sub(/[^\/]*$/, "", beside)) beside = ""
    gsub(/[$][({]?[A-Za-z_]*[)}]?/, " ", text)
    n = split(text, words, /[^A-Za-z0-9._+\/@-]+/)
    for (i = 1; i <= n; i++) {
        word = words[i]
        sub(/^\.?\/+/, "", word)
        sub(/\/$/, "", word)
        if (word == "") continue
        split("|/meson.build|/CMakeLists.txt", ends, "|")
        for (e = 1; e <= 3; e++) for (top = 0; top <= 1; top++) {
            found = (top ? "" : beside) word ends[e]
            if (!(found in left_out) || found in told) continue
            told[found] = 1
            printf "%s:%s:1: error: %s is in the tree but not in the tarball: %s\n", file, line, found, \
                advice ? advice : "add it to EXTRA_DIST"
            if (++shown == 50) exit
        }
    }
}' "$work/lines" >"$work/references"
cp "$work/references" @references@
"""

CHECK_TARBALL = _LISTS + _HEADERS + _BUILD_FILES.replace("@references@", REFERENCES)
