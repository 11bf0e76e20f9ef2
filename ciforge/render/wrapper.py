"""The scripts that go into every box: the step wrapper and what it and its callers ask. POSIX sh."""

STEP = """\
#!/bin/sh
# Runs /ciforge/steps/NAME.sh and leaves in /ciforge/records what became of it:
# its process group, when it began and ended (seconds since 1970), its exit code.
name=$1
record=/ciforge/records/$name
trap : HUP INT TERM
umask 022
LC_ALL=C
TZ=UTC
export LC_ALL TZ
# ccache is for the unprivileged user alone: files of another one would be in its way next time.
if [ "$(id -un)" = ciforge ]; then
    export HOME=/ciforge/home
    [ ! -w "${CCACHE_DIR:-}" ] || export PATH="/ciforge/lib/ccache:$PATH"
fi
printf '%s\\n' "$$" >"$record.group"
date +%s >"$record.began"
/ciforge/bin/usage >"$record.usage"
cd /ciforge/src || exit 125
[ "$name" != install ] || /ciforge/bin/manifest before
set -- sh -e
# There in boxes alone that have a ccache: configure takes over what it found out before.
[ "$name" != configure ] || [ ! -x /ciforge/bin/answers ] || set -- /ciforge/bin/answers
"$@" "/ciforge/steps/$name.sh" </dev/null 2>&1
code=$?
[ "$name" != install ] || /ciforge/bin/manifest after
date +%s >"$record.ended"
printf '%s\\n' "$code" >"$record.exit"
exit "$code"
"""

MANIFEST = """\
#!/bin/sh
# The install manifest: what the files of the system are before and after the install, and in
# manifest.txt what came or changed, one a line: type, mode, owner, group, path.
export LC_ALL=C
records=/ciforge/records
when=$1

# A file is known by its change time, inode and size; a folder, which changes with each file in
# it, by its mode and owner alone. GNU find says so itself, others have stat say it.
if find / -prune -printf '' 2>/dev/null; then
    set -- -type d -printf '0 0 0 dir %m %u %g %p\\n' \\
        -o -type l -printf '%C@ %i %s link %m %u %g %p\\n' \\
        -o -type f -printf '%C@ %i %s file %m %u %g %p\\n'
else
    set -- -type d -exec stat -c '0 0 0 dir %a %U %G %n' {} + \\
        -o -type l -exec stat -c '%Z %i %s link %a %U %G %n' {} + \\
        -o -type f -exec stat -c '%Z %i %s file %a %U %G %n' {} +
fi
find / -xdev \\( -path /ciforge -o -path /dev -o -path /proc -o -path /run -o -path /sys \\
    -o -path /tmp -o -path /var/cache -o -path /var/tmp \\) -prune -o \\( "$@" \\) |
    sort >"$records/files.$when"

if [ "$when" = after ]; then
    comm -13 "$records/files.before" "$records/files.after" |
        sed 's/^[0-9.]* [0-9]* [0-9]* //' | sort -k 5 >"$records/manifest.txt"
    rm -f "$records/files.before" "$records/files.after"
fi
"""

USAGE = """\
#!/bin/sh
# How often this box ran into its limits so far, as the kernel counts, and the room on its disk:
# on each line the name of a file and what stands in it.
for file in memory.events memory/memory.oom_control memory/memory.failcnt pids.events \\
    pids/pids.events; do
    [ ! -r "/sys/fs/cgroup/$file" ] || sed "s|^|$file |" "/sys/fs/cgroup/$file"
done
df -Pk /ciforge/src | sed -n 's/^/disk /;$p'
"""

PROCESSES = """\
#!/bin/sh
# What a step that hangs is waiting for: its processes, and where the kernel has them asleep.
printf '%-7s %-7s %-14s %-22s %s\\n' PID PARENT STATE 'WAITS IN' COMMAND
for folder in /proc/[0-9]*; do
    process=${folder#/proc/}
    if [ "$process" = 1 ] || [ "$process" = $$ ]; then continue; fi
    state=$(sed -n 's/^State:[[:space:]]*//p' "$folder/status" 2>/dev/null) || continue
    parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$folder/status" 2>/dev/null)
    waits=$(cat "$folder/wchan" 2>/dev/null)
    command=$(tr '\\000-\\037' ' ' <"$folder/cmdline" 2>/dev/null | cut -c 1-200)
    [ -z "$command" ] || printf '%-7s %-7s %-14s %-22s %s\\n' \\
        "$process" "$parent" "$state" "${waits:-?}" "$command"
done
"""

SCRIPTS = {"step": STEP, "manifest": MANIFEST, "usage": USAGE, "processes": PROCESSES}
"""All of them, by their names in `/ciforge/bin`."""
