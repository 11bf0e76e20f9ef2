#!/bin/sh
# ziglang 0.17.1 (PyPI); on a Linux with glibc
#
# Guess: "zig cc -dumpmachine" names the machine that "zig cc -c" compiles for, as with gcc and clang.
# What happens: without -target it prints x86_64-unknown-linux-musl, while the same command compiles for glibc: its
# headers define __GLIBC__, and --version prints a target that ends with the version of glibc.
# Why it matters: configure scripts and makefiles choose folders and workarounds by $(CC) -dumpmachine. They take the
# build for one on musl.

. "$(dirname "$0")/lib.sh"
python_packages ziglang==0.17.1
export ZIG_GLOBAL_CACHE_DIR="$work/global" ZIG_LOCAL_CACHE_DIR="$work/local"

printf '#include <features.h>\n#ifdef __GLIBC__\nglibc\n#else\nanother\n#endif\n' >libc.c
same "zig cc -dumpmachine" "musl" "$(python-zig cc -dumpmachine | sed 's/.*-//')"
same "zig cc --version" "gnu" "$(python-zig cc --version | sed -n 's/^Target: .*-\(gnu\).*/\1/p')"
same "zig cc -E" "glibc" "$(python-zig cc -E -P libc.c | tail -1)"
