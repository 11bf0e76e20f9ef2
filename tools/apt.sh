# shellcheck shell=sh
# Sourced by the other scripts: messages, waiting, prompts, and installing Debian's packages.

say() {
	printf '%s\n' "$*" >&2
}

stop() {
	say "$*"
	exit 3
}

# Whether this is Debian or Ubuntu, and we are root: the only case in which packages are installed.
apt_is_ours() {
	[ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 && case $(system) in
	debian | ubuntu) true ;;
	*) false ;;
	esac
}

# The id of the system: debian, fedora, FreeBSD …
system() {
	if [ "$(uname -s)" = Linux ]; then
		(
			ID=linux
			# shellcheck source=/dev/null
			[ ! -r /etc/os-release ] || . /etc/os-release
			echo "$ID"
		)
	else
		uname -s
	fi
}

# Whether the user agrees; YES=1 or CI agrees in advance.
agreed() {
	case ${CI:-} in
	'' | 0 | false) ;;
	*) return 0 ;;
	esac
	[ "${YES:-}" = 1 ] && return 0
	(: </dev/tty) 2>/dev/null || {
		say "No terminal to ask on: set YES=1 to agree."
		return 1
	}
	printf 'Shall I? [y/N] ' >/dev/tty
	read -r answer </dev/tty || return 1
	case $answer in
	[yY] | [yY][eE][sS]) return 0 ;;
	*) return 1 ;;
	esac
}

# patiently WHAT COMMAND…: prints a line every five seconds, and the output only on failure.
patiently() {
	what=$1
	shift
	output=$(mktemp)
	say "$what"
	"$@" >"$output" 2>&1 </dev/null &
	child=$!
	seconds=0
	while kill -0 "$child" 2>/dev/null; do
		sleep 1
		seconds=$((seconds + 1))
		[ $((seconds % 5)) -ne 0 ] || say "  … $seconds s"
	done
	status=0
	wait "$child" || status=$?
	[ "$status" -eq 0 ] || tail -n 20 "$output" >&2
	rm -f "$output"
	return "$status"
}

apt_get() {
	DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=120 "$@"
}

# The package lists may be missing or out of date.
apt_install() {
	apt_get install --no-install-recommends "$@" ||
		{ apt_get update && apt_get install --no-install-recommends "$@"; }
}
