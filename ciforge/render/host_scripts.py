"""The script that runs on a machine which is no container, around the steps of a job. POSIX sh.

It is sent from outside each time, as an argument of `sh -c`: the machine keeps no copy that a step
could change. Paths are those of a container; the engine puts the machine's own folder in their place.
"""

from ciforge.render.wrapper import SYSTEM_PATH

_HEAD = f"""\
#!/bin/sh
# sh -c SCRIPT host TOKEN ROOT WHAT [WORD...]; TOKEN marks the processes of one job, ROOT is the
# command before one of root (doas -n, sudo -n), or empty.
#   hold OWNER               takes the machine for one job and holds it until standard input ends
#   install-begins PLACE     lists the files of the system, where PLACE is empty
#   after NAME USER PLACE    ends what a step left running; its exit code, the disk that is left, and
#                            `nothing` after an install that left no file
#   signal SIGNAL            sends a signal to the processes of the job
#   processes                lists them
PATH={SYSTEM_PATH}:/usr/local/bin:/usr/pkg/bin
LC_ALL=C
# Systems of the SysV family have POSIX awk, find and ps there, and stat.
[ ! -x /usr/xpg4/bin/sh ] || PATH=/usr/gnu/bin:/usr/xpg4/bin:$PATH
export PATH LC_ALL
umask 022
base=/ciforge
base=${{base%/*}}
# A machine that is thrown away has no folder above that of the job.
[ -n "$base" ] || base=/ciforge
token=$1 root=$2 what=$3
shift 3
"""

_PROCESSES = """
# The processes of a job: those that have its token in their environment, those of the process groups
# in which steps were started, and the children of these and of the processes that started steps. Not
# this one with its children, and not those that started steps, which report how they ended.
found() {
    {
        if [ -r /proc/self/environ ]; then
            $root grep -l "CIFORGE_TOKEN=$1" /proc/[0-9]*/environ 2>/dev/null |
                sed 's|^/proc/||; s|/.*||'
        else
            # Darwin: -E shows the environment, and -e is another option; BSD: -e, and there is no -E.
            { ps -axEww -o pid= -o command= || ps -axeww -o pid= -o command=; } 2>/dev/null |
                awk -v mark="CIFORGE_TOKEN=$1" 'index($0, mark) { print $1 }'
        fi
        sed 's/^/group /' /ciforge/groups 2>/dev/null
        ps -A -o pid= -o ppid= -o pgid= 2>/dev/null | sed 's/^ */process /'
    } | awk -v own="$$" '
        $1 == "group" { group[$2]; next }
        $1 != "process" { marked[$1]; next }
        { parent[$2] = $3; known++; if ($4 in group || $3 in group) marked[$2] }
        END {
            mine[own]
            do {
                more = 0
                for (pid in parent) if (!(pid in mine) && parent[pid] in mine) { mine[pid]; more = 1 }
            } while (more)
            do {
                more = 0
                for (pid in parent) if (!(pid in marked) && parent[pid] in marked) { marked[pid]; more = 1 }
            } while (more)
            for (pid in marked) if (!(pid in mine) && !(pid in group) && (pid in parent || !known)) printf " %s", pid
        }'
}

# Stopped first, so that none makes another one while the list is read; prints how many there were.
end_all() {
    set -- "$1" "$(found "$1")" 100
    # shellcheck disable=SC2086
    count=$(set -- $2; echo $#)
    while [ -n "$2" ] && [ "$3" -gt 0 ]; do
        # shellcheck disable=SC2086
        $root kill -STOP $2 2>/dev/null
        # shellcheck disable=SC2086
        $root kill -KILL $2 2>/dev/null
        set -- "$1" "$(found "$1")" "$(($3 - 1))"
        [ -z "$2" ] || sleep 0.1 2>/dev/null || sleep 1
    done
    printf 'left %s\\n' "$count"
    [ -z "$2" ] || printf 'alive%s\\n' "$2"
}
"""

_HOLD = """
# Whether the process that holds the machine is still there: its command has the token.
is_alive() {
    if [ -r "/proc/$1/cmdline" ]; then
        tr '\\000' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q "$2"
    else
        ps -p "$1" -o args= 2>/dev/null | grep -q "$2"
    fi
}

# Removes the folder of a job; read-only folders in it, as those of Go, are no obstacle.
remove_job() {
    if [ -e /ciforge ]; then
        chmod -R u+w /ciforge 2>/dev/null
        rm -rf /ciforge 2>/dev/null || $root rm -rf /ciforge
    fi
}

# Takes the lock, from a holder that is dead too; prints who has it where it cannot be had.
take() {
    mkdir -p "$base" || exit 73
    if ! mkdir "$base/lock" 2>/dev/null; then
        holder=$(cat "$base/lock/holder" 2>/dev/null)
        if [ -z "$holder" ] && [ -z "$(find "$base/lock" -prune -mmin +1 2>/dev/null)" ]; then
            echo 'busy a run that just began'
            exit 75
        fi
        # shellcheck disable=SC2086
        set -- $holder
        if [ -n "$holder" ] && is_alive "$1" "$2"; then
            shift 2
            echo "busy $*"
            exit 75
        fi
        mv "$base/lock" "$base/lock.$$" 2>/dev/null || { echo 'busy another run'; exit 75; }
        if [ "$(cat "$base/lock.$$/holder" 2>/dev/null)" != "$holder" ]; then
            mv "$base/lock.$$" "$base/lock"
            echo 'busy another run'
            exit 75
        fi
        if [ -n "${2-}" ]; then
            end_all "$2" >/dev/null
            end_all "timer-$2" >/dev/null
        fi
        rm -rf "$base/lock.$$"
        mkdir "$base/lock" || { echo 'busy another run'; exit 75; }
        shift "$(($# > 2 ? 2 : $#))"
        echo "leftover $*"
    fi
}

# Ends the job and gives the machine back, unless another one took it over already.
finish() {
    case $(cat "$base/lock/holder" 2>/dev/null) in "$$ $token "*) ;; *) exit 0 ;; esac
    end_all "$token" >/dev/null
    remove_job
    rm -rf "$base/lock"
}

# Ends the job after so many seconds, even if nothing comes from ciforge any more.
timer() {
    CIFORGE_TOKEN=timer-$token sleep "$1" &
    sleeper=$!
    trap 'kill "$sleeper"; exit 0' TERM
    wait "$sleeper"
    finish
    kill -KILL "$$"
}

hold() {
    take
    printf '%s %s %s\\n' "$$" "$token" "$1" >"$base/lock/holder" || { rm -rf "$base/lock"; exit 73; }
    trap : HUP INT TERM PIPE
    remove_job
    mkdir -p /ciforge/bin /ciforge/steps /ciforge/src /ciforge/home "/ciforge/records/$(id -un)" ||
        { finish; exit 73; }
    echo held
    watch=
    while read -r seconds; do
        [ -z "$watch" ] || kill "$watch" 2>/dev/null
        timer "$seconds" >/dev/null 2>&1 &
        watch=$!
    done
    [ -z "$watch" ] || kill "$watch" 2>/dev/null
    finish
}
"""

_MANIFEST = """
# Puts names in the place of numbers of owners and groups, the third and the fourth word of a line.
named() {
    set -- "$1" "$1.names"
    : >"$2"
    for kind in passwd group; do
        before='[^ ]* [^ ]*' field=3
        [ "$kind" = passwd ] || before="$before [^ ]*" field=4
        cut -d ' ' -f "$field" "$1" | sort -u | while read -r number; do
            name=$(getent "$kind" "$number" | cut -d : -f 1)
            [ -z "$name" ] || printf 's|^\\\\(%s\\\\) %s |\\\\1 %s |\\n' "$before" "$number" "$name" >>"$2"
        done
    done
    sed -f "$2" "$1"
    rm -f "$2"
}

# The install manifest: type, mode, owner, group, path of what came or changed in the system between
# `before` and `after`; or of all that is in PLACE, the folder of DESTDIR, by its path below it.
manifest() (
    records=/ciforge/records
    when=$1 place=$2
    shorter=${place:+"s|^\\([^/]*\\)$place/\\.|\\1|; / $/d; "}
    # The BSDs install into file systems of their own. What is not local may not answer.
    mounted=$({ df -Pl || df -P; } 2>/dev/null | awk '{ sub(/^.*% +/, "") }
        /^\\/[^ ]+$/ && !/^\\/(dev|proc|run|sys|tmp|mnt|media|snap|Volumes|var\\/(cache|tmp|log|lib\\/docker))(\\/|$)/')
    files() {
        if [ -n "$place" ]; then
            [ ! -d "$place" ] || find "$place/." "$@"
        else
            # shellcheck disable=SC2086
            $root find / $mounted -xdev \\( -path "$base" -o -path /dev -o -path /proc -o -path /run -o -path /sys \\
                -o -path /tmp -o -path /var/cache -o -path /var/tmp -o -path /var/log \\) -prune -o "$@"
        fi
    }
    # A file is known by its change time, inode and size; a folder by its mode and owner alone. GNU find
    # prints these itself, and takes three times as long for names of users; elsewhere stat does: busybox
    # and toybox know -c, BSD and Darwin know -f.
    reader=cat who='%u %g'
    if command -v getent >/dev/null; then reader=named who='%U %G'; fi
    if find / -prune -printf '%C@ %i %s %m %u %g %p\\n' >/dev/null 2>&1; then
        files \\( -type d -printf "0 0 0 dir %m $who %p\\n" \\
            -o -type l -printf "%C@ %i %s link %m $who %p\\n" \\
            -o -type f -printf "%C@ %i %s file %m $who %p\\n" \\)
    elif stat -c %a / >/dev/null 2>&1; then
        files -type d -exec stat -c '0 0 0 dir %a %U %G %n' {} +
        files -type l -exec stat -c '%Z %i %s link %a %U %G %n' {} +
        files -type f -exec stat -c '%Z %i %s file %a %U %G %n' {} +
    else
        files -type d -exec stat -f '0 0 0 dir %Mp%Lp %Su %Sg %N' {} +
        files -type l -exec stat -f '%c %i %z link %Mp%Lp %Su %Sg %N' {} +
        files -type f -exec stat -f '%c %i %z file %Mp%Lp %Su %Sg %N' {} +
    fi 2>/dev/null | sed "$shorter"'s|^\\([^/]*\\) 0\\([0-7][0-7]*\\) |\\1 \\2 |' | sort -u >"$records/files.$when"
    [ "$when" = after ] || return 0
    [ -f "$records/files.before" ] || : >"$records/files.before"
    comm -13 "$records/files.before" "$records/files.after" |
        sed 's/^[0-9.]* [0-9]* [0-9]* //' | sort -k 5 >"$records/files.new"
    "$reader" "$records/files.new" >"$records/manifest.txt"
    rm -f "$records/files.before" "$records/files.after" "$records/files.new"
)
"""

_END = """
# The exit code as the wrapper recorded it.
recorded() {
    if [ -f "$1" ] && [ ! -h "$1" ]; then
        printf 'exit %s\\n' "$(dd if="$1" bs=9 count=1 2>/dev/null | tr -dc 0-9)"
    fi
    rm -rf "$1" 2>/dev/null || $root rm -rf "$1"
}

case $what in
hold) hold "$1" ;;
install-begins) [ -n "$1" ] || manifest before ;;
after)
    end_all "$token"
    rm -f /ciforge/groups
    if [ "$1" = install ]; then
        manifest after "$3"
        [ -s /ciforge/records/manifest.txt ] || echo nothing
    fi
    recorded "/ciforge/records/$2/$1.exit"
    df -Pk /ciforge/src | sed -n 's/^/disk /;$p'
    ;;
signal)
    list=$(found "$token")
    # shellcheck disable=SC2086
    [ -z "$list" ] || $root kill "-$1" $list 2>/dev/null || :
    ;;
processes)
    for process in $(found "$token"); do
        # busybox has no -p, and minimal systems have no ps.
        ps -p "$process" -o pid= -o ppid= -o stat= -o args= 2>/dev/null ||
            printf '%s %s\\n' "$process" "$(tr '\\000' ' ' <"/proc/$process/cmdline" 2>/dev/null)"
    done | cut -c 1-200
    ;;
esac
"""

HOST = _HEAD + _PROCESSES + _HOLD + _MANIFEST + _END
"""Around the steps: takes the machine, ends processes, lists what was installed."""

PROBE = """\
# What a machine is: a line for each fact. Names of its system come in several forms.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
kernel=$(uname -s | tr '[:upper:]' '[:lower:]')
echo "user $(id -un)"
echo "home $HOME"
echo "os $kernel"
echo "processor $(uname -m)"
echo "system $kernel-$(uname -r)"
if [ -r /etc/os-release ]; then
    # shellcheck source=/dev/null
    (. /etc/os-release && echo "system $ID-${VERSION_CODENAME-}" && echo "system $ID-${VERSION_ID:-$ID}")
elif command -v sw_vers >/dev/null; then
    echo "system $(sw_vers -productName | tr '[:upper:]' '[:lower:]')-$(sw_vers -productVersion)"
fi | sed 's/^system  */system /'
for tool in awk comm dd df find grep id sed sort tar tr; do
    command -v "$tool" >/dev/null || echo "missing $tool"
done
[ -r /proc/self/environ ] || command -v ps >/dev/null || echo 'missing ps'
find / -prune -printf '' >/dev/null 2>&1 || command -v stat >/dev/null || echo 'missing stat'
echo "processors $(getconf _NPROCESSORS_ONLN 2>/dev/null || getconf NPROCESSORS_ONLN 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 1)"
"""
"""Asks a machine what it is; POSIX sh."""
