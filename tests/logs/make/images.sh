#!/bin/sh
# Makes the images of the corpus from ciforge's bases: `images.sh SOURCES`, SOURCES with upstream's tarballs.
# OpenSMTPD and hello-portable are configured there once, so that each case builds at once.
set -eu

sources=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
common="build-essential clang lld tcc bmake autoconf automake libtool bison byacc flex gettext cmake meson
	ninja-build libevent-dev libssl-dev zlib1g-dev libpam0g-dev python3 git file less"

image() {
	release=$1
	shift
	docker run --name "corpus-$release" -v "$sources:/src:ro" -v "$here:/make:ro" \
		-v "$here/../../../examples:/examples:ro" "ciforge/base/debian-$release:amd64" sh -ec "
		export DEBIAN_FRONTEND=noninteractive
		[ -x /usr/bin/cmake ] || { apt-get update -q; apt-get install -y -q --no-install-recommends $(echo $common "$@"); apt-get clean; }
		sh /make/prepare.sh"
	docker commit "corpus-$release" "corpus/debian-$release" >/dev/null
	docker rm "corpus-$release" >/dev/null
}

image 11 pkg-config
image 12 pkgconf mold clang-16 golang-go golang-golang-x-sys-dev gperf procps check dnf zypper \
	pacman-package-manager createrepo-c
image 13 pkgconf mold gcc-13 golang-go check
