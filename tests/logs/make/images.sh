#!/bin/sh
# Makes the images of the corpus from ciforge's bases: `images.sh SOURCES`, SOURCES with upstream's tarballs.
# OpenSMTPD and hello-portable are configured there once, so that each case builds at once.
set -eu

sources=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
common="build-essential clang lld tcc bmake autoconf automake libtool bison byacc flex cmake meson
	libevent-dev libssl-dev zlib1g-dev libpam0g-dev libncurses-dev python3 git file less"

image() {
	release=$1 name=${name:-$1}
	shift
	packages=$(echo $common "$@")
	base=$(docker images -q "ciforge/base/debian-$release" | head -n 1)
	docker run --name "corpus-$name" -v "$sources:/src:ro" -v "$here:/make:ro" \
		-v "$here/../../../examples:/examples:ro" "$base" sh -ec "
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -q
		apt-get install -y -q --no-install-recommends $packages
		apt-get clean
		rm -rf /var/lib/apt/lists/*
		sh /make/${prepare:-prepare}.sh"
	docker commit "corpus-$name" "corpus/debian-$name" >/dev/null
	docker rm "corpus-$name" >/dev/null
}

image 11 pkg-config
image 12 autoconf-archive pkgconf gettext ninja-build mold clang-16 golang-go golang-golang-x-sys-dev gperf \
	procps check dnf zypper pacman-package-manager createrepo-c
image 13 pkgconf gettext ninja-build mold gcc-13 golang-go check

# For the logs of tests/logs/outside: other shells, compilers for other processors, test libraries, package managers.
cross() {
	for machine; do
		echo "gcc-$machine"
	done
}
common="make bmake mksh dash busybox-static zsh ksh93u+m posh kyua atf-sh libatf-dev bats shunit2 perl python3
	python3-pytest python3-pip autoconf automake autoconf2.69 libtool autoconf-archive pkgconf ninja-build cmake meson
	muon-meson git patch m4 scons dejagnu curl wget gawk mawk procps dpkg-dev gcc g++ libc6-dev clang lld tcc mold pcc
	musl-tools libcmocka-dev check libcunit1-dev libcriterion-dev libgtest-dev valgrind libclang-rt-19-dev libssl-dev
	zlib1g-dev libevent-dev dnf zypper pacman-package-manager createrepo-c rpm libarchive-tools golang-go qemu-user
	gcc-mingw-w64-x86-64"
name=tools prepare=prepare-tools
image 13 $(cross aarch64-linux-gnu arm-linux-gnueabihf powerpc64le-linux-gnu s390x-linux-gnu riscv64-linux-gnu \
	mips-linux-gnu i686-linux-gnu sparc64-linux-gnu m68k-linux-gnu loongarch64-linux-gnu)
