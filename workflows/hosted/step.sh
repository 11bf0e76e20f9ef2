# step.sh NAME: one step in the box, by the wrapper, as its user, within its time, with a network
# only where it asks for one. Ends 0 or 1.
set -eu
home=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$home/common.sh"
name=$1
box=$(cat "$home/box")

# shellcheck disable=SC2046
set -- $(awk -v "name=$name" '$1 == name { print $2, $3, $4 }' "$home/step-list")
user=$1 network=$2 seconds=$3
most=$(left)
[ "$seconds" -le "$most" ] || seconds=$most

# The step in the box; where it does not end in time, its processes, and then no more of them.
# shellcheck disable=SC2317 # it is called by `shown`
in_box() {
    timeout "$((seconds + 60))" docker exec -u "$user" -w / "$box" sh /ciforge/bin/step "$name" &
    client=$! end=$(($(date +%s) + seconds))
    while kill -0 "$client" 2>/dev/null; do
        if [ "$(date +%s)" -ge "$end" ]; then
            too_late
            return 124
        fi
        sleep 0.2
    done
    wait "$client"
}

# shellcheck disable=SC2317
too_late() {
    : >"$home/too-late"
    printf '%s\n' "$(($(date +%s) - $(stat -c %Y "$(newest)")))" >"$home/silent"
    printf '\n--- ciforge: %s is at its limit; its processes: ---\n' "$name"
    processes || { docker update --pids-limit 2112 "$box" >/dev/null && processes; } ||
        echo '(cannot be listed)'
    for signal in TERM KILL; do
        timeout 60 docker exec "$box" \
            sh -c "kill -$signal \"-\$(cat /ciforge/records/$name.group)\"" 2>/dev/null || break
        tries=50
        while [ "$tries" -gt 0 ] && kill -0 "$client" 2>/dev/null; do
            sleep 0.2
            tries=$((tries - 1))
        done
        kill -0 "$client" 2>/dev/null || return 0
    done
    kill "$client" 2>/dev/null || :
}

# shellcheck disable=SC2317
processes() {
    timeout 60 docker exec -u root "$box" sh /ciforge/bin/processes
}

# newest: the file of the log that grew last.
# shellcheck disable=SC2317
newest() {
    if [ -s "$home/more" ]; then printf '%s\n' "$home/more"; else printf '%s\n' "$log"; fi
}

record() {
    docker cp "$box:/ciforge/records/$name.$1" - 2>/dev/null | tar -xOf - 2>/dev/null || :
}

# How often the box ran into its limits, before and after, to a sentence; nothing where it did not.
judge() {
    { record usage && echo '--' && docker exec "$box" sh /ciforge/bin/usage; } 2>/dev/null | awk '
        $1 == "--" { after = 1 }
        $1 ~ /^memory/ && $2 == "oom_kill" { killed += after ? $3 : -$3 }
        $1 == "memory.events" && $2 == "max" { hits += after ? $3 : -$3 }
        $1 == "memory/memory.failcnt" { hits += after ? $2 : -$2 }
        $1 ~ /^pids/ && $2 == "max" { processes += after ? $3 : -$3 }
        $1 == "disk" && after { room = $5; disk = 1 }
        END {
            if (killed > 0 && hits > 0) print "failed it used up its memory"
            else if (killed > 0) print "infrastructure the machine ran out of memory, and the kernel ended a process of the job"
            else if (disk && room < 16384) print "infrastructure the disk of the engine is full"
            else if (processes > 0) print "failed it reached its limit of 2048 processes"
        }'
}

begin "$name"
guard
[ "$network" = no-network ] || docker network connect bridge "$box"
code=0
shown in_box || code=$?
[ "$network" = no-network ] || docker network disconnect -f bridge "$box"
# Root in the box may write anything there.
said=$(record exit | head -c 16 | tr -cd '0-9')

if [ -f "$home/too-late" ]; then
    ended -
    fail timed-out "$(out_of_time "$name" "$seconds" "$(cat "$home/silent")")"
fi
running=$(docker inspect -f '{{.State.Running}}' "$box" 2>/dev/null) || running=false
if [ "$said" != "$code" ] && { [ -n "$said" ] || [ "$code" -le 128 ] || [ "$running" != true ]; }; then
    ended -
    fail infrastructure "$name ended with $code, its own record says ${said:-nothing}"
fi
blame=$(judge) || blame=
# A step that says 0 though it could not start what it wanted has not passed.
if [ "$code" -eq 0 ] && [ "${blame%processes}" = "$blame" ]; then
    ended 0
    exit 0
fi
if [ -n "$blame" ]; then
    ended -
    [ "${blame%% *}" = infrastructure ] || fail failed "$name failed: ${blame#* }"
    fail infrastructure "${blame#* }"
fi
ended "$code"
[ "$code" -le 128 ] || fail failed "$name was ended by signal $((code - 128))"
fail failed "$name ended with exit code $code"
