"""The script that finds out which files of the source a step read and made, in containers that have a cache."""

from ciforge.model.cross import TOOLS
from ciforge.render.configure_cache import RECORDED
from ciforge.render.wrapper import SYSTEM_PATH

OBSERVE = (
    f"""\
#!/bin/sh
# Runs as root before and after a step; started from outside, never from a file inside. Access times
# are set to the past before; files with a newer one afterwards were read.
#   before   `ready` if reads leave a trace and all names can be listed
#   after    what the step read and made, one file a line, and `end`
PATH={SYSTEM_PATH}
LC_ALL=C TZ=UTC
export PATH LC_ALL TZ
umask 077
own=/ciforge/records/root/observed
past=86400
answers=/ciforge/bin/answers
# The cache of a cross compiler, which fills a new one from its image.
compiler=/nonexistent
[ ! -x {TOOLS}/zig/zig ] || compiler=/var/tmp/ciforge-zig

"""
    + RECORDED
    + r"""
# Names of two lines cannot be listed.
plain() {
    [ -z "$(find /ciforge/src -name '*
*')" ]
}

# Everything but folders, whose times change with each file in them. All but access times counts.
files() {
    find /ciforge/src ! -type d -exec stat -c '%f %u %s %h %Y|%y|%z|%n' {} + | sort
}

folders() {
    find /ciforge/src -type d -exec stat -c '%f %u %n' {} + | sort
}

# The names where the user of a step can write outside of the source.
elsewhere() {
    find /tmp /var/tmp /dev/shm /ciforge/home \( -path /ciforge/home/.ccache-tmp \
        -o -path "$compiler" \) -prune -o -print 2>/dev/null | sort
}

# What was made or changed outside of the source since the step began. A line that sorts before
# every file as new as the mark says where they begin.
outside() {
    {
        echo "$(stat -c %z "$own/mark") 0 began"
        find / -xdev \( -path /dev -o -path /proc -o -path /sys -o -path /etc/hosts \
            -o -path /etc/hostname -o -path /etc/resolv.conf -o -path /ciforge/bin \
            -o -path /ciforge/ccache -o -path /ciforge/home/.ccache-tmp -o -path /ciforge/records \
            -o -path /ciforge/src -o -path /ciforge/steps -o -path /ciforge/upstream \
            -o -path "$compiler" \) -prune \
            -o ! -type d -exec stat -c '%z %f %n' {} + 2>/dev/null
    } | sort | sed -n '/ 0 began$/,$p' | sed -e 1d -e 's/^/outside /'
    elsewhere | cmp -s - "$own/elsewhere" || echo 'outside /tmp'
}

names() {
    sed 's/^[^|]*|[^|]*|[^|]*|//' "$1"
}

before() {
    rm -rf "$own"
    mkdir -p "$own" || return
    recorded && plain || return
    find /ciforge/src -type f -exec touch -a -t 197001020000 {} + || return
    files >"$own/files"
    folders >"$own/folders"
    elsewhere >"$own/elsewhere"
    # What the step makes is to be what it makes without earlier results.
    [ ! -f "$answers" ] || chmod 644 "$answers"
    : >"$own/mark"
    echo ready
}

after() {
    [ ! -f "$answers" ] || chmod 755 "$answers"
    [ -f "$own/mark" ] && plain || return
    : >"$own/ended"
    stat -c 'began %Y|%y' "$own/mark"
    stat -c 'ended %Y|%y' "$own/ended"
    find /ciforge/src -type f -exec stat -c '%X %n' {} + |
        sed -n -e "/^$past /d" -e 's/^[0-9]* /read /p'
    files >"$own/files.after"
    folders >"$own/folders.after"
    comm -13 "$own/files" "$own/files.after" >"$own/made"
    comm -13 "$own/folders" "$own/folders.after" | sed 's/^/folder /'
    comm -23 "$own/folders" "$own/folders.after" | sed 's/^/gone /'
    sed 's/^/made /' "$own/made"
    names "$own/files" | sort >"$own/names"
    names "$own/files.after" | sort | comm -23 "$own/names" - | sed 's/^/gone /'
    outside
    names "$own/made" | sed 's|^/ciforge/src/|./|' >"$own/list"
    rm -f "$own/made.tar"
    [ ! -s "$own/list" ] || tar -C /ciforge/src -cf "$own/made.tar" -T "$own/list" || return
    echo end
}

"$1" 2>/dev/null
"""
)

OBSERVE_PATH = "/ciforge/bin/observe"
"""Where the machine has the script; its text is what runs."""
MADE = "/ciforge/records/root/observed/made.tar"
"""The files that the step made or changed, after `after` said `end`; none where it made none."""
