"""Scripts that let configure take over the answers of an earlier one, in containers that have a cache."""

RECORDED = r"""# Whether reading leaves a trace here, also by programs that let the kernel copy.
recorded() {
    # Under a name that no step could know: root may run this, and a link would lead it elsewhere.
    probes=$(mktemp -d /ciforge/src/.ciforge-XXXXXX) || return
    probe=$probes/probe
    for way in "read -r line <$probe" "cat $probe >$probe.copy" "cp $probe $probe.copy"; do
        { echo probe >"$probe" && touch -a -t 197001020000 "$probe" &&
            [ "$(stat -c %X "$probe")" = "$past" ] && eval "$way" &&
            [ "$(stat -c %X "$probe")" != "$past" ]; } 2>/dev/null || break
        way=
    done
    rm -rf "$probes"
    [ -z "$way" ]
}
"""
"""A function of shell: whether access times of the source say what was read."""

ANSWERS = (
    r"""#!/bin/sh
# Runs the script of a configure step with the answers that an earlier configure found (autoconf's
# own cache), if all that the earlier one read is the same now. What it read is observed: access
# times are set to the past before, and files whose access time is newer are its inputs. The files
# that it makes have to be those that it made without answers, byte by byte. Where they are not,
# and where it fails, $own/outcome is `again`: the job has to begin again without a cache.
own=/ciforge/home/answers
kept=${CCACHE_DIR:-}/answers
# Answers of the followed branch, which are never written here.
above=/ciforge/upstream/answers
past=86400

"""
    + RECORDED
    + r"""
# Whether the programs that everything here hangs on do what they are asked for.
capable() {
    printf 'a\nb\n' >"$own/one"
    printf 'b\nc\n' >"$own/two"
    [ "$(sort "$own/one" | comm -23 - "$own/two")$(comm -12 "$own/one" "$own/two")" = ab ] &&
        [ "$(printf '%s\n' "$own/one" | tr '\n' '\0' | xargs -0 -r sha256sum | cut -c 65-)" = "  $own/one" ] &&
        [ "$(find "$own/one" -type f -exec stat -c '%f %s' {} +)" = "81a4 4" ] &&
        [ "$(stat -c %z "$own/one" | cut -c 1-2)" = 20 ]
}

# The content of all files of the source, in the order of comm; config.log was just begun.
contents() {
    find /ciforge/src -type f ! -name config.log -exec sha256sum {} + 2>/dev/null | sort
}

# The symbolic links of the source, and where they lead.
links() {
    find /ciforge/src -type l -exec stat -c %N {} + 2>/dev/null | sort
}

# What was made or changed outside of the source since the box began: an earlier step's library.
# A line that sorts before every file as new as that of the beginning marks where they begin. The
# list itself is in the order of names: which times are equal differs from run to run.
changed() {
    {
        echo "$(stat -c %z /ciforge/records/began) 0 began"
        find / -xdev \( -path /dev -o -path /proc -o -path /sys -o -path /etc/hosts \
            -o -path /etc/hostname -o -path /etc/resolv.conf -o -path /ciforge/bin \
            -o -path /ciforge/ccache -o -path /ciforge/home/.ccache-tmp -o -path "$own" \
            -o -path /ciforge/records -o -path /ciforge/src -o -path /ciforge/steps \
            -o -path /ciforge/upstream \) -prune -o -exec stat -c '%z %f %n' {} + 2>/dev/null
    } | sort | sed -e '1,/ 0 began$/d' >"$own/changed"
    sed -n 's/^[^ ]* [^ ]* [^ ]* \([0-9a-f]* \/\)/\1/p' "$own/changed" | sort >"$own/new"
    # A name of two lines: what it is cannot be known.
    [ "$(wc -l <"$own/changed")" = "$(wc -l <"$own/new")" ] || echo "$$ $(date)"
    cat "$own/new"
    sed -n 's/^8[0-9a-f]* //p' "$own/new" | tr '\n' '\0' | xargs -0 -r sha256sum 2>/dev/null
    sed -n 's/^a[0-9a-f]* //p' "$own/new" | tr '\n' '\0' | xargs -0 -r stat -c %N
    sed -n 's/^4[0-9a-f]* //p' "$own/new" | while IFS= read -r folder; do
        echo "$folder:"
        ls -1A "$folder" 2>/dev/null
    done
}

# All that does not show in access times: image, kernel, processor, environment and arguments;
# names, modes and links of the source, and which files are empty; and what changed outside of it.
asked() {
    named='^(CIFORGE_(REVISION|DESCRIBE|DATE)|SOURCE_DATE_EPOCH)='
    # The first word changes with the form of what is kept.
    printf '%s\n' 2 "$CIFORGE_IMAGE" "$zone" "$locale" "$PWD" "$#" "$@"
    uname -srvm
    sed -n -e '/^flags/{p;q;}' -e '/^Features/{p;q;}' /proc/cpuinfo
    env | grep -v -E -e '^_=' -e '^SHLVL=' -e '^CIFORGE_JOBS=' -e "$named" | sort
    # They differ with each commit: they count only if a file of the source names one of them.
    ! grep -rqE 'CIFORGE_(REVISION|DESCRIBE|DATE)|SOURCE_DATE_EPOCH' /ciforge/src /ciforge/steps/configure.sh ||
        env | grep -E "$named" | sort
    sha256sum "$1" /ciforge/steps/configure.sh
    find /ciforge/src -exec stat -c '%f %u %N' {} + | sort
    find /ciforge/src -type f -size 0 | sort
    changed
}

# Whether a file has nothing but comments and literal values for variables of configure's cache,
# for configure runs it.
literal() {
    name='[A-Za-z0-9_]*_cv_[A-Za-z0-9_]*'
    value="([A-Za-z0-9_./:,+@%=-]|'[^']*'|\\\\')*"
    ! grep -v -q -E -e '^(#.*)?$' -e "^$name=$value\$" -e "^$name=\\\$\\{$name=$value\\}\$" \
        -e "^test (\"\\\$\\{$name\\+set\\}\" = set|\\\$\\{$name\\+y\\}) \\|\\| $name=$value\$" "$1"
}

# The folder of earlier answers whose inputs are all here as they were; nothing where there is none.
matching() {
    for found in "$kept/$key"-* "$above/$key"-*; do
        if [ -f "$found/made" ] && [ -f "$found/inputs" ] && [ -f "$found/config.cache" ] &&
            other=$(sort "$found/inputs" | comm -23 - "$own/contents") && [ -z "$other" ] &&
            literal "$found/config.cache"; then
            echo "$found"
            return
        fi
    done
}

# Says where the configure with these arguments is to keep its answers, those of an earlier one
# being there already. Only the first one of a step is told a place: one below it asks others.
place() {
    if [ ! -f "$1" ] || [ ! -d "$own" ] || [ -e "$own/key" ] || [ -n "$(find /ciforge/src -name '*
*')" ]; then
        echo /dev/null
        return
    fi
    key=$(asked "$@" | sha256sum | cut -c 1-40)
    # Where it went wrong twice it is no accident, whatever the key.
    if [ -f "$kept/$key-off/off" ] || [ "$(find "$kept" -name off 2>/dev/null | wc -l)" -gt 1 ]; then
        echo /dev/null
        return
    fi
    echo "$key" >"$own/key"
    contents >"$own/contents"
    links >"$own/links"
    if [ "${#key}" -ne 40 ] || [ ! -s "$own/contents" ]; then
        rm "$own/key"
        echo /dev/null
        return
    fi
    entry=$(matching)
    if [ -n "$entry" ] && cp "$entry/config.cache" "$own/config.cache"; then
        echo "$entry" >"$own/entry"
        cp "$entry/made" "$own/made"
    else
        rm -f "$own/config.cache"
        find /ciforge/src -type f -exec touch -a -t 197001020000 {} + 2>/dev/null
    fi
    echo "$own/config.cache"
}

# The files that were made or changed since configure was told its place; config.log alone tells
# where an answer came from. Content is compared, for busybox compares times by whole seconds.
made() {
    {
        contents | comm -13 "$own/contents" -
        links | comm -13 "$own/links" -
    } | sha256sum
}

# The files that were read since access times were set to the past, those whose times could not be
# set, and those that are not any more what they were; with their content before.
inputs() {
    find /ciforge/src -type f -exec stat -c '%X %n' {} + |
        sed -n -e "/^$past /d" -e 's/^[0-9]* //p' >"$own/read"
    tr '\n' '\0' <"$own/read" | xargs -0 -r sha256sum | sort >"$own/now"
    contents >"$own/after"
    comm -12 "$own/now" "$own/contents" && comm -13 "$own/after" "$own/contents"
}

# Keeps the answers of a configure that passed; the ten that were used last stay.
keep() {
    mkdir -p "$kept"
    half=$(mktemp -d "$kept/half.XXXXXX") || return
    if inputs >"$half/inputs" && literal "$own/config.cache" &&
        cp "$own/config.cache" "$half/config.cache" && made >"$half/made" &&
        new=$kept/$key-$(sha256sum <"$half/inputs" | cut -c 1-40) &&
        [ ! -e "$new" ] && mv "$half" "$new"; then
        find "$kept" -mindepth 1 -maxdepth 1 -exec ls -1dt {} + | sed 1,10d |
            while IFS= read -r old; do rm -rf "$old"; done
    else
        rm -rf "$half"
    fi
}

# After a step that ended with $1.
settle() {
    [ -f "$own/key" ] || return
    key=$(cat "$own/key")
    if [ ! -f "$own/made" ]; then
        [ "$1" -ne 0 ] || [ ! -f "$own/config.cache" ] || keep
    elif [ "$1" -eq 0 ] && [ "$(made)" = "$(cat "$own/made")" ]; then
        case $(cat "$own/entry") in "$kept"/*) touch "$(cat "$own/entry")" ;; esac
    else
        mkdir -p "$kept/$key-off"
        : >"$kept/$key-off/off"
        echo again >"$own/outcome"
    fi
}

zone=${TZ-none} locale=${LC_ALL-none}
if [ "$1" = place ]; then
    shift
    TZ=UTC LC_ALL=C
    export TZ LC_ALL
    place "$@"
    exit
fi
# Root's files would be in the way; a site of the project's own comes first.
if [ "$(id -un)" != ciforge ] || [ ! -w "${CCACHE_DIR:-}" ] || [ -n "${CONFIG_SITE:-}" ] ||
    ! mkdir "$own" 2>/dev/null; then
    exec sh -e "$1"
fi
if ! capable || ! recorded; then
    echo unseen >"$own/outcome"
    exec sh -e "$1"
fi
CONFIG_SITE=/ciforge/bin/config.site sh -e "$1"
code=$?
settle "$code" >/dev/null 2>&1
exit "$code"
"""
)

SITE = """\
# Read by configure: first what it would have read without this file, then where to keep answers.
if test "x$prefix" != xNONE; then ciforge_prefix=$prefix; else ciforge_prefix=$ac_default_prefix; fi
for ciforge_site in "$ciforge_prefix/share/config.site" "$ciforge_prefix/etc/config.site"; do
    if test -r "$ciforge_site"; then . "$ciforge_site"; fi
done
case $cache_file in
/dev/null | /ciforge/home/answers/*) cache_file=$(/ciforge/bin/answers place "$0" "$@") ;;
esac
"""

CCACHE_CONF = """\
# ccache reads this file alone, never one in the cache; its settings are in the environment.
"""

CACHING = {"answers": ANSWERS, "config.site": SITE, "ccache.conf": CCACHE_CONF}
"""The scripts of containers with a cache, by their names in `/ciforge/bin`."""

BEGAN = "/ciforge/records/began"
"""A file that is made when the container is ready, just before its first step, and never again."""

OUTCOME = "/ciforge/home/answers/outcome"
"""A word that `answers` leaves for the job, if it has one to say."""

ENTRY = "/ciforge/home/answers/entry"
"""A file that is there if configure had the answers of an earlier one."""

AGAIN, UNSEEN = b"again", b"unseen"
"""The job has to begin again without a cache; reads are not recorded, so that nothing is kept."""
