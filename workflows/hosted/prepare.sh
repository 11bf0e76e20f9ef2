#!/bin/sh
# Builds the job's image from its Dockerfile, and creates a container with the source in it.
# CIFORGE_BASE_DEBIAN_13 and the like name base images, also in CIFORGE_VARIABLES as JSON.
# `prepare.sh image` only builds the image.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
[ ! -f "$here/jobs.txt" ] || sh "$here/unpack.sh"
# shellcheck source=common.sh
. "$here/common.sh"

base=$(printenv "$variable") ||
    base=$(printf '%s\n' "${CIFORGE_VARIABLES:-}" | sed -n 's/^ *"'"$variable"'": "\([^"\\]*\)",*$/\1/p')
[ -n "$base" ] || base=$(sed -n 's/^ARG BASE=//p' "$home/Dockerfile")
tag=ciforge-hosted/$({ printf '%s\n' "$platform" && cat "$home/Dockerfile"; } | sha256sum | cut -c 1-32)
network=bridge
store=${RUNNER_TEMP:-$home}/ciforge-image # where the service's cache puts an image
label='{{index .Config.Labels "org.ciforge.base"}}'
week=$(date -u +%G-W%V)

base_is_there() {
    docker image inspect "$base" >/dev/null 2>&1 ||
        timeout "$(left)" docker pull --platform "$platform" "$base"
}

# With the week, so that no layer of an older one is used again.
build() {
    awk -v "week=$week" '{ print } /^FROM / { print "LABEL org.ciforge.created=" week }' \
        "$home/Dockerfile" |
        timeout "$(left)" docker build --force-rm --platform "$platform" --build-arg "BASE=$base" \
            --label "org.ciforge.base=$base@$(docker image inspect -f '{{.Id}}' "$base")" -t "$tag" -
}

# Takes the image from the registry or cache, if it is of this week and this base image.
is_stored() {
    if [ -n "${CIFORGE_REGISTRY:-}" ]; then
        TAG=$tag PLATFORM=$platform SECONDS_LEFT=$(left) sh "$here/registry.sh" pull || return 1
    else
        [ -f "$store/image.tar" ] && docker load -q -i "$store/image.tar" >/dev/null || return 1
    fi
    found=$(docker image inspect -f "{{index .Config.Labels \"org.ciforge.created\"}} $label" "$tag" 2>/dev/null) || return 1
    case $found in "$week $base@"?*) ;; *) return 1 ;; esac
    stored=yes
    note 'the image is from the cache'
}

# One attempt: 0; 1 if the job is at fault, 3 if a mirror, a registry or the engine, 124 if its time is over.
attempt() {
    code=0
    shown base_is_there || code=$?
    if [ "$code" -ne 0 ]; then
        reason="no base image $base"
        return "$(blamed 3)"
    fi
    before=$(heard | wc -c)
    shown build || code=$?
    [ "$code" -ne 0 ] || return 0
    # Without the numbers and colours of builders.
    heard | tail -c "+$((before + 1))" | tail -c 262144 |
        sed -e "s/$(printf '\033')\\[[0-9;]*m//g" -e 's/\r$//' \
            -e 's/^#[0-9][0-9]* [0-9][0-9.]* //' >"$home/build.txt"
    blame=0
    judge || blame=$?
    return "$(blamed "$blame")"
}

heard() {
    cat "$log" "$home/more.old" "$home/more"
}

# blamed CODE: it, unless the command was ended because the job's time is over.
blamed() {
    if [ "$code" -eq 124 ] && [ "$(left)" -le 1 ]; then echo 124; else echo "$1"; fi
}

# any FILE: one of its expressions; grep takes one of Perl.
any() { sed ':a;N;$!ba;s/\n/|/g' "$home/$1"; }

judge() {
    dead=$(any unreachable | grep -m 1 -P -f - "$home/build.txt") || dead=
    unknown=$(any unknown | grep -m 1 -o -P -f - "$home/build.txt") || unknown=
    failed=$(grep -oP '(returned a non-zero|(did not complete successfully|executor failed running .*): exit) code: \K\d+' \
        "$home/build.txt" | tail -n 1)
    if grep -qi 'exec format error' "$home/build.txt"; then
        reason="this machine runs no programs for $platform: it needs qemu-user-static"
    elif [ -n "$dead" ]; then
        reason="the package mirror does not answer: $dead"
    elif [ -z "$failed" ]; then
        reason="the image cannot be built: $(tail -n 1 "$home/build.txt")"
    elif [ -n "$unknown" ]; then
        reason="there is no package '$(printf '%s\n' "$unknown" | head -n 1)'"
        return 1
    else
        reason="a command of the Dockerfile failed"
        return 1
    fi
    return 3
}

# Builds the image; tries again after a failure that may not be the job's fault.
make_image() {
    stored=
    if is_stored; then return 0; fi
    for last in '' yes; do
        blame=0
        attempt || blame=$?
        [ "$blame" -eq 3 ] && [ -z "$last" ] || return "$blame"
        note "$reason; once more in 3 s"
        sleep 3
    done
}

describe_image() {
    docker image inspect -f '{{.Id}}' "$tag" >"$home/image-id"
    docker image inspect -f "$label" "$tag" >"$home/base-id"
    docker run --rm --network none --platform "$platform" "$tag" sh -c "$(cat "$home/versions")" \
        >"$home/packages" </dev/null || : >"$home/packages"
}

# What earlier runs compiled: results and their counters, no configuration and no link.
seed_ccache() {
    : >"$home/bin/ccache.conf"
    [ -f "$compiled/ccache.tar" ] || return 0
    docker cp - "$container:/ciforge" <"$compiled/ccache.tar" || :
    docker exec -u root "$container" find /ciforge/ccache -mindepth 1 ! -type d ! \( -type f \
        \( -name '*[RMW]' -o -name stats \) \) -exec rm -f {} + || :
    rm -rf "$compiled"
}

# Limits as in a local run.
make_container() {
    [ "$ccache" != ccache ] ||
        printf 'CCACHE_%s\n' DIR=/ciforge/ccache CONFIGPATH=/ciforge/bin/ccache.conf COMPILERCHECK=content \
            MAXSIZE=250M NOINODECACHE=1 TEMPDIR=/ciforge/home/.ccache-tmp >>"$home/version.env"
    # ::1 where the kernel has it: Docker has no IPv6 without a network.
    set --
    [ ! -e /proc/sys/net/ipv6 ] || set -- --sysctl net.ipv6.conf.all.disable_ipv6=0
    memory=$(awk '/^MemTotal:/ { m = int($2 * 0.9 / 1024); print (m > 8192 ? 8192 : m) "m" }' \
        /proc/meminfo)
    container=$(docker create "$@" --init --platform "$platform" --network "$network" \
        --memory "$memory" --memory-swap "$memory" --pids-limit 2048 --ulimit nofile=1024:4096 \
        --cap-drop AUDIT_WRITE --cap-drop MKNOD --cap-drop NET_RAW --cap-drop SETPCAP \
        --security-opt no-new-privileges${rights:+:false} --log-driver none --hostname "$release" --workdir / \
        --env "CIFORGE_JOBS=$(getconf _NPROCESSORS_ONLN)" --env-file "$home/version.env" --user root \
        "$tag" sleep $((limit + 600)))
    echo "$container" >"$home/container"
    docker network disconnect -f "$network" "$container"
    docker start "$container" >/dev/null
    [ "$ccache" != ccache ] || seed_ccache
    chmod 755 "$home/bin" "$home/bin"/* "$home/steps" "$home/steps"/*
    lay_in
    supervise open >"$home/usage"
    sed -n 's/^pid //p' "$home/usage" >"$home/own"
}

mkdir -p "$home/result/artifacts"
: >"$home/ran"
date +%s >"$home/job-began"
stamp >"$home/job-started"
[ -z "${GITHUB_ACTIONS:-}" ] || printf '::add-matcher::%s\n' "$here/matcher.json"
begin prepare
guard
for tool in docker git iconv sha256sum timeout; do
    command -v "$tool" >/dev/null || fail infrastructure "this machine has no $tool"
done
echo x | grep -qP x 2>/dev/null || fail infrastructure 'grep of this machine has no -P'
if [ "${1:-}" = image ]; then
    if ! make_image; then
        say "the image is not kept: $reason"
    elif [ -n "$stored" ]; then
        : # it is kept already
    elif [ -n "${CIFORGE_REGISTRY:-}" ]; then
        TAG=$tag SECONDS_LEFT=$(left) sh "$here/registry.sh" push ||
            say "the image is not kept: $CIFORGE_REGISTRY refuses it"
    elif mkdir -p "$store" && docker save -o "$store/image.tar" "$tag"; then
        printf 'kept=yes\n' >>"${GITHUB_OUTPUT:-/dev/null}"
    fi
    exit 0
fi
sh "$here/carry.sh" describe
if ! make_image; then
    if [ "$blame" -eq 1 ]; then
        ended "${failed:--}"
        fail failed "$reason"
    fi
    ended -
    [ "$blame" -ne 124 ] || fail timed-out "$(out_of_time prepare "$limit" 0)" time
    fail infrastructure "$reason"
fi
describe_image
make_container
sh "$here/carry.sh" put
ended 0
