# shellcheck shell=sh disable=SC2034,SC2154
# Read by machine.sh where a job runs on the machine of these scripts itself: what GNU's programs do for them, by those
# of the BSDs and macOS.
unbuffered='' cut=cat

# copy_files: what `paths` named, with the time of the commit. Not every tar takes a list of paths.
copy_files() {
    tr '\000' '\n' <"$home/paths" | cpio -pdm "$place/src" 2>"$home/packing" || {
        cat "$home/packing"
        return 1
    }
    when=$(TZ=UTC git log -1 --date=format-local:%Y%m%d%H%M.%S --format=%cd 2>/dev/null) || when=
    [ -z "$when" ] || find "$place/src" -type f -exec env TZ=UTC touch -t "$when" {} +
    : >"$home/packed"
}

# Elements that end with a NUL.
sort() {
    case $1 in
    -zu) tr '\000\n' '\n\000' | command sort -u | tr '\000\n' '\n\000' ;;
    *) command sort "$@" ;;
    esac
}

sha256sum() {
    openssl dgst -sha256 -r
}

# head -c takes more from a pipe than it prints, or is not there.
head() {
    case $1 in
    -c) dd bs=1 count="$2" 2>/dev/null ;;
    *) command head "$@" ;;
    esac
}

# A program, for xargs runs it too: stat -c %a -- FILE, stat -c %Y FILE.
if [ ! -x "$home/programs/stat" ]; then
    mkdir -p "$home/programs"
    cat >"$home/programs/stat" <<'END'
#!/bin/sh
PATH=${PATH#*:}
case $2 in
%a) exec stat -f %Lp "$4" ;;
*) exec stat -f %m "$3" ;;
esac
END
    chmod 755 "$home/programs/stat"
fi
case $PATH in "$home/programs":*) ;; *) PATH=$home/programs:$PATH ;; esac

# date -u -d @SECONDS FORMAT
date() {
    case "$*" in
    '-u -d @'*) command date -u -r "${3#@}" "$4" ;;
    *) command date "$@" ;;
    esac
}

# OpenBSD has none: ASCII alone is kept.
iconv() {
    if [ -x /usr/bin/iconv ]; then command iconv "$@"; else tr -d '\200-\377'; fi
}
