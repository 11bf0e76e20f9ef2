#!/bin/sh
# ziglang 0.17.1 (PyPI)
#
# Guess: "zig cc -c -fsyntax-only" checks a file and exits 0 if it is correct, as clang does; zig cc is clang with its own
# driver.
# What happens: zig looks for the object file that it did not ask for, and ends with "failed to rename ...:
# FileNotFound" and exit status 1, for a correct file.
# Why it matters: build systems and configure checks that test flags by -fsyntax-only decide that no flag works.

. "$(dirname "$0")/lib.sh"
python_packages ziglang==0.17.1
export ZIG_GLOBAL_CACHE_DIR="$work/global" ZIG_LOCAL_CACHE_DIR="$work/local"

echo 'int f(void) { return 1; }' >f.c
status=0
python-zig cc -c -fsyntax-only f.c >zig.log 2>&1 || status=$?
same "zig cc -c -fsyntax-only f.c" "error: failed to rename FileNotFound
exit status 1" "$(sed -n "s/.*\(error: failed to rename\) .*: \(FileNotFound\)/\1 \2/p" zig.log)
exit status $status"
