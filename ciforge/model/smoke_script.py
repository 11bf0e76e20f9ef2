"""The script of `smoke: installed`: do the installed programs start?"""

SMOKE = r"""
if [ -n "${CIFORGE_TOKEN:-}" ]; then
    echo 'This is no container, so no program is started: it could change the machine.'
    exit 0
fi
if [ ! -f /ciforge/records/manifest.txt ]; then
    echo 'smoke: nothing was installed before this step' >&2
    exit 1
fi
# Folders that the loader searches when its cache is up to date; that of musl has none.
folders() {
    for file in /etc/ld.so.conf /etc/ld.so.conf.d/*.conf /etc/ld-musl-*.path; do
        if [ -f "$file" ]; then tr ': \t' '\n\n\n' <"$file" | grep '^/'; fi
    done
    for file in /lib/ld-musl-*; do
        if [ -e "$file" ]; then echo /usr/local/lib; fi
    done
    printf '%s\n' /lib /usr/lib /lib64 /usr/lib64
}
# Values of a tag in the dynamic section: `tag NEEDED FILE`.
tag() {
    LC_ALL=C readelf -d "$2" 2>/dev/null | sed -n "s/.*($1).*\[\(.*\)\]\$/\1/p"
}
# The libraries that a program needs, and those that they need, as far as they are in no folder. Each program
# is read and not started; ldd would start it.
missing() {
    places=$(folders)
    printf '%s\n' "$1" >"$scratch/queue"
    : >"$scratch/seen"
    while [ -s "$scratch/queue" ]; do
        : >"$scratch/next"
        while read -r file; do
            run_paths=$(tag 'R[UN]*PATH' "$file" | tr ':' '\n' | sed 's|[$]{*ORIGIN}*|'"${file%/*}|g")
            places=$(printf '%s\n%s' "$run_paths" "$places")
            for library in $(tag NEEDED "$file"); do
                if grep -qxF "$library" "$scratch/seen"; then continue; fi
                printf '%s\n' "$library" >>"$scratch/seen"
                found=
                for place in $places; do
                    if [ -e "$place/$library" ]; then found=$place/$library; break; fi
                done
                if [ -n "$found" ]; then printf '%s\n' "$found" >>"$scratch/next"; else
                    printf '%s\n' "$library"
                fi
            done
        done <"$scratch/queue"
        mv "$scratch/next" "$scratch/queue"
    done
}
# Starts a program with one argument, for at most 5 s. Its answer does not matter.
# 124 and 143: it still ran, as a server does.
starts() {
    code=0
    timeout 5 "$@" </dev/null >"$scratch/output" 2>&1 || code=$?
    if [ "$code" -gt 128 ] && [ "$code" -ne 143 ] && [ "$code" -lt 193 ]; then
        problem="was ended by signal $((code - 128))"
    elif [ "$code" -ne 0 ] && problem=$(grep -E 'error while loading shared libraries|symbol lookup error|Error loading shared library|Error relocating|ld-elf.so|ld.so: ' "$scratch/output"); then
        problem="cannot start: $problem"
    else
        problem=
    fi
    [ -z "$problem" ]
}
works() {
    lost=$(missing "$1")
    if [ -n "$lost" ]; then
        for library in $lost; do
            printf '%s: error while loading shared libraries: %s: cannot open shared object file: No such file or directory\n' "$1" "$library"
            sed -n "s|^[a-z]* [^ ]* [^ ]* [^ ]* \(/.*\)/$library\$|$library is installed in \1, where the loader does not look|p" /ciforge/records/manifest.txt
        done
        return 1
    fi
    for word in --version --help; do
        if starts "$1" "$word"; then continue; fi
        # The loader of glibc has a cache, which only root can renew.
        if [ "${problem%%:*}" = 'cannot start' ] &&
            starts env LD_LIBRARY_PATH="$(folders | paste -sd: -)" "$1" "$word"; then
            printf '%s starts after ldconfig\n' "$1"
            continue
        fi
        printf '%s %s %s\n' "$1" "$word" "$problem"
        return 1
    done
}
scratch=$(mktemp -d)
programs=0 failed=0
while read -r kind _ _ _ path; do
    case $kind,$path in file,*/bin/* | file,*/sbin/* | file,*/games/*) ;; *) continue ;; esac
    if [ ! -f "$path" ] || [ ! -x "$path" ]; then continue; fi
    programs=$((programs + 1))
    works "$path" || failed=$((failed + 1))
done </ciforge/records/manifest.txt
rm -rf "$scratch"
printf '%s of %s installed programs start\n' "$((programs - failed))" "$programs"
[ "$failed" -eq 0 ]
"""
