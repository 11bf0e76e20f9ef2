#!/bin/sh
# Shared by the scripts that run one job. What they know of it is in $home, what they leave in its result/.
# shellcheck disable=SC2034,SC2046,SC2086,SC2154
LC_ALL=C
export LC_ALL
home=${CIFORGE_HOME:-${RUNNER_TEMP:+$RUNNER_TEMP/ciforge}}
home=${home:-$here}
limit=7200 # seconds for a whole job
head_most=67108864 # bytes of a log that are kept from its beginning,
tail_most=4194304 # and from its end

# What is known of the job.
repo='' release='' variable='' platform='' builddir='' artifacts='' allow_failure='' ccache='' carry_git='' keep='' folder='' rights='' flaky=''
# shellcheck source=/dev/null
. "$home/facts"
job=$(cat "$home/job")
container=$(cat "$home/container" 2>/dev/null) || container=
log=$home/result/log.txt

compiled=${RUNNER_TEMP:-$home}/ciforge-ccache # where the service's cache puts results of compilers

# Buffers would delay the output before a hang. The stdbuf of uutils has no effect on its cut; without cut,
# an interactive mawk takes minutes for a very long line.
unbuffered='' short=cat interactive=''
case $(stdbuf --version 2>&1) in
*'GNU coreutils'*)
    unbuffered='stdbuf -o0' short='stdbuf -oL cut -b 1-65536'
    case $(awk -W version </dev/null 2>&1) in mawk*) interactive='-W interactive' ;; esac
    ;;
esac

stamp() {
    date -u +%Y-%m-%dT%H:%M:%S.000Z
}

# supervise ARGUMENTS...: runs as root around the steps, by a script that no step can change.
supervise() {
    timeout 900 docker exec -u root "$container" \
        /bin/sh -c "$(cat "$home/bin/supervise")" supervise "$@"
}

# lay_in: copies scripts and manifest into the container.
lay_in() {
    docker cp "$home/bin" "$container:/ciforge/" >/dev/null
    docker cp "$home/steps" "$container:/ciforge/" >/dev/null
    [ ! -f "$home/manifest.txt" ] ||
        docker cp "$home/manifest.txt" "$container:/ciforge/records/manifest.txt" >/dev/null
}

# left: seconds that the job has, at least one.
left() {
    seconds=$((limit - ($(date +%s) - $(cat "$home/job-began"))))
    echo "$((seconds > 0 ? seconds : 1))"
}

# fetch FILE TARGET BYTES: copies the begin of a regular file.
fetch() {
    kind=$(docker cp "$container:$1" - 2>/dev/null | tar -tvf - 2>/dev/null | head -n 1 | cut -c 1) || :
    [ "$kind" = - ] || return 0
    docker cp "$container:$1" - 2>/dev/null | tar -xOf - 2>/dev/null | head -c "$3" >"$2" || :
}

# note TEXT: a line of ours in the log and on the screen.
note() {
    printf -- '--- ciforge: %s ---\n' "$(one_line "$1")" | keep | sed 's/##\[/## [/g'
}

# begin NAME: the line before a step in the log.
begin() {
    note "$1" >/dev/null
    began=$(date +%s)
    echo "$1 $(stamp)" >"$home/current"
}

# ended CODE: records the end of the step; `-`: the code is not certain.
ended() {
    echo "$(cat "$home/current") $1 $(($(date +%s) - began))" >>"$home/ran"
    rm -f "$home/current"
}

# one_line TEXT: without ends of lines and control characters.
one_line() {
    printf '%s' "$1" | tr '\n\r' '  ' | tr -d '\000-\037\177' | head -c 4096
}

# say TEXT: a line of ours on the screen. The service looks for its older commands all over a line.
say() {
    printf 'ciforge: %s\n' "$(one_line "$1")" | sed 's/##\[/## [/g'
}

# fail STATUS REASON [LIMIT]: ends the job; the first reason is kept. LIMIT as in result.json.
# The service runs steps after an allowed failure: they check this.
fail() {
    [ -f "$home/outcome" ] ||
        printf '%s\n' "$1" "$(one_line "$2")" ${3:+"$3"} >"$home/outcome"
    [ -z "${GITHUB_ENV:-}" ] || printf 'CIFORGE_ENDED=yes\n' >>"$GITHUB_ENV"
    say "$2"
    exit 1
}

# guard: a script that fails itself is an infrastructure failure, and ends the job.
guard() {
    trap '[ $? -eq 0 ] || [ -f "$home/outcome" ] ||
        fail infrastructure "the machine did not finish $(cut -d " " -f 1 "$home/current")"' EXIT
}

# out_of_time STEP SECONDS SILENT: prints the reason.
out_of_time() {
    printf '%s was still running at its limit: no end after %s s, no output for the last %s s\n' "$@"
}

# keep: standard input to the log as it comes, and what fits there to standard output. The end of
# what does not lies in `more` and `more.old`, each with as much as is kept.
keep() {
    touch "$log" "$home/more" "$home/more.old"
    $unbuffered head -c "$((head_most - $(wc -c <"$log")))" | tee -a "$log"
    while
        room=$((tail_most - $(wc -c <"$home/more")))
        $unbuffered head -c "$room" >>"$home/more"
        [ "$(wc -c <"$home/more")" -ge "$tail_most" ]
    do
        echo "$(($(dropped) + $(wc -c <"$home/more.old")))" >"$home/dropped"
        mv "$home/more" "$home/more.old"
        : >"$home/more"
    done
}

# dropped: bytes of the log that are nowhere any more.
dropped() {
    cat "$home/dropped" 2>/dev/null || echo 0
}

# close_log: puts the end behind the beginning, with a mark where something is missing.
close_log() {
    touch "$log" "$home/more" "$home/more.old"
    cat "$home/more.old" "$home/more" >"$home/end"
    size=$(wc -c <"$home/end")
    out=$(($(dropped) + (size > tail_most ? size - tail_most : 0)))
    [ "$out" -eq 0 ] || printf '\n--- ciforge: %d bytes are left out here ---\n' "$out" >>"$log"
    tail -c "$tail_most" "$home/end" >>"$log"
    rm -f "$home/end" "$home/more" "$home/more.old" "$home/dropped"
}

# shown COMMAND...: its output to the log as it comes, and to the screen for people; its code.
# Between the lines of the token none is a command to the service.
shown() {
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    [ -z "${GITHUB_ACTIONS:-}" ] || printf '::stop-commands::%s\n' "$token"
    {
        ended=0
        "$@" 2>&1 </dev/null || ended=$?
        echo "$ended" >"$home/code"
    } | keep | $short | awk $interactive -v "root=${GITHUB_WORKSPACE:-$PWD}" -f "$here/shown.awk"
    [ -z "${GITHUB_ACTIONS:-}" ] || printf '::%s::\n' "$token"
    [ ! -s "$home/more" ] || say 'the log is full; only its end is kept, in the artifact'
    return "$(cat "$home/code")"
}

# networks connect, networks disconnect -f: of a step that needs one.
networks() {
    [ "$network" = no-network ] || docker network "$@" bridge "$container"
}

is_running() {
    docker inspect -f '{{.State.Running}}' "$container" 2>/dev/null
}

# Runs the step; the subshell becomes this process.
enter() {
    exec timeout "$((seconds + 60))" docker exec -u "$user" -w / "$container" /bin/sh /ciforge/bin/step "$name"
}

# Enters the step. At the time limit it lists the step's processes and ends them.
within_limit() {
    enter &
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

too_late() {
    : >"$home/too-late"
    newest=$log # the file of the log that grew last
    [ ! -s "$home/more" ] || newest=$home/more
    echo "$(($(date +%s) - $(stat -c %Y "$newest")))" >"$home/silent"
    printf '\n--- ciforge: %s is at its limit; its processes: ---\n' "$name"
    processes || { more_processes && processes; } || echo '(cannot be listed)'
    for signal in TERM KILL; do
        supervise signal "$signal" $(cat "$home/own") 2>/dev/null || break
        tries=50
        while [ "$tries" -gt 0 ] && kill -0 "$client" 2>/dev/null; do
            sleep 0.2
            tries=$((tries - 1))
        done
        kill -0 "$client" 2>/dev/null || return 0
    done
    kill "$client" 2>/dev/null || :
}

processes() {
    timeout 60 docker exec -u root "$container" /bin/sh -c "$(cat "$home/bin/processes")"
}

# Where a step used up its processes, root needs some more.
more_processes() {
    docker update --pids-limit 2112 "$container" >/dev/null
}

# usual_paths: for a log with another folder than /ciforge.
usual_paths() {
    :
}

remove() {
    docker rm -f -v "$container" >/dev/null 2>&1 || :
}

# For a job without a container: its functions replace those above.
# shellcheck source=/dev/null
[ ! -f "$home/system.sh" ] || . "$here/machine.sh"
