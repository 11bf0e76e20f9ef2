#!/bin/sh
# Makes a machine that is no container ready for the job: checks what it is, makes its users, installs the packages of
# the job, and copies the source. It stands in the place of prepare.sh.
# shellcheck disable=SC2034,SC2046,SC2154,SC2317,SC2329 # `shown` calls functions by their names
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
sh "$here/unpack.sh"
home=${CIFORGE_HOME:-${RUNNER_TEMP:?}/ciforge}
# The columns that unpack.sh leaves to this script.
set -- $(awk -v "job=$CIFORGE_JOB" '$1 == job' "$here/jobs.txt")
cp "$here/machines/$2.sh" "$home/setup.sh"
cp "$here/users/$3.sh" "$home/users.sh"
cp "$here/systems/$4.sh" "$home/system.sh"
cp "$here/managers/$5.package" "$home/package"
# shellcheck source=common.sh
. "$here/common.sh"

# Words of `probe`, the first of which is $1.
fact() {
    sed -n "s/^$1 //p" "$home/probe"
}

# Asks the machine what it is. An action may end before its machine answers.
ask() {
    tries=5
    until on_machine <"$home/bin/probe" >"$home/probe"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail infrastructure "the machine ${host:-of this job} does not answer"
        sleep 10
    done
}

# Whether the machine has a release of the job: `freebsd-15.1-release` is one of `freebsd-15`.
is_of_release() {
    fact system | tr '[:upper:]' '[:lower:]' | awk -v "names=$systems" '
        { n = split(names, name, " ")
          for (i = 1; i <= n; i++) if ($0 == name[i] || index($0, name[i] ".") == 1 || index($0, name[i] "-") == 1) found = 1 }
        END { exit !found }'
}

# The command before those of root.
find_root() {
    for words in '' 'doas -n' 'sudo -n'; do
        if [ "$(echo "$words id -u" | on_machine 2>/dev/null)" = 0 ]; then
            root=$words
            return 0
        fi
    done
    return 1
}

# by_root: the script on standard input, as root of the machine.
by_root() {
    if [ -n "$root" ]; then $root /bin/sh -s; else on_machine; fi
}

# The folders of the job; a user can write its own records alone.
make_folders() {
    {
        printf '%s\n' 'set -e' "PATH=\$PATH:$more_path" 'umask 022' \
            "mkdir -p $place/bin $place/steps $place/src $place/home $place/records"
        cat "$home/users.sh"
        [ -n "$host" ] || printf 'chown %s %s %s/bin %s/steps %s/records\n' \
            "$login" "$place" "$place" "$place" "$place"
        printf 'chown %s %s/src %s/home\n' "$login" "$place" "$place"
        others=$(awk '$2 != "root" && $2 != "ciforge" { print $2 }' "$home/step-list" | sort -u)
        for user in $login $others; do
            printf 'mkdir -p %s/records/%s\nchown %s %s/records/%s\nchmod 700 %s/records/%s\n' \
                "$place" "$user" "$user" "$place" "$user" "$place" "$user"
        done
    } | relocated | by_root
}

# In the place of a step: installs the packages, as root or as the login user.
enter() {
    started '' "PATH=\$PATH:$more_path CIFORGE_TOKEN=$mark $([ "$installer" = root ] && printf %s "$root") /bin/sh $place/setup" \
        >"$home/script"
    if [ -n "$host" ]; then exec $ssh "$host" 'exec /bin/sh -s' <"$home/script"; fi
    exec /bin/sh -s <"$home/script"
}

# One attempt: 0; 1 where the job is to blame, 3 where a mirror or the machine is, 124 where the job's time is over.
attempt() {
    before=$(heard | wc -c)
    code=0
    seconds=$(left)
    shown within_limit || code=$?
    [ "$code" -ne 0 ] || return 0
    [ ! -f "$home/too-late" ] || return 124
    heard | tail -c "+$((before + 1))" | tail -c 262144 | tr -d '\r' >"$home/build.txt"
    dead=$(grep -E -f "$home/unreachable" "$home/build.txt" | head -n 1)
    unknown=$(grep -E -o -f "$home/unknown" "$home/build.txt" | sed -n -E -f "$home/package" | head -n 1)
    if [ -n "$dead" ]; then
        reason="the package mirror does not answer: $dead"
    elif [ -n "$unknown" ]; then
        reason="there is no package '$unknown'"
        return 1
    elif ! is_running >/dev/null; then
        reason="the machine ${host:-of this job} does not answer any more"
    else
        reason="the packages cannot be installed: exit code $code"
        return 1
    fi
    return 3
}

git() {
    command git --no-replace-objects -c "safe.directory=$PWD" "$@"
}

# The source, as carry.sh brings it into a container. A tar of a BSD reads no form of long names but that of ustar.
put() {
    rm -f "$home/packed"
    if [ -n "$host" ]; then pack_files | unpack_in "$place/src"; else copy_files; fi
    if [ -n "$carry_git" ]; then
        (cd "$home/git" && exec tar -cf - .git) | unpack_in "$place/src"
    fi
    [ -f "$home/packed" ] || fail infrastructure 'tar could not read all files of the source'
    [ -z "$host" ] || echo "chown -R $login $place/src" | on_machine
}

# What `paths` names, with the time of the commit. A pipe ends with the status of its last command alone.
pack_files() {
    when=$(git log -1 --format=%ct 2>/dev/null) || when=$(date +%s)
    tar -cf - --format=ustar --no-recursion --owner=0 --group=0 --mtime="@$when" --null --verbatim-files-from \
        -T "$home/paths" && : >"$home/packed"
}

heard() {
    cat "$log" "$home/more.old" "$home/more"
}

mkdir -p "$home/result/artifacts"
: >"$home/ran"
: >"$home/own"
echo '["isolated network", "memory limit", "process limit", "disk limit"]' >"$home/lacks"
date +%s >"$home/job-began"
stamp >"$home/job-started"
[ -z "${GITHUB_ACTIONS:-}" ] || printf '::add-matcher::%s\n' "$here/matcher.json"
name=prepare
begin prepare
guard
for tool in git ${host:+ssh}; do
    command -v "$tool" >/dev/null || fail infrastructure "this machine has no $tool"
done
sh "$here/carry.sh" describe
ask
system=$(fact system | tail -n 1)
is_of_release || fail infrastructure "this machine runs $system, not $release"
find_root || fail infrastructure 'this machine lets nothing run as root'
login=ciforge
[ -n "$host" ] || login=$(fact user)
cores=$(fact processors)
mark=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$root" >"$home/root"
printf '%s\n' "$login" >"$home/login"
printf '%s\n' "$cores" >"$home/cores"
printf '%s\n' "$mark" >"$home/container"
printf '%s\n' "${host:-$system}" >"$home/image-id"
printf '%s (%s, %s)\n' "${host:-$system}" "$system" "$(fact processor)" >"$home/base-id"
make_folders
mkdir -p "$home/packed-setup"
{ echo "PATH=\$PATH:$more_path; export PATH" && cat "$home/setup.sh"; } >"$home/packed-setup/setup"
(cd "$home/packed-setup" && exec tar -cf - setup) | unpack_in "$place"
blame=0
attempt || blame=$?
if [ "$blame" -eq 3 ]; then
    printf -- '--- ciforge: %s; once more in 3 s ---\n' "$(one_line "$reason")" | keep | sed 's/##\[/## [/g'
    sleep 3
    blame=0
    attempt || blame=$?
fi
case $blame in
0) ;;
1)
    ended "$code"
    fail failed "$reason"
    ;;
124)
    ended -
    fail timed-out "$(out_of_time prepare "$limit" "$(cat "$home/silent")")" time
    ;;
*)
    ended -
    fail infrastructure "$reason"
    ;;
esac
{ echo "PATH=\$PATH:$more_path" && cat "$home/versions"; } | on_machine >"$home/packages" 2>/dev/null || : >"$home/packages"
put
lay_in
ended 0
