"""The variant `dist` in real containers: the example from its tarball alone, and a header that `make dist` leaves out;
Meson, CMake and a plain makefile, and a job that is built from the tarball of another one.
"""

import json
import tarfile
from pathlib import Path

import pytest
from rig import Ended, Person, commit, git, hello

JOB = "hello/debian-13/dist"
HEADER = "openbsd-compat/openbsd-compat.h"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dist")


@pytest.fixture(scope="module")
def made(home: Path) -> Ended:
    return Person(hello(home / "plain"), home).runs(JOB)


def test_example_is_built_from_its_tarball_without_autotools(made: Ended) -> None:
    assert made.code == 0, made.told
    lines = made.step(JOB, "dist")
    assert any(line.startswith("dist: hello-portable-") for line in lines)
    assert "# TOTAL: 2" in made.log(JOB)


def test_tarball_is_kept_and_other_jobs_are_built_from_it(made: Ended, home: Path) -> None:
    (kept,) = made.job(JOB).glob("artifacts/kept,ciforge-dist,*.tar.gz")
    with tarfile.open(kept) as tarball:
        assert any(name.endswith(f"/{HEADER}") for name in tarball.getnames())
    other = Person(hello(home / "other"), home).runs(
        "--source", f"hello={kept}", "hello/debian-13/default"
    )
    assert other.code == 0, other.told
    assert "nothing to bootstrap" in other.log("hello/debian-13/default")


def test_header_that_make_dist_leaves_out_is_named_with_what_includes_it(home: Path) -> None:
    tree = hello(home / "broken")
    makefile = tree / "Makefile.am"
    makefile.write_text(makefile.read_text().replace(f" {HEADER}", ""))
    commit(tree, "Leave a header out")
    ran = Person(tree, home).runs(JOB)
    assert (ran.result["status"], ran.result["failed_step"]) == ("failed", "dist"), ran.told
    said = f"{HEADER} is in the tree but not in the tarball: add it to hello_SOURCES or EXTRA_DIST"
    assert said in ran.log(JOB)
    (cause,) = json.loads((ran.folder / "diagnosis.json").read_text())["causes"]
    assert cause["findings"][JOB]["subject"] == HEADER


TREES = {
    "ninja": {
        "meson.build": """\
project('ninja', 'c', version: '1.2')
executable('ninja-hello', 'main.c', install: true)
""",
    },
    "packed": {
        "CMakeLists.txt": """\
cmake_minimum_required(VERSION 3.13)
project(packed VERSION 1.3 LANGUAGES C)
add_executable(packed-hello main.c)
install(TARGETS packed-hello)
set(CPACK_SOURCE_IGNORE_FILES "/notes")
include(CPack)
""",
    },
    "broken": {
        "CMakeLists.txt": """\
cmake_minimum_required(VERSION 3.13)
project(broken LANGUAGES C)
add_executable(broken-hello main.c)
add_subdirectory(extra)
install(TARGETS broken-hello)
""",
        "extra/CMakeLists.txt": "message(STATUS extra)\n",
        ".gitattributes": "/extra export-ignore\n",
    },
    "plain": {
        "Makefile": """\
hello: main.c
\tcc -o hello main.c
install: hello
\tinstall -m 755 hello /usr/local/bin/plain-hello
""",
        ".gitattributes": "/notes export-ignore\n",
    },
}
RECIPES = {"ninja": "meson", "packed": "cmake", "broken": "cmake", "plain": "make"}


@pytest.fixture(scope="module")
def others(home: Path) -> Ended:
    folder = home / "others"
    for name, files in TREES.items():
        tree = folder / name
        for path, text in {
            **files,
            "main.c": "int main(void) { return 0; }\n",
            "notes": "",
        }.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
        git(tree, "init", "--quiet")
        commit(tree, "Import")
    # One set of packages, so that there is one image.
    needs = ["cmake", "meson", "ninja", "git", "gzip", "tar", "xz"]
    repos = {
        name: {"path": name, "recipe": recipe, "dependencies": needs}
        for name, recipe in RECIPES.items()
    }
    jobs = [f"{name}/debian-13/dist" for name in RECIPES] + ["plain/debian-13/tarball"]
    document = {"project": "others", "repos": repos, "jobs": jobs}
    (folder / "ciforge.yml").write_text(json.dumps(document))
    return Person(folder, home).runs()


def test_meson_and_cpack_make_the_tarball_that_is_built(others: Ended) -> None:
    for job, name in (("ninja", "ninja-1.2.tar.gz"), ("packed", "packed-1.3-Source.tar.gz")):
        result = others.results[f"{job}/debian-13/dist"]
        assert result["status"] == "passed", others.told
        assert f"kept,ciforge-dist,{name}" in result["artifacts"]
        assert "wrote nothing" in others.log(result["job"])
    assert "dist: not in the tarball: notes" in others.step("packed/debian-13/dist", "dist")


def test_folder_that_git_archive_leaves_out_is_named_when_the_build_needs_it(others: Ended) -> None:
    job = "broken/debian-13/dist"
    assert others.results[job]["failed_step"] == "configure", others.told
    assert (
        "CMakeLists.txt:4:1: error: extra/CMakeLists.txt is in the tree but not in the tarball: "
        "export-ignore in .gitattributes, or a dist script, leaves it out"
    ) in others.log(job)


def test_job_is_built_from_the_tarball_that_another_job_made(others: Ended) -> None:
    made, built = (others.results[f"plain/debian-13/{one}"] for one in ("dist", "tarball"))
    assert (made["status"], built["status"]) == ("passed", "passed"), others.told
    assert others.step(built["job"], "unpack-dist")[0].startswith("unpack-dist: plain")
    assert "notes" not in others.log(built["job"])
