#!/bin/sh
# ignored.sh COMMIT: exits 0 if each file that differs from COMMIT matches a pattern of CIFORGE_IGNORE; a moved file
# is two. Exits 1 if one does not match, or if the differences are not known.
set -euf
files=$(git --no-replace-objects -c 'safe.directory=*' -c core.quotePath=off diff-tree -r --name-only --no-renames \
    --ignore-submodules=none "$1" HEAD) || exit 1
[ -n "$files" ] || exit 1
printf '%s\n' "$files" | while IFS= read -r file; do
    matters=yes
    for pattern in ${CIFORGE_IGNORE:-}; do
        # shellcheck disable=SC2254
        case $file in $pattern) matters= ;; esac
    done
    [ -z "$matters" ] || exit 1
done
