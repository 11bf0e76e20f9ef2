#!/bin/sh
# meson 1.12.1, ninja 1.13.2, cmake 4.4.4
#
# Guess: meson's configure_file with `format: 'cmake'` makes of the same template and the same values the same header as
# CMake's configure_file.
# What happens: OFF, NO and X-NOTFOUND are false for CMake: `/* #undef */`. meson defines them, and makes of
# `#cmakedefine01` with OFF a 1. Empty and 0 are false for both. meson's manual describes values for
# `#mesondefine` only.
# Why it matters: the format is there so that a project can be ported, or keep both builds, with one template. What
# CMake leaves out is then compiled in.

. "$(dirname "$0")/lib.sh"
python_packages meson==1.12.1 ninja==1.13.2 cmake==4.4.4

printf '#cmakedefine %s\n' OFF_ NO_ NOTFOUND_ EMPTY_ ZERO_ ONE_ >config.h.in
echo '#cmakedefine01 OFF_' >>config.h.in
cat >config.cmake <<'END'
set(OFF_ OFF)
set(NO_ NO)
set(NOTFOUND_ X-NOTFOUND)
set(EMPTY_ "")
set(ZERO_ 0)
set(ONE_ 1)
configure_file(config.h.in cmake.h)
END
cat >meson.build <<'END'
project('x')
values = {'OFF_': 'OFF', 'NO_': 'NO', 'NOTFOUND_': 'X-NOTFOUND', 'EMPTY_': '', 'ZERO_': 0, 'ONE_': 1}
configure_file(input: 'config.h.in', output: 'meson.h', format: 'cmake', configuration: values)
END
cmake -P config.cmake
meson setup build >setup.log 2>&1 || { cat setup.log >&2; exit 1; }
same "cmake" "/* #undef OFF_ */
/* #undef NO_ */
/* #undef NOTFOUND_ */
/* #undef EMPTY_ */
/* #undef ZERO_ */
#define ONE_
#define OFF_ 0" "$(cat cmake.h)"
same "meson" "#define OFF_
#define NO_
#define NOTFOUND_
/* #undef EMPTY_ */
/* #undef ZERO_ */
#define ONE_
#define OFF_ 1" "$(cat build/meson.h)"
