#!/bin/sh
# opensmtpd-source.sh DIR: fetches OpenSMTPD portable into DIR and prints the path for `--source`.
#
# By git; where its host cannot be reached, the newest release that Debian serves. What DIR holds
# already is used as it is, without the network.
set -eu

url=${OPENSMTPD_GIT:-https://github.com/OpenSMTPD/OpenSMTPD.git}
python=${PYTHON:-python3}
here=$(cd "$(dirname "$0")" && pwd)

if [ $# -ne 1 ] || [ -z "$1" ]; then
	echo "usage: opensmtpd-source.sh DIR" >&2
	exit 2
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd)

# There is no timeout(1) on every system, and git asks none for a connection.
limited() {
	"$python" -c '
import os, signal, subprocess, sys
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, start_new_session=True)
try:
    sys.exit(1 if child.wait(float(sys.argv[1])) else 0)
except subprocess.TimeoutExpired:
    os.killpg(child.pid, signal.SIGKILL)
    sys.exit(f"no answer within {sys.argv[1]} seconds")
' "$@"
}

clone() {
	command -v git >/dev/null 2>&1 || return 1
	GIT_TERMINAL_PROMPT=0
	GIT_SSH_COMMAND="ssh -o BatchMode=yes"
	export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND
	echo "fetching $url" >&2
	limited 20 git ls-remote --quiet "$url" HEAD >/dev/null || return 1
	part=$dir/.clone.$$
	trap 'rm -rf "$part"' EXIT
	trap 'exit 130' INT TERM HUP
	# The folder appears under its name only when it is whole.
	limited 300 git clone --quiet --depth 1 "$url" "$part" >&2 && mv "$part" "$dir/OpenSMTPD"
}

released() {
	for file in "$dir"/opensmtpd-[0-9]*.tar.*; do
		[ -f "$file" ] && return 0
	done
	return 1
}

if [ ! -d "$dir/OpenSMTPD" ] && ! released && ! clone; then
	echo "git cannot reach it: using the newest release that Debian has" >&2
fi
if [ -d "$dir/OpenSMTPD" ]; then
	echo "$dir/OpenSMTPD"
else
	"$python" "$here/debian_source.py" opensmtpd "$dir"
fi
