#!/bin/sh
# cmake 4.4.5 (ctest)
#
# Guess: `ctest --rerun-failed` after a run in which every test passed has nothing to do, and runs nothing.
# What happens: it runs all the tests.
# Why it matters: a retry step such as "run the tests, then run the failed ones again" takes twice the time exactly
# when nothing failed; and tests that change state run a second time.

. "$(dirname "$0")/lib.sh"
python_packages cmake==4.4.5

cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.20)
project(demo NONE)
enable_testing()
add_test(NAME one COMMAND ${CMAKE_COMMAND} -E true)
add_test(NAME two COMMAND ${CMAKE_COMMAND} -E true)
EOF
cmake -S . -B build >cmake.log
ctest --test-dir build >first.log
same "the first run" "100% tests passed out of 2" "$(grep 'tests passed' first.log)"
ctest --test-dir build --rerun-failed >again.log
same "with --rerun-failed" "1: one Passed
2: two Passed" "$(sed -n 's/.*Test *#\([0-9]*: [a-z]*\) [. ]*\(Passed\).*/\1 \2/p' again.log)"
