#!/bin/sh
# Makes the images of the corpus from ciforge's bases: `images.sh SOURCES`, SOURCES with upstream's tarballs.
# OpenSMTPD and hello-portable are configured there once, so that each case builds at once.
set -eu

sources=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
common="build-essential clang lld tcc bmake autoconf automake libtool bison byacc flex cmake meson
	libevent-dev libssl-dev zlib1g-dev libpam0g-dev libncurses-dev python3 git file less"

image() {
	release=$1
	shift
	packages=$(echo $common "$@")
	base=$(docker images -q "ciforge/base/debian-$release" | head -n 1)
	docker run --name "corpus-$release" -v "$sources:/src:ro" -v "$here:/make:ro" \
		-v "$here/../../../examples:/examples:ro" "$base" sh -ec "
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -q
		apt-get install -y -q --no-install-recommends $packages
		apt-get clean
		rm -rf /var/lib/apt/lists/*
		sh /make/prepare.sh"
	docker commit "corpus-$release" "corpus/debian-$release" >/dev/null
	docker rm "corpus-$release" >/dev/null
}

image 11 pkg-config
image 12 autoconf-archive pkgconf gettext ninja-build mold clang-16 golang-go golang-golang-x-sys-dev gperf \
	procps check dnf zypper pacman-package-manager createrepo-c
image 13 pkgconf gettext ninja-build mold gcc-13 golang-go check
