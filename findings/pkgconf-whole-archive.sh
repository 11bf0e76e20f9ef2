#!/bin/sh
# pkgconf 3.0.7.post0 (the wheel of pkgconf 3.0.7)
#
# Guess: -Wl, options that come in pairs stay around their library, as they stand in the .pc file; only -l and -L
# are subject to removal of duplicates.
# What happens: where two packages both have "-Wl,--whole-archive -lX -Wl,--no-whole-archive", the first pair is
# dropped as a duplicate of the second. -lX of the first package is then linked as an ordinary archive.
# Why it matters: a static library of plugins or test cases that registers itself by constructors links without an
# error and is empty at run time, only when a second package of its kind is present.

. "$(dirname "$0")/lib.sh"
python_packages pkgconf==3.0.7.post0

for name in one two; do
	printf 'Name: %s\nDescription: %s\nVersion: 1\nLibs: -Wl,--whole-archive -l%s -Wl,--no-whole-archive\n' \
		$name $name $name >$name.pc
done
export PKG_CONFIG_LIBDIR="$work" PKG_CONFIG_PATH="$work"
same "pkg-config --libs one" "-Wl,--whole-archive -lone -Wl,--no-whole-archive" "$(pkg-config --libs one)"
same "pkg-config --libs two" "-Wl,--whole-archive -ltwo -Wl,--no-whole-archive" "$(pkg-config --libs two)"
same "pkg-config --libs one two" "-lone -Wl,--whole-archive -ltwo -Wl,--no-whole-archive" "$(pkg-config --libs one two)"
