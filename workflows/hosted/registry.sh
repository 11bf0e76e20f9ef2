#!/bin/sh
# registry.sh pull|push: the image TAG from or to the registry of the service, under the name of its content,
# CIFORGE_REGISTRY:CIFORGE_IMAGE. The login ends before a container of the job is made.
set -eu
remote=$(printf '%s:%s' "$CIFORGE_REGISTRY" "$CIFORGE_IMAGE" | tr '[:upper:]' '[:lower:]')
host=${remote%%/*}
trap 'docker logout "$host" >/dev/null 2>&1' EXIT
printf '%s' "${CIFORGE_REGISTRY_TOKEN:-}" |
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
