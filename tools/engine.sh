#!/bin/sh
# Ensures that a Docker engine answers; exits 3 if there is none.
#
# The daemon is asked: a client in PATH proves nothing. One that answers is used as it is. Where
# none does, what would be installed and started is said first, and done as root on Debian and
# Ubuntu with the person's consent (YES=1 and CI give it beforehand).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/apt.sh
. "$here/apt.sh"

socket=/var/run/docker.sock
log=/var/log/ciforge-dockerd.log
limit=60
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
base=debian:trixie-slim

# The version of the daemon, by the client, which knows contexts; else by its socket: a client may
# be missing, or too new for the daemon.
engine_version() {
	by_client 2>/dev/null || by_socket "$(endpoint)" 2>/dev/null
}

by_client() {
	version=$(bounded 20 docker version --format '{{.Server.Version}}') &&
		[ -n "$version" ] && echo "$version"
}

by_socket() {
	"${PYTHON:-python3}" -c '
import json, socket, sys
from urllib.parse import urlsplit
url = urlsplit(sys.argv[1])
unix = url.scheme == "unix"
with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as s:
    s.settimeout(10)
    s.connect(url.path if unix else (url.hostname, url.port or 2375))
    s.sendall(b"GET /version HTTP/1.0\r\nHost: docker\r\n\r\n")
    answer = b"".join(iter(lambda: s.recv(65536), b""))
print(json.loads(answer.partition(b"\r\n\r\n")[2])["Version"])
' "$1"
}

# Where the client and ciforge look for the daemon.
endpoint() {
	if [ -n "${DOCKER_HOST:-}" ]; then
		echo "$DOCKER_HOST"
	else
		bounded 5 docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null ||
			echo "unix://$socket"
	fi
}

# bounded SECONDS COMMAND…, where the system has timeout(1).
bounded() {
	if command -v timeout >/dev/null 2>&1; then
		timeout "$@"
	else
		shift
		"$@"
	fi
}

# Prints the command that starts an engine, for users who are not root on Debian or Ubuntu.
advise() {
	sudo="sudo "
	[ "$(id -u)" -ne 0 ] || sudo=
	say "No Docker engine answers. To start one here:"
	case $(system) in
	debian | ubuntu | linuxmint | raspbian)
		say "  ${sudo}apt-get install docker.io iptables && ${sudo}service docker start" ;;
	fedora | centos | rhel | rocky | almalinux)
		say "  ${sudo}dnf install moby-engine && ${sudo}systemctl start docker" ;;
	arch | manjaro) say "  ${sudo}pacman -S docker && ${sudo}systemctl start docker" ;;
	opensuse* | sles) say "  ${sudo}zypper install docker && ${sudo}systemctl start docker" ;;
	alpine) say "  doas apk add docker && doas rc-service docker start" ;;
	Darwin) say "  Docker Desktop, or: brew install colima docker && colima start" ;;
	FreeBSD)
		say "  FreeBSD has no Docker engine: install the client (pkg install docker) and point"
		say "  DOCKER_HOST at an engine on another machine: DOCKER_HOST=ssh://user@machine" ;;
	OpenBSD | NetBSD | DragonFly)
		say "  $(uname -s) has no Docker engine: point DOCKER_HOST at one on another machine:"
		say "  DOCKER_HOST=ssh://user@machine" ;;
	*) say "  install Docker Engine, or point DOCKER_HOST at one: DOCKER_HOST=ssh://user@machine" ;;
	esac
	[ "$(uname -s)" != Linux ] || [ "$(id -u)" -eq 0 ] ||
		say "  sudo usermod -aG docker $(id -un)    # and log in again, to use it without root"
	exit 3
}

install_engine() {
	set -- docker.io iptables
	# A client of its own package since Debian 13; it opens shells in boxes.
	command -v docker >/dev/null 2>&1 || ! apt-cache show docker-cli >/dev/null 2>&1 ||
		set -- "$@" docker-cli
	patiently "installing $*" apt_install "$@" || stop "apt-get could not install $*."
}

# A daemon that was killed leaves its number behind, and the next one refuses to start.
remove_stale() {
	pid=$(cat "$1" 2>/dev/null) || return 0
	[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] || rm -f "$1"
}

start_engine() {
	remove_stale /var/run/docker.pid dockerd
	remove_stale /var/run/docker/containerd/containerd.pid containerd
	case $(cat /proc/1/comm 2>/dev/null) in
	systemd) systemctl start docker ;;
	init) service docker start >&2 || by_hand ;;
	*) by_hand ;;
	esac
}

by_hand() {
	# The package's own script may have started it a moment ago.
	[ ! -f /var/run/docker.pid ] || return 0
	say "starting dockerd; its log is $log"
	setsid nohup dockerd >>"$log" 2>&1 </dev/null &
	daemon=$!
}

# A line every five seconds; at once where the daemon gave up.
wait_for_engine() {
	seconds=0
	until version=$(engine_version); do
		[ "$seconds" -lt "$limit" ] || return 1
		[ -z "${daemon:-}" ] || kill -0 "$daemon" 2>/dev/null || return 1
		sleep 1
		seconds=$((seconds + 1))
		[ $((seconds % 5)) -ne 0 ] || say "  … $seconds s"
	done
}

fail_to_start() {
	say "The Docker engine does not answer. Last lines of its log:"
	if [ -s "$log" ]; then
		tail -n 20 "$log" >&2
	elif command -v journalctl >/dev/null 2>&1; then
		journalctl --no-pager -n 20 -u docker >&2 || true
	fi
	exit 3
}

# An image of Debian to start from: ciforge bootstraps one where no registry is reached.
base_is_there() {
	docker image inspect "$base" >/dev/null 2>&1 ||
		[ -n "$(docker images --quiet --filter label=org.ciforge.base 2>/dev/null)" ]
}

provide_base() {
	apt_is_ours && ! command -v mmdebstrap >/dev/null 2>&1 && ! base_is_there || return 0
	say "looking for the image $base"
	! bounded 60 docker pull --quiet "$base" >/dev/null 2>&1 || return 0
	say "It cannot be pulled here, so ciforge has to build base images from Debian packages."
	say "This requires mmdebstrap, which will be installed if you agree."
	agreed || stop "Nothing was installed. By hand: apt-get install mmdebstrap"
	patiently "installing mmdebstrap" apt_install mmdebstrap debian-archive-keyring || stop "apt-get failed."
}

bring_up() {
	case $(endpoint) in
	unix:///run/docker.sock | "unix://$socket") ;;
	*) stop "The engine at $(endpoint) does not answer." ;;
	esac
	[ ! -S "$socket" ] || [ -w "$socket" ] || {
		say "You have no permission to use $socket:"
		stop "  sudo usermod -aG docker $(id -un)    # and log in again"
	}
	apt_is_ours || advise
	if command -v dockerd >/dev/null 2>&1; then
		say "No Docker engine answers. The installed one will be started if you agree."
	else
		say "No Docker engine answers. The packages docker.io and iptables will be installed and dockerd started"
		say "if you agree."
	fi
	agreed || advise
	command -v dockerd >/dev/null 2>&1 || install_engine
	version=$(engine_version) || start_engine || fail_to_start
	wait_for_engine || fail_to_start
}

if ! version=$(engine_version); then
	bring_up
fi
say "Docker engine $version answers at $(endpoint)"
provide_base
