"""Caches belong to a trust domain, and nothing that an earlier revision left in one decides a later one."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rig import Document, Ended, Person, commit, git, trial

JOB = "tree/debian-13/default"
POISON = r"""
mkdir -p "$CCACHE_DIR/bin"
for name in launcher bin/cc bin/gcc; do
    printf '#!/bin/sh\necho launched\n: >hello.o\n' >"$CCACHE_DIR/$name"
    chmod 755 "$CCACHE_DIR/$name"
done
printf 'prefix_command = %s\ncompiler = %s\npath = %s\n' \
    "$CCACHE_DIR/launcher" "$CCACHE_DIR/launcher" "$CCACHE_DIR/bin" >"$CCACHE_DIR/ccache.conf"
"""
COMPILE = "cc -c -o hello.o hello.c"
GOOD, BROKEN = "int hello(void) { return 0; }\n", "int hello(void) { return nothing; }\n"
STATS = "for kind in direct preprocessed; do ccache --print-stats | grep ${kind}_cache_hit; done"

CONFIGURE_AC = r"""
AC_INIT([probe], [1])
AC_CONFIG_SRCDIR([main.c])
AC_PROG_CC
AC_CHECK_LIB([foo], [foo_new], [], [AC_MSG_ERROR([libfoo has no foo_new])])
AC_CACHE_CHECK([for the probe], [my_cv_probe],
    [AS_IF([$CC -c -o probe.o probe/x.c 2>/dev/null], [my_cv_probe=yes], [my_cv_probe=no])])
AC_CACHE_CHECK([for the copy], [my_cv_copy],
    [cp probe/copied.c conftest.c
    AS_IF([$CC -c -o probe.o conftest.c 2>/dev/null], [my_cv_copy=yes], [my_cv_copy=no])])
rm -f probe.o conftest.c
AS_IF([test "$my_cv_probe$my_cv_copy" = yesyes], [], [AC_MSG_ERROR([a probe does not build])])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
"""
VENDOR = """
cc -c -o /tmp/foo.o vendor/foo.c
ar rc /usr/local/lib/libfoo.a /tmp/foo.o
rm /tmp/foo.o
"""
PROBED = {
    "configure.ac": CONFIGURE_AC,
    "Makefile.in": "all:\n",
    "main.c": "int main(void) { return 0; }\n",
    "vendor/foo.c": "int foo_new(void) { return 0; }\n",
    "probe/x.c": "int x;\n",
    "probe/copied.c": "int y;\n",
}


@pytest.fixture
def project(engine: Any, tmp_path: Path) -> Iterator[str]:
    """The name of a project whose volumes go at the end."""
    name = f"caches-{tmp_path.parent.name}-{tmp_path.name}"[:60]
    yield name
    for volume in _volumes(engine, name):
        volume.remove()


def _volumes(engine: Any, project: str) -> list[Any]:
    found: list[Any] = engine.volumes.list(filters={"label": f"org.ciforge.ccache={project}"})
    return found


def _write(tree: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)


def _compiling(folder: Path, project: str, before: str = "") -> Path:
    """A project that compiles one good file, after another step if one is given."""
    steps: Document = {"build": {"run": COMPILE}}
    if before:
        steps["poison"] = {"run": before, "after": "build"}
    trial(folder, steps, project=project)
    _write(folder / "tree", {"hello.c": GOOD})
    return folder


def test_compiler_cache_has_no_configuration_and_no_program_that_runs(
    person: Person, engine: Any, project: str
) -> None:
    _compiling(person.here, project, POISON)
    first = person.runs()
    assert first.code == 0, first.told
    assert "ccache.conf" in first.result["cache_problems"][0]
    clean = _compiling(person.here, project)
    assert person.runs().code == 0, "the volume is made again"
    _change(engine, project, first.result["image"], f"CCACHE_DIR=/cache; {POISON}")
    _write(clean / "tree", {"hello.c": BROKEN})
    second = person.runs()
    assert (second.code, second.result["failed_step"]) == (1, "build"), second.told
    assert "launched" not in second.log(JOB)


def _change(engine: Any, project: str, image: str, script: str) -> None:
    """Runs a script as root in the only volume of the project, between two runs."""
    (volume,) = _volumes(engine, project)
    binds = {volume.name: {"bind": "/cache", "mode": "rw"}}
    command = ["sh", "-ec", f"cd /cache; {script}"]
    engine.containers.run(image, command, remove=True, user="root", volumes=binds)


DAMAGE = """
find . -name '*R' | while read -r file; do
    printf XXXX | dd of=$file bs=1 seek=$(($(wc -c <$file) - 40)) conv=notrunc 2>/dev/null
done
"""


def test_damaged_results_of_compilers_are_named_and_not_used(
    person: Person, engine: Any, project: str
) -> None:
    _compiling(person.here, project, f"sha256sum hello.o; {STATS}\n")
    first = person.runs()
    assert first.code == 0, first.told
    _change(engine, project, first.result["image"], DAMAGE)
    second = person.runs()
    assert second.code == 0, second.told
    lines = [ended.step(JOB, "poison") for ended in (first, second)]
    assert lines[0][0] == lines[1][0], "the object differs"
    assert all(line.endswith("\t0") for line in lines[1][1:3]), "a damaged result was used"
    (problem,) = second.result["cache_problems"]
    assert "ccache refused damaged results" in problem
    assert f"{JOB}: {problem}" in second.err
    assert f"cache    {JOB}  {problem}" in second.out
    assert f"--- ciforge: {problem} ---" in second.log(JOB)
    assert _volumes(engine, project) == []
    assert person.runs().result["cache_problems"] == []


def test_configuration_in_the_cache_is_named_and_removed(
    person: Person, engine: Any, project: str
) -> None:
    _compiling(person.here, project)
    first = person.runs()
    _change(engine, project, first.result["image"], "echo 'compiler = false' >ccache.conf")
    second = person.runs()
    assert second.code == 0, second.told
    (problem,) = second.result["cache_problems"]
    assert "a file ccache.conf, which nothing reads" in problem
    assert _volumes(engine, project) == []


SWAP = """
set -- $(find . -name '*R')
mv "$1" swap; mv "$2" "$1"; mv swap "$2"
"""
"""Each result has its own, right checksum, and is that of the other file."""


def test_failure_by_a_result_written_by_hand_is_not_that_of_the_source(
    person: Person, engine: Any, project: str
) -> None:
    build = {"build": {"run": "cc -c one.c && cc -c two.c && cc -o both one.o two.o"}}
    trial(person.here, build, project=project)
    _write(person.here / "tree", {"one.c": GOOD, "two.c": "int hello(void);\nint main(void) { return hello(); }\n"})  # fmt: skip
    first = person.runs()
    assert first.code == 0, first.told
    _change(engine, project, first.result["image"], SWAP)
    # With both swapped the program still links: one of them has to be compiled.
    _write(person.here / "tree", {"two.c": "int hello(void);\nint main(void) { return !!hello(); }\n"})  # fmt: skip
    second = person.runs()
    assert (second.code, second.result["unconfirmed_step"]) == (0, "build"), second.told
    assert f"{JOB}: build failed, unconfirmed, with 1 cached answer; repeating it" in second.err
    (problem,) = second.result["cache_problems"]
    assert "build failed with 1 cached answer, and not without" in problem
    assert _volumes(engine, project) == []


def test_failure_of_the_source_after_cached_answers_stays_a_failure(
    person: Person, engine: Any, project: str
) -> None:
    build = {"build": {"run": "cc -c one.c && cc -c two.c"}}
    trial(person.here, build, project=project)
    _write(person.here / "tree", {"one.c": GOOD, "two.c": GOOD})
    assert person.runs().code == 0
    _write(person.here / "tree", {"two.c": BROKEN})
    red = person.runs()
    assert (red.code, red.result["failed_step"], red.result["unconfirmed_step"]) == (1, "build", "build"), red.told  # fmt: skip
    assert red.result["cache_problems"] == []
    assert len(_volumes(engine, project)) == 1


def test_clone_with_another_state_folder_has_another_cache(
    tmp_path: Path, engine: Any, project: str
) -> None:
    one = Person(_compiling(tmp_path / "one", project, POISON), tmp_path / "home-one")
    other = Person(_compiling(tmp_path / "other", project), tmp_path / "home-other")
    assert one.runs().code == 0
    _compiling(other.here, project, "ls -A $CCACHE_DIR")
    assert other.runs().code == 0
    assert "ccache.conf" not in other.runs().log(JOB)
    _compiling(one.here, project, "true")  # what it poisoned was removed
    assert one.runs().code == 0
    assert len(_volumes(engine, project)) == 2
    _write(other.here / "tree", {"hello.c": BROKEN})
    assert other.runs().code == 1


@pytest.mark.parametrize("how", ["--patch", "--rev"])
def test_source_without_a_trust_domain_has_no_cache(
    person: Person, engine: Any, project: str, how: str
) -> None:
    tree = _compiling(person.here, project, "echo ${CCACHE_DIR:-unset}") / "tree"
    git(tree, "init", "--quiet", "-b", "main")
    commit(tree, "one")
    patch = person.home / "fix.diff"
    patch.parent.mkdir(exist_ok=True)
    patch.write_text("--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+new\n")
    ended = person.runs(how, patch if how == "--patch" else "HEAD")
    assert ended.code == 0, ended.told
    assert ended.step(JOB, "poison") == ["unset"]
    assert "cache: none, " in ended.log(JOB)
    assert _volumes(engine, project) == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder of repositories, and the address at which git serves them: a project names no folder."""
    folder = tmp_path / "served"
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    daemon = Path(
        git(folder, "--exec-path"), "git-daemon"
    )  # not by `git daemon`, which starts another
    command = [
        daemon, "--export-all", f"--base-path={folder}", "--listen=127.0.0.1", f"--port={port}",
    ]  # fmt: skip
    with subprocess.Popen([*command, str(folder)]) as process:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None
            time.sleep(0.1)
        yield folder, f"git://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def followed(person: Person, project: str, served: tuple[Path, str]) -> Callable[..., Ended]:
    """Runs of a project that follows a branch: of the branch, or in a clone of it."""
    upstream = person.home / "upstream"
    _write(upstream, {"hello.c": GOOD, "Makefile": "all:\n"})
    git(upstream, "init", "--quiet", "-b", "main")
    commit(upstream, "one")
    folder, site = served
    git(folder, "clone", "--quiet", "--mirror", str(upstream), "upstream.git")
    address = f"{site}/upstream.git"
    look = (
        f"{STATS}; find /ciforge/upstream -name answers 2>/dev/null || :; "
        "touch /ciforge/upstream/x 2>&1 || :"
    )
    steps = {"build": {"run": COMPILE}, "look": {"run": look, "after": "build", "as": "root"}}
    repo = {"git": address, "branches": ["main"], "path": ""}
    trial(person.here, steps, project=project, repo=repo)
    document = json.loads((person.here / "ciforge.yml").read_text())
    del document["repos"]["tree"]["path"]
    (person.here / "ciforge.yml").write_text(json.dumps(document))
    git(person.home, "clone", "--quiet", address, "clone")

    def run(at: Path) -> Ended:
        ended = person.at(at).runs("--file", person.here / "ciforge.yml")
        assert ended.code == 0, ended.told
        return ended

    return run


def test_working_tree_reads_the_cache_of_the_followed_branch_read_only(
    person: Person, engine: Any, project: str, followed: Callable[..., Ended]
) -> None:
    first = followed(person.home)
    assert _hits(first) == 0
    (volume,) = _volumes(engine, project)
    assert volume.attrs["Labels"]["org.ciforge.trust"] == "branch"
    tree = followed(person.home / "clone")
    assert _hits(tree) == 1
    assert "Read-only file system" in tree.log(JOB)
    trusts = {one.attrs["Labels"]["org.ciforge.trust"] for one in _volumes(engine, project)}
    assert trusts == {"branch", "tree"}


def test_followed_branch_reads_no_cache_of_a_working_tree(
    person: Person, project: str, followed: Callable[..., Ended]
) -> None:
    assert _hits(followed(person.home / "clone")) == 0
    branch = followed(person.home)
    assert _hits(branch) == 0
    assert "No such file or directory" in branch.log(JOB)


def _hits(run: Ended) -> int:
    return sum(int(count) for count in re.findall(r"_cache_hit\t(\d+)", run.log(JOB)))


@pytest.fixture
def probed(person: Person, project: str) -> Person:
    """In a project whose configure looks at a library that a step as root has built before."""
    steps = {
        "bootstrap": {"run": "autoconf"},
        "vendor": {"run": VENDOR, "after": "bootstrap", "as": "root"},
        "build": False, "install": False,
    }  # fmt: skip
    trial(person.here, steps, project=project, repo={"recipe": "autotools"})
    _write(person.here / "tree", PROBED)
    first, second = person.runs(), person.runs()
    assert (first.code, second.code) == (0, 0), second.told
    assert _loads(first, second) == [False, True], second.log(JOB)
    return person


def _loads(*runs: Ended) -> list[bool]:
    return ["loading cache" in run.log(JOB) for run in runs]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("vendor/foo.c", "int foo_old(void) { return 0; }\n", "libfoo has no foo_new"),
        ("probe/x.c", "int x = nothing;\n", "a probe does not build"),
        ("probe/copied.c", "int y = nothing;\n", "a probe does not build"),
    ],
)
def test_configure_cache_depends_on_all_that_configure_reads(
    probed: Person, file: str, text: str, said: str
) -> None:
    _write(probed.here / "tree", {file: text})
    red = probed.runs()
    assert (red.code, red.result["failed_step"]) == (1, "configure"), red.told
    assert said in red.log(JOB)
    _write(probed.here / "tree", {file: PROBED[file]})
    assert _loads(probed.runs()) == [True]


def test_wrong_line_in_the_configure_cache_is_named_and_never_the_failure_of_the_source(
    probed: Person,
) -> None:
    poison = "sed -i 's/my_cv_probe=yes/my_cv_probe=no/' $CCACHE_DIR/answers/*/config.cache\n"
    shell = probed.types("shell", JOB, "--after", "prepare", text=f"{poison}cat $CCACHE_DIR/answers/*/config.cache\n")  # fmt: skip
    assert "my_cv_probe=no" in shell.out, shell.told
    ended = probed.runs()
    assert ended.code == 0, ended.told
    assert "configure failed, unconfirmed, with its cache; starting again" in ended.log(JOB)
    assert f"{JOB}: configure failed, unconfirmed, with its cache; repeating it" in ended.err
    assert len(ended.result["cache_problems"]) == 1
    assert ended.step(JOB, "configure") and _loads(probed.runs()) == [False], "it is used again"


def test_configure_cache_ignores_files_that_configure_does_not_read(probed: Person) -> None:
    _write(probed.here / "tree", {"main.c": "int main(void) { return 1; }\n"})
    edited = probed.runs()
    assert (edited.code, _loads(edited)) == (0, [True]), edited.told


def test_clean_removes_the_caches_of_every_domain(
    tmp_path: Path, engine: Any, project: str
) -> None:
    people = [
        Person(_compiling(tmp_path / name, project), tmp_path / f"home-{name}")
        for name in ("one", "other")
    ]
    assert [person.runs().code for person in people] == [0, 0]
    assert len(_volumes(engine, project)) == 2
    ended = people[0].types("clean", "--caches")
    assert ended.code == 0, ended.told
    assert ended.out.count("removed cache of ") == 2
    assert _volumes(engine, project) == []
    shutil.rmtree(tmp_path / "home-one")
