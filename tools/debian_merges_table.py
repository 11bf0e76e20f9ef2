"""Bad merges of portable projects of Debian: what is changed in which file, and what a diagnosis has to say."""

from collections.abc import Mapping

import attrs

INCLUDE, LINUX, DIRECTIVE = "missing include", "Linux-only call", "broken conditional"
SORTS = (INCLUDE, LINUX, DIRECTIVE)
HERE = "debian-13"


@attrs.frozen(kw_only=True)
class BadMerge:
    """One change of one file that breaks a build."""

    sort: str
    file: str
    old: str
    """The text whose first occurrence is replaced; empty: `new` is added at the end of the file."""
    new: str
    kind: str
    subject: str
    """The subject that the only cause must have."""
    at: str = ""
    """The line of the file that the cause must name; empty: any."""
    job: str = HERE
    """The job that the change breaks."""

    def broken(self, text: str) -> str:
        """The text of the file with the change. Raises LookupError where it does not apply."""
        if not self.old:
            return f"{text}\n{self.new}"
        if self.old not in text:
            raise LookupError(f"{self.file} has no {self.old!r}")
        return text.replace(self.old, self.new, 1)


@attrs.frozen(kw_only=True)
class ProjectMerges:
    """The bad merges of one project."""

    merges: tuple[BadMerge, ...]
    configure: tuple[str, ...] = ()
    """Arguments that switch off documentation and tests: no merge is in them."""
    where: Mapping[str, Mapping[str, object]] = attrs.field(factory=dict)
    """Changes for other systems, as `where` of ciforge.yml has them."""


def _include(file: str, line: str, kind: str, subject: str) -> BadMerge:
    """The merge that loses the line of a header."""
    return BadMerge(sort=INCLUDE, file=file, old=f"{line}\n", new="", kind=kind, subject=subject)


def _linux(file: str, job: str, lines: str, kind: str, subject: str) -> BadMerge:
    """The merge that brings a call that other systems do not have."""
    new = lines.replace("; ", ";\n") + "\n"
    return BadMerge(
        sort=LINUX, file=file, old="", new=new, kind=kind, subject=subject, job=f"{job}/cross"
    )


def _directive(file: str, old: str, new: str, subject: str, at: str) -> BadMerge:
    """The merge that damages a conditional of the preprocessor."""
    return BadMerge(
        sort=DIRECTIVE, file=file, old=old, new=new, kind="syntax-error", subject=subject, at=at
    )


_CALL = "int merged_call(void);\nint merged_call(void) {{ return {}; }}\n"
_IMPLICIT, _HEADER = "implicit-declaration", "missing-header"


def _with_header(file: str, job: str, header: str, call: str) -> BadMerge:
    return _linux(file, job, f"#include <{header}>\n{_CALL.format(call)}", _HEADER, header)


PROJECTS: Mapping[str, ProjectMerges] = {
    "lowdown": ProjectMerges(
        where={"freebsd*": {"dependencies": {
            "remove": ["libmd"], "add": [{"bmake": {"freebsd": "bmake", "debian": "bmake"}}],
        }}},
        merges=(
        _include("autolink.c", "#include <ctype.h>", _IMPLICIT, "isalnum"),
        _with_header("util.c", "freebsd-14", "sys/prctl.h", 'prctl(PR_SET_NAME, "x", 0, 0, 0)'),
        _directive("library.c", "# include <sys/queue.h>\n#endif\n", "# include <sys/queue.h>\n",
                   "#if", "#if HAVE_SYS_QUEUE"),
    )),
    # Its configure expects names of systems without a version; the container has no group wheel.
    "opendoas": ProjectMerges(where={"freebsd*": {
        "configure": ["--target=x86_64-unknown-freebsd"], "env": {"BINGRP": "root"},
    }}, merges=(
        _include("env.c", "#include <err.h>", _IMPLICIT, "err"),
        _linux("env.c", "freebsd-14", _CALL.format("(int)gettid()"), _IMPLICIT, "gettid"),
        _directive("doas.c", "#if defined(USE_SHADOW)\n", "", "#elif without #if", "#elif !defined(USE_PAM)"),
    )),
    "sndio": ProjectMerges(
        where={"freebsd*": {"dependencies": {"remove": ["alsa", "libbsd"]}}},
        merges=(
            _include("sndiod/listen.c", "#include <sys/un.h>", "incomplete-type", "struct sockaddr_un"),
            _with_header("sndiod/utils.c", "freebsd-14", "sys/signalfd.h", "signalfd(-1, 0, 0)"),
            _directive("sndiod/listen.c", "#ifdef DEBUG\n\t\tif (*pf == NULL)", "\t\tif (*pf == NULL)",
                       "#endif without #if", "#endif"),
        ),
    ),
    "fribidi": ProjectMerges(merges=(
        _include("bin/fribidi-main.c", "#include <stdio.h>", "unknown-type", "FILE"),
        _with_header("bin/fribidi-main.c", "netbsd-10", "sys/epoll.h", "epoll_create1(0)"),
        _directive("bin/fribidi-main.c", "#ifdef HAVE_CONFIG_H\n", "#ifdef\n", "#ifdef", "#ifdef"),
    )),
    "pv": ProjectMerges(merges=(
        _include("src/pv/signal.c", "#include <termios.h>", "incomplete-type", "struct termios"),
        _with_header("src/pv/file.c", "openbsd-7.8", "sys/sendfile.h", "(int)sendfile(1, 0, 0, 1)"),
        _directive("src/main/remote.c", "#else\t\t\t\t/* !HAVE_IPC */\n", "#else\t\t\t\t/* !HAVE_IPC */\n#else\n",
                   "#else after #else", "#else"),
    )),
    "cmark": ProjectMerges(merges=(
        _include("src/main.c", "#include <errno.h>", "undeclared", "errno"),
        _with_header("src/main.c", "freebsd-14", "sys/sysinfo.h", "get_nprocs()"),
        _directive("src/main.c", "#if defined(_WIN32) && !defined(__CYGWIN__)\n",
                   "#if defined(_WIN32 && !defined(__CYGWIN__)\n",
                   "missing ')' after \"defined\"", "#if defined(_WIN32 && !defined(__CYGWIN__)"),
    )),
    "libcbor": ProjectMerges(where={"freebsd*": {"dependencies": {"remove": ["cjson", "cmocka"]}}}, merges=(
        _include("src/cbor/internal/loaders.c", "#include <math.h>", _IMPLICIT, "ldexp"),
        _with_header("src/cbor.c", "freebsd-14", "linux/types.h", "(int)sizeof(__u32)"),
        _directive("src/cbor/internal/encoders.c", "(unsigned char)value;\n#endif\n", "(unsigned char)value;\n",
                   "#else", "#ifdef IS_BIG_ENDIAN"),
    )),
    "uriparser": ProjectMerges(
        configure=("-DURIPARSER_BUILD_DOCS=OFF", "-DURIPARSER_BUILD_TESTS=OFF"),
        merges=(
            _include("tool/uriparse.c", "# include <arpa/inet.h>", _IMPLICIT, "inet_ntop"),
            _with_header("src/UriMemory.c", "freebsd-14", "sys/personality.h", "personality(0xffffffff)"),
            _directive("src/UriMemory.c", "\treturn reallocarray(ptr, nmemb, size);\n#else\n",
                       "\treturn reallocarray(ptr, nmemb, size);\n#elsif\n",
                       "invalid preprocessing directive #elsif", "#elsif"),
        ),
    ),
    "bubblewrap": ProjectMerges(
        # It uses PATH_MAX without <limits.h>, which musl does not bring along.
        where={"alpine*": {"env": {"CFLAGS": "-include limits.h"}, "dependencies": {"add": [
            {"libcap": {"alpine": "libcap-dev", "debian": "libcap-dev"}},
            {"libselinux": {"alpine": "libselinux-dev", "debian": "libselinux1-dev"}},
        ]}}},
        merges=(
        _include("network.c", "#include <net/if.h>", _IMPLICIT, "if_nametoindex"),
        _with_header("utils.c", "alpine-3.23", "error.h", "(error(0, 0, 0), 0)"),
        _directive("utils.c", "#ifdef __NR_pivot_root\n", "", "#else without #if", "#else"),
    )),
    "i3status": ProjectMerges(
        configure=("-Dmans=false",),
        where={"freebsd*": {"dependencies": {
            "remove": ["libnl-genl", "alsa", "asciidoc", "xmlto"],
            "add": [{"libconfuse": {"freebsd": "libconfuse", "debian": "libconfuse-dev"}}],
        }}},
        merges=(
            _include("src/process_runs.c", "#include <signal.h>", _IMPLICIT, "kill"),
            _with_header("src/print_load.c", "freebsd-14", "sys/vfs.h", "(int)sizeof(struct statfs)"),
            _directive("i3status.c", "#if HAS_PULSEAUDIO\n", "#if HAS_PULSEAUDIO YAJL_MAJOR\n",
                       "missing binary operator before token \"2\"", "#if HAS_PULSEAUDIO YAJL_MAJOR"),
        ),
    ),
    "libinih": ProjectMerges(merges=(
        _include("ini.c", "#include <ctype.h>", _IMPLICIT, "isspace"),
        _with_header("ini.c", "freebsd-14", "sys/fanotify.h", "fanotify_init(0, 0)"),
        _directive("ini.c", "#include <stdlib.h>\n", "#include <stdlib.h>\n#if INI_STDLIB\n", "#if", "#if !INI_USE_STACK"),
    )),
    "libmpdclient": ProjectMerges(merges=(
        _include("src/fd_util.c", "#include <fcntl.h>", _IMPLICIT, "fcntl"),
        _linux("src/fd_util.c", "freebsd-14", _CALL.format("MSG_ERRQUEUE"), "undeclared", "MSG_ERRQUEUE"),
        _directive("src/resolver.c", "\treturn NULL;\n#endif\n}\n", "\treturn NULL;\n#endif\n#endif\n}\n",
                   "#endif without #if", "#endif"),
    )),
}  # fmt: skip
