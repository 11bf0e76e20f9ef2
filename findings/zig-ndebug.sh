#!/bin/sh
# ziglang 0.17.1 (zig cc)
#
# Guess: `zig cc -O2` compiles what `clang -O2` compiles. `NDEBUG` is defined by nobody but the project, and `__DATE__` is a
# string.
# What happens: with -O1, -O2, -O3 and -Os zig defines NDEBUG, and with -O2 `__DATE__` is an error, which it is not
# without optimization.
# Why it matters: what is inside of `assert` is not compiled, so that a name which the target lacks is found only there,
# and a variable that only an assertion uses gives a warning that no other compiler gives. A program that prints the date
# of its build does not compile, although it does on the target.

. "$(dirname "$0")/lib.sh"
python_packages ziglang==0.17.1
zig() { python -m ziglang "$@"; }
export ZIG_GLOBAL_CACHE_DIR="$work/cache" ZIG_LOCAL_CACHE_DIR="$work/cache"

cat >debug.c <<'C'
#ifdef NDEBUG
int no_assertions;
#else
int assertions;
#endif
C
echo 'const char *built = __DATE__;' >date.c

name() {
	zig cc "$@" -c debug.c -o debug.o
	grep -a -o -w -e no_assertions -e assertions debug.o | sort -u | xargs
}
same "without optimization" "assertions" "$(name)"
for level in -O1 -O2 -O3 -Os; do
	same "with $level" "no_assertions" "$(name "$level")"
done
same "with -O2 -UNDEBUG" "assertions" "$(name -O2 -UNDEBUG)"
date() { zig cc "$@" -c date.c -o date.o 2>&1 | sed -n 's/.*error: //p'; }
same "a date without optimization" "" "$(date)"
same "a date with -O2" "expansion of date or time macro is not reproducible [-Werror,-Wdate-time]" "$(date -O2)"
