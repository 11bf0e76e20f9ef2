#!/bin/sh
# python-subunit 1.4.6 (PyPI), tap-parser 18.3.4 (npm)
#
# Guess: "ok 1 - parses \# in names" is a passed test for a reader of TAP; at worst the backslash stays in the name.
# What happens: tap2subunit does not recognize the line as a test at all, and then reports test 1 as missing: a failure.
# tap-parser reads it as TAP 14 defines it.
# Why it matters: "\#" is how a producer of TAP writes a "#" in a name, so that it does not begin a directive. A green
# run becomes red by way of a converter.
#
# A $ in single quotes is for node.
# shellcheck disable=SC2016

. "$(dirname "$0")/lib.sh"
python_packages python-subunit==1.4.6
node_packages tap-parser@18.3.4

printf '%s\n' 'TAP version 14' '1..2' 'ok 1 - parses \# in names' 'ok 2 - plain' >run.tap
status=0
tap2subunit <run.tap | subunit-stats >stats.log || status=$?
same "tap2subunit | subunit-stats" "Passed tests:      1
Failed tests:      1
exit status 1" "$(grep -E '^(Passed|Failed)' stats.log)
exit status $status"
same "tap-parser" "ok true, 2 passed, 0 failed" "$(node -e '
const { Parser } = require("tap-parser");
new Parser((r) => console.log(`ok ${r.ok}, ${r.pass} passed, ${r.fail} failed`)).end(
  require("fs").readFileSync("run.tap"));')"
