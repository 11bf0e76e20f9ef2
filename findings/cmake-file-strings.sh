#!/bin/sh
# cmake 4.4.4
#
# Guess: `file(STRINGS config.h lines)` followed by `foreach(line IN LISTS lines)` visits one line of the file at a time.
# What happens: a `[` in one line hides the separators up to the next `]`: several lines become one item. A line that
# ends with a backslash is joined to the next one by a `;`. cmake-language(7) tells the first of lists in general; the
# description of file(STRINGS) tells neither.
# Why it matters: this is how version numbers are read from a header. One array or one string with a bracket above
# `#define VERSION` is enough for a pattern with `^` to find nothing.

. "$(dirname "$0")/lib.sh"
python_packages cmake==4.4.4

cat >lines.cmake <<'END'
file(STRINGS config.h lines)
foreach(line IN LISTS lines)
  message(NOTICE "<${line}>")
endforeach()
END
items() { cmake -P lines.cmake 2>&1; }

printf '%s\n' '#define NAME "x"' '#define MAJOR 2' >config.h
same "two plain lines" '<#define NAME "x">
<#define MAJOR 2>' "$(items)"
printf '%s\n' '#define OPEN "["' '#define MAJOR 2' '#define CLOSE "]"' >config.h
same "three lines, brackets in the first and the last" '<#define OPEN "[";#define MAJOR 2;#define CLOSE "]">' "$(items)"
printf "#define LONG \\\\\n  1\n" >config.h
same "a continued line" '<#define LONG ;  1>' "$(items)"
