#!/bin/sh
# venv.sh DIR STAMP: a virtual environment with ciforge, editable, and what develops it, in the
# versions of constraints.txt. DIR and STAMP are below the checkout.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/apt.sh
. "$here/apt.sh"
python=${PYTHON:-python3}
venv=$1
stamp=$2

command -v "$python" >/dev/null 2>&1 ||
	stop "$python not found: install Python 3.11 or newer, or set its path: make PYTHON=PATH"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
	stop "$python is too old ($("$python" -V 2>&1)): ciforge needs 3.11 or newer; make PYTHON=python3.12"

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
	apt_is_ours || stop "$python has no module venv; on Debian and Ubuntu: apt-get install python3-venv"
	say "$python has no module venv. The package python3-venv will be installed if you agree."
	agreed || stop "Nothing was installed. By hand: apt-get install python3-venv"
	patiently "installing python3-venv" apt_install python3-venv || stop "apt-get failed."
fi

"$python" -m venv "$venv"
say "installing ciforge into $venv"
# A relative name: pip splits the variable at spaces. It reaches the build of the package, too.
cd "$here/.."
PIP_CONSTRAINT="tools/constraints.txt${PIP_CONSTRAINT:+ $PIP_CONSTRAINT}"
PIP_BUILD_CONSTRAINT=$PIP_CONSTRAINT
export PIP_CONSTRAINT PIP_BUILD_CONSTRAINT
"$venv/bin/python" -m pip --disable-pip-version-check install --quiet --editable ".[dev]" ||
	stop "pip could not install ciforge; see the messages above."
: >"$stamp"
