# What the scripts of the cases have in common; sourced in a container, in /build.

export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

# Unpacks upstream's tarball, changes into its tree; the name is that of the file without version.
unpack() {
	mkdir -p "/build/$1" && tar -xf /src/"$1"-[0-9]*.tar.* -C "/build/$1" --strip-components=1 &&
		cd "/build/$1" || exit 99
}

# OpenSMTPD portable as upstream releases it, configured when the image was made.
opensmtpd() {
	cp -a /cache/opensmtpd /build/opensmtpd && cd /build/opensmtpd || exit 99
}

# ciforge's example, with what autoreconf makes.
hello_portable() {
	cp -a /cache/hello-portable /build/hello-portable && cd /build/hello-portable || exit 99
}

# A folder for a case that starts from nothing; caches and settings of tools are in it.
begin() {
	mkdir -p "/build/$1" && cd "/build/$1" || exit 99
	export HOME="/build/$1" ZIG_GLOBAL_CACHE_DIR=/var/tmp/zig-cache GOCACHE=/var/tmp/go-cache
}

# What follows in a build that passes: it installs its manual, by make, with a line for each page.
finish() {
	mkdir -p man dest
	for page in $(seq -w 1 20); do
		echo ".TH PART$page 3" >man/part"$page".3
	done
	printf 'PAGES != ls man\ninstall:\n\t@for page in $(PAGES); do echo "install -m 644 man/$$page dest/$$page"; \\\n\t    install -m 644 man/$$page dest/$$page || exit 1; done\n' >finish.mk
	make -f finish.mk install
}
