#!/bin/sh
# registry.sh pull|push: the image TAG from or to the registry of the service, CIFORGE_REGISTRY, under the name
# CIFORGE_IMAGE; without it, under its content and the week. The login ends before a job's container is made.
set -eu
name=${CIFORGE_IMAGE:-${TAG##*/}-$(date -u +%G-W%V)}
remote=$(printf '%s:%s' "${CIFORGE_REGISTRY#*://}" "$name" | tr '[:upper:]' '[:lower:]')
host=${remote%%/*}
trap 'docker logout "$host" >/dev/null 2>&1' EXIT
[ -z "${CIFORGE_REGISTRY_TOKEN:-}" ] || printf '%s' "$CIFORGE_REGISTRY_TOKEN" |
    docker login --password-stdin -u "${CIFORGE_REGISTRY_USER:-none}" "$host" >/dev/null 2>&1 || :
case $1 in
pull)
    timeout "$SECONDS_LEFT" docker pull --platform "$PLATFORM" "$remote" >/dev/null 2>&1
    docker tag "$remote" "$TAG"
    ;;
push)
    docker tag "$TAG" "$remote"
    timeout "$SECONDS_LEFT" docker push "$remote" >/dev/null 2>&1
    ;;
esac
