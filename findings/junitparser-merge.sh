#!/bin/sh
# junitparser 5.0.3 (PyPI)
#
# Guess: "junitparser merge" puts the suites of its inputs side by side, and keeps what they state.
# What happens: suites of one name become one suite. The job on each system writes the same name, so the merged file has
# two test cases of one name, of which one failed, and nothing says on which system. The suite's time becomes 0.
# Why it matters: merging the reports of a matrix of systems is what the command is for.

. "$(dirname "$0")/lib.sh"
python_packages junitparser==5.0.3

report() { echo "<testsuites><testsuite name='unit' tests='1' time='$1'><testcase classname='c' name='parse'>$2</testcase></testsuite></testsuites>"; }
report 12.5 "<failure/>" >debian.xml
report 30 "" >alpine.xml
junitparser merge debian.xml alpine.xml merged.xml
same "merged" "suite unit, tests 2, failures 1, time 0
case parse failure
case parse " "$(python3 - <<'EOF'
from xml.etree import ElementTree

for suite in ElementTree.parse("merged.xml").getroot().iter("testsuite"):
    get = suite.get
    print(f"suite {get('name')}, tests {get('tests')}, failures {get('failures')}, time {float(get('time')):g}")
    for case in suite.iter("testcase"):
        print("case", case.get("name"), *[child.tag for child in case] or [""])
EOF
)"
