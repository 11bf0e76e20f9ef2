#!/bin/sh
# Makes a .git with HEAD, its history and tags, and nothing else of the one that is here; `carry.sh put` brings it
# into the container.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

git() {
    command git --no-replace-objects -c "safe.directory=$PWD" "$@"
}

made=$home/git/.git
rm -rf "$home/git"
mkdir -p "$made/objects/pack" "$made/refs"
head=$(git rev-parse --verify --quiet HEAD) && [ -z "$(git rev-parse --show-prefix)" ] ||
    fail failed "git: true needs the top of a checkout, and a commit"
printf '%s\n' "$head" >"$made/HEAD"
git for-each-ref --merged="$head" --format='%(objectname) %(refname)' refs/tags >"$made/packed-refs"
{
    cut -d ' ' -f 1 "$made/packed-refs" | git rev-list --objects --filter=tree:0 --stdin "$head"
    git rev-list --objects --no-walk "$head"
} | cut -d ' ' -f 1 | sort -u >"$home/objects"
git pack-objects --quiet "$made/objects/pack/pack" <"$home/objects" >/dev/null
GIT_INDEX_FILE=$made/index git read-tree "$head"
shallow=$(git rev-parse --git-path shallow)
[ ! -f "$shallow" ] || grep -Fx -f "$home/objects" "$shallow" >"$made/shallow" || :
[ "${#head}" -le 40 ] || printf '[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = sha256\n' >"$made/config"
# git of root, for instance in an install, reads the directory of another user.
printf 'GIT_CONFIG_%s\n' COUNT=1 KEY_0=safe.directory VALUE_0='*' >>"$home/version.env"
