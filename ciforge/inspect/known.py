"""Which library, header, module or package belongs to which dependency: a table.

Debian's `Contents` and `Packages` indexes (main, amd64; bookworm and trixie, read on 2026-11-22) say
which package has a header, a `lib*.so`, a `*.pc` or a `*Config.cmake`, and that it is in both
releases. CMake's own names are those of the Find modules in its manual. A row without a package is
a dependency that the descriptors know.
"""

import re
from collections.abc import Iterator, Mapping

import attrs

from ciforge.inspect.clue import Kind


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@attrs.frozen
class Known:
    """One dependency, what Debian calls it if no descriptor says so, and what points to it."""

    name: str
    debian: tuple[str, ...] = attrs.field(default="", converter=_words)
    headers: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    """Whole names; with a `/` at the end, every header in that folder."""
    libraries: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    modules: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    cmake: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    tools: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)


# A row is a line, whatever its length: it is a table.
# fmt: off
KNOWN = (
    Known("libevent", headers="event.h evdns.h evhttp.h event2/", libraries="event event_core event_extra event_openssl event_pthreads", modules="libevent libevent_core libevent_extra libevent_openssl libevent_pthreads", cmake="Libevent"),
    Known("openssl", headers="openssl/", libraries="crypto ssl", modules="libcrypto libssl openssl", cmake="OpenSSL"),
    Known("libtls", headers="tls.h", libraries="tls", modules="libtls"),
    Known("zlib", headers="zlib.h", libraries="z", modules="zlib", cmake="ZLIB"),
    Known("pam", headers="security/pam_appl.h security/pam_modules.h", libraries="pam pam_misc pamc", modules="pam pam_misc pamc"),
    Known("db", headers="db.h", libraries="db"),
    Known("sqlite3", headers="sqlite3.h", libraries="sqlite3", modules="sqlite3", cmake="SQLite3"),
    Known("expat", headers="expat.h", libraries="expat expatw", modules="expat", cmake="EXPAT expat"),
    Known("libxml2", headers="libxml/", libraries="xml2", modules="libxml-2.0", cmake="LibXml2"),
    Known("libbsd", headers="bsd/", libraries="bsd bsd-ctor", modules="libbsd libbsd-ctor libbsd-overlay"),
    Known("ncurses", headers="ncurses.h curses.h term.h ncursesw/ ncurses/", libraries="curses form formw menu menuw ncurses ncursesw panel panelw termcap tinfo", modules="ncurses ncursesw tinfo tinfow form formw menu menuw panel panelw curses", cmake="Curses"),
    Known("crypt", headers="crypt.h", libraries="crypt", modules="libcrypt libxcrypt"),
    Known("libcurl", "libcurl4-openssl-dev", headers="curl/", libraries="curl", modules="libcurl", cmake="CURL"),
    Known("readline", "libreadline-dev", headers="readline/", libraries="history readline", modules="readline"),
    Known("libedit", "libedit-dev", headers="histedit.h editline/", libraries="edit", modules="libedit"),
    Known("pcre2", "libpcre2-dev", headers="pcre2.h", libraries="pcre2-16 pcre2-32 pcre2-8 pcre2-posix", modules="libpcre2-16 libpcre2-32 libpcre2-8 libpcre2-posix"),
    Known("glib", "libglib2.0-dev", headers="glib.h glib-object.h gio/", libraries="glib-2.0", modules="glib-2.0 gobject-2.0 gio-2.0 gio-unix-2.0 gthread-2.0 gmodule-2.0"),
    Known("libffi", "libffi-dev", headers="ffi.h", libraries="ffi", modules="libffi"),
    Known("gmp", "libgmp-dev", headers="gmp.h", libraries="gmp gmpxx", modules="gmp gmpxx"),
    Known("mpfr", "libmpfr-dev", headers="mpfr.h", libraries="mpfr", modules="mpfr"),
    Known("nettle", "nettle-dev", headers="nettle/", libraries="hogweed nettle", modules="hogweed nettle"),
    Known("gnutls", "libgnutls28-dev", headers="gnutls/", libraries="gnutls gnutls-dane gnutls-openssl", modules="gnutls gnutls-dane"),
    Known("libgcrypt", "libgcrypt20-dev", headers="gcrypt.h", libraries="gcrypt", modules="libgcrypt"),
    Known("libgpg-error", "libgpg-error-dev", headers="gpg-error.h", libraries="gpg-error", modules="gpg-error"),
    Known("gpgme", "libgpgme-dev", headers="gpgme.h", libraries="gpgme", modules="gpgme"),
    Known("libsodium", "libsodium-dev", headers="sodium.h sodium/", libraries="sodium", modules="libsodium"),
    Known("libcap", "libcap-dev", headers="sys/capability.h", libraries="cap psx", modules="libcap libpsx"),
    Known("libcap-ng", "libcap-ng-dev", headers="cap-ng.h", libraries="cap-ng drop_ambient", modules="libcap-ng"),
    Known("acl", "libacl1-dev", headers="sys/acl.h acl/", libraries="acl", modules="libacl"),
    Known("attr", "libattr1-dev", headers="attr/", libraries="attr", modules="libattr"),
    Known("libselinux", "libselinux1-dev", headers="selinux/", libraries="selinux", modules="libselinux"),
    Known("audit", "libaudit-dev", headers="libaudit.h", libraries="audit", modules="audit"),
    Known("libseccomp", "libseccomp-dev", headers="seccomp.h", libraries="seccomp", modules="libseccomp"),
    Known("libnl", "libnl-3-dev", headers="netlink/", libraries="nl-3", modules="libnl-3.0"),
    Known("libnl-genl", "libnl-genl-3-dev", libraries="nl-genl-3", modules="libnl-genl-3.0"),
    Known("lm-sensors", "libsensors-dev", headers="sensors/", libraries="sensors"),
    Known("hwloc", "libhwloc-dev", headers="hwloc.h", libraries="hwloc", modules="hwloc"),
    Known("libunwind", "libunwind-dev", headers="libunwind.h", libraries="unwind unwind-coredump unwind-generic unwind-ptrace unwind-x86_64", modules="libunwind libunwind-coredump libunwind-generic libunwind-ptrace"),
    Known("systemd", "libsystemd-dev", headers="systemd/", libraries="systemd", modules="libsystemd"),
    Known("udev", "libudev-dev", headers="libudev.h", libraries="udev", modules="libudev"),
    Known("dbus", "libdbus-1-dev", headers="dbus/", libraries="dbus-1", modules="dbus-1", cmake="DBus1"),
    Known("libpcap", "libpcap-dev", headers="pcap.h pcap/", libraries="pcap", modules="libpcap"),
    Known("libcbor", "libcbor-dev", headers="cbor.h", libraries="cbor", modules="libcbor"),
    Known("pcsc-lite", "libpcsclite-dev", headers="PCSC/", libraries="pcsclite", modules="libpcsclite"),
    Known("hidapi", "libhidapi-dev", headers="hidapi/", libraries="hidapi-hidraw hidapi-libusb", modules="hidapi-hidraw hidapi-libusb"),
    Known("libusb", "libusb-1.0-0-dev", headers="libusb-1.0/ libusb.h", libraries="usb-1.0", modules="libusb-1.0"),
    Known("lz4", "liblz4-dev", headers="lz4.h lz4frame.h", libraries="lz4", modules="liblz4", cmake="lz4"),
    Known("zstd", "libzstd-dev", headers="zstd.h", libraries="zstd", modules="libzstd", cmake="zstd"),
    Known("liblzma", "liblzma-dev", headers="lzma.h", libraries="lzma", modules="liblzma", cmake="LibLZMA"),
    Known("bzip2", "libbz2-dev", headers="bzlib.h", libraries="bz2", modules="bzip2", cmake="BZip2"),
    Known("brotli", "libbrotli-dev", headers="brotli/", libraries="brotlicommon brotlidec brotlienc", modules="libbrotlicommon libbrotlidec libbrotlienc"),
    Known("jansson", "libjansson-dev", headers="jansson.h", libraries="jansson", modules="jansson"),
    Known("json-c", "libjson-c-dev", headers="json-c/", libraries="json-c", modules="json-c", cmake="json-c"),
    Known("cjson", "libcjson-dev", headers="cjson/", libraries="cjson cjson_utils", modules="libcjson libcjson_utils", cmake="cJSON"),
    Known("yajl", "libyajl-dev", headers="yajl/", libraries="yajl", modules="yajl"),
    Known("libyaml", "libyaml-dev", headers="yaml.h", libraries="yaml", modules="yaml-0.1"),
    Known("libmagic", "libmagic-dev", headers="magic.h", libraries="magic", modules="libmagic"),
    Known("libutempter", "libutempter-dev", headers="utempter.h", libraries="utempter"),
    Known("utf8proc", "libutf8proc-dev", headers="utf8proc.h", libraries="utf8proc", modules="libutf8proc"),
    Known("jemalloc", "libjemalloc-dev", headers="jemalloc/", libraries="jemalloc", modules="jemalloc"),
    Known("protobuf", "libprotobuf-dev", headers="google/", libraries="protobuf protobuf-lite", modules="protobuf protobuf-lite", cmake="Protobuf"),
    Known("libtermkey", "libtermkey-dev", headers="termkey.h", libraries="termkey", modules="termkey"),
    Known("tre", "libtre-dev", headers="tre/", libraries="tre", modules="tre"),
    Known("openldap", "libldap-dev", headers="ldap.h lber.h", libraries="lber ldap", modules="lber ldap"),
    Known("cyrus-sasl", "libsasl2-dev", headers="sasl/", libraries="sasl2", modules="libsasl2"),
    Known("krb5", "libkrb5-dev", headers="krb5.h gssapi.h gssapi/", libraries="gssapi_krb5 gssrpc k5crypto kadm5clnt kadm5clnt_mit kadm5srv kadm5srv_mit kdb5 krb5 krb5support", modules="gssrpc kadm-client kadm-server kdb krb5 krb5-gssapi"),
    Known("mariadb", "libmariadb-dev", libraries="mariadb mariadbclient mysqlservices", modules="libmariadb mariadb"),
    Known("libpq", "libpq-dev", headers="libpq-fe.h", libraries="pq", modules="libpq", cmake="PostgreSQL"),
    Known("unbound", "libunbound-dev", headers="unbound-event.h unbound.h", libraries="unbound", modules="libunbound"),
    Known("ldns", "libldns-dev", headers="ldns/", libraries="ldns", modules="ldns"),
    Known("libidn2", "libidn2-dev", headers="idn2.h", libraries="idn2", modules="libidn2"),
    Known("libunistring", "libunistring-dev", headers="unistr.h unicase.h uniwidth.h", libraries="unistring"),
    Known("libpsl", "libpsl-dev", headers="libpsl.h", libraries="psl", modules="libpsl"),
    Known("nghttp2", "libnghttp2-dev", headers="nghttp2/", libraries="nghttp2", modules="libnghttp2"),
    Known("c-ares", "libc-ares-dev", headers="ares.h", libraries="cares", modules="libcares", cmake="c-ares"),
    Known("libssh2", "libssh2-1-dev", headers="libssh2.h", libraries="ssh2", modules="libssh2"),
    Known("libssh", "libssh-dev", headers="libssh/", libraries="ssh", modules="libssh", cmake="libssh"),
    Known("x11", "libx11-dev", headers="X11/Xlib.h X11/Xutil.h", libraries="X11", modules="x11", cmake="X11"),
    Known("xext", "libxext-dev", headers="X11/extensions/Xext.h", libraries="Xext", modules="xext"),
    Known("xft", "libxft-dev", headers="X11/Xft/Xft.h", libraries="Xft", modules="xft"),
    Known("xinerama", "libxinerama-dev", headers="X11/extensions/Xinerama.h", libraries="Xinerama", modules="xinerama"),
    Known("xrandr", "libxrandr-dev", headers="X11/extensions/Xrandr.h", libraries="Xrandr", modules="xrandr"),
    Known("xcb", "libxcb1-dev", headers="xcb/", libraries="xcb", modules="xcb"),
    Known("fontconfig", "libfontconfig-dev", headers="fontconfig/", libraries="fontconfig", modules="fontconfig", cmake="Fontconfig"),
    Known("freetype", "libfreetype-dev", headers="ft2build.h", libraries="freetype", modules="freetype2", cmake="Freetype"),
    Known("pixman", "libpixman-1-dev", headers="pixman.h", libraries="pixman-1", modules="pixman-1"),
    Known("cairo", "libcairo2-dev", headers="cairo.h", libraries="cairo cairo-gobject cairo-script-interpreter", modules="cairo cairo-fc cairo-ft cairo-gobject cairo-pdf cairo-png cairo-ps cairo-script cairo-script-interpreter cairo-svg cairo-tee cairo-xcb cairo-xcb-shm cairo-xlib"),
    Known("pango", "libpango1.0-dev", headers="pango/", libraries="pango-1.0 pangocairo-1.0 pangoft2-1.0 pangoxft-1.0", modules="pango pangocairo pangofc pangoft2 pangoot pangoxft"),
    Known("wayland", "libwayland-dev", headers="wayland-client.h wayland-server.h", libraries="wayland-client wayland-cursor wayland-egl wayland-server", modules="wayland-client wayland-cursor wayland-egl wayland-server"),
    Known("wayland-protocols", "wayland-protocols", modules="wayland-protocols"),
    Known("xkbcommon", "libxkbcommon-dev", headers="xkbcommon/", libraries="xkbcommon", modules="xkbcommon"),
    Known("libpng", "libpng-dev", headers="png.h", libraries="png png16", modules="libpng libpng16", cmake="PNG"),
    Known("libjpeg", "libjpeg62-turbo-dev", headers="jpeglib.h", libraries="jpeg", modules="libjpeg", cmake="JPEG"),
    Known("tiff", "libtiff-dev", headers="tiffio.h", libraries="tiff tiffxx", modules="libtiff-4", cmake="TIFF"),
    Known("alsa", "libasound2-dev", headers="alsa/", libraries="asound", modules="alsa", cmake="ALSA"),
    Known("libuv", "libuv1-dev", headers="uv.h", libraries="uv", modules="libuv libuv-static"),
    Known("libev", "libev-dev", headers="ev.h", libraries="ev"),
    Known("hiredis", "libhiredis-dev", headers="hiredis/", libraries="hiredis hiredis_ssl", modules="hiredis hiredis_ssl", cmake="Hiredis"),
    Known("libmd", "libmd-dev", headers="md5.h sha2.h", libraries="md", modules="libmd"),
    Known("milter", "libmilter-dev", headers="libmilter/", libraries="milter sm smutil", modules="milter"),
    Known("check", "check", headers="check.h", libraries="check", modules="check"),
    Known("cmocka", "libcmocka-dev", headers="cmocka.h", libraries="cmocka cmockery", modules="cmocka", cmake="cmocka"),
    Known("util-linux-uuid", "uuid-dev", headers="uuid/", libraries="uuid", modules="uuid"),
    Known("blkid", "libblkid-dev", headers="blkid/", libraries="blkid", modules="blkid"),
    Known("libmount", "libmount-dev", headers="libmount/", libraries="mount", modules="mount"),
    Known("libarchive", "libarchive-dev", headers="archive.h archive_entry.h", libraries="archive", modules="libarchive", cmake="LibArchive"),
    Known("libgit2", "libgit2-dev", headers="git2.h", libraries="git2", modules="libgit2", cmake="libgit2"),
    Known("gdbm", "libgdbm-dev", headers="gdbm.h", libraries="gdbm"),
    Known("lmdb", "liblmdb-dev", headers="lmdb.h", libraries="lmdb", modules="lmdb"),
    Known("elfutils", "libelf-dev", headers="libelf.h gelf.h", libraries="elf", modules="libelf"),
    Known("libdw", "libdw-dev", headers="dwarf.h", libraries="dw", modules="libdw"),
    Known("argon2", "libargon2-dev", headers="argon2.h", libraries="argon2", modules="libargon2"),
    Known("gpm", "libgpm-dev", headers="gpm.h", libraries="gpm"),
    Known("fuse3", "libfuse3-dev", libraries="fuse3", modules="fuse3"),
    Known("mbedtls", "libmbedtls-dev", headers="mbedtls/", libraries="mbedcrypto mbedtls mbedx509", modules="mbedcrypto mbedtls mbedx509", cmake="MbedTLS"),
    Known("libfido2", "libfido2-dev", headers="fido.h fido/", libraries="fido2", modules="libfido2"),
    Known("libxslt", "libxslt1-dev", headers="libxslt/", libraries="exslt xslt", modules="libexslt libxslt", cmake="LibXslt"),
    Known("gtest", "libgtest-dev", headers="gtest/", libraries="gtest gtest_main", modules="gtest gtest_main", cmake="GTest"),
    Known("lua5.4", "liblua5.4-dev", libraries="lua5.4", modules="lua-5.4 lua5.4 lua54"),
    Known("liburing", "liburing-dev", headers="liburing.h liburing/", libraries="uring uring-ffi", modules="liburing liburing-ffi"),
    Known("popt", "libpopt-dev", headers="popt.h", libraries="popt", modules="popt"),
    Known("libconfuse", "libconfuse-dev", headers="confuse.h", libraries="confuse", modules="libconfuse"),
    Known("inih", "libinih-dev", headers="ini.h", libraries="INIReader inih", modules="INIReader inih"),
    Known("slirp", "libslirp-dev", headers="slirp/", libraries="slirp", modules="slirp"),
    Known("numactl", "libnuma-dev", headers="numa.h", libraries="numa", modules="numa"),
    Known("libtasn1", "libtasn1-6-dev", headers="libtasn1.h", libraries="tasn1", modules="libtasn1"),
    # of libc on some systems, packages on others
    Known("fts", headers="fts.h", libraries="fts"),
    Known("bsd-headers", headers="sys/queue.h sys/tree.h sys/cdefs.h"),
    # tools
    Known("cc", tools="cc gcc"),
    Known("libc", tools="libc"),
    Known("pkg-config", tools="pkg-config"),
    Known("autoconf", tools="autoconf autoreconf"),
    Known("autoconf-archive", "autoconf-archive", tools="autoconf-archive"),
    Known("automake", tools="automake aclocal"),
    Known("libtool", tools="libtool libtoolize"),
    Known("bison", tools="bison yacc byacc", cmake="BISON"),
    Known("flex", tools="flex lex", cmake="FLEX"),
    Known("gettext", tools="gettext msgfmt xgettext", cmake="Gettext"),
    Known("git", tools="git"),
    Known("mandoc", tools="mandoc"),
    Known("python3", tools="python3 python", modules="python3", cmake="Python3 Python PythonInterp"),
    Known("c++", "g++", tools="c++ g++"),
    Known("asciidoctor", "asciidoctor", tools="asciidoctor"),
    Known("docutils", "python3-docutils", tools="rst2man rst2man.py"),
    Known("gperf", "gperf", tools="gperf"),
    Known("help2man", "help2man", tools="help2man"),
    Known("intltool", "intltool", tools="intltool"),
    Known("perl", "perl", tools="pod2man", cmake="Perl"),
    Known("protoc", "protobuf-compiler", tools="protoc"),
    Known("ragel", "ragel", tools="ragel"),
    Known("scdoc", "scdoc", tools="scdoc", modules="scdoc"),
    Known("texinfo", "texinfo", tools="makeinfo"),
    Known("xsltproc", "xsltproc", tools="xsltproc"),
)
# fmt: on

NOTHING: Mapping[Kind, frozenset[str]] = {
    Kind.LIBRARY: frozenset(
        # libc's and the compiler's
        _words(
            "c m dl rt pthread pthreads util resolv nsl anl intl iconv gcc gcc_s stdc++ atomic gomp"
        )
        # of systems that are no Linux
        + _words(
            "socket gen kvm devstat perfstat kstat prop xnet posix4 sun imsg network bind inet"
        )
        + _words(
            "sendfile cposix sec ws2_32 winmm dld proc execinfo bsm svld c_r thr rpcsvc resorv"
        )
        + _words(
            "iphlpapi malloc util-freebsd fetch geom jail procstat sbuf vmmapi advapi32 crypt32 bcrypt"
        )
    ),
    Kind.MODULE: frozenset(_words("threads dl intl iconv openmp appleframeworks m rt pthread")),
    Kind.CMAKE: frozenset(_words("PkgConfig Threads Git Doxygen Iconv Intl OpenMP")),
}
"""What needs no package, or is not to be had here; nobody needs to hear of it."""

OTHER_NAMES: Mapping[str, str] = {
    "build-essential": "cc",
    "g++": "c++",
    "gcc-c++": "c++",
    "libncurses5-dev": "ncurses",
    "libncursesw5-dev": "ncurses",
    "libncursesw6-dev": "ncurses",
    "libdb5.3-dev": "db",
    "libldap2-dev": "openldap",
    "libpcap0.8-dev": "libpcap",
    "pkg-config": "pkg-config",
    "pkgconf": "pkg-config",
    "pkgconfig": "pkg-config",
    "base-devel": "cc",
    "build-base": "cc",
    "ninja-build": "ninja",
}
"""Packages under former names, and those that only bring others, to dependencies."""

FOR_CI = frozenset(
    _words("base bash grep sed shadow util-linux bzip2 unzip software-properties-common")
    + _words("apt-transport-https apt-utils binutils ca-certificates ccache clang clang-format")
    + _words("clang-tidy clang-tools codespell coreutils cppcheck curl devscripts dnf-plugins-core")
    + _words("docker doas dpkg-dev fakeroot file fortify-headers gcc gdb git git-core glibc-devel")
    + _words("gnupg gnupg2 jq lcov linux-headers llvm locales lsb-release make man-db nodejs npm")
    + _words("openssh openssh-client pipx procps python3-pip python3-venv rsync shellcheck")
    + _words("software-properties-common ssh sudo tzdata unzip valgrind vim wget which zip")
)
"""Packages that a CI installs for itself: fetching, checking, looking around."""

IMPLIED = frozenset(("cc", "libc", "make", "pkg-config", "findutils", "useradd-tool"))
"""Dependencies that every recipe for C brings along."""

ANYWAY = IMPLIED | {
    "clang", "ccache", "git", "ca-certificates", "tar", "gzip", "xz", "which", "diffutils", "patch",
}  # fmt: skip
"""These, and what a list of packages names for the CI's own sake."""

COMPILERS = re.compile(
    r"(?:gcc|g\+\+|clang|llvm|lld|lldb|clang-tools|clang-tidy|clang-format|libc\+\+)-?[0-9.]+(?:-dev)?"
)
"""Certain versions of compilers, which a variant may ask for."""

FOR_BOOTSTRAP = frozenset(("autoconf", "automake", "libtool", "m4", "autoconf-archive"))
"""What is only needed where configure has to be made."""


def index() -> Mapping[tuple[Kind, str], Known]:
    """Every row by each of its names."""
    return {(kind, name): row for row in KNOWN for kind, name in _names(row)}


def headers() -> tuple[str, ...]:
    """All headers and folders of headers that point to something."""
    return tuple(name for row in KNOWN for name in row.headers)


def by_name() -> Mapping[str, Known]:
    """The rows by their dependency."""
    return {row.name: row for row in KNOWN}


def _names(row: Known) -> Iterator[tuple[Kind, str]]:
    yield from ((Kind.HEADER, name) for name in row.headers)
    yield from ((Kind.LIBRARY, name) for name in row.libraries)
    yield from ((Kind.MODULE, name) for name in row.modules)
    yield from ((Kind.CMAKE, name) for name in row.cmake)
    yield from ((Kind.TOOL, name) for name in row.tools)
