#!/bin/sh
# Makes the folder of CIFORGE_JOB from the files beside it, byte for byte as in a local run.
set -eu
LC_ALL=C
export LC_ALL
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
home=${CIFORGE_HOME:-${RUNNER_TEMP:?}/ciforge}
job=$CIFORGE_JOB
row=$(awk -v "job=$job" '$1 == job' "$here/jobs.txt")
if [ -z "$row" ]; then
    echo "ciforge: jobs.txt has no job $job" >&2
    exit 1
fi
rm -rf "$home"
mkdir -p "$home/steps" "$home/result"
# shellcheck disable=SC2086
set -- $row
echo "$job" >"$home/job"
cp -R "$here/bin" "$home/"
for name in versions unreachable unknown; do
    cp "$here/managers/$5.$name" "$home/$name"
done
[ -f "$here/machines/$2.sh" ] || {
    cat "$here/images/$2.Dockerfile"
    echo
    cat "$here/users/$3.Dockerfile"
    echo
    cat "$here/folders/$4.Dockerfile"
} >"$home/Dockerfile"
release=$(printf '%s' "$job" | cut -d / -f 2)
{
    cat "$here/recipes/$7.sh"
    printf 'repo=%s\nrelease=%s\n' "${job%%/*}" "$release"
    printf 'platform=%s\nallow_failure=%s\nccache=%s\n' "$6" "$8" "$9"
    printf 'variable=CIFORGE_BASE_%s\n' "$(printf '%s' "${10:-$release}" | tr '[:lower:]' '[:upper:]' | tr -c A-Z0-9 _)"
} >"$home/facts"
# shellcheck source=/dev/null
. "$home/facts"
# shellcheck disable=SC2154
printf '%s\n' "$steps" | while read -r name user network seconds script env; do
    [ -n "$name" ] || continue
    echo "$name $user $network $seconds" >>"$home/step-list"
    {
        echo "# $job: $name"
        [ "$env" = - ] || cat "$here/env/$env.sh"
        cat "$here/steps/$script.sh"
    } >"$home/steps/$name.sh"
done
