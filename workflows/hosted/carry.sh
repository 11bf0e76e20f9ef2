#!/bin/sh
# The checkout's files, as a local run carries them: what git tracks, submodules included. `carry.sh describe` keeps
# paths, revision, changes and digest; `carry.sh put` brings the files into the container, with the time
# of the commit, owned by the unprivileged user.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

git() {
    command git --no-replace-objects -c "safe.directory=$PWD" -c core.quotePath=off "$@"
}

# Files and links, then the folders above them, sorted by their bytes; each ends with a NUL.
paths() {
    git ls-files -z --recurse-submodules >"$home/tracked"
    # shellcheck disable=SC2016
    xargs -0 sh -c 'for path do
        [ -e "$path" ] || [ -h "$path" ] || continue
        printf "%s\0" "$path"
        while case $path in */*) ;; *) false ;; esac; do
            path=${path%/*}
            printf "%s\0" "$path"
        done
    done' sh <"$home/tracked" | sort -zu
}

# A submodule that is not checked out would be an empty folder; in a local run it is none.
# `update = none` in .gitmodules says that it is meant to be empty.
refuse_missing() {
    # shellcheck disable=SC2016
    xargs -0 sh -c 'for path do
        if [ -d "$path" ] && [ ! -h "$path" ]; then printf "%s\n" "$path"; fi
    done' sh <"$home/tracked" | while IFS= read -r path; do
        key=$(git config -f .gitmodules --get-regexp '^submodule\..*\.path$' |
            awk -v "path=$path" '{ key = $1; sub(/^[^ ]* /, ""); if ($0 == path) print key }')
        update=$(git config -f .gitmodules "${key%.path}.update" 2>/dev/null) || update=
        [ "$update" = none ] ||
            fail infrastructure "submodule $path is not checked out: git submodule update --init"
    done
}

# Kind, mode, the lengths of path, target and content, then those three: what `digest` is made of.
stream() {
    # shellcheck disable=SC2016
    xargs -0 sh -c 'for path do
        target="" size=0
        if [ -h "$path" ]; then
            target=$(readlink -n -- "$path"; printf x)
            target=${target%x}
            head="link 777"
        elif [ -d "$path" ]; then
            head="folder 755"
        else
            size=$(wc -c <"$path")
            head="file $(stat -c %a -- "$path" | tail -c 4)"
        fi
        printf "%s %d %d %d\0%s%s" "$head" "${#path}" "${#target}" "$((size))" "$path" "$target"
        [ "$size" -eq 0 ] || cat <"$path"
    done' sh
}

# version: what git says of the commit, for `docker create --env-file`; no tag with characters of the shell.
version() {
    revision=$(cat "$home/revision") described='' date='' epoch=''
    if [ -n "$revision" ]; then
        described=$(git describe --tags --always --abbrev=7 HEAD) || described=
        case $described in
        '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._+/@%#,=-]*) described=$(printf '%.7s' "$revision") ;;
        esac
        [ "${#described}" -le 256 ] || described=$(printf '%.7s' "$revision")
        [ "$(cat "$home/changes")" -eq 0 ] || described=$described-dirty
        epoch=$(git log -1 --format=%ct HEAD)
        date=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
    fi
    printf 'CIFORGE_%s\n' "REVISION=$revision" "DESCRIBE=$described" "DATE=$date"
    [ -z "$epoch" ] || printf 'SOURCE_DATE_EPOCH=%s\n' "$epoch"
}

describe() {
    paths >"$home/paths"
    refuse_missing
    git rev-parse HEAD >"$home/revision" 2>/dev/null || : >"$home/revision"
    git status --porcelain 2>/dev/null | wc -l | tr -d ' ' >"$home/changes"
    version >"$home/version.env"
    [ -z "$carry_git" ] || sh "$here/new-git.sh"
    stream <"$home/paths" | sha256sum | cut -c 1-64 >"$home/digest"
}

put() {
    when=$(git log -1 --format=%ct 2>/dev/null) || when=$(date +%s)
    # A pipe ends with the status of its last command alone.
    rm -f "$home/packed"
    {
        tar -cf - --no-recursion --owner=0 --group=0 --mtime="@$when" --null --verbatim-files-from \
            -T "$home/paths" && : >"$home/packed"
    } | docker cp - "$container:/ciforge/src"
    [ -z "$carry_git" ] ||
        tar -cf - -C "$home/git" --owner=0 --group=0 .git | docker cp - "$container:/ciforge/src"
    [ -f "$home/packed" ] || fail infrastructure 'tar could not read all files of the source'
    docker exec "$container" chown -R -h ciforge:ciforge /ciforge/src
}

"$1"
