#!/bin/sh
# pcpp 1.30 (PyPI)
#
# Guess: a preprocessor that calls itself conforming to C99 either knows __has_include and __VA_OPT__, which compilers
# have had for years, or reports them.
# What happens: "#if __has_include("x.h")" is silently false for a file that is there and that #include finds.
# __VA_OPT__(,) is copied to the output. There is no message, and the exit status is 0.
# Why it matters: a portable header that tests for <sys/queue.h> in this way takes the fallback, in documentation
# generators and binding generators built on pcpp.

. "$(dirname "$0")/lib.sh"
python_packages pcpp==1.30

echo '#define FOUND included' >x.h
cat >demo.c <<'EOF'
#if __has_include("x.h")
has_include is true
#else
has_include is false
#endif
#include "x.h"
FOUND
#define CALL(f, ...) f(0 __VA_OPT__(,) __VA_ARGS__)
CALL(g, 1)
EOF
status=0
pcpp --line-directive --passthru-comments demo.c >out.c 2>err.log || status=$?
same "output" "has_include is false
included
g(0 __VA_OPT__(,) 1)
exit status 0, messages: 0" "$(grep -v '^$' out.c)
exit status $status, messages: $(grep -c . err.log)"
