"""Which header, library, module, package, macro, tool or function belongs to which dependency: a table.

Debian's `Contents` and `Packages` indexes (main, amd64 and all; bookworm and trixie, read on 2026-11-22)
say which package has a header, a `lib*.so`, a `*.pc` or a `*Config.cmake`. CMake's own names are those of
the Find modules in its manual, functions and macros those of each project's documentation of its
interface. A row without a package is a dependency that the descriptors know.
"""

import attrs


def _words(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.split()) if isinstance(text, str) else text


@attrs.frozen
class Belongings:
    """One dependency, by its canonical name, what Debian calls it if no descriptor says so, and its own."""

    name: str
    debian: tuple[str, ...] = attrs.field(default="", converter=_words)
    headers: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    """As they are included; with a `/` at the end, every header below that folder."""
    libraries: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    """As they are linked, without `-l`."""
    modules: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    """As pkg-config knows them."""
    cmake: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    """As find_package calls them."""
    tools: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    macros: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    """Of autoconf; `LT_*` is every one that begins so."""
    symbols: tuple[str, ...] = attrs.field(default="", converter=_words, kw_only=True)
    """Functions; `SSL_*` is every one that begins so."""
    source: str = attrs.field(default="", kw_only=True)
    """Where it comes from, unless from what is said above."""


# A row is a line, whatever its length: it is a table.
# fmt: off
BELONGINGS: tuple[Belongings, ...] = (
    Belongings("libevent", headers="event.h evdns.h evhttp.h event2/ evrpc.h evutil.h", libraries="event event_core event_extra event_openssl event_pthreads", modules="libevent libevent_core libevent_extra libevent_openssl libevent_pthreads", cmake="Libevent", symbols="event_* evbuffer_* bufferevent_* evtimer_* evdns_* evhttp_*"),
    Belongings("openssl", headers="openssl/", libraries="crypto ssl", modules="libcrypto libssl openssl", cmake="OpenSSL", symbols="SSL_* TLS_* EVP_* BIO_* X509_* X509V3_* PEM_* RSA_* ECDSA_* EC_* BN_* ERR_* OPENSSL_* CRYPTO_* ASN1_* OCSP_* DH_* HMAC_* RAND_* ENGINE_* i2d_* d2i_*"),
    Belongings("libtls", headers="tls.h", libraries="tls", modules="libtls", symbols="tls_*"),
    Belongings("zlib", headers="zlib.h zconf.h", libraries="z", modules="zlib", cmake="ZLIB", symbols="deflate* inflate* gzopen* gzdopen gzread gzwrite gzclose* gzeof gzerror gzflush gzgets gzputs gzprintf gzseek gztell compress2 compressBound zlibVersion"),
    Belongings("pam", headers="security/", libraries="pam pam_misc pamc", modules="pam pam_misc pamc", symbols="pam_*"),
    Belongings("db", headers="db.h db_185.h", libraries="db db-5.3", symbols="dbopen db_create"),
    Belongings("sqlite3", headers="sqlite3.h sqlite3ext.h", libraries="sqlite3", modules="sqlite3", cmake="SQLite3", symbols="sqlite3_*"),
    Belongings("expat", headers="expat.h expat_external.h", libraries="expat expatw", modules="expat", cmake="EXPAT expat", symbols="XML_*"),
    Belongings("libxml2", headers="libxml/ libxml2/", libraries="xml2", modules="libxml-2.0", cmake="LibXml2", symbols="xml*"),
    Belongings("libbsd", headers="bsd/", libraries="bsd bsd-ctor", modules="libbsd libbsd-ctor libbsd-overlay"),
    Belongings("ncurses", headers="ncurses.h curses.h term.h ncursesw/ ncurses/ panel.h menu.h form.h", libraries="curses form formw menu menuw ncurses ncursesw panel panelw termcap tinfo", modules="ncurses ncursesw tinfo tinfow form formw menu menuw panel panelw curses", cmake="Curses", symbols="initscr tgetent tgetstr setupterm wrefresh endwin"),
    Belongings("crypt", headers="crypt.h", libraries="crypt xcrypt", modules="libcrypt libxcrypt", symbols="crypt crypt_*"),
    Belongings("libcurl", "libcurl4-openssl-dev", headers="curl/", libraries="curl", modules="libcurl", cmake="CURL"),
    Belongings("readline", "libreadline-dev", headers="readline/", libraries="history readline", modules="readline"),
    Belongings("libedit", "libedit-dev", headers="histedit.h editline/", libraries="edit", modules="libedit"),
    Belongings("pcre2", "libpcre2-dev", headers="pcre2.h", libraries="pcre2-16 pcre2-32 pcre2-8 pcre2-posix", modules="libpcre2-16 libpcre2-32 libpcre2-8 libpcre2-posix"),
    Belongings("glib", "libglib2.0-dev", headers="glib.h glib-object.h gio/", libraries="glib-2.0", modules="glib-2.0 gobject-2.0 gio-2.0 gio-unix-2.0 gthread-2.0 gmodule-2.0"),
    Belongings("libffi", "libffi-dev", headers="ffi.h", libraries="ffi", modules="libffi"),
    Belongings("gmp", "libgmp-dev", headers="gmp.h", libraries="gmp gmpxx", modules="gmp gmpxx"),
    Belongings("mpfr", "libmpfr-dev", headers="mpfr.h", libraries="mpfr", modules="mpfr"),
    Belongings("nettle", "nettle-dev", headers="nettle/", libraries="hogweed nettle", modules="hogweed nettle"),
    Belongings("gnutls", "libgnutls28-dev", headers="gnutls/", libraries="gnutls gnutls-dane gnutls-openssl", modules="gnutls gnutls-dane"),
    Belongings("libgcrypt", "libgcrypt20-dev", headers="gcrypt.h", libraries="gcrypt", modules="libgcrypt"),
    Belongings("libgpg-error", "libgpg-error-dev", headers="gpg-error.h", libraries="gpg-error", modules="gpg-error"),
    Belongings("gpgme", "libgpgme-dev", headers="gpgme.h", libraries="gpgme", modules="gpgme"),
    Belongings("libsodium", "libsodium-dev", headers="sodium.h sodium/", libraries="sodium", modules="libsodium"),
    Belongings("libcap", "libcap-dev", headers="sys/capability.h", libraries="cap psx", modules="libcap libpsx"),
    Belongings("libcap-ng", "libcap-ng-dev", headers="cap-ng.h", libraries="cap-ng drop_ambient", modules="libcap-ng"),
    Belongings("acl", "libacl1-dev", headers="sys/acl.h acl/", libraries="acl", modules="libacl"),
    Belongings("attr", "libattr1-dev", headers="attr/", libraries="attr", modules="libattr"),
    Belongings("libselinux", "libselinux1-dev", headers="selinux/", libraries="selinux", modules="libselinux"),
    Belongings("audit", "libaudit-dev", headers="libaudit.h", libraries="audit", modules="audit"),
    Belongings("libseccomp", "libseccomp-dev", headers="seccomp.h", libraries="seccomp", modules="libseccomp"),
    Belongings("libnl", "libnl-3-dev", headers="netlink/", libraries="nl-3", modules="libnl-3.0"),
    Belongings("libnl-genl", "libnl-genl-3-dev", libraries="nl-genl-3", modules="libnl-genl-3.0"),
    Belongings("lm-sensors", "libsensors-dev", headers="sensors/", libraries="sensors"),
    Belongings("hwloc", "libhwloc-dev", headers="hwloc.h", libraries="hwloc", modules="hwloc"),
    Belongings("libunwind", "libunwind-dev", headers="libunwind.h", libraries="unwind unwind-coredump unwind-generic unwind-ptrace unwind-x86_64", modules="libunwind libunwind-coredump libunwind-generic libunwind-ptrace"),
    Belongings("systemd", "libsystemd-dev", headers="systemd/", libraries="systemd", modules="libsystemd"),
    Belongings("udev", "libudev-dev", headers="libudev.h", libraries="udev", modules="libudev"),
    Belongings("dbus", "libdbus-1-dev", headers="dbus/", libraries="dbus-1", modules="dbus-1", cmake="DBus1"),
    Belongings("libpcap", "libpcap-dev", headers="pcap.h pcap/", libraries="pcap", modules="libpcap"),
    Belongings("libcbor", "libcbor-dev", headers="cbor.h", libraries="cbor", modules="libcbor"),
    Belongings("pcsc-lite", "libpcsclite-dev", headers="PCSC/", libraries="pcsclite", modules="libpcsclite"),
    Belongings("hidapi", "libhidapi-dev", headers="hidapi/", libraries="hidapi-hidraw hidapi-libusb", modules="hidapi-hidraw hidapi-libusb"),
    Belongings("libusb", "libusb-1.0-0-dev", headers="libusb-1.0/ libusb.h", libraries="usb-1.0", modules="libusb-1.0"),
    Belongings("lz4", "liblz4-dev", headers="lz4.h lz4frame.h", libraries="lz4", modules="liblz4", cmake="lz4"),
    Belongings("zstd", "libzstd-dev", headers="zstd.h", libraries="zstd", modules="libzstd", cmake="zstd"),
    Belongings("liblzma", "liblzma-dev", headers="lzma.h", libraries="lzma", modules="liblzma", cmake="LibLZMA"),
    Belongings("bzip2", "libbz2-dev", headers="bzlib.h", libraries="bz2", modules="bzip2", cmake="BZip2"),
    Belongings("brotli", "libbrotli-dev", headers="brotli/", libraries="brotlicommon brotlidec brotlienc", modules="libbrotlicommon libbrotlidec libbrotlienc"),
    Belongings("jansson", "libjansson-dev", headers="jansson.h", libraries="jansson", modules="jansson"),
    Belongings("json-c", "libjson-c-dev", headers="json-c/", libraries="json-c", modules="json-c", cmake="json-c"),
    Belongings("cjson", "libcjson-dev", headers="cjson/", libraries="cjson cjson_utils", modules="libcjson libcjson_utils", cmake="cJSON"),
    Belongings("yajl", "libyajl-dev", headers="yajl/", libraries="yajl", modules="yajl"),
    Belongings("libyaml", "libyaml-dev", headers="yaml.h", libraries="yaml", modules="yaml-0.1"),
    Belongings("libmagic", "libmagic-dev", headers="magic.h", libraries="magic", modules="libmagic"),
    Belongings("libutempter", "libutempter-dev", headers="utempter.h", libraries="utempter"),
    Belongings("utf8proc", "libutf8proc-dev", headers="utf8proc.h", libraries="utf8proc", modules="libutf8proc"),
    Belongings("jemalloc", "libjemalloc-dev", headers="jemalloc/", libraries="jemalloc", modules="jemalloc"),
    Belongings("protobuf", "libprotobuf-dev", headers="google/", libraries="protobuf protobuf-lite", modules="protobuf protobuf-lite", cmake="Protobuf"),
    Belongings("libtermkey", "libtermkey-dev", headers="termkey.h", libraries="termkey", modules="termkey"),
    Belongings("tre", "libtre-dev", headers="tre/", libraries="tre", modules="tre"),
    Belongings("openldap", "libldap-dev", headers="ldap.h lber.h", libraries="lber ldap", modules="lber ldap"),
    Belongings("cyrus-sasl", "libsasl2-dev", headers="sasl/", libraries="sasl2", modules="libsasl2"),
    Belongings("krb5", "libkrb5-dev", headers="krb5.h gssapi.h gssapi/", libraries="gssapi_krb5 gssrpc k5crypto kadm5clnt kadm5clnt_mit kadm5srv kadm5srv_mit kdb5 krb5 krb5support", modules="gssrpc kadm-client kadm-server kdb krb5 krb5-gssapi"),
    Belongings("mariadb", "libmariadb-dev", libraries="mariadb mariadbclient mysqlservices", modules="libmariadb mariadb"),
    Belongings("libpq", "libpq-dev", headers="libpq-fe.h", libraries="pq", modules="libpq", cmake="PostgreSQL"),
    Belongings("unbound", "libunbound-dev", headers="unbound-event.h unbound.h", libraries="unbound", modules="libunbound"),
    Belongings("ldns", "libldns-dev", headers="ldns/", libraries="ldns", modules="ldns"),
    Belongings("libidn2", "libidn2-dev", headers="idn2.h", libraries="idn2", modules="libidn2"),
    Belongings("libunistring", "libunistring-dev", headers="unistr.h unicase.h uniwidth.h", libraries="unistring"),
    Belongings("libpsl", "libpsl-dev", headers="libpsl.h", libraries="psl", modules="libpsl"),
    Belongings("nghttp2", "libnghttp2-dev", headers="nghttp2/", libraries="nghttp2", modules="libnghttp2"),
    Belongings("c-ares", "libc-ares-dev", headers="ares.h", libraries="cares", modules="libcares", cmake="c-ares"),
    Belongings("libssh2", "libssh2-1-dev", headers="libssh2.h", libraries="ssh2", modules="libssh2"),
    Belongings("libssh", "libssh-dev", headers="libssh/", libraries="ssh", modules="libssh", cmake="libssh"),
    Belongings("x11", "libx11-dev", headers="X11/Xlib.h X11/Xutil.h", libraries="X11", modules="x11", cmake="X11"),
    Belongings("xext", "libxext-dev", headers="X11/extensions/Xext.h", libraries="Xext", modules="xext"),
    Belongings("xft", "libxft-dev", headers="X11/Xft/Xft.h", libraries="Xft", modules="xft"),
    Belongings("xinerama", "libxinerama-dev", headers="X11/extensions/Xinerama.h", libraries="Xinerama", modules="xinerama"),
    Belongings("xrandr", "libxrandr-dev", headers="X11/extensions/Xrandr.h", libraries="Xrandr", modules="xrandr"),
    Belongings("xcb", "libxcb1-dev", headers="xcb/", libraries="xcb", modules="xcb"),
    Belongings("fontconfig", "libfontconfig-dev", headers="fontconfig/", libraries="fontconfig", modules="fontconfig", cmake="Fontconfig"),
    Belongings("freetype", "libfreetype-dev", headers="ft2build.h", libraries="freetype", modules="freetype2", cmake="Freetype"),
    Belongings("pixman", "libpixman-1-dev", headers="pixman.h", libraries="pixman-1", modules="pixman-1"),
    Belongings("cairo", "libcairo2-dev", headers="cairo.h", libraries="cairo cairo-gobject cairo-script-interpreter", modules="cairo cairo-fc cairo-ft cairo-gobject cairo-pdf cairo-png cairo-ps cairo-script cairo-script-interpreter cairo-svg cairo-tee cairo-xcb cairo-xcb-shm cairo-xlib"),
    Belongings("pango", "libpango1.0-dev", headers="pango/", libraries="pango-1.0 pangocairo-1.0 pangoft2-1.0 pangoxft-1.0", modules="pango pangocairo pangofc pangoft2 pangoot pangoxft"),
    Belongings("wayland", "libwayland-dev", headers="wayland-client.h wayland-server.h", libraries="wayland-client wayland-cursor wayland-egl wayland-server", modules="wayland-client wayland-cursor wayland-egl wayland-server"),
    Belongings("wayland-protocols", "wayland-protocols", modules="wayland-protocols"),
    Belongings("xkbcommon", "libxkbcommon-dev", headers="xkbcommon/", libraries="xkbcommon", modules="xkbcommon"),
    Belongings("libpng", "libpng-dev", headers="png.h", libraries="png png16", modules="libpng libpng16", cmake="PNG"),
    Belongings("libjpeg", "libjpeg62-turbo-dev", headers="jpeglib.h", libraries="jpeg", modules="libjpeg", cmake="JPEG"),
    Belongings("tiff", "libtiff-dev", headers="tiffio.h", libraries="tiff tiffxx", modules="libtiff-4", cmake="TIFF"),
    Belongings("alsa", "libasound2-dev", headers="alsa/", libraries="asound", modules="alsa", cmake="ALSA"),
    Belongings("libuv", "libuv1-dev", headers="uv.h", libraries="uv", modules="libuv libuv-static"),
    Belongings("libev", "libev-dev", headers="ev.h", libraries="ev"),
    Belongings("hiredis", "libhiredis-dev", headers="hiredis/", libraries="hiredis hiredis_ssl", modules="hiredis hiredis_ssl", cmake="Hiredis"),
    Belongings("libmd", "libmd-dev", headers="md5.h sha2.h", libraries="md", modules="libmd"),
    Belongings("milter", "libmilter-dev", headers="libmilter/", libraries="milter sm smutil", modules="milter"),
    Belongings("check", "check", headers="check.h", libraries="check", modules="check"),
    Belongings("cmocka", "libcmocka-dev", headers="cmocka.h", libraries="cmocka cmockery", modules="cmocka", cmake="cmocka"),
    Belongings("util-linux-uuid", "uuid-dev", headers="uuid/", libraries="uuid", modules="uuid"),
    Belongings("blkid", "libblkid-dev", headers="blkid/", libraries="blkid", modules="blkid"),
    Belongings("libmount", "libmount-dev", headers="libmount/", libraries="mount", modules="mount"),
    Belongings("libarchive", "libarchive-dev", headers="archive.h archive_entry.h", libraries="archive", modules="libarchive", cmake="LibArchive"),
    Belongings("libgit2", "libgit2-dev", headers="git2.h", libraries="git2", modules="libgit2", cmake="libgit2"),
    Belongings("gdbm", "libgdbm-dev", headers="gdbm.h", libraries="gdbm"),
    Belongings("lmdb", "liblmdb-dev", headers="lmdb.h", libraries="lmdb", modules="lmdb"),
    Belongings("elfutils", "libelf-dev", headers="libelf.h gelf.h", libraries="elf", modules="libelf"),
    Belongings("libdw", "libdw-dev", headers="dwarf.h", libraries="dw", modules="libdw"),
    Belongings("argon2", "libargon2-dev", headers="argon2.h", libraries="argon2", modules="libargon2"),
    Belongings("gpm", "libgpm-dev", headers="gpm.h", libraries="gpm"),
    Belongings("fuse3", "libfuse3-dev", libraries="fuse3", modules="fuse3"),
    Belongings("mbedtls", "libmbedtls-dev", headers="mbedtls/", libraries="mbedcrypto mbedtls mbedx509", modules="mbedcrypto mbedtls mbedx509", cmake="MbedTLS"),
    Belongings("libfido2", "libfido2-dev", headers="fido.h fido/", libraries="fido2", modules="libfido2"),
    Belongings("libxslt", "libxslt1-dev", headers="libxslt/", libraries="exslt xslt", modules="libexslt libxslt", cmake="LibXslt"),
    Belongings("gtest", "libgtest-dev", headers="gtest/", libraries="gtest gtest_main", modules="gtest gtest_main", cmake="GTest"),
    Belongings("lua5.4", "liblua5.4-dev", libraries="lua5.4", modules="lua-5.4 lua5.4 lua54"),
    Belongings("liburing", "liburing-dev", headers="liburing.h liburing/", libraries="uring uring-ffi", modules="liburing liburing-ffi"),
    Belongings("popt", "libpopt-dev", headers="popt.h", libraries="popt", modules="popt"),
    Belongings("libconfuse", "libconfuse-dev", headers="confuse.h", libraries="confuse", modules="libconfuse"),
    Belongings("inih", "libinih-dev", headers="ini.h", libraries="INIReader inih", modules="INIReader inih"),
    Belongings("slirp", "libslirp-dev", headers="slirp/", libraries="slirp", modules="slirp"),
    Belongings("numactl", "libnuma-dev", headers="numa.h", libraries="numa", modules="numa"),
    Belongings("libtasn1", "libtasn1-6-dev", headers="libtasn1.h", libraries="tasn1", modules="libtasn1"),
    Belongings("fts", headers="fts.h", libraries="fts", modules="musl-fts", symbols="fts_*", source="fts(3); modules: musl-fts.pc of musl-fts"),
    Belongings("bsd-headers", headers="sys/queue.h sys/tree.h sys/cdefs.h", source="aports:main/bsd-compat-headers"),
    Belongings("cc", tools=("cc", "gcc", "C compiler")),
    Belongings("libc", tools="libc"),
    Belongings("pkg-config", tools="pkg-config pkgconf", macros="PKG_*"),
    Belongings("autoconf", tools="autoconf autoreconf autoheader autom4te"),
    Belongings("autoconf-archive", "autoconf-archive", tools="autoconf-archive"),
    Belongings("automake", tools="automake aclocal", macros="AM_INIT_AUTOMAKE"),
    Belongings("libtool", tools="libtool libtoolize glibtoolize", macros="LT_* AC_PROG_LIBTOOL AM_PROG_LIBTOOL AC_LIBTOOL_* AC_DISABLE_STATIC AC_DISABLE_SHARED AC_ENABLE_SHARED AC_ENABLE_STATIC"),
    Belongings("bison", cmake="BISON", tools="bison yacc byacc"),
    Belongings("flex", headers="FlexLexer.h", libraries="fl", cmake="FLEX", tools="flex lex", symbols="yywrap"),
    Belongings("gettext", cmake="Gettext", tools="gettext msgfmt xgettext autopoint gettextize", macros="AM_GNU_GETTEXT* AM_ICONV"),
    Belongings("git", tools="git"),
    Belongings("mandoc", tools="mandoc"),
    Belongings("python3", modules="python3", cmake="Python3 Python PythonInterp", tools="python3 python"),
    Belongings("c++", "g++", tools="c++ g++"),
    Belongings("asciidoctor", "asciidoctor", tools="asciidoctor"),
    Belongings("docutils", "python3-docutils", tools="rst2man rst2man.py"),
    Belongings("gperf", "gperf", tools="gperf"),
    Belongings("help2man", "help2man", tools="help2man"),
    Belongings("intltool", "intltool", tools="intltool"),
    Belongings("perl", "perl", cmake="Perl", tools="pod2man"),
    Belongings("protoc", "protobuf-compiler", tools="protoc"),
    Belongings("ragel", "ragel", tools="ragel"),
    Belongings("scdoc", "scdoc", modules="scdoc", tools="scdoc"),
    Belongings("texinfo", "texinfo", tools="makeinfo"),
    Belongings("xsltproc", "xsltproc", tools="xsltproc"),
    Belongings("m4", tools="m4"),
    Belongings("make", tools="make gmake"),
    Belongings("clang", tools="clang"),
    Belongings("cmake", tools="cmake"),
    Belongings("meson", tools="meson"),
    Belongings("ninja", tools="ninja"),
    Belongings("go", tools="go gofmt"),
)
# fmt: on
