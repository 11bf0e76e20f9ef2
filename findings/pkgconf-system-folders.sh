#!/bin/sh
# pkgconf 3.0.7.post0 (the wheel of pkgconf 3.0.7)
#
# Guess: pkg-config never prints -I/usr/include or -L/usr/lib; removing the compiler's own folders is one of its
# documented features.
# What happens: the wheel is built for the prefix /usr/local and knows only /usr/local/include and /usr/local/lib64 as
# system folders. It prints -I/usr/include and -L/usr/lib, and drops /usr/local/include, which not every compiler
# searches.
# Why it matters: a tox or pip environment puts this pkg-config before the system's. -I/usr/include moves that folder to
# the front, which breaks cross builds.

. "$(dirname "$0")/lib.sh"
python_packages pkgconf==3.0.7.post0

cat >demo.pc <<'EOF'
Name: demo
Description: demo
Version: 1
Cflags: -I/usr/include -I/usr/local/include -I/opt/demo/include
Libs: -L/usr/lib -L/usr/local/lib64 -L/opt/demo/lib -ldemo
EOF
export PKG_CONFIG_LIBDIR="$work" PKG_CONFIG_PATH="$work"
same "pkg-config --cflags demo" "-I/usr/include -I/opt/demo/include" "$(pkg-config --cflags demo)"
same "pkg-config --libs demo" "-L/usr/lib -L/opt/demo/lib -ldemo" "$(pkg-config --libs demo)"
