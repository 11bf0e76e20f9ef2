#!/bin/sh
# Copies logs of tests and what `keep` names out of the container, at most 20 MiB.
set -euf
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)

# list_kept PATTERN...: the files that are to be kept.
list_kept() {
    timeout 60 docker exec -u ciforge "$container" sh -c "$(cat "$here/kept.sh")" kept "$folder" "$@" </dev/null
}

# shellcheck source=common.sh
. "$here/common.sh"
left=20971520
IFS='
'
# shellcheck disable=SC2086
list_kept $keep |
    head -n 100 | grep -E '^\./[A-Za-z0-9._+@/-]{1,120}$' | grep -vE '(^|/)\.\.(/|$)' >"$home/kept" || :
unset IFS
while IFS= read -r path; do
    name=kept,$(printf '%s' "${path#./}" | tr /@ ,_)
    [ "${#name}" -le 128 ] || continue
    fetch "/ciforge/src/$folder/${path#./}" "$home/result/artifacts/$name" "$((left + 1))"
    [ -f "$home/result/artifacts/$name" ] || continue
    size=$(wc -c <"$home/result/artifacts/$name")
    if [ "$size" -le "$left" ]; then
        left=$((left - size))
    else
        rm -f "$home/result/artifacts/$name"
        say "not kept, for a job keeps 20 MiB: $path"
    fi
done <"$home/kept"
