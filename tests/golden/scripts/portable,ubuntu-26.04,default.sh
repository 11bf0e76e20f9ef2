#!/bin/sh
# Repeats portable/ubuntu-26.04/default without ciforge: the same image, the same steps, in a container of its own.
#
#   sh FILE [SOURCE]      SOURCE is the folder with the source, else the current one
#
# BASE=image takes another base image; KEEP=1 leaves the container for a look around.
set -eu
source=${1:-.}
image=ciforge-script/04ba91976d3c681e
platform=linux/amd64

work=$(mktemp -d)
box=
finish() {
    code=$?
    rm -rf "$work"
    if [ -n "$box" ] && [ -n "${KEEP:-}" ]; then
        echo "The container is kept: docker exec -it $box sh; docker rm -f $box"
    elif [ -n "$box" ]; then
        docker rm -f -v "$box" >/dev/null || :
    fi
    exit "$code"
}
trap finish EXIT
trap 'exit 130' HUP INT TERM
mkdir "$work/bin" "$work/steps"

cat >"$work/Dockerfile" <<'END_OF_TEXT'
ARG BASE=docker.io/library/ubuntu:26.04
FROM ${BASE}

RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      autoconf \
      automake \
      bison \
      ccache \
      findutils \
      gcc \
      libc6-dev \
      libcrypt-dev \
      libevent-dev \
      libpam0g-dev \
      libssl-dev \
      libtool \
      make \
      pkgconf \
      zlib1g-dev \
 && apt-get clean && rm -rf /var/lib/apt/lists/*

RUN (grep -q '^ciforge:' /etc/group || groupadd -r ciforge) \
 && (id -u ciforge >/dev/null 2>&1 || useradd -r -g ciforge -d /ciforge/home -M -s /usr/sbin/nologin ciforge) \
 && (grep -q '^_smtpd:' /etc/group || groupadd -r _smtpd) \
 && (id -u _smtpd >/dev/null 2>&1 || useradd -r -g _smtpd -d /var/empty -M -s /usr/sbin/nologin _smtpd) \
 && (grep -q '^_smtpq:' /etc/group || groupadd -r _smtpq) \
 && (id -u _smtpq >/dev/null 2>&1 || useradd -r -g _smtpq -d /var/empty -M -s /usr/sbin/nologin _smtpq)

RUN mkdir -p /ciforge/bin /ciforge/lib/ccache /ciforge/steps \
 && install -d -o ciforge -g ciforge /ciforge/ccache /ciforge/home /ciforge/src \
 && install -d -m 0777 /ciforge/records \
 && for name in cc gcc c++ g++ clang clang++; do \
      if command -v "$name" >/dev/null; then \
        ln -s "$(command -v ccache)" "/ciforge/lib/ccache/$name"; \
      fi; \
    done
END_OF_TEXT

cat >"$work/bin/step" <<'END_OF_TEXT'
#!/bin/sh
# Runs /ciforge/steps/NAME.sh and leaves in /ciforge/records what became of it:
# its process group, when it began and ended (seconds since 1970), its exit code.
name=$1
record=/ciforge/records/$name
trap : HUP INT TERM
umask 022
LC_ALL=C
TZ=UTC
export LC_ALL TZ
# ccache is for the unprivileged user alone: files of another one would be in its way next time.
if [ "$(id -un)" = ciforge ]; then
    export HOME=/ciforge/home
    [ ! -w "${CCACHE_DIR:-}" ] || export PATH="/ciforge/lib/ccache:$PATH"
fi
printf '%s\n' "$$" >"$record.group"
date +%s >"$record.began"
/ciforge/bin/usage >"$record.usage"
cd /ciforge/src || exit 125
[ "$name" != install ] || /ciforge/bin/manifest before
set -- sh -e
# There in boxes alone that have a ccache: configure takes over what it found out before.
[ "$name" != configure ] || [ ! -x /ciforge/bin/answers ] || set -- /ciforge/bin/answers
"$@" "/ciforge/steps/$name.sh" </dev/null 2>&1
code=$?
[ "$name" != install ] || /ciforge/bin/manifest after
date +%s >"$record.ended"
printf '%s\n' "$code" >"$record.exit"
exit "$code"
END_OF_TEXT

cat >"$work/bin/manifest" <<'END_OF_TEXT'
#!/bin/sh
# The install manifest: what the files of the system are before and after the install, and in
# manifest.txt what came or changed, one a line: type, mode, owner, group, path.
export LC_ALL=C
records=/ciforge/records
when=$1

# A file is known by its change time, inode and size; a folder, which changes with each file in
# it, by its mode and owner alone. GNU find says so itself, others have stat say it.
if find / -prune -printf '' 2>/dev/null; then
    set -- -type d -printf '0 0 0 dir %m %u %g %p\n' \
        -o -type l -printf '%C@ %i %s link %m %u %g %p\n' \
        -o -type f -printf '%C@ %i %s file %m %u %g %p\n'
else
    set -- -type d -exec stat -c '0 0 0 dir %a %U %G %n' {} + \
        -o -type l -exec stat -c '%Z %i %s link %a %U %G %n' {} + \
        -o -type f -exec stat -c '%Z %i %s file %a %U %G %n' {} +
fi
find / -xdev \( -path /ciforge -o -path /dev -o -path /proc -o -path /run -o -path /sys \
    -o -path /tmp -o -path /var/cache -o -path /var/tmp \) -prune -o \( "$@" \) |
    sort >"$records/files.$when"

if [ "$when" = after ]; then
    comm -13 "$records/files.before" "$records/files.after" |
        sed 's/^[0-9.]* [0-9]* [0-9]* //' | sort -k 5 >"$records/manifest.txt"
    rm -f "$records/files.before" "$records/files.after"
fi
END_OF_TEXT

cat >"$work/bin/usage" <<'END_OF_TEXT'
#!/bin/sh
# How often this box ran into its limits so far, as the kernel counts, and the room on its disk:
# on each line the name of a file and what stands in it.
for file in memory.events memory/memory.oom_control memory/memory.failcnt pids.events \
    pids/pids.events; do
    [ ! -r "/sys/fs/cgroup/$file" ] || sed "s|^|$file |" "/sys/fs/cgroup/$file"
done
df -Pk /ciforge/src | sed -n 's/^/disk /;$p'
END_OF_TEXT

cat >"$work/bin/processes" <<'END_OF_TEXT'
#!/bin/sh
# What a step that hangs is waiting for: its processes, and where the kernel has them asleep.
printf '%-7s %-7s %-14s %-22s %s\n' PID PARENT STATE 'WAITS IN' COMMAND
for folder in /proc/[0-9]*; do
    process=${folder#/proc/}
    if [ "$process" = 1 ] || [ "$process" = $$ ]; then continue; fi
    state=$(sed -n 's/^State:[[:space:]]*//p' "$folder/status" 2>/dev/null) || continue
    parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$folder/status" 2>/dev/null)
    waits=$(cat "$folder/wchan" 2>/dev/null)
    command=$(tr '\000-\037' ' ' <"$folder/cmdline" 2>/dev/null | cut -c 1-200)
    [ -z "$command" ] || printf '%-7s %-7s %-14s %-22s %s\n' \
        "$process" "$parent" "$state" "${waits:-?}" "$command"
done
END_OF_TEXT

cat >"$work/steps/bootstrap.sh" <<'END_OF_TEXT'
# portable/ubuntu-26.04/default: bootstrap
if [ -f configure ]; then
    echo 'The source carries configure: nothing to bootstrap.'
elif [ -x bootstrap ]; then
    ./bootstrap
elif [ -f bootstrap ]; then
    sh bootstrap
elif [ -x autogen.sh ]; then
    NOCONFIGURE=1 ./autogen.sh
elif [ -f autogen.sh ]; then
    NOCONFIGURE=1 sh autogen.sh
elif [ -f configure.ac ] || [ -f configure.in ]; then
    autoreconf -fi
else
    echo 'Neither configure, bootstrap, autogen.sh nor configure.ac is here.' >&2
    exit 1
fi
END_OF_TEXT

cat >"$work/steps/configure.sh" <<'END_OF_TEXT'
# portable/ubuntu-26.04/default: configure
./configure --sysconfdir=/etc/mail --with-auth-pam
END_OF_TEXT

cat >"$work/steps/build.sh" <<'END_OF_TEXT'
# portable/ubuntu-26.04/default: build
make -j"${CIFORGE_JOBS:-$(getconf _NPROCESSORS_ONLN)}"
END_OF_TEXT

cat >"$work/steps/install.sh" <<'END_OF_TEXT'
# portable/ubuntu-26.04/default: install
make install
END_OF_TEXT

cat >"$work/steps/expect.sh" <<'END_OF_TEXT'
# portable/ubuntu-26.04/default: expect
unmet=0
unmet() {
    printf 'expect: %s\n' "$*"
    unmet=1
}
installed() {
    path=$1
    shift
    folder=$(CDPATH= cd -P "${path%/*}/" 2>/dev/null && pwd -P) || folder=${path%/*}
    place=${folder%/}/${path##*/}
    found=
    [ -f /ciforge/records/manifest.txt ] || { unmet "$path: nothing was installed"; return; }
    while read -r type mode uname gname name; do
        [ "$name" = "$place" ] || [ "$name" = "$path" ] || continue
        found=yes
        for want in "$@"; do
            case $want in
            type=*) is=type=$type ;;
            mode=*) is=mode=$mode ;;
            uname=*) is=uname=$uname ;;
            gname=*) is=gname=$gname ;;
            esac
            [ "$is" = "$want" ] || unmet "$path has $is, not $want"
        done
    done </ciforge/records/manifest.txt
    [ -n "$found" ] || unmet "$path was not installed"
}
true_of() {
    grep -E "^[[:space:]]*#[[:space:]]*define[[:space:]]+$2([[:space:]]|\$)" "$1" |
        grep -Eqv '[[:space:]][(]*0(x0+|0*)[uUlL]*[)]*[[:space:]]*(/[*/].*)?$'
}
defines() {
    define="^[[:space:]]*#[[:space:]]*define[[:space:]]+$2"
    if ! [ -f "$1" ]; then
        unmet "there is no $1"
    elif ! grep -Eq "$define([[:space:]]|\$)" "$1"; then
        unmet "$1 does not define $2"
    elif [ $# -eq 4 ]; then
        grep -Eq "$define$3[[:space:]]*\$" "$1" || unmet "$1 does not define $2 as $4"
    elif ! true_of "$1" "$2"; then
        unmet "$1 defines $2 as 0"
    fi
}
defines config.h HAVE_CRYPT
installed /usr/local/sbin/smtpctl mode=2555 gname=_smtpq
[ "$unmet" -ne 0 ] || echo 'All 2 expectations are met.'
exit "$unmet"
END_OF_TEXT

here=$(docker version -f '{{.Server.Os}}/{{.Server.Arch}}')
if [ "$here" = "$platform" ]; then platform=; fi

echo '==> prepare'
docker build --force-rm ${platform:+--platform "$platform"} ${BASE:+--build-arg "BASE=$BASE"} \
    -t "$image" - <"$work/Dockerfile"
box=$(docker create --init ${platform:+--platform "$platform"} \
    --security-opt no-new-privileges "$image" sleep 21600)
docker network disconnect bridge "$box"
docker start "$box" >/dev/null
chmod 755 "$work" "$work/bin" "$work/bin"/* "$work/steps"
chmod 644 "$work/steps"/*
docker cp "$work/bin" "$box:/ciforge/" >/dev/null
docker cp "$work/steps" "$box:/ciforge/" >/dev/null
docker cp "$source/." "$box:/ciforge/src/" >/dev/null
docker exec "$box" chown -R -h ciforge:ciforge /ciforge/src

step() {
    echo "==> $1"
    if [ "$3" = network ]; then docker network connect bridge "$box"; fi
    code=0
    docker exec -u "$2" "$box" sh /ciforge/bin/step "$1" || code=$?
    if [ "$3" = network ]; then docker network disconnect bridge "$box"; fi
    if [ "$code" -ne 0 ]; then
        echo "==> $1 failed with exit code $code"
        exit 1
    fi
}

step bootstrap ciforge no-network
step configure ciforge no-network
step build ciforge no-network
step install root no-network
step expect ciforge no-network
echo '==> passed'
