"""Scripts that let configure take over the answers of an earlier one, in boxes that have a ccache."""

ANSWERS = """\
#!/bin/sh
# Runs the script of a configure step with the answers that an earlier configure found (autoconf's
# own cache), where all that it can ask about is the same. The files that it makes then have to be
# those that it made without them, byte by byte. Where they are not, and where it fails, `again` is
# left in /ciforge/home/answers.again: the job has to begin anew, without.
own=/ciforge/home/answers
kept=${CCACHE_DIR:-}/answers

# The files that were made since $own.began; config.log alone tells where an answer came from.
made() {
    {
        find /ciforge/src -type f -newer "$own.began" ! -name config.log -exec sha256sum {} +
        find /ciforge/src -type l -newer "$own.began"
    } | sort | sha256sum
}

# All that the answers of `configure WORDS` come from: image, kernel, processor, environment, and
# whatever is there to be read but for what is compiled later, and manuals.
asked() {
    printf '%s\\n' "$CIFORGE_IMAGE" "$PWD" "$#" "$@"
    uname -srvm
    sed -n -e '/^flags/{p;q;}' -e '/^Features/{p;q;}' /proc/cpuinfo
    env | grep -v -e '^_=' -e '^SHLVL=' -e '^CIFORGE_JOBS=' | sort
    find /ciforge/src -name .git -prune -o -name autom4te.cache -prune -o -type f \\
        ! -name '*.[cyl1-9]' ! -name config.log -exec sha256sum {} + | sort
}

# Says where the configure with these words is to keep its answers, those of an earlier one being
# there already. Only the first one of a step is told a place: a configure below it asks others.
place() {
    if [ ! -f "$1" ] || ! mkdir "$own" 2>/dev/null; then
        echo /dev/null
        return
    fi
    key=$(asked "$@" | sha256sum | cut -c 1-40)
    # Where it went wrong twice it is no accident, whatever the key.
    if [ -f "$kept/$key/off" ] || [ "$(find "$kept" -name off 2>/dev/null | wc -l)" -gt 1 ]; then
        echo /dev/null
        return
    fi
    if [ -f "$kept/$key/made" ] && cp "$kept/$key/config.cache" "$own/config.cache"; then
        cp "$kept/$key/made" "$own/made"
    fi
    echo "$key" >"$own/key"
    echo "$own/config.cache"
}

# Keeps the answers of a configure that passed; the ten that were used last stay.
keep() {
    mkdir -p "$kept"
    half=$(mktemp -d "$kept/half.XXXXXX") || return
    if cp "$own/config.cache" "$half/config.cache" && made >"$half/made" &&
        [ ! -e "$kept/$key" ] && mv "$half" "$kept/$key"; then
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
        touch "$kept/$key"
    else
        : >"$kept/$key/off"
        echo again >/ciforge/home/answers.again
    fi
}

if [ "$1" = place ]; then
    shift
    place "$@"
    exit
fi
# Root's files would be in the way; a site of the project's own comes first.
if [ "$(id -un)" != ciforge ] || [ ! -w "${CCACHE_DIR:-}" ] || [ -n "${CONFIG_SITE:-}" ]; then
    exec sh -e "$1"
fi
: >"$own.began"
CONFIG_SITE=/ciforge/bin/config.site sh -e "$1"
code=$?
settle "$code" >/dev/null 2>&1
exit "$code"
"""

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

ANSWERING = {"answers": ANSWERS, "config.site": SITE}
"""All of them, by their names in `/ciforge/bin`."""

AGAIN = "/ciforge/home/answers.again"
"""The record of a step after which the job has to begin anew."""
