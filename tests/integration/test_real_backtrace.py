"""A test program of automake that SIGSEGV ends: the cause quotes its frames, from a core file or a second run under gdb."""

from pathlib import Path

import pytest
from rig import Ended, Person

CONFIGURE = """\
AC_INIT([crash], [1])
AM_INIT_AUTOMAKE([foreign])
AC_PROG_CC
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
"""
MAKEFILE = """\
check_PROGRAMS = t_good t_table
TESTS = $(check_PROGRAMS)
"""
CRASH = """\
struct table { int size; };

static int size_of(const struct table *table)
{
	return table->size;
}

int main(int count, char **words)
{
	struct table *table = 0;

	(void)words;
	return count > 9 ? 1 : size_of(table);
}
"""
FRAMES = "t_table was ended by a signal in size_of (t_table.c:5), called by main (t_table.c:13)."
PROJECT = """\
project: crash
repos:
  crash:
    path: .
    recipe: autotools
    dependencies: [autoconf, automake]
    env: {CFLAGS: -g -O0}
    steps: {check: {backtrace: true}, install: false}
variants:
  nocore: {steps: {check: {run: "ulimit -c 0; make check"}}}
  good: {steps: {check: {run: "echo run >>runs; make check TESTS=t_good"}, count: {after: check, run: cat runs}}}
jobs: ["crash/debian-13/{default,nocore,good}"]
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """All jobs of the project."""
    folder = tmp_path_factory.mktemp("crash")
    tree = folder / "tree"
    tree.mkdir()
    files = {
        "configure.ac": CONFIGURE, "Makefile.am": MAKEFILE, "t_table.c": CRASH, "ciforge.yml": PROJECT,
        "t_good.c": "int main(void) { return 0; }\n",
    }  # fmt: skip
    for name, text in files.items():
        (tree / name).write_text(text)
    return Person(tree, folder / "home").runs("--json")


@pytest.mark.parametrize("variant", ["default", "nocore"])
def test_cause_of_a_crash_quotes_the_frames_with_file_and_line(
    ended: Ended, variant: str, tmp_path: Path
) -> None:
    job = f"crash/debian-13/{variant}"
    assert ended.results[job]["failed_step"] == "check", ended.told
    told = Person(tmp_path, ended.state.parent).types("diagnose", ended.job(job) / "log.txt")
    assert FRAMES in told.out.replace("./", ""), ended.log(job)
    assert ended.results[job]["given"]["check"] == "backtrace: true"


def test_second_run_is_only_for_a_host_without_core_files(ended: Ended) -> None:
    line = "so the step runs once more"
    assert line in ended.log("crash/debian-13/nocore")
    core = Path("/proc/sys/kernel/core_pattern").read_text().startswith("|")
    assert (line in ended.log("crash/debian-13/default")) == core


def test_step_that_passes_is_not_run_again(ended: Ended) -> None:
    job = "crash/debian-13/good"
    assert ended.results[job]["status"] == "passed", ended.told
    assert ended.step(job, "count") == ["run"]
    assert "left running" not in ended.log(job)
