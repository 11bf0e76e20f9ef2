# The checkout's files, as a local run carries them: what git tracks. `carry.sh describe` keeps
# paths, revision, changes and digest; `carry.sh put` brings the files into the box, with the time
# of the commit, owned by the unprivileged user.
set -eu
home=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$home/common.sh"

git() {
    command git -c "safe.directory=$PWD" -c core.quotePath=off "$@"
}

# Files and links, then the folders above them, sorted by their bytes.
paths() {
    git ls-files -z --recurse-submodules | tr '\n\0' '\0\n' | while IFS= read -r path; do
        [ ! -e "$path" ] && [ ! -h "$path" ] && continue
        [ -d "$path" ] && [ ! -h "$path" ] && continue
        printf '%s\n' "$path"
    done | awk '{
        print
        while (match($0, /\/[^\/]*$/)) {
            $0 = substr($0, 1, RSTART - 1)
            if (!($0 in seen)) { seen[$0] = 1; print }
        }
    }' | sort
}

# Kind, mode, the lengths of path, target and content, then those three: what `digest` is made of.
stream() {
    while IFS= read -r path; do
        target='' size=0
        if [ -h "$path" ]; then
            target=$(readlink "$path")
            head='link 777'
        elif [ -d "$path" ]; then
            head='folder 755'
        else
            size=$(wc -c <"$path")
            head="file $(stat -c %a "$path" | tail -c 4)"
        fi
        printf '%s %d %d %d\0%s%s' "$head" "${#path}" "${#target}" "$((size))" "$path" "$target"
        [ "$size" -eq 0 ] || cat <"$path"
    done
}

describe() {
    paths >"$home/paths"
    git rev-parse HEAD >"$home/revision" 2>/dev/null || : >"$home/revision"
    git status --porcelain 2>/dev/null | wc -l | tr -d ' ' >"$home/changes"
    stream <"$home/paths" | sha256sum | cut -c 1-64 >"$home/digest"
}

put() {
    box=$(cat "$home/box")
    when=$(git log -1 --format=%ct 2>/dev/null) || when=$(date +%s)
    tar -cf - --no-recursion --owner=0 --group=0 --mtime="@$when" --verbatim-files-from \
        -T "$home/paths" | docker cp - "$box:/ciforge/src"
    docker exec "$box" chown -R -h ciforge:ciforge /ciforge/src
}

"$1"
