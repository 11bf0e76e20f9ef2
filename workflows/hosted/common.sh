# Read by the scripts beside it, which run one job on a hosted machine: what they share.
# All they know of the job lies in this folder; all they leave for others lies in result/.
# shellcheck shell=sh disable=SC2034,SC2154
LC_ALL=C
export LC_ALL
limit=7200 # seconds for a whole job

# What is known of the job.
repo='' release='' variable='' platform='' image='' builddir='' artifacts='' allow_failure=''
# shellcheck source=/dev/null
. "$home/facts"
job=$(cat "$home/job")
log=$home/result/log.txt

stamp() {
    date -u +%Y-%m-%dT%H:%M:%S.000Z
}

# begin NAME: the line before a step in the log, and when it began.
begin() {
    printf -- '--- ciforge: %s ---\n' "$1" >>"$log"
    began=$(date +%s)
    printf '%s %s\n' "$1" "$(stamp)" >"$home/current"
}

# ended CODE: keeps what became of the step; `-` where the code is not certain.
ended() {
    printf '%s %s %s\n' "$(cat "$home/current")" "$1" "$(($(date +%s) - began))" >>"$home/ran"
    rm -f "$home/current"
}

# fail STATUS REASON: the job ends here, and why; the first reason holds.
fail() {
    [ -f "$home/outcome" ] || printf '%s\n%s\n' "$1" "$2" >"$home/outcome"
    printf '%s\n' "ciforge: $2"
    exit 1
}

# shown COMMAND...: its output to the log as it comes, and to the screen for people; its code.
# Between the two lines of the token no line of the output is a command to the service.
shown() {
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    [ -z "${GITHUB_ACTIONS:-}" ] || printf '::stop-commands::%s\n' "$token"
    {
        code=0
        "$@" 2>&1 </dev/null || code=$?
        printf '%s\n' "$code" >"$home/code"
    } | tee -a "$log" | awk -v "root=${GITHUB_WORKSPACE:-$PWD}" -f "$home/shown.awk"
    [ -z "${GITHUB_ACTIONS:-}" ] || printf '::%s::\n' "$token"
    return "$(cat "$home/code")"
}
