"""configure.ac, m4 files, Makefile.am, and configure scripts without them."""

from pathlib import Path

import pytest
from trees import evidence, needs, proposed, repo, written

BEGIN = "AC_INIT([mydaemon], [1.0])\n"


@pytest.mark.parametrize(
    ("macro", "found"),
    [
        ("AM_INIT_AUTOMAKE([foreign])", ["automake"]),
        ("LT_INIT", ["libtool"]),
        ("AC_PROG_YACC", ["bison"]),
        ("AM_PROG_LEX", ["flex"]),
        ("AM_GNU_GETTEXT([external])", ["gettext"]),
        ("AC_PROG_CXX", ["c++"]),
        ("AX_PTHREAD", ["autoconf-archive"]),
        ("AC_CHECK_LIB([event], [event_init])", ["libevent"]),
        ("AC_CHECK_LIB(z, deflate)", ["zlib"]),
        ("AC_SEARCH_LIBS([tgetent], [curses ncurses termcap])", ["ncurses"]),
        ("AC_SEARCH_LIBS([flock], [bsd])", ["libbsd"]),
        ("PKG_CHECK_MODULES([X], [libcurl >= 7.1 sqlite3])", ["libcurl", "sqlite3"]),
        ("PKG_CHECK_MODULES(\n\tX,\n\t[libpcre2-8],\n\t[a=1, b=2])", ["pcre2"]),
        ("AC_CHECK_HEADER([zlib.h], , [AC_MSG_ERROR([no, (none)])])", ["zlib"]),
        ("AC_CHECK_HEADERS([ \\\n\tstdio.h \\\n\tsecurity/pam_appl.h \\\n])", ["pam"]),
        ("AC_PATH_PROG([MAKEINFO], [makeinfo])", ["texinfo"]),
    ],
)
def test_autoconf_macro_becomes_a_dependency(tmp_path: Path, macro: str, found: list[str]) -> None:
    made = proposed(tmp_path, {"configure.ac": f"{BEGIN}{macro}\nAC_OUTPUT\n"})
    assert needs(made) == ["autoconf", *found]
    assert made.doubts == ()


@pytest.mark.parametrize(
    "macro",
    [
        "dnl AC_CHECK_LIB([event], [event_init])",
        "# AC_CHECK_LIB([event], [event_init])",
        "AC_CHECK_LIB([m], [fmod])",
        "AC_SEARCH_LIBS([clock_gettime], [rt])",
        "AC_SEARCH_LIBS([forkpty], [util bsd])",
        "AC_SEARCH_LIBS([sys_signame], , [])",
        "AC_CHECK_LIB($libdb, dbopen)",
        "AC_CHECK_HEADERS([stdio.h string.h])",
        "MY_AC_CHECK_LIB([event])",
        "AC_DEFUN([AX_MINE], [])\nAX_MINE",
    ],
)
def test_autoconf_macro_without_a_dependency_is_ignored(tmp_path: Path, macro: str) -> None:
    made = proposed(tmp_path, {"configure.ac": f"{BEGIN}{macro}\n"})
    assert needs(made) == ["autoconf"]
    assert made.doubts == ()


def test_evidence_is_the_line_of_the_name(tmp_path: Path) -> None:
    text = f"{BEGIN}AC_CHECK_LIB([event], [event_init])\nAC_CHECK_HEADERS([ \\\n  stdio.h \\\n  zlib.h])\n"
    made = proposed(tmp_path, {"configure.ac": text})
    assert evidence(made, "libevent") == ["configure.ac:2: AC_CHECK_LIB([event], [event_init])"]
    assert evidence(made, "zlib") == ["configure.ac:5: AC_CHECK_HEADERS: zlib.h])"]


@pytest.mark.parametrize(
    ("macro", "told"),
    [
        ("AC_CHECK_LIB([frob], [f])", "no known package has the library 'frob'"),
        ("PKG_CHECK_MODULES(F, frob, , [:])", "no known package has the pkg-config 'frob'"),
    ],
)
def test_unknown_autoconf_dependency_is_reported(tmp_path: Path, macro: str, told: str) -> None:
    made = proposed(tmp_path, {"configure.ac": f"{BEGIN}{macro}\n"})
    assert made.doubts == (f"configure.ac:2: {macro}: {told}",)


@pytest.mark.parametrize(
    ("macro", "name"),
    [
        ("PKG_CHECK_MODULES([F], [frob-1.0 >= 2])", "pkg-config:frob-1.0"),
        ("PKG_CHECK_MODULES([F], [frob], [], [AC_MSG_ERROR([no])])", "pkg-config:frob"),
        ("AC_CHECK_LIB([frob], [f], [], [AC_MSG_ERROR([no frob])])", "library:frob"),
        ("AC_CHECK_HEADER([frob/f.h], [], [AC_MSG_ERROR([no frob])])", "header:frob/f.h"),
    ],
)
def test_unknown_name_that_configure_requires_is_one_of_package_indexes(
    tmp_path: Path, macro: str, name: str
) -> None:
    made = proposed(tmp_path, {"configure.ac": f"{BEGIN}{macro}\n"})
    assert needs(made) == ["autoconf", name]
    assert made.doubts == ()
    assert evidence(made, name) == [f"configure.ac:2: {macro}"]


@pytest.mark.parametrize(
    "text",
    [
        "if test x = y; then\nPKG_CHECK_MODULES([F], [frob])\nfi\n",
        "AS_IF([test x = y], [\nPKG_CHECK_MODULES([F], [frob])\n])\n",
        "\tPKG_CHECK_MODULES([F], [frob])\n",
        "AC_CHECK_HEADER(f.h, [], [\nAC_CHECK_HEADER(frob/f.h, [], [AC_MSG_ERROR([no])])])\n",
    ],
)
def test_unknown_name_that_only_some_builds_require_is_no_dependency(
    tmp_path: Path, text: str
) -> None:
    made = proposed(tmp_path, {"configure.ac": f"{BEGIN}{text}"})
    assert needs(made) == ["autoconf"]


def test_dependency_without_a_descriptor_entry_is_spelled_out(tmp_path: Path) -> None:
    made = proposed(tmp_path, {"configure.ac": f"{BEGIN}PKG_CHECK_MODULES([A], [libargon2])\n"})
    spelled = {"debian": "libargon2-dev", "ubuntu": "libargon2-dev"}
    assert repo(made)["dependencies"] == ["autoconf", {"argon2": spelled}]


def test_tree_with_configure_needs_no_autotools(tmp_path: Path) -> None:
    files = {
        "configure.ac": f"{BEGIN}AM_INIT_AUTOMAKE\nLT_INIT\nAC_PROG_YACC\n",
        "configure": "#!/bin/sh\n",
    }
    made = proposed(tmp_path, files)
    assert needs(made) == ["bison"]
    assert "configure exists" in made.recipe.because


def test_macros_of_own_m4_files_count_and_copies_do_not(tmp_path: Path) -> None:
    files = {
        "configure.ac": BEGIN,
        "m4/mine.m4": "AC_DEFUN([MINE], [AC_CHECK_LIB([ssl], [SSL_new])])",
        "m4/libtool.m4": "AC_CHECK_LIB([z], [deflate])",
    }
    assert needs(proposed(tmp_path, files)) == ["autoconf", "openssl"]


def test_users_of_a_draft_are_underscore_names_in_build_files(tmp_path: Path) -> None:
    files = {
        "configure.ac": f"{BEGIN}SMTPD_USER=_smtpd\nPRIVSEP_GROUP=\"_priv\"\nUSER=nobody\n",
        "Makefile.am": "install-exec-hook:\n\t@chgrp _queue x && chmod 2555 x\n\tinstall -o root -g _mail y z\n",
    }  # fmt: skip
    homes = dict.fromkeys(["_mail", "_priv", "_queue", "_smtpd"], "/var/empty")
    assert repo(proposed(tmp_path, files))["users"] == homes


def test_draft_suggests_check_without_enabling_it(tmp_path: Path) -> None:
    files = {"configure.ac": BEGIN, "Makefile.am": "bin_PROGRAMS = x\nTESTS = a.sh\n"}
    made = proposed(tmp_path, files)
    assert made.hints == ("steps: {check: true} runs its tests (Makefile.am:2: TESTS = a.sh)",)
    assert repo(made)["steps"] == {"smoke": "installed"}


@pytest.mark.parametrize(("ready", "found"), [({}, ["texinfo"]), ({"doc/x.info": ""}, [])])
def test_texinfo_manual_needs_makeinfo_unless_it_is_built(
    tmp_path: Path, ready: dict[str, str], found: list[str]
) -> None:
    files = {"configure.ac": BEGIN, "doc/Makefile.am": "info_TEXINFOS = x.texi\n"}
    assert needs(proposed(tmp_path, files | ready)) == ["autoconf", *found]


def test_handwritten_configure_is_read_like_a_makefile(tmp_path: Path) -> None:
    files = {
        "configure": '#!/bin/sh\npkg-config --exists libbsd-overlay\nLDADD="-lz -lfrobnicate"\n',
        "gram.y": "",
    }
    made = proposed(tmp_path, files)
    assert made.recipe.value == "autotools"
    assert needs(made) == ["libbsd", "zlib", "bison"]
    assert made.doubts == (
        "configure:3: LDADD=\"-lz -lfrobnicate\": no known package has the library 'frobnicate'",
    )
    assert "is called without any" in made.hints[0]


@pytest.mark.parametrize(
    ("first", "folder", "name"),
    [
        ("AC_INIT([OpenSMTPD-portable], [7], [x], [opensmtpd])", "tree", "opensmtpd"),
        ("AC_INIT([GNU nano], [8.4])", "tree", "gnu-nano"),
        ("AC_INIT(tmux, 3.5a)", "tree", "tmux"),
        ("AC_INIT([m4_esyscmd([cat NAME])], [1])", "tree", "m4_esyscmd-cat-name"),
        ("AC_INIT([ü], [1])", "My Tree", "my-tree"),
        ("", "…", "project"),
        ("", "entr-5.7", "entr"),
        ("", "cjson_1.7.19-rc1", "cjson"),
        ("", "tool-2", "tool"),
        ("", "-1", "1"),
        ("AC_INIT([alpine], [2])", "tree", "alpine-src"),
        ("AC_INIT([default], [2])", "tree", "default-src"),
        (f"AC_INIT([{'n' * 200}], [2])", "tree", "n" * 60),
    ],
)  # fmt: skip
def test_project_name_of_a_draft_is_an_unambiguous_id(
    tmp_path: Path, first: str, folder: str, name: str
) -> None:
    assert proposed(tmp_path, {"configure.ac": first + "\n"}, folder).name.value == name


def test_autotools_that_a_handwritten_configure_calls_are_dependencies(tmp_path: Path) -> None:
    files = {
        "configure.ac": "AC_INIT([w], [1])\n",
        "configure": "#!/bin/sh\n# not aclocal\nautoconf -o configure.sh && exec ./configure.sh\n",
    }
    assert needs(proposed(tmp_path / "a", files)) == ["autoconf"]
    files["configure"] = "#!/bin/sh\naclocal -I m4 && autoheader\n"
    assert needs(proposed(tmp_path / "b", files)) == ["autoconf", "automake"]
    files["configure"] = "#! /bin/sh\n# Generated by GNU Autoconf 2.72.\nautoconf\n"
    assert needs(proposed(tmp_path / "c", files)) == []


def test_pattern_of_a_host_is_no_library(tmp_path: Path) -> None:
    text = "case $h in *-linux*|x86-*-linux-gnu) L=-lrt;; ${c}-lynx) ;; esac\n"
    files = {"configure": "#!/bin/sh\n", "Makefile.in": text}
    made = proposed(tmp_path, files)
    assert "inux" not in str(written(made))
    assert "ynx" not in str(written(made))
