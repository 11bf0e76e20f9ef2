"""Stand-ins for programs of the BSDs and macOS, which know only the options that those have by their manual pages."""

BSD_STAT = r"""#!/bin/sh
# stat(1) as the BSDs and macOS have it: -f FORMAT with the words that ciforge uses, and no -c.
[ "$1" = -f ] || { echo 'usage: stat [-FLnq] [-f format | -l | -r | -s | -x] [-t timefmt] [file ...]' >&2; exit 1; }
format=$2
shift 2
for file; do
    set -- $(/usr/bin/stat -c '%Z %i %s %a %U %G' "$file")
    mode=$(printf '%04d' "$4")
    echo "$format" | sed "s|%c|$1|; s|%i|$2|; s|%z|$3|; s|%Mp%Lp|$mode|; s|%Su|$5|; s|%Sg|$6|; s|%N|$file|"
done
"""
BSD_HEAD = """#!/bin/sh
# head(1) of OpenBSD counts lines only.
case $1 in -c*) echo 'usage: head [-count | -n count] [file ...]' >&2; exit 1 ;; esac
exec /usr/bin/head "$@"
"""
BSD_FIND = """#!/bin/sh
# find(1) of the BSDs and macOS has no -printf.
for word; do [ "$word" != -printf ] || { echo 'find: -printf: unknown primary' >&2; exit 1; }; done
exec /usr/bin/find "$@"
"""
DARWIN_PS = """#!/bin/sh
# ps(1) of macOS: -E shows the environment, and -e means -A. procps without a dash has it the BSD way.
case $1 in
-axEww) shift; exec /bin/ps axeww "$@" ;;
-axeww) shift; exec /bin/ps -Aww "$@" ;;
esac
exec /bin/ps "$@"
"""
BSD = {"stat": BSD_STAT, "head": BSD_HEAD, "find": BSD_FIND}
"""Those that are called in the place of the programs of this system."""
