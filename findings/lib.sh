# Sourced by every finding. Creates a temporary folder, removes it at exit, and changes to it.
#
#   python_packages NAME==VERSION...   installs wheels into a virtual environment, whose bin comes first in PATH
#   node_packages NAME@VERSION...      installs packages into ./node_modules without running install scripts
#   same TITLE WANTED SEEN             prints SEEN; exits 1 with a diff unless it equals WANTED
# shellcheck shell=sh

set -eu
export LC_ALL=C

work=$(mktemp -d)
trap 'cd /; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

python_packages() {
	python3 -m venv --without-pip venv
	python3 -m pip -q --python venv install --no-compile --disable-pip-version-check --only-binary :all: "$@" >pip.log 2>&1 ||
		{ cat pip.log >&2; exit 2; }
	PATH=$work/venv/bin:$PATH
}

node_packages() {
	echo '{"private": true}' >package.json
	npm install --silent --no-audit --no-fund --ignore-scripts "$@" >npm.log 2>&1 ||
		{ cat npm.log >&2; exit 2; }
}

same() {
	printf '== %s\n%s\n' "$1" "$3"
	[ "$2" = "$3" ] && return
	printf '%s\n' "$2" >wanted
	printf '%s\n' "$3" >seen
	echo "the behaviour has changed:" >&2
	diff -u wanted seen >&2
	exit 1
}
