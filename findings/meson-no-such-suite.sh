#!/bin/sh
# meson 1.12.1, ninja 1.13.2
#
# Guess: `meson test --suite NAME` with a misspelt NAME fails, as `meson test NAME` does.
# What happens: the unknown test is an error (exit status 1); the unknown suite prints "No suitable tests defined." and
# exits 0.
# Why it matters: after a suite is renamed, the CI step that runs it stays green and tests nothing.

. "$(dirname "$0")/lib.sh"
python_packages meson==1.12.1 ninja==1.13.2

cat >meson.build <<'EOF'
project('demo')
test('one', find_program('false'), suite: 'unit')
EOF
meson setup build >setup.log
status=0
meson test -C build oen >test.log 2>&1 || status=$?
same "meson test oen" "ERROR: *:oen test name does not match any test
exit status 1" "$(grep oen test.log)
exit status $status"
status=0
meson test -C build --suite unti >suite.log 2>&1 || status=$?
same "meson test --suite unti" "No suitable tests defined.
exit status 0" "$(tail -1 suite.log)
exit status $status"
