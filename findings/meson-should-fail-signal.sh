#!/bin/sh
# meson 1.12.1, ninja 1.13.2, cmake 4.4.4
#
# Guess: a test with `should_fail: true` that is killed by SIGSEGV fails, as one with WILL_FAIL does in ctest: the program
# was to refuse its input, not to crash on it.
# What happens: meson prints "killed by signal 11 SIGSEGV" as an expected failure, exits 0, and its JUnit report has a
# test case without a failure. meson's manual speaks of a return value other than 0, not of signals.
# Why it matters: a negative test of a parser stays green when the parser begins to crash.

. "$(dirname "$0")/lib.sh"
python_packages meson==1.12.1 ninja==1.13.2 cmake==4.4.4

echo 'kill -SEGV $$' >crash.sh
cat >meson.build <<'END'
project('x')
test('refuse', find_program('sh'), args: [files('crash.sh')], should_fail: true)
END
cat >CTestTestfile.cmake <<'END'
add_test(refuse sh crash.sh)
set_tests_properties(refuse PROPERTIES WILL_FAIL 1)
END
meson setup build >setup.log 2>&1 || { cat setup.log >&2; exit 1; }
status=0
meson test -C build >meson.log 2>&1 || status=$?
same "meson" "EXPECTEDFAIL killed by signal 11 SIGSEGV
in the report: 0 errors, 0 failures
exit status 0" "$(sed -n 's/^1\/1 .*\(EXPECTEDFAIL\).* \(killed by .*\)/\1 \2/p' meson.log)
in the report: $(sed -n 's/.*<testsuites [^>]*errors="\([0-9]*\)" failures="\([0-9]*\)".*/\1 errors, \2 failures/p' build/meson-logs/testlog.junit.xml)
exit status $status"
status=0
ctest >ctest.log 2>&1 || status=$?
same "ctest" "1 - refuse (SEGFAULT)
exit status 8" "$(sed -n 's/^[[:space:]]*\(1 - refuse .*\)/\1/p' ctest.log)
exit status $status"
