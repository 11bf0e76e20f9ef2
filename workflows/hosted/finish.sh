#!/bin/sh
# Runs however the job ended: keeps files, writes result.json and summary, removes the container.
# CIFORGE_JOB_STATUS is the service's status of the job: success, failure or cancelled.
# Exits 1 on an infrastructure failure, so that it does not count as an allowed failure.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
result=$home/result
mkdir -p "$result/artifacts"
touch "$home/ran" "$home/packages"
close_log
usual_paths

for name in $artifacts; do
    [ -z "$container" ] || fetch "/ciforge/src/$builddir$name" "$result/artifacts/${name##*/}" 16777216
done

[ -z "$container" ] || [ -z "$keep" ] || sh "$here/keep.sh"

# For the job that keeps caches, if it is not too large.
if [ -n "$container" ] && [ "$ccache" = ccache ] && [ "${GITHUB_EVENT_NAME:-}" = push ]; then
    mkdir -p "$compiled"
    docker cp "$container:/ciforge/ccache" - 2>/dev/null | head -c 314572801 >"$compiled/ccache.tar" || :
    [ "$(wc -c <"$compiled/ccache.tar")" -le 314572800 ] || rm -f "$compiled/ccache.tar"
fi

# As the install left it.
[ ! -f "$home/manifest.txt" ] || cp "$home/manifest.txt" "$result/artifacts/manifest.txt"

reached=
known=$(sed -n 1p "$home/outcome" 2>/dev/null) || known=
if [ "${CIFORGE_JOB_STATUS:-}" = cancelled ] && [ "${known:-infrastructure}" = infrastructure ]; then
    status=cancelled
    reason='the service cancelled the job'
elif [ -n "$known" ]; then
    status=$known
    reason=$(sed -n 2p "$home/outcome")
    reached=$(sed -n 3p "$home/outcome")
elif [ -f "$home/current" ] || [ "$(wc -l <"$home/ran")" -le "$(wc -l <"$home/step-list")" ]; then
    status=infrastructure
    reason='the machine did not finish the job'
else
    status=passed
    reason=
fi
[ ! -f "$home/current" ] || echo "$(cat "$home/current") - 0" >>"$home/ran"
failed_step=
[ "$status" = passed ] || failed_step=$(tail -n 1 "$home/ran" | cut -d ' ' -f 1)

# The last lines of the failed step, as a terminal could show them.
tail_of_log() {
    [ -n "$failed_step" ] || return 0
    cut -b 1-65536 "$log" |
        awk -v "mark=--- ciforge: $failed_step ---" '$0 == mark { n = 0; next } { line[n++ % 2000] = $0 }
            END { for (i = (n > 2000 ? n - 2000 : 0); i < n; i++) print line[i % 2000] }' |
        awk -f "$here/safe.awk" | tail -n 25 | iconv -c -f UTF-8 -t UTF-8
}
tail_of_log >"$home/tail"

[ "$status" != passed ] || [ ! -f "$here/cross.txt" ] ||
    awk -v "job=$job" -f "$here/proves.awk" "$home/packages" "$here/cross.txt" >"$home/proves"
[ ! -s "$home/proves" ] || status=compiled
for name in $flaky; do
    rm -f "$home/late"
    [ -n "$failed_step" ] || fetch "/ciforge/records/$name.tries" "$home/late" 9
    [ ! -s "$home/late" ] ||
        status=flaky reason="${reason:+$reason; }${name#*/} passed at try $(tr -dc 0-9 <"$home/late")"
done
(cd "$result/artifacts" && ls) >"$home/names"
began=$(cat "$home/job-began" 2>/dev/null) || began=$(date +%s)
set -- -v "home=$home" -v "job=$job" -v "status=$status" -v "failed=$failed_step" -v "allow=$allow_failure"
awk -f "$here/result.awk" "$@" -v "reached=$reached" -v "repo=$repo" \
    -v "started=$(cat "$home/job-started" 2>/dev/null)" -v "seconds=$(($(date +%s) - began))" \
    -v "origin=${GITHUB_SERVER_URL:+$GITHUB_SERVER_URL/${GITHUB_REPOSITORY:-}}" >"$result/result.json" <<END
$reason
END

if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    awk -f "$here/summary.awk" "$@" >>"$GITHUB_STEP_SUMMARY" <<END
$reason
END
fi
[ -z "$container" ] || remove

case $status,$allow_failure in
infrastructure,*)
    say "$job $status: $reason"
    exit 1
    ;;
failed,true | timed-out,true)
    say "$job $status, which is allowed: $reason"
    # What would end the line, and begin another command, is coded.
    [ -z "${GITHUB_ACTIONS:-}" ] || printf '::warning title=%s %s (allowed)::%s\n' \
        "$job" "$status" "$(one_line "$reason" | sed -e 's/%/%25/g' -e 's/##\[/## [/g')"
    ;;
*) say "$job $status${reason:+: $reason}" ;;
esac
