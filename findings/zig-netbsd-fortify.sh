#!/bin/sh
# ziglang 0.17.1 (PyPI); on a Linux with glibc
#
# Guess: with a version in -target, zig cc has the headers and the libc of that release of NetBSD.
# What happens: for 10.1 it has the libc of 10.1 and the headers of 11. With -D_FORTIFY_SOURCE=2, <ssp/ssp.h> renames
# read, and a program that takes its address needs __ssp_protected_read, which libc has since 11: it does not link. For
# 11.0 it does.
# Why it matters: many configure scripts add -D_FORTIFY_SOURCE=2, and OpenSSH passes read to a function. What is a
# fault of the headers looks like one of the source. NetBSD 11's libc has the names for this reason only, says
# lib/libc/ssp/ssp_redirect.c of NetBSD's sources.

. "$(dirname "$0")/lib.sh"
python_packages ziglang==0.17.1
export ZIG_GLOBAL_CACHE_DIR="$work/global" ZIG_LOCAL_CACHE_DIR="$work/local"

cat >loop.c <<'END'
#include <unistd.h>
ssize_t (*from)(int, void *, size_t) = read;
int main(void) { char c; return from(0, &c, 1) == 1; }
END
links() { python-zig cc -O2 "$@" loop.c -o loop 2>err && echo yes || sed -n 's/.*undefined symbol: //p' err | head -1; }
same "10.1" "yes" "$(links -target x86_64-netbsd.10.1)"
same "10.1 with -D_FORTIFY_SOURCE=2" "__ssp_protected_read" "$(links -target x86_64-netbsd.10.1 -D_FORTIFY_SOURCE=2)"
same "11.0 with -D_FORTIFY_SOURCE=2" "yes" "$(links -target x86_64-netbsd.11.0 -D_FORTIFY_SOURCE=2)"
