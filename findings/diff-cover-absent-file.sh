#!/bin/sh
# diff-cover 11.0.1
#
# Guess: changed lines of a file that the coverage report does not have count as not covered, or diff-cover names the
# file.
# What happens: the file is left out without a word. With one covered file beside it the change has a coverage of 100%,
# and `--fail-under=100` exits 0. Only lines that the report names are counted.
# Why it matters: gcov writes nothing for a C file that was never compiled, or whose tests were never started. The gate
# is green for the code that nobody tests at all.

. "$(dirname "$0")/lib.sh"
python_packages diff-cover==11.0.1

git() { command git -c user.name=a -c user.email=a@example.org -c init.defaultBranch=main "$@"; }
git init -q tree
cd tree
echo 'int old(void) { return 1; }' >old.c
git add old.c
git commit -q -m one
git branch base
echo 'int old(void) { return 2; }' >old.c
echo 'int untested(void) { return 3; }' >new.c
git add old.c new.c
git commit -q -m two
printf '%s\n' TN: SF:old.c DA:1,5 LF:1 LH:1 end_of_record >../lcov.info

status=0
diff-cover ../lcov.info --compare-branch=base --fail-under=100 >../cover.log || status=$?
same "a change of a covered file and a new file without coverage" "old.c (100%)
Total:   1 line
Coverage: 100%
exit status 0" "$(grep -E '\.c |^Total|^Coverage' ../cover.log)
exit status $status"
