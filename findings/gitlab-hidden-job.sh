#!/bin/sh
# check-jsonschema 0.39.0 (PyPI), with the copy of GitLab's schema that it contains
#
# Guess: the schema of a GitLab pipeline applies to each job, also to a hidden one (`.name`) that others extend.
# What happens: hidden jobs are not checked at all. An unknown key, or a number of the wrong type, is an error in a job
# and valid in a hidden job.
# Why it matters: files that are included keep what jobs share in hidden jobs. "ok" says nothing about that part.

. "$(dirname "$0")/lib.sh"
python_packages check-jsonschema==0.39.0

check() {
	status=0
	check-jsonschema --builtin-schema vendor.gitlab-ci "$1" >log 2>&1 || status=$?
	echo "$1: exit status $status"
}

cat >key.yml <<'EOF'
build: {script: make, timeuot: 1 hour}
EOF
cat >hidden-key.yml <<'EOF'
.common: {script: make, timeuot: 1 hour}
build: {extends: .common}
EOF
cat >type.yml <<'EOF'
build: {script: make, timeout: [1]}
EOF
cat >hidden-type.yml <<'EOF'
.common: {script: make, timeout: [1]}
build: {extends: .common}
EOF
same "check-jsonschema" "key.yml: exit status 1
hidden-key.yml: exit status 0
type.yml: exit status 1
hidden-type.yml: exit status 0" "$(check key.yml; check hidden-key.yml; check type.yml; check hidden-type.yml)"
