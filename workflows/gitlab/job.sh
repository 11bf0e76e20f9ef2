#!/bin/sh
# Runs all steps of a job, for a service whose jobs are one script. Exits 10 if the source is at fault, and
# 3 if a mirror, a registry or the engine is, so that the service can tell an allowed failure from others.
# job.sh keep DIR: copies the results into a folder of DIR, also those of a job that the service ended.
# job.sh image: only builds the image, and keeps it for later pipelines.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
if [ ! -f "${CIFORGE_HOME:-${RUNNER_TEMP:-}/ciforge}/facts" ]; then
    echo 'ciforge: the job was not unpacked, so there are no results' >&2
    exit 3
fi
# shellcheck source=common.sh
. "$here/common.sh"

# run NAME COMMAND...: runs it as a section of the log, which GitLab can fold.
run() {
    section=$(printf '%s' "$1" | tr -c 'A-Za-z0-9_.-' _)
    printf '\033[0Ksection_start:%s:%s\r\033[0K%s\n' "$(date +%s)" "$section" "$1"
    shift
    code=0
    "$@" </dev/null || code=$?
    printf '\033[0Ksection_end:%s:%s\r\033[0K\n' "$(date +%s)" "$section"
    return "$code"
}

if [ "${1:-}" = keep ]; then
    [ ! -f "$home/ignored" ] || exit 0
    if [ ! -f "$home/result/result.json" ]; then
        [ "${CI_JOB_STATUS:-}" != canceled ] || CIFORGE_JOB_STATUS=cancelled
        export CIFORGE_JOB_STATUS
        sh "$here/finish.sh" || :
    fi
    mkdir -p "$2"
    cp -R "$home/result" "$2/$(tr / , <"$home/job")"
    exit
fi
# A merge request that changes only ignored files builds nothing. Its base may be missing in a shallow clone.
base=${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}
if [ -n "$base" ] && [ -n "${CIFORGE_IGNORE:-}" ]; then
    git -c 'safe.directory=*' fetch --quiet --depth 1 origin "$base" 2>/dev/null || :
    if sh "$here/ignored.sh" "$base"; then
        : >"$home/ignored"
        say 'nothing is built: the merge request changes only ignored files'
        exit
    fi
fi
# GitLab keeps folders of the checkout only. git is not to count this one as a change, and what is in it is not to
# come from the source.
top=${CI_PROJECT_DIR:-$PWD}
if [ -n "$(git -c 'safe.directory=*' -C "$top" ls-files .ciforge-cache 2>/dev/null)" ]; then
    say 'the repository has .ciforge-cache, the folder of caches: remove it'
    exit 3
fi
[ ! -d "$top/.git/info" ] || echo /.ciforge-cache/ >>"$top/.git/info/exclude"
export RUNNER_TEMP="$top/.ciforge-cache"
# finish.sh names the repository by these, and after a push it leaves results of compilers.
export GITHUB_SERVER_URL="${CI_SERVER_URL:-}" GITHUB_REPOSITORY="${CI_PROJECT_PATH:-}"
export GITHUB_EVENT_NAME="${CI_PIPELINE_SOURCE:-}"
if [ -f "$here/registry.sh" ] && [ -n "${CI_REGISTRY_IMAGE:-}" ]; then
    export CIFORGE_REGISTRY="$CI_REGISTRY_IMAGE/ciforge"
    export CIFORGE_REGISTRY_USER="${CI_REGISTRY_USER:-}" CIFORGE_REGISTRY_TOKEN="${CI_REGISTRY_PASSWORD:-}"
fi
if [ "${1:-}" = image ]; then
    sh "$here/prepare.sh" image
    exit
fi
failed=
run prepare sh "$here/prepare.sh" || failed=yes
while [ -z "$failed" ] && read -r name _; do
    run "$name" sh "$here/step.sh" "$name" || failed=yes
done <"$home/step-list"
sh "$here/finish.sh" || exit 3
[ -z "$failed" ] || exit 10
