"""`check: true` where a project has no test: each recipe's step fails with a sentence, by the real tools."""

import json
from pathlib import Path
from typing import Any

import pytest
from rig import Ended, Person

TREES = {
    "automake": {
        "configure.ac": """\
AC_INIT([t], [1])
AM_INIT_AUTOMAKE([foreign])
AM_CONDITIONAL([WITH_TESTS], [test -n "$WITH_TESTS"])
AC_CONFIG_FILES([Makefile lib/Makefile])
AC_OUTPUT
""",
        "Makefile.am": "SUBDIRS = lib\n",
        "lib/Makefile.am": "if WITH_TESTS\nTESTS = t.sh\nEXTRA_DIST = t.sh\nendif\n",
        "lib/t.sh": "#!/bin/sh\nexit 0\n",
    },
    "cmake": {
        "CMakeLists.txt": """\
cmake_minimum_required(VERSION 3.10)
project(t NONE)
enable_testing()
if(NOT "$ENV{WITH_TESTS}" STREQUAL "")
  add_test(NAME t COMMAND true)
endif()
""",
    },
    "meson": {
        "meson.build": """\
project('t')
if run_command('sh', '-c', 'echo "$WITH_TESTS"', check: true).stdout().strip() != ''
  test('t', find_program('true'))
endif
""",
    },
    "go": {"go.mod": "module example.org/t\n", "main.go": "package main\n\nfunc main() {}\n"},
}
TOOLS = ["autoconf", "automake", "cmake", "meson", "ninja"]
"""What the first three need together, so that a release has one dependency image for all of them."""
RECIPES = {"automake": "autotools"}
WHY = {
    "automake": "TESTS is empty in every Makefile of automake",
    "cmake": "CMake knows none (enable_testing, add_test)",
    "meson": "meson.build defines none",
    "go": "no package has test files",
}
TEST_FILE = 'package main\\n\\nimport \\"testing\\"\\n\\nfunc TestT(t *testing.T) {}\\n'


def project() -> dict[str, Any]:
    repos: dict[str, Any] = {
        name: {"path": name, "recipe": RECIPES.get(name, name), "steps": {"check": True}}
        for name in TREES
    }
    for name in ("automake", "cmake", "meson"):
        repos[name]["dependencies"] = TOOLS
    repos["automake"]["steps"]["install"] = False
    repos["go"]["steps"]["write"] = {
        "run": f'[ -z "$WITH_TESTS" ] || printf "{TEST_FILE}" >t_test.go', "after": "fetch",
    }  # fmt: skip
    return {
        "project": "checks", "repos": repos,
        "variants": {"tested": {"env": {"WITH_TESTS": "1"}}, "untested": {"env": {"WITH_TESTS": ""}}},
        "jobs": ["{automake,cmake,meson}/{debian-11,debian-13}/{un,}tested", "go/debian-13/{un,}tested"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """All jobs."""
    home = tmp_path_factory.mktemp("checks")
    here = home / "here"
    for name, files in TREES.items():
        for file, text in files.items():
            (here / name / file).parent.mkdir(parents=True, exist_ok=True)
            (here / name / file).write_text(text)
            (here / name / file).chmod(0o755)
    (here / "ciforge.yml").write_text(json.dumps(project(), indent=1))
    return Person(here, home).runs()


@pytest.mark.parametrize("name", sorted(TREES))
def test_check_step_of_a_project_without_tests_fails(name: str, run: Ended) -> None:
    assert run.code == 1, run.told
    results = {job: result for job, result in run.results.items() if job.startswith(f"{name}/")}
    assert len(results) == (2 if name == "go" else 4), run.told
    for job, result in results.items():
        if job.endswith("/tested"):
            assert result["status"] == "passed", run.told
        else:
            assert (result["status"], result["failed_step"]) == ("failed", "check"), run.told
            assert f"check: no test ran: {WHY[name]}" in run.step(job, "check")


def test_run_of_skipped_jobs_only_ends_with_1(tmp_path: Path) -> None:
    document = {
        "project": "nothing", "jobs": ["debian-13"],
        "repos": {"r": {"path": ".", "recipe": "make", "dependencies": ["libressl"]}},
    }  # fmt: skip
    here = tmp_path / "here"
    here.mkdir()
    (here / "ciforge.yml").write_text(json.dumps(document))
    ended = Person(here, tmp_path).runs()
    assert ended.code == 1, ended.told
    assert "no job ran: all were skipped, so nothing was checked" in ended.err
