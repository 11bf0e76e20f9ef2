#!/bin/sh
# step.sh NAME: runs one step by the wrapper, as its user, within its time limit,
# with a network only if the step needs one. Exits 0 or 1.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
name=$1

# shellcheck disable=SC2046
set -- $(awk -v "name=$name" '$1 == name { print $2, $3, $4 }' "$home/step-list")
user=$1 network=$2 seconds=$3
most=$(left)
[ "$seconds" -le "$most" ] || seconds=$most

# Prints STATUS LIMIT SENTENCE if the step reached a limit. A full disk does not fail a step that exited 0.
judge() {
    { cat "$home/usage" && echo '--' && cat "$home/left"; } 2>/dev/null | awk -v "code=$code" '
        $1 == "--" { after = 1 }
        $1 ~ /^memory/ && $2 == "oom_kill" { killed += after ? $3 : -$3 }
        $1 == "memory.events" && $2 == "max" { hits += after ? $3 : -$3 }
        $1 == "memory/memory.failcnt" { hits += after ? $2 : -$2 }
        $1 == "memory/memory.max_usage_in_bytes" && after { most = $2 }
        $1 == "memory/memory.limit_in_bytes" && after { limit = $2 }
        $1 ~ /^pids/ && $2 == "max" { processes += after ? $3 : -$3 }
        $1 == "disk" && after { room = $5; disk = 1 }
        END {
            if (killed > 0 && (hits > 0 || (limit && most >= limit))) print "failed memory it used up its memory"
            else if (killed > 0) print "infrastructure engine-memory the machine ran out of memory, and the kernel ended a process of the job"
            else if (code && disk && room < 16384) print "infrastructure engine-disk the disk of the engine is full"
            else if (processes > 0) print "failed processes it reached its limit of 2048 processes"
        }'
}

# settle: ends what the step left running; sets `recorded` to the exit code that the wrapper recorded.
# After a step of root the scripts of the next steps are copied again.
# shellcheck disable=SC2086
settle() {
    own=$(cat "$home/own")
    supervise after "$name" "$user" $own >"$home/left" 2>/dev/null ||
        { more_processes && supervise after "$name" "$user" $own; } >"$home/left" 2>/dev/null || :
    recorded=$(sed -n 's/^exit //p' "$home/left")
    more=$(sed -n 's/^left //p' "$home/left")
    [ "${more:-0}" -eq 0 ] || note "processes that $name left running: $more; they were ended"
    if [ "$name" = install ]; then
        fetch /ciforge/records/manifest.txt "$home/manifest.txt" 16777216
        if [ ! -s "$home/manifest.txt" ]; then
            rm -f "$home/manifest.txt"
            [ "$code" -ne 0 ] || note 'install changed no file of the system'
        fi
    fi
    [ "${rights:-$user}" != root ] || [ "$running" != true ] || lay_in
}

begin "$name"
guard
supervise before "$name"
networks connect
code=0
shown within_limit || code=$?
networks disconnect -f

if [ -f "$home/too-late" ]; then
    ended -
    fail timed-out "$(out_of_time "$name" "$seconds" "$(cat "$home/silent")")" time
fi
running=$(is_running) || running=false
settle
# 255: ssh lost its connection.
if [ "$recorded" != "$code" ] && { [ -n "$recorded" ] || [ "$code" -le 128 ] || [ "$code" -eq 255 ] || [ "$running" != true ]; }; then
    ended -
    fail infrastructure "$name ended with $code, its own record says ${recorded:-nothing}"
fi
blame=$(judge) || blame=
mv "$home/left" "$home/usage"
# What the kernel killed or refused to start counts, too.
if [ "$code" -eq 0 ] && [ -z "$blame" ]; then
    ended 0
    exit 0
fi
if [ -n "$blame" ]; then
    ended -
    status=${blame%% *} blame=${blame#* }
    reached=${blame%% *} sentence=${blame#* }
    [ "$status" = infrastructure ] || sentence="$name failed: $sentence"
    fail "$status" "$sentence" "$reached"
fi
ended "$code"
[ "$code" -le 128 ] || fail failed "$name was ended by signal $((code - 128))"
fail failed "$name ended with exit code $code"
