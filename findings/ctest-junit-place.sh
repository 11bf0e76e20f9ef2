#!/bin/sh
# cmake 4.4.5 (ctest)
#
# Guess: `ctest --test-dir build --output-junit report.xml` writes ./report.xml, as any other program's output option
# is relative to the current directory.
# What happens: the file is build/report.xml. Nothing is written in the current directory, and nothing is printed.
# Why it matters: an upload step finds no report, or one that an older run left behind.

. "$(dirname "$0")/lib.sh"
python_packages cmake==4.4.5

cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.20)
project(demo NONE)
enable_testing()
add_test(NAME one COMMAND ${CMAKE_COMMAND} -E true)
EOF
cmake -S . -B build >cmake.log
ctest --test-dir build --output-junit report.xml >ctest.log
same "where the report is" ./build/report.xml "$(find . -path ./venv -prune -o -name report.xml -print)"
