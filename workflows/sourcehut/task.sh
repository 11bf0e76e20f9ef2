#!/bin/sh
# A task of a manifest for builds.sr.ht: `task.sh unpack`, `prepare`, `step NAME` or `results`. The service
# keeps files of builds that pass only, so a task that fails prints its result. If the job may fail, it exits 10:
# the manifest then completes the build, which passes and keeps its files.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
CIFORGE_HOME=$HOME/ciforge
export CIFORGE_HOME
cd "$here/../../${CIFORGE_SOURCE:-.}"

pack() {
    tar -czf "$HOME/ciforge-result.tar.gz" -C "$CIFORGE_HOME/result" .
}

what=$1
shift
case $what in
unpack)
    sh "$here/unpack.sh"
    exit
    ;;
results)
    sh "$here/finish.sh"
    pack
    exit
    ;;
esac
if sh "$here/$what.sh" "$@"; then
    exit 0
fi
known=yes
sh "$here/finish.sh" || known=
cat "$CIFORGE_HOME/result/result.json"
allow_failure=
# shellcheck source=/dev/null
. "$CIFORGE_HOME/facts"
if [ -n "$known" ] && [ "$allow_failure" = true ]; then
    pack
    exit 10
fi
exit 1
