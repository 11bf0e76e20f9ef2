#!/bin/sh
# sarif-tools 3.0.5
#
# Guess: a result may name its rule by `ruleIndex` alone, as SARIF 2.1.0 allows (3.27.5: `ruleId` may be absent then),
# and `--check error` does not count a result that is suppressed or gone.
# What happens: without `ruleId` every subcommand ends with a KeyError; results with a suppression, or with
# `baselineState` "absent", count as errors.
# Why it matters: a gate with this tool stays red for what was accepted or fixed, and fails on reports of other tools.

. "$(dirname "$0")/lib.sh"
python_packages sarif-tools==3.0.5

report() {
	printf '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "cc", "rules": [{"id": "W1"}]}}, "results": [%s]}]}\n' "$1"
}
report '{"ruleIndex": 0, "level": "note", "message": {"text": "unused"}}' >index.sarif
report '{"ruleId": "W1", "level": "error", "message": {"text": "a"}, "suppressions": [{"kind": "external", "status": "accepted"}]},
{"ruleId": "W1", "level": "error", "message": {"text": "b"}, "baselineState": "absent"}' >accepted.sarif

sarif summary index.sarif >index.log 2>&1 || :
same "a result with ruleIndex alone" "KeyError: 'ruleId'" "$(tail -1 index.log)"
status=0
sarif --check error summary accepted.sarif >accepted.log 2>&1 || status=$?
same "two results, one accepted, one gone" "error: 2
exit status 2" "$(grep ^error: accepted.log)
exit status $status"
