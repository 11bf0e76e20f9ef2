#!/bin/sh
# Repeats portable/fedora-44/default without ciforge: the same image, the same steps, in its own container.
#
#   sh FILE [SOURCE]      SOURCE is the folder with the source; default: the current folder
#
# BASE=image uses another base image; KEEP=1 keeps the container after the job. CIFORGE_REVISION,
# CIFORGE_DESCRIBE, CIFORGE_DATE and SOURCE_DATE_EPOCH reach the steps if they are set.
set -eu
source=${1:-.}
image=ciforge-script/5f64210aa418a32b
platform=linux/amd64

work=$(mktemp -d)
container=
finish() {
    code=$?
    rm -rf "$work"
    if [ -n "$container" ] && [ -n "${KEEP:-}" ]; then
        echo "The container is kept: docker exec -it $container sh; docker rm -f $container"
    elif [ -n "$container" ]; then
        docker rm -f -v "$container" >/dev/null || :
    fi
    exit "$code"
}
trap finish EXIT
trap 'exit 130' HUP INT TERM
mkdir "$work/bin" "$work/steps"

cat >"$work/Dockerfile" <<'END_OF_TEXT'
ARG BASE=registry.fedoraproject.org/fedora:44
FROM ${BASE}

RUN dnf -y install --setopt=install_weak_deps=False --setopt=skip_unavailable=False \
      autoconf \
      automake \
      bison \
      ccache \
      findutils \
      gcc \
      glibc-devel \
      libevent-devel \
      libtool \
      libxcrypt-devel \
      make \
      openssl-devel \
      pam-devel \
      pkgconf-pkg-config \
      shadow-utils \
      zlib-ng-compat-devel \
 && dnf clean all

RUN add_user() { \
      (grep -q "^$1:" /etc/group || groupadd -r "$1") \
      && (id -u "$1" >/dev/null 2>&1 || useradd -r -g "$1" -d "$2" -M -s /sbin/nologin "$1"); \
    } \
 && add_user ciforge /ciforge/home \
 && add_user _smtpd /var/empty \
 && add_user _smtpq /var/empty

RUN mkdir -p /ciforge/bin /ciforge/lib/ccache /ciforge/records /ciforge/steps \
 && install -d -o ciforge -g ciforge /ciforge/ccache /ciforge/home /ciforge/src \
 && install -d -m 0700 -o ciforge /ciforge/records/ciforge \
 && install -d -m 0700 -o _smtpd /ciforge/records/_smtpd \
 && install -d -m 0700 -o _smtpq /ciforge/records/_smtpq \
 && for name in cc gcc c++ g++ clang clang++; do \
      if command -v "$name" >/dev/null; then \
        ln -s "$(command -v ccache)" "/ciforge/lib/ccache/$name"; \
      fi; \
    done
END_OF_TEXT

cat >"$work/bin/step" <<'END_OF_TEXT'
#!/bin/sh
# Runs /ciforge/steps/NAME.sh, and leaves its exit code in the records of the user that it runs as.
name=$1
code=
path=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap : HUP INT TERM
umask 022
LC_ALL=C
TZ=UTC
export LC_ALL TZ
user=$(id -un)
record=/ciforge/records/$user/$name
[ "$user" != root ] || mkdir -p /ciforge/records/root
# ccache is for the unprivileged user alone: files of another one would be in its way next time.
if [ "$user" = ciforge ]; then
    export HOME=/ciforge/home
    [ ! -w "${CCACHE_DIR:-}" ] || path="/ciforge/lib/ccache:$path"
fi
cd /ciforge/src || exit 125
set -- /bin/sh -e
# Only there in containers with a ccache: configure reuses its earlier results.
[ "$name" != configure ] || [ ! -x /ciforge/bin/answers ] || set -- /ciforge/bin/answers
export PATH="$path"
"$@" "/ciforge/steps/$name.sh" </dev/null 2>&1
code=$?
# A signal is 128 and its number; in ksh93 it is 256 and its number, in yash 384 and its number.
if [ "$code" -gt 384 ]; then code=$((code - 256)); elif [ "$code" -gt 256 ]; then code=$((code - 128)); fi
printf '%s\n' "$code" >"$record.exit"
exit "$code"
END_OF_TEXT

cat >"$work/bin/supervise" <<'END_OF_TEXT'
#!/bin/sh
# Runs as root around the steps of a container; started from outside, never from a file inside.
#   open                     the container's own processes, and what it has used
#   before NAME              the list of files, where the step is the install
#   after NAME USER PID...   ends all processes but these; what the step left, what it has used
#   signal SIGNAL PID...     sends a signal to all processes but these
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022
# It ends processes: only allowed in a container.
[ -d /ciforge/records ] || exit 125

# The files of the system before and after the install, and in manifest.txt what came or changed,
# one a line: type, mode, owner, group, path.
manifest() (
    records=/ciforge/records
    when=$1
    files() {
        find / -xdev \( -path /ciforge -o -path /dev -o -path /proc -o -path /run -o -path /sys \
            -o -path /tmp -o -path /var/cache -o -path /var/tmp \) -prune -o "$@"
    }
    # A file is known by change time, inode and size, a folder by mode and owner. Without GNU find,
    # stat prints them, once for each type: busybox forgets an -exec with + within parentheses.
    if find / -prune -printf '%C@ %i %s %m %U %G %p\n' >/dev/null 2>&1; then
        files \( -type d -printf '0 0 0 dir %m %U %G %p\n' \
            -o -type l -printf '%C@ %i %s link %m %U %G %p\n' \
            -o -type f -printf '%C@ %i %s file %m %U %G %p\n' \)
    else
        files -type d -exec stat -c '0 0 0 dir %a %u %g %n' {} +
        files -type l -exec stat -c '%Z %i %s link %a %u %g %n' {} +
        files -type f -exec stat -c '%Z %i %s file %a %u %g %n' {} +
    fi >"$records/files.$when"
    [ "$when" = after ] || return 0
    # What is in the second list only; not every busybox has comm. find looks up each name.
    names() { sed -n 's/^\([A-Za-z0-9._-]*\):[^:]*:\([0-9]*\):.*/s,^\\(\\([^ ]* \\)\\{'"$1"'\\}\\)\2 ,\\1\1 ,/p' "/etc/$2"; }
    sort "$records/files.before" "$records/files.before" "$records/files.after" | uniq -u |
        sed -e 's/^[0-9.]* [0-9]* [0-9]* //' -e "$(names 2 passwd)" -e "$(names 3 group)" |
        sort -k 5 >"$records/manifest.txt"
    rm -f "$records/files.before" "$records/files.after"
)

# How often limits were reached, by files of the kernel, and the free disk space.
usage() {
    for file in memory.events memory/memory.oom_control memory/memory.failcnt \
        memory/memory.max_usage_in_bytes memory/memory.limit_in_bytes pids.events pids/pids.events
    do
        [ ! -r "/sys/fs/cgroup/$file" ] || sed "s|^|$file |" "/sys/fs/cgroup/$file"
    done
    df -Pk /ciforge/src | sed -n 's/^/disk /;$p'
}

# All processes but this one, those that are named, and those that have ended.
others() {
    own=" 1 $$ $* " found='' count=0
    for folder in /proc/[0-9]*; do
        case $own in *" ${folder#/proc/} "*) continue ;; esac
        { IFS= read -r stat <"$folder/stat"; } 2>/dev/null || continue
        case ${stat##*) } in [ZX]*) continue ;; esac
        found="$found ${folder#/proc/}" count=$((count + 1))
    done
}

# Stopped first, so that none makes another one while the list is read; how many there were.
end_others() {
    others "$@"
    most=$count before='' tries=300
    while [ "$found" != "$before" ] && [ "$tries" -gt 0 ]; do
        # shellcheck disable=SC2086
        kill -STOP $found 2>/dev/null
        before=$found tries=$((tries - 1))
        others "$@"
    done
    while [ -n "$found" ] && [ "$tries" -gt 0 ]; do
        # shellcheck disable=SC2086
        kill -KILL $found 2>/dev/null
        others "$@"
        [ -z "$found" ] || sleep 0.1
        tries=$((tries - 1))
    done
    printf 'left %s\n' "$most"
    [ -z "$found" ] || printf 'alive %s\n' "$count"
}

# The exit code as the wrapper recorded it.
recorded() {
    if [ -f "$1" ] && [ ! -h "$1" ]; then
        printf 'exit %s\n' "$(head -c 9 "$1" | tr -dc 0-9)"
    fi
    rm -rf "$1"
}

what=$1
shift
case $what in
open)
    others
    # shellcheck disable=SC2086
    [ -z "$found" ] || printf 'pid %s\n' $found
    usage
    ;;
before) [ "$1" != install ] || manifest before ;;
after)
    name=$1 user=$2
    shift 2
    end_others "$@"
    [ "$name" != install ] || manifest after
    recorded "/ciforge/records/$user/$name.exit"
    # Root may have changed these.
    if [ "$user" = root ] || grep -q '^NoNewPrivs:.*0' /proc/1/status; then rm -rf /ciforge/bin /ciforge/steps; fi
    usage
    ;;
signal)
    signal=$1
    shift
    others "$@"
    # shellcheck disable=SC2086
    [ -z "$found" ] || kill "-$signal" $found 2>/dev/null || :
    ;;
esac
END_OF_TEXT

cat >"$work/bin/processes" <<'END_OF_TEXT'
#!/bin/sh
# What a step that hangs waits for: its processes, and where the kernel has them asleep. Not the shell that asks.
printf '%-7s %-7s %-14s %-22s %s\n' PID PARENT STATE 'WAITS IN' COMMAND
for folder in /proc/[0-9]*; do
    process=${folder#/proc/}
    case $process in 1 | "$$" | "$PPID") continue ;; esac
    state=$(sed -n 's/^State:[[:space:]]*//p' "$folder/status" 2>/dev/null) || continue
    parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$folder/status" 2>/dev/null)
    waits=$(cat "$folder/wchan" 2>/dev/null)
    command=$(tr '\000-\037' ' ' <"$folder/cmdline" 2>/dev/null | cut -c 1-200)
    [ -z "$command" ] || printf '%-7s %-7s %-14s %-22s %s\n' \
        "$process" "$parent" "$state" "${waits:-?}" "$command"
done
END_OF_TEXT

cat >"$work/steps/bootstrap.sh" <<'END_OF_TEXT'
# portable/fedora-44/default: bootstrap
[ ! -f gnulib/gnulib-tool ] || export GNULIB_SRCDIR="${GNULIB_SRCDIR:-gnulib}"
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
# portable/fedora-44/default: configure
./configure --sysconfdir=/etc/mail --with-auth-pam
END_OF_TEXT

cat >"$work/steps/build.sh" <<'END_OF_TEXT'
# portable/fedora-44/default: build
make -j"${CIFORGE_JOBS:-$(getconf _NPROCESSORS_ONLN)}"
END_OF_TEXT

cat >"$work/steps/install.sh" <<'END_OF_TEXT'
# portable/fedora-44/default: install
make install
END_OF_TEXT

cat >"$work/steps/expect.sh" <<'END_OF_TEXT'
# portable/fedora-44/default: expect
PATH=/usr/sbin:/usr/bin:/sbin:/bin
unmet=0
unmet() {
    printf 'expect: %s\n' "$*"
    unmet=1
}
installed() {
    path=$1
    shift
    folder=$(CDPATH='' cd -P "${path%/*}/" 2>/dev/null && pwd -P) || folder=${path%/*}
    place=${folder%/}/${path##*/}
    found=
    [ -f /ciforge/records/manifest.txt ] || { unmet "$path: nothing was installed"; return; }
    [ -s /ciforge/records/manifest.txt ] || { unmet "$path: the install manifest is empty"; return; }
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
set -- # ::1, where the kernel has it
[ ! -e /proc/sys/net/ipv6 ] || set -- --sysctl net.ipv6.conf.all.disable_ipv6=0
container=$(docker create "$@" --init ${platform:+--platform "$platform"} \
    --env CIFORGE_REVISION --env CIFORGE_DESCRIBE --env CIFORGE_DATE --env SOURCE_DATE_EPOCH \
    --security-opt no-new-privileges "$image" sleep 21600)
docker network disconnect bridge "$container"
docker start "$container" >/dev/null
chmod 755 "$work" "$work/bin" "$work/bin"/* "$work/steps"
chmod 644 "$work/steps"/*
docker cp "$work/bin" "$container:/ciforge/" >/dev/null
docker cp "$work/steps" "$container:/ciforge/" >/dev/null
docker cp "$source/." "$container:/ciforge/src/" >/dev/null
docker exec "$container" chown -R -h ciforge:ciforge /ciforge/src

# Runs as root around the steps, by a script that no step can change.
supervise() {
    docker exec -u root "$container" /bin/sh -c "$(cat "$work/bin/supervise")" supervise "$@"
}
own=$(supervise open | sed -n 's/^pid //p')

step() {
    echo "==> $1"
    supervise before "$1"
    if [ "$3" = network ]; then docker network connect bridge "$container"; fi
    code=0
    docker exec -u "$2" "$container" /bin/sh /ciforge/bin/step "$1" || code=$?
    if [ "$3" = network ]; then docker network disconnect bridge "$container"; fi
    # shellcheck disable=SC2086
    supervise after "$1" "$2" $own >/dev/null
    if [ "$2" = root ]; then
        docker cp "$work/bin" "$container:/ciforge/" >/dev/null
        docker cp "$work/steps" "$container:/ciforge/" >/dev/null
    fi
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
