#!/bin/sh
# Lays the release tarball into the container that the job of the artifact $dist made; the service put its
# artifacts into ciforge-dist.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
dist=
# shellcheck source=common.sh
. "$here/common.sh"
tarball=
for file in "$RUNNER_TEMP/ciforge-dist/$dist/artifacts/kept,ciforge-dist,"*; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then tarball=$file; fi
done
[ -n "$tarball" ] || fail infrastructure "there is no tarball of $(printf '%s' "$dist" | tr , /): did that job run?"
mkdir -p "$home/dist/ciforge-dist"
cp "$tarball" "$home/dist/ciforge-dist/${tarball##*,}"
tar -cf "$home/dist/needed,$dist.tar" -C "$home/dist" ciforge-dist
docker cp "$home/dist/needed,$dist.tar" "$container:/ciforge/home/" >/dev/null
say "${tarball##*,} of $(printf '%s' "$dist" | tr , /)"
