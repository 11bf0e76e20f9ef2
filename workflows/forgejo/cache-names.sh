#!/bin/sh
# Sets for later steps the names under which the cache of the service has what the job needs: CIFORGE_IMAGE, by the
# content of its image and the week, and CIFORGE_CCACHE, results of compilers, by the branch that they are for.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
sh "$here/unpack.sh"
# shellcheck source=common.sh
. "$here/common.sh"
image=$release-${platform#*/}-$(date -u +%G-W%V)-$(sha256sum <"$home/Dockerfile" | cut -c 1-16)
branch=$(printf '%s' "${GITHUB_BASE_REF:-${GITHUB_REF_NAME:-}}" | sha256sum | cut -c 1-16)
printf 'CIFORGE_IMAGE=ciforge-%s\nCIFORGE_CCACHE=ciforge-ccache-%s-%s:\n' "$image" "$branch" "$job" >>"$GITHUB_ENV"
