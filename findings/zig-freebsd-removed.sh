#!/bin/sh
# ziglang 0.17.1 (PyPI); on a Linux with glibc
#
# Guess: what zig cc links for a release of FreeBSD, the linker of that release links.
# What happens: arc4random_stir, which FreeBSD 12 took away, links for 14.0. FreeBSD's libc keeps such names for old
# programs, with a version that is not the default (__sym_compat in lib/libc/gen/arc4random-compat.c of its sources), so
# its own linker says "undefined". zig's list of symbols has no such mark.
# Why it matters: AC_CHECK_FUNCS finds the function by linking, then the source calls it, and no header declares it:
# OpenSSH's configure answers "yes", and the build fails, for zig's FreeBSD alone.

. "$(dirname "$0")/lib.sh"
python_packages ziglang==0.17.1
export ZIG_GLOBAL_CACHE_DIR="$work/global" ZIG_LOCAL_CACHE_DIR="$work/local"

links() {
	printf 'char %s(void);\nint main(void) { return %s(); }\n' "$1" "$1" >probe.c
	python-zig cc -target x86_64-freebsd.14.0 -fno-builtin probe.c -o probe 2>err && echo yes ||
		sed -n 's/.*undefined symbol: //p' err | head -1
}
same "arc4random" "yes" "$(links arc4random)"
same "arc4random_stir, removed in 12" "yes" "$(links arc4random_stir)"
same "a function that nobody has" "surely_nobody" "$(links surely_nobody)"
printf '#include <stdlib.h>\narc4random_stir\n' >declared.c
same "headers that declare it" "0" "$(python-zig cc -target x86_64-freebsd.14.0 -E declared.c | grep -c 'arc4random_stir(')"
