#!/bin/sh
# dulwich 1.2.21 (PyPI); git
#
# Guess: dulwich's describe does what "git describe" does by default, and considers annotated tags only.
# What happens: it considers lightweight tags too. Where git says v1.0-1-gHASH, dulwich says the name of a local mark.
# Without any tag git fails; dulwich answers "gHASH".
# Why it matters: a version that a build derives from git differs between a machine with git and one that uses the
# library, as soon as somebody sets a lightweight tag.

. "$(dirname "$0")/lib.sh"
python_packages dulwich==1.2.21

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
export GIT_AUTHOR_DATE='2026-03-01T00:00:00Z' GIT_COMMITTER_DATE='2026-03-01T00:00:00Z' GIT_CONFIG_GLOBAL=/dev/null
describe() {
	echo "git $(git describe 2>/dev/null || echo fails)"
	python3 -c 'from dulwich import porcelain; print("dulwich", porcelain.describe("."))'
}
git init -q tree
cd tree
git commit -q --allow-empty -m one
hash=$(git rev-parse --short=7 HEAD)
same "no tag" "git fails
dulwich g$hash" "$(describe)"
git tag -a -m one v1.0
git commit -q --allow-empty -m two
git tag before-merge
hash=$(git rev-parse --short=7 HEAD)
same "annotated v1.0, then lightweight before-merge" "git v1.0-1-g$hash
dulwich before-merge" "$(describe)"
