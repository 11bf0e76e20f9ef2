"""CMake, Meson, Go, make, and headers that C files include."""

from pathlib import Path

import pytest
from trees import changed_steps, evidence, needs, proposed, repo

CMAKE = "cmake_minimum_required(VERSION 3.5)\nproject(mydaemon C)\n"
MESON = "project('mydaemon', 'c')\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("find_package(OpenSSL REQUIRED)", ["openssl"]),
        ("FIND_PACKAGE( ZLIB )", ["zlib"]),
        (
            "pkg_check_modules(X REQUIRED IMPORTED_TARGET libcurl>=7.1 sqlite3)",
            ["libcurl", "sqlite3"],
        ),
        ('pkg_search_module(X QUIET "libcbor")', ["libcbor"]),
        ("find_library(L NAMES readline libreadline HINTS /x)", ["readline"]),
        ("find_library(L libz.a)", ["zlib"]),
        ("check_include_files(zlib.h HAVE_ZLIB_H)", ["zlib"]),
        ("check_library_exists(event event_init time.h X)", ["libevent"]),
        ("target_link_libraries(mydaemon PRIVATE m ssl)", ["openssl"]),
        ("find_program(MANDOC mandoc)", ["mandoc"]),
    ],
)
def test_cmake_command_becomes_a_dependency(tmp_path: Path, line: str, found: list[str]) -> None:
    made = proposed(tmp_path, {"CMakeLists.txt": f"{CMAKE}{line}\n"})
    assert (made.recipe.value, made.name.value) == ("cmake", "mydaemon")
    assert needs(made) == found
    assert made.doubts == ()


@pytest.mark.parametrize(
    "line",
    [
        "# find_package(OpenSSL)",
        "find_package(Threads)",
        "find_package(${X})",
        "target_link_libraries(a b)",
    ],
)
def test_cmake_command_without_a_dependency_is_ignored(tmp_path: Path, line: str) -> None:
    made = proposed(tmp_path, {"CMakeLists.txt": f"{CMAKE}{line}\n"})
    assert (needs(made), made.doubts) == ([], ())


@pytest.mark.parametrize(
    ("project", "plus"),
    [
        ("project(a C)", False),
        ("project(a VERSION 1 LANGUAGES C)", False),
        ("project(a)", True),
        ("project(a VERSION 1)", True),
        ("project(a LANGUAGES C CXX)", True),
    ],
)
def test_cmake_project_without_a_language_needs_a_cxx_compiler(
    tmp_path: Path, project: str, plus: bool
) -> None:
    made = proposed(tmp_path, {"CMakeLists.txt": f"{project}\n"})
    assert needs(made) == (["c++"] if plus else [])


def test_build_files_of_tests_and_copies_are_ignored(tmp_path: Path) -> None:
    files = {"CMakeLists.txt": CMAKE, "src/CMakeLists.txt": "find_package(ZLIB)\n"}
    files |= {f"{one}/CMakeLists.txt": "find_package(GTest)\n" for one in ("tests", "third_party")}
    assert needs(proposed(tmp_path, files)) == ["zlib"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("dep = dependency('glib-2.0', static: true)", ["glib"]),
        ("cc.find_library('pam', required: true)", ["pam"]),
        ("cc.has_header('zlib.h')", ["zlib"]),
        ("find_program('bison')", ["bison"]),
        ("run_command('git', 'describe', check: true)", ["git"]),
        ("i18n = import('i18n')", ["gettext"]),
        ("dependency('threads')", []),
        ("# dependency('zlib')", []),
        ("dependency(name)", []),
    ],
)
def test_meson_function_becomes_a_dependency(tmp_path: Path, line: str, found: list[str]) -> None:
    made = proposed(tmp_path, {"meson.build": f"{MESON}{line}\n"})
    assert (made.recipe.value, made.name.value) == ("meson", "mydaemon")
    assert (needs(made), made.doubts) == (found, ())


def test_meson_project_in_cxx_needs_its_compiler(tmp_path: Path) -> None:
    assert needs(proposed(tmp_path, {"meson.build": "project('a', ['c', 'cpp'])\n"})) == ["c++"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("LDADD = -levent -lm", ["libevent"]),
        ("LIBS != pkg-config --libs ncurses sqlite3", ["ncurses", "sqlite3"]),
        ("LIBS := $(shell $(PKG_CONFIG) --cflags --libs libbsd-overlay)", ["libbsd"]),
        ("# LDADD = -levent", []),
        ("list:\n\tls -lz", []),
    ],
)
def test_makefile_word_becomes_a_dependency(tmp_path: Path, line: str, found: list[str]) -> None:
    made = proposed(tmp_path, {"Makefile": f"{line}\ninstall:\n"})
    assert (made.recipe.value, needs(made), made.doubts) == ("make", found, ())


def test_makefile_is_the_one_that_make_reads_with_its_includes(tmp_path: Path) -> None:
    files = {
        "GNUmakefile": "include config.mk\ninstall: all\n",
        "config.mk": "LIBS = -lX11\n",
        "Makefile": "LDADD = -levent\n",
    }
    assert needs(proposed(tmp_path, files)) == ["x11"]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("all:\n\tcc x.c\n", {"install": "false"}),
        ("all install: x\n", None),
        ("install::\n", None),
        ("install := cp\nall:\n", {"install": "false"}),
        ("include $(wildcard *.mk)\nall:\n", None),
        (
            ".include <bsd.prog.mk>\n",
            {"build": {"run": 'bmake -j"$CIFORGE_JOBS"'}, "install": {"run": "bmake install"}},
        ),
    ],
)
def test_makefile_without_install_has_no_install_step(
    tmp_path: Path, text: str, steps: dict[str, object] | None
) -> None:
    assert changed_steps(proposed(tmp_path, {"Makefile": text})) == steps


def test_makefile_for_bsd_make_is_reported(tmp_path: Path) -> None:
    made = proposed(tmp_path, {"Makefile": "PROG=x\n.include <bsd.prog.mk>\n"})
    assert [(step.name, step.run) for step in made.steps] == [
        ("build", 'bmake -j"$CIFORGE_JOBS"'),
        ("install", "bmake install"),
    ]
    assert needs(made) == ["bmake"]


def test_handwritten_configure_with_a_makefile_for_bsd_make_is_built_by_bmake(
    tmp_path: Path,
) -> None:
    files = {"configure": "#!/bin/sh\n:\n", "Makefile": "all:\n.ifdef X\nY=1\n.endif\n"}
    made = proposed(tmp_path, files)
    assert [step.name for step in made.steps] == ["build", "install"]
    assert needs(made) == ["bmake"]


@pytest.mark.parametrize(
    ("files", "steps", "env"),
    [
        ({"main.go": "package main\n"}, None, None),
        (
            {"lib.go": "package lib\n"},
            {"build": {"run": "go build ./..."}, "install": "false"},
            None,
        ),
        (
            {"cmd/tool/main.go": "package main\n"},
            {"build": {"run": "go build -o filter ./cmd/tool"}},
            None,
        ),
        ({"main.go": 'package main\nimport "C"\n'}, None, {"CGO_ENABLED": "1"}),
    ],
)
def test_go_tree_is_built_in_the_folder_of_its_program(
    tmp_path: Path, files: dict[str, str], steps: object, env: object
) -> None:
    made = proposed(tmp_path, {"go.mod": "module example.org/a/filter/v2\n\ngo 1.24\n", **files})
    assert (made.recipe.value, made.name.value) == ("go", "filter")
    assert (changed_steps(made), repo(made).get("env")) == (steps, env)
    assert made.doubts == ("go.mod:3: go 1.24: a release whose own Go is older cannot build this",)


@pytest.mark.parametrize("asked", ["1.15", "1.20", "1", "x"])
def test_go_version_that_is_not_enforced_is_not_reported(tmp_path: Path, asked: str) -> None:
    files = {"go.mod": f"module a\ngo {asked}\n", "main.go": "package main\n"}
    assert proposed(tmp_path, files).doubts == ()


def test_go_with_cgo_needs_the_dependencies_of_c(tmp_path: Path) -> None:
    text = 'package main\n// #cgo pkg-config: libcurl\n// #cgo linux LDFLAGS: -lz\nimport "C"\n'
    assert needs(proposed(tmp_path, {"main.go": text})) == [
        "cc",
        "libc",
        "pkg-config",
        "libcurl",
        "zlib",
    ]


def test_included_header_becomes_a_dependency_whatever_configure_tests(tmp_path: Path) -> None:
    files = {
        "Makefile": "install:\n",
        "a.c": "#include <stdio.h>\n#include <event.h>\n#ifdef X\n#include <zlib.h>\n#endif\n# include <curl/curl.h>\n",
        "b.h": "#ifndef B_H\n#define B_H\n#include <sqlite3.h>\n#endif\n",
        "c.h": "#ifndef HAVE_C\n#include <expat.h>\n#endif\n",
        "tests/d.c": "#include <readline/readline.h>\n",
    }
    made = proposed(tmp_path, files)
    assert needs(made) == ["libevent", "libcurl", "sqlite3"]
    assert evidence(made, "libcurl") == ["a.c:6: # include <curl/curl.h>"]


def test_header_of_the_tree_itself_is_no_dependency(tmp_path: Path) -> None:
    files = {"Makefile": "install:\n", "a.c": "#include <event.h>\n#include <fido/es.h>\n"}
    files |= {"compat/event.h": "", "src/fido/es.h": ""}
    assert needs(proposed(tmp_path, files)) == []


def test_library_is_no_dependency_of_itself(tmp_path: Path) -> None:
    files = {"CMakeLists.txt": "project(cJSON C)\ntarget_link_libraries(test cjson z)\n"}
    assert needs(proposed(tmp_path, files)) == ["zlib"]


def test_first_build_system_is_taken_and_the_others_are_reported(tmp_path: Path) -> None:
    made = proposed(
        tmp_path, {"CMakeLists.txt": CMAKE, "meson.build": MESON, "Makefile": "install:\n"}
    )
    assert made.recipe.value == "cmake"
    assert made.doubts == ("this can also be built with meson, make; the recipe cmake was chosen",)


BARE = "configure: it does not take the arguments of autoconf, and is called without any"


def test_documentation_is_built_only_where_it_is_required(tmp_path: Path) -> None:
    text = "project(x C)\nfind_package(Doxygen{})\n"
    assert needs(proposed(tmp_path, {"CMakeLists.txt": text.format("")})) == []
    required = {"CMakeLists.txt": text.format(" REQUIRED dot")}
    assert needs(proposed(tmp_path, required)) == ["doxygen", "graphviz"]


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        ({"CMakeLists.txt": "project(x C)\n", "tests/CMakeLists.txt": "add_test(NAME a COMMAND a)\n"}, "steps: {check: true} runs its tests (tests/CMakeLists.txt:1: add_test(NAME a COMMAND a))"),
        ({"CMakeLists.txt": "project(x C)\n", "vendor/CMakeLists.txt": "add_test(NAME a COMMAND a)\n"}, ""),
        ({"meson.build": "project('x', 'c')\n", "test/meson.build": "test('a', exe)\n"}, "steps: {check: true} runs its tests (test/meson.build:1: test('a', exe))"),
        ({"go.mod": "module x\n", "main.go": "package main\nfunc main() {}\n", "a_test.go": "package main\nfunc TestA(t *testing.T) {}\n"}, "steps: {check: true} runs its tests (a_test.go:2: func TestA(t *testing.T) {})"),
        ({"Makefile": "all:\ninstall:\ncheck: all\n\t./run\ntest: check\n"}, "steps: {check: true} runs its tests (Makefile:3: check: all)"),
        ({"Makefile": "all:\ninstall:\ntest:\n\t./run\n"}, "steps: {check: {run: make test}} runs its tests (Makefile:3: test:)"),
        ({"configure": "#!/bin/sh\n# Generated by GNU Autoconf 2.72.\n", "Makefile.in": "check:\n\t./run\n"}, "steps: {check: true} runs its tests (Makefile.in:1: check:)"),
        ({"configure": "#!/bin/sh\n:\n", "make/rules.mk": "check test:\n\t./run\n"}, f"{BARE}steps: {{check: true}} runs its tests (make/rules.mk:1: check test:)"),
        ({"configure": "#!/bin/sh\n:\n", "Makefile": ".ifdef X\n.endif\nregress:: x\n"}, f"{BARE}steps: {{check: {{run: bmake regress}}}} runs its tests (Makefile:3: regress:: x)"),
        ({"CMakeLists.txt": 'project(x C)\noption(X_FUZZ_TEST_SIZE "s" OFF)\noption(WITH_TESTS "Tests (with cmocka)" OFF)\nadd_test(NAME a)\n'}, "steps: {check: true} and configure: [-DWITH_TESTS=ON] run its tests (CMakeLists.txt:4: add_test(NAME a))"),
        ({"CMakeLists.txt": 'project(x C)\noption(WITH_TESTS "Tests" ON)\nadd_test(NAME a)\n'}, "steps: {check: true} runs its tests (CMakeLists.txt:3: add_test(NAME a))"),
        ({"meson.build": "project('x', 'c')\ntest('a', exe)\n", "meson_options.txt": "option('docs', type: 'boolean',\n  value: false)\noption('test', type: 'boolean',\n  value: false)\n"}, "steps: {check: true} and configure: [-Dtest=true] run its tests (meson.build:2: test('a', exe))"),
        ({"meson.build": "project('x', 'c')\ntest('a', exe)\n", "meson.options": "option('tests', type: 'boolean', value: true)\noption('x', type: 'boolean', value: false)\n"}, "steps: {check: true} runs its tests (meson.build:2: test('a', exe))"),
    ],
)  # fmt: skip
def test_draft_mentions_the_tests_of_a_tree(
    tmp_path: Path, files: dict[str, str], hint: str
) -> None:
    assert "".join(proposed(tmp_path, files).hints) == hint


def test_configure_that_only_calls_cmake_leaves_the_recipe_to_cmake(tmp_path: Path) -> None:
    files = {
        "configure": '#!/bin/sh\ncmake -S . -B build "$@"\n',
        "CMakeLists.txt": "project(x C)\nif(TESTS)\n  enable_language(CXX)\nendif()\n",
    }
    made = proposed(tmp_path, files)
    assert made.recipe.value == "cmake"
    assert needs(made) == ["c++"]
    files["configure"] = "#!/bin/sh\n# see CMakeLists.txt for cmake\necho cc >config.mk\n"
    assert proposed(tmp_path, files).recipe.value == "autotools"


def test_language_that_meson_adds_needs_its_compiler(tmp_path: Path) -> None:
    text = "project('x', 'c')\nif get_option('cpp')\n  add_languages('cpp')\nendif\n"
    assert needs(proposed(tmp_path, {"meson.build": text})) == ["c++"]
    text = text.replace("'cpp')\ne", "'cpp', required: false)\ne")
    assert needs(proposed(tmp_path, {"meson.build": text})) == []


@pytest.mark.parametrize(
    ("name", "text", "asked"),
    [
        ("meson.build", "project('x', 'c')\ndependency('frob')\n", ["pkg-config:frob"]),
        ("meson.build", "project('x', 'c')\ndependency('frob', required: false)\n", []),
        ("meson.build", "project('x', 'c')\nif x\n  dependency('frob')\nendif\n", []),
        ("meson.build", "project('x', 'c')\ndependency('frob', fallback: ['f', 'd'])\n", []),
        (
            "CMakeLists.txt",
            "project(x C)\npkg_check_modules(F REQUIRED frob)\n",
            ["pkg-config:frob"],
        ),
        ("CMakeLists.txt", "project(x C)\npkg_check_modules(F frob)\n", []),
        ("Makefile", "all:\n\tcc x.c `pkg-config --libs frob`\n", ["pkg-config:frob"]),
        ("Makefile", "all:\n\tcc x.c -lfrob\n", []),
    ],
)
def test_unknown_name_without_which_nothing_is_built_is_one_of_package_indexes(
    tmp_path: Path, name: str, text: str, asked: list[str]
) -> None:
    made = proposed(tmp_path, {name: text})
    assert [need for need in needs(made) if ":" in need] == asked
    assert any("'frob'" in doubt for doubt in made.doubts) == (not asked)
