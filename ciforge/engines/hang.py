"""What a step that hangs is waiting for: its processes, and where the kernel has them asleep."""

EXPLAIN = """\
printf '%-7s %-7s %-14s %-22s %s\\n' PID PARENT STATE 'WAITS IN' COMMAND
for folder in /proc/[0-9]*; do
    process=${folder#/proc/}
    [ "$process" != 1 ] && [ "$process" != $$ ] || continue
    state=$(sed -n 's/^State:[[:space:]]*//p' "$folder/status" 2>/dev/null) || continue
    parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$folder/status" 2>/dev/null)
    waits=$(cat "$folder/wchan" 2>/dev/null)
    command=$(tr '\\000-\\037' ' ' <"$folder/cmdline" 2>/dev/null | cut -c 1-200)
    [ -z "$command" ] || printf '%-7s %-7s %-14s %-22s %s\\n' \\
        "$process" "$parent" "$state" "${waits:-?}" "$command"
done
"""
"""A script for the box, in POSIX sh."""
