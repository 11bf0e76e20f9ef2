#!/bin/sh
# meson 1.12.1, ninja 1.13.2
#
# Guess: a test that `meson test` reports as ERROR is an error or a failure in testlog.junit.xml too.
# What happens: with protocol: 'tap' the report has one <testcase> for each TAP line and none for the program. A
# program that prints "ok 1" and exits 1, or that ends before its plan is fulfilled, is ERROR on the screen, makes meson
# exit with 1, and is a suite with errors="0" failures="0" in the report.
# Why it matters: a test program that stops in the middle is green in every viewer of JUnit files.

. "$(dirname "$0")/lib.sh"
python_packages meson==1.12.1 ninja==1.13.2

cat >meson.build <<'EOF'
project('demo')
sh = find_program('sh')
test('exits-1', sh, args: ['-c', 'echo 1..1; echo ok 1; exit 1'], protocol: 'tap')
test('ends-early', sh, args: ['-c', 'echo 1..3; echo ok 1; echo ok 2'], protocol: 'tap')
EOF
meson setup build >setup.log
status=0
meson test -C build --num-processes 1 >test.log 2>&1 || status=$?

same "exit status" 1 "$status"
same "what meson prints" "demo:exits-1 ERROR
demo:ends-early ERROR" "$(sed -n 's/^ *[0-9]*\/2 *\([a-z0-9:-]*\) *\([A-Z]*\) .*/\1 \2/p' test.log)"
same "the report" '<testsuite name="demo.demo:exits-1" tests="1" errors="0" failures="0" skipped="0"
<testsuite name="demo.demo:ends-early" tests="2" errors="0" failures="0" skipped="0"
elements <failure> or <error>: 0' "$(
	grep -o '<testsuite name="[^"]*:[^"]*" tests="[0-9]*" errors="[0-9]*" failures="[0-9]*" skipped="[0-9]*"' \
		build/meson-logs/testlog.junit.xml
	echo "elements <failure> or <error>: $(grep -cE '<(failure|error)\b' build/meson-logs/testlog.junit.xml)"
)"
