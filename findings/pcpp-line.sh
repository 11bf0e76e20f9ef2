#!/bin/sh
# pcpp 1.30 (PyPI)
#
# Guess: after "#line 100 "grammar.y"", __LINE__ and __FILE__ are those that the directive names, as in each C compiler.
# What happens: pcpp copies the directive to its output and goes on counting in its own file; __LINE__ is 2 and
# __FILE__ is the name of the generated file.
# Why it matters: #line stands in each file that yacc and lex generate. Assertions and messages of a program
# preprocessed by pcpp name lines of the generated file.

. "$(dirname "$0")/lib.sh"
python_packages pcpp==1.30

printf '#line 100 "grammar.y"\n__LINE__ __FILE__\n' >parser.c
same "pcpp" '2 "parser.c"' "$(pcpp parser.c | grep -v -e '^#' -e '^$')"
