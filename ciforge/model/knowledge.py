"""Which dependency a header, library, pkg-config module, macro, tool or symbol belongs to.

`deb` in a source is Debian's Contents index (main, amd64 and all) of trixie, read on 2026-11-22: the
package that the descriptor of Debian names for the dependency owns the files. `api` is the project's
own documentation of its interface.
"""

from collections.abc import Iterable, Mapping

import attrs


@attrs.frozen(kw_only=True)
class Belongings:
    """What one dependency, by its canonical name, brings."""

    dependency: str
    headers: tuple[str, ...] = ()
    """As they are included; `openssl/` is everything below it."""
    libraries: tuple[str, ...] = ()
    """As they are linked, without `-l`."""
    modules: tuple[str, ...] = ()
    """As pkg-config knows them."""
    macros: tuple[str, ...] = ()
    """Of autoconf; `LT_*` is every one that begins so."""
    tools: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    """Functions; `SSL_*` is every one that begins so."""
    source: str


BELONGINGS: tuple[Belongings, ...] = (
    Belongings(
        dependency="libevent",
        headers=("event.h", "evdns.h", "evhttp.h", "evrpc.h", "evutil.h", "event2/"),
        libraries=(
            "event", "event_core", "event_extra", "event_openssl", "event_pthreads",
        ),
        modules=(
            "libevent", "libevent_core", "libevent_extra", "libevent_openssl", "libevent_pthreads",
        ),
        symbols=("event_*", "evbuffer_*", "bufferevent_*", "evtimer_*", "evdns_*", "evhttp_*"),
        source="deb:libevent-dev, api",
    ),
    Belongings(
        dependency="openssl",
        headers=("openssl/",),
        libraries=("ssl", "crypto"),
        modules=("openssl", "libssl", "libcrypto"),
        symbols=(
            "SSL_*", "TLS_*", "EVP_*", "BIO_*", "X509_*", "X509V3_*", "PEM_*", "RSA_*", "ECDSA_*",
            "EC_*", "BN_*", "ERR_*", "OPENSSL_*", "CRYPTO_*", "ASN1_*", "OCSP_*", "DH_*", "HMAC_*",
            "RAND_*", "ENGINE_*", "i2d_*", "d2i_*",
        ),
        source="deb:libssl-dev, api",
    ),
    Belongings(
        dependency="libtls", headers=("tls.h",), libraries=("tls",), modules=("libtls",),
        symbols=("tls_*",), source="deb:libtls-dev, api",
    ),
    Belongings(
        dependency="zlib", headers=("zlib.h", "zconf.h"), libraries=("z",), modules=("zlib",),
        symbols=("deflate*", "inflate*", "gzopen*", "gzread", "gzwrite", "gzclose*", "compress2"),
        source="deb:zlib1g-dev, api",
    ),
    Belongings(
        dependency="pam", headers=("security/",), libraries=("pam", "pam_misc", "pamc"),
        modules=("pam", "pam_misc", "pamc"), symbols=("pam_*",), source="deb:libpam0g-dev, api",
    ),
    Belongings(
        dependency="crypt", headers=("crypt.h",), libraries=("crypt", "xcrypt"),
        modules=("libcrypt", "libxcrypt"), symbols=("crypt", "crypt_*"),
        source="deb:libcrypt-dev",
    ),
    Belongings(
        dependency="fts", headers=("fts.h",), libraries=("fts",), modules=("musl-fts",),
        symbols=("fts_*",), source="fts(3); modules: musl-fts.pc of musl-fts",
    ),
    Belongings(
        dependency="db", headers=("db.h", "db_185.h"), libraries=("db", "db-5.3"),
        symbols=("dbopen", "db_create"), source="deb:libdb-dev, api",
    ),
    Belongings(
        dependency="sqlite3", headers=("sqlite3.h", "sqlite3ext.h"), libraries=("sqlite3",),
        modules=("sqlite3",), symbols=("sqlite3_*",), source="deb:libsqlite3-dev, api",
    ),
    Belongings(
        dependency="expat", headers=("expat.h", "expat_external.h"), libraries=("expat",),
        modules=("expat",), symbols=("XML_*",), source="deb:libexpat1-dev, api",
    ),
    Belongings(
        dependency="libxml2", headers=("libxml/", "libxml2/"), libraries=("xml2",),
        modules=("libxml-2.0",), symbols=("xml*",), source="deb:libxml2-dev, api",
    ),
    Belongings(
        dependency="libbsd", headers=("bsd/",), libraries=("bsd",),
        modules=("libbsd", "libbsd-overlay", "libbsd-ctor"), source="deb:libbsd-dev",
    ),
    Belongings(
        dependency="ncurses",
        headers=("curses.h", "ncurses.h", "ncursesw/", "term.h", "panel.h", "menu.h", "form.h"),
        libraries=("ncurses", "ncursesw", "tinfo", "curses", "panel", "menu", "form"),
        modules=("ncurses", "ncursesw", "tinfo"),
        symbols=("initscr", "tgetent", "tgetstr", "setupterm", "wrefresh", "endwin"),
        source="deb:libncurses-dev, api",
    ),
    Belongings(
        dependency="bsd-headers", headers=("sys/queue.h", "sys/tree.h", "sys/cdefs.h"),
        source="aports:main/bsd-compat-headers",
    ),
    Belongings(dependency="autoconf", tools=("autoconf", "autoreconf", "autoheader", "autom4te"),
        source="deb:autoconf"),
    Belongings(dependency="automake", tools=("automake", "aclocal"),
        macros=("AM_INIT_AUTOMAKE",), source="deb:automake"),
    Belongings(dependency="libtool", tools=("libtool", "libtoolize", "glibtoolize"),
        macros=("LT_*", "AC_PROG_LIBTOOL", "AM_PROG_LIBTOOL", "AC_LIBTOOL_*",
            "AC_DISABLE_STATIC", "AC_DISABLE_SHARED", "AC_ENABLE_SHARED", "AC_ENABLE_STATIC"),
        source="deb:libtool; macros: libtool's manual"),
    Belongings(dependency="pkg-config", tools=("pkg-config", "pkgconf"), macros=("PKG_*",),
        source="deb:pkgconf, pkg.m4"),
    Belongings(dependency="gettext", tools=("msgfmt", "xgettext", "autopoint", "gettextize"),
        macros=("AM_GNU_GETTEXT*", "AM_ICONV"), source="deb:gettext, deb:autopoint"),
    Belongings(dependency="bison", tools=("bison", "yacc", "byacc"), source="deb:bison"),
    Belongings(dependency="flex", tools=("flex", "lex"), headers=("FlexLexer.h",),
        libraries=("fl",), symbols=("yywrap",), source="deb:flex, deb:libfl-dev"),
    Belongings(dependency="m4", tools=("m4",), source="deb:m4"),
    Belongings(dependency="make", tools=("make", "gmake"), source="deb:make"),
    Belongings(dependency="cc", tools=("cc", "gcc", "C compiler"), source="deb:gcc"),
    Belongings(dependency="clang", tools=("clang",), source="deb:clang"),
    Belongings(dependency="cmake", tools=("cmake",), source="deb:cmake"),
    Belongings(dependency="meson", tools=("meson",), source="deb:meson"),
    Belongings(dependency="ninja", tools=("ninja",), source="deb:ninja-build"),
    Belongings(dependency="go", tools=("go", "gofmt"), source="deb:golang-go"),
    Belongings(dependency="mandoc", tools=("mandoc",), source="deb:mandoc"),
)  # fmt: skip
"""A row for each dependency that descriptors know and that brings something of its own."""


class Knowledge:
    """Looks things up in such rows; empty where nothing is known."""

    def __init__(self, rows: Iterable[Belongings] = BELONGINGS) -> None:
        rows = tuple(rows)
        self._headers = _index(rows, "headers")
        self._libraries = _index(rows, "libraries")
        self._modules = _index(rows, "modules")
        self._macros = _index(rows, "macros")
        self._tools = _index(rows, "tools")
        self._symbols = _index(rows, "symbols")
        self._names = {row.dependency for row in rows}

    def header(self, name: str) -> str:
        """Whose header `event2/event.h` is: `libevent`."""
        return _longest(self._headers, name, "/")

    def library(self, name: str) -> str:
        """Whose library `event_core` is, without `-l`."""
        return self._libraries.get(name, "")

    def module(self, name: str) -> str:
        """Whose pkg-config module `libssl` is."""
        return self._modules.get(name, "")

    def macro(self, name: str) -> str:
        """Whose m4 file has the macro `PKG_CHECK_MODULES`."""
        return _longest(self._macros, name, "*")

    def tool(self, name: str) -> str:
        """Which dependency brings the program `libtoolize`."""
        return self._tools.get(name, "")

    def symbol(self, name: str) -> str:
        """Whose function `SSL_CTX_new` is."""
        return _longest(self._symbols, name, "*")

    def anything(self, name: str) -> str:
        """What a check of configure looked for, however it called it."""
        if name in self._names:
            return name
        asked = (self.header, self.module, self.library, self.tool, self.symbol)
        return next((found for ask in asked if (found := ask(name))), "")


def _index(rows: Iterable[Belongings], attribute: str) -> dict[str, str]:
    return {name: row.dependency for row in rows for name in getattr(row, attribute)}


def _longest(index: Mapping[str, str], name: str, mark: str) -> str:
    """The entry for the whole name, else the longest one that begins it and ends in `mark`."""
    if name in index:
        return index[name]
    for end in range(len(name), 0, -1):
        begin = name[:end] if mark == "/" else f"{name[:end]}{mark}"
        if begin in index and begin.endswith(mark):
            return index[begin]
    return ""


KNOWLEDGE = Knowledge()
"""All rows."""
