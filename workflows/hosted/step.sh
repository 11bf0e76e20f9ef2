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
left=$((limit - ($(date +%s) - $(cat "$home/job-began"))))
[ "$seconds" -le "$left" ] || seconds=$((left > 0 ? left : 1))

# shellcheck disable=SC2317 # it is called by `shown`
in_box() {
    timeout "$seconds" docker exec -u "$user" -w / "$box" sh /ciforge/bin/step "$name"
}

record() {
    docker cp "$box:/ciforge/records/$name.$1" - 2>/dev/null | tar -xOf - 2>/dev/null || :
}

end_group() {
    docker exec "$box" sh -c "kill -$1 -$2" >/dev/null 2>&1 || :
}

end_step() {
    group=$(record group)
    [ -n "$group" ] || return 0
    end_group TERM "$group"
    sleep 10
    end_group KILL "$group"
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
[ "$network" = no-network ] || docker network connect bridge "$box"
code=0
shown in_box || code=$?
[ "$network" = no-network ] || docker network disconnect -f bridge "$box"
said=$(record exit)

if [ "$code" -eq 124 ] && [ -z "$said" ]; then
    end_step
    ended -
    fail timed-out "$name was still running at its limit: no end after $seconds s"
fi
running=$(docker inspect -f '{{.State.Running}}' "$box" 2>/dev/null) || running=false
if [ "$said" != "$code" ] && { [ -n "$said" ] || [ "$code" -le 128 ] || [ "$running" != true ]; }; then
    ended -
    fail infrastructure "$name ended with $code, its own record says ${said:-nothing}"
fi
if [ "$code" -eq 0 ]; then
    ended 0
    exit 0
fi
blame=$(judge) || blame=
if [ -n "$blame" ]; then
    ended -
    [ "${blame%% *}" = infrastructure ] || fail failed "$name failed: ${blame#* }"
    fail infrastructure "${blame#* }"
fi
ended "$code"
[ "$code" -le 128 ] || fail failed "$name was ended by signal $((code - 128))"
fail failed "$name ended with exit code $code"
