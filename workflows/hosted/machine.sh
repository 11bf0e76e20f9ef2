# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# Read by common.sh, whose functions these replace for a machine that is no container. Where the system has a `host`, it is a
# virtual machine that an action booted, and ssh reaches it as root; else it is this machine. Paths that other scripts give
# are those of a container.
host='' place='' systems='' run_as='' installer=root
# shellcheck source=/dev/null
. "$home/system.sh"
mark=$container # marks the processes of the job
ccache=         # is not kept
root=$(cat "$home/root" 2>/dev/null) || root=    # the command before those of root, or empty
login=$(cat "$home/login" 2>/dev/null) || login= # the account of steps without another user
cores=$(cat "$home/cores" 2>/dev/null) || cores=1
ssh="ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=8"
# The folders of users and packages; root of NetBSD has not all of them.
more_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# on_machine [WORD...]: runs the script on standard input there, with these words as its arguments. The login shell may
# be a csh, so it gets one simple command.
on_machine() {
    if [ -n "$host" ]; then
        words=
        for word; do
            words="$words '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"
        done
        $ssh "$host" "exec /bin/sh -s$words"
    else
        /bin/sh -s "$@"
    fi
}

# relocated: standard input with the folder of the job in the place of /ciforge; twice, since one space may be the end of a
# path and the beginning of the next.
relocated() {
    if [ "$place" = /ciforge ]; then
        cat
        return
    fi
    set -- 's#(^|[^A-Za-z0-9._~/-])/ciforge([^A-Za-z0-9._-]|$)#\1'"$place"'\2#g'
    sed -E -e "$1" -e "$1"
}

# around WHAT [WORD...]: what runs around the steps; no step can change the script.
around() {
    relocated <"$home/bin/host" | on_machine "$mark" "$root" "$@"
}

# Where what a step left running does not end, nothing is known of the step.
supervise() {
    case $1 in
    before) [ "$2" != install ] || around install-begins '' ;;
    after)
        if [ -f "$home/early" ]; then cat "$home/early"; else around after "$2" "$(account "$3")" ''; fi |
            sed '/^alive/,$d'
        ;;
    *) around "$@" ;;
    esac
}

# No limit is set that could be raised.
more_processes() {
    false
}

# lay_in: copies the wrapper, the steps and the install manifest onto the machine.
lay_in() {
    rm -rf "$home/laid"
    mkdir -p "$home/laid/bin" "$home/laid/steps" "$home/laid/records"
    relocated <"$home/bin/machine-step" >"$home/laid/bin/step"
    for file in "$home/steps"/*; do
        relocated <"$file" >"$home/laid/steps/${file##*/}"
    done
    [ ! -f "$home/manifest.txt" ] || cp "$home/manifest.txt" "$home/laid/records/manifest.txt"
    chmod -R go+rX "$home/laid"
    (cd "$home/laid" && exec tar -cf - bin steps records) | unpack_in "$place"
}

# unpack_in FOLDER: the tar file on standard input.
unpack_in() {
    if [ -n "$host" ]; then $ssh "$host" "cd $1 && exec tar -xf -"; else (cd "$1" && exec tar -xf -); fi
}

# networks connect, networks disconnect -f: such a machine has its network for all steps. What a step
# left running would hold its connection: it is ended while that is still open.
networks() {
    if [ "$1" = connect ]; then
        rm -f "$home/ending" "$home/early"
        watch "$name" "$(account "$user")" >/dev/null 2>&1 &
        watcher=$!
    elif [ -f "$home/ending" ]; then
        wait "$watcher" || :
    else
        kill "$watcher" 2>/dev/null || :
    fi
}

# watch NAME ACCOUNT: waits until a step has ended, and for its connection.
watch() {
    on_machine "$place/over.$1" "$seconds" <<'END' || return 0
until [ -f "$1" ]; do
    [ "$2" -gt 0 ] || exit 1
    sleep 1
    set -- "$1" "$(($2 - 1))"
done
END
    sleep 1
    : >"$home/ending"
    around after "$1" "$2" '' >"$home/early.new"
    mv "$home/early.new" "$home/early"
}

# account USER: the account on this machine.
account() {
    if [ "$1" = ciforge ]; then echo "$login"; else echo "$1"; fi
}

# Runs the step by the wrapper. This is a subshell, which becomes the connection.
enter() {
    user=$(account "$user")
    if [ "$user" = root ]; then
        by="$root \"\$@\""
    elif [ -n "$host" ]; then
        by=$(printf '%s' "$run_as" | sed -e "s/{user}/$user/" -e 's/{command}/"$*"/')
    elif [ "$user" = "$login" ]; then
        by='"$@"'
    else
        by="$root -u $user \"\$@\""
    fi
    facts=$(grep -v '^GIT_CONFIG_' "$home/version.env" | tr '\n' ' ')
    started "env -i PATH=\"\$PATH:$more_path\" HOME=\"\$HOME\" CIFORGE_TOKEN=$mark CIFORGE_JOBS=$cores $facts\\
    /bin/sh $place/bin/step $name" "$by" >"$home/script"
    if [ -n "$host" ]; then exec $ssh "$host" 'exec /bin/sh -s' <"$home/script"; fi
    exec /bin/sh -s <"$home/script"
}

# started WORDS COMMAND: a script that runs COMMAND with these arguments, as the start of a step.
started() {
    cat <<END
exec 2>&1
umask 022
trap : HUP INT TERM
echo \$\$ >>$place/groups || exit 125
cd $place/src || exit 125
set -- $1
$2 </dev/null
code=\$?
: >$place/over.$name
exit \$code
END
}

is_running() {
    echo 'echo true' | on_machine
}

processes() {
    around processes
}

fetch() {
    on_machine "$place${1#/ciforge}" "$(($3 / 65536 + 1))" >"$home/file" <<'END' || return 0
[ -f "$1" ] && [ ! -h "$1" ] && exec dd if="$1" bs=65536 count="$2" 2>/dev/null
END
    mv "$home/file" "$2"
}

list_kept() {
    (unset IFS && relocated <"$here/kept.sh" | on_machine "$folder" "$@")
}

# The log has the paths of a container, by which errors are told from each other, and so has what is shown of it.
usual_paths() {
    [ "$place" = /ciforge ] || { sed "s#$place/#/ciforge/#g" "$log" >"$home/file" && mv "$home/file" "$log"; }
}

cut=$short short=shortened
shortened() {
    $cut | awk $interactive -v "place=$place/" '{ gsub(place, "/ciforge/"); print; fflush() }'
}

# The service throws the machine away.
remove() {
    around signal KILL 2>/dev/null || :
}

# shellcheck source=bsd.sh
[ -n "$host" ] || . "$here/bsd.sh"
