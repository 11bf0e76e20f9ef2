"""Ready variants in real containers: a program whose mistakes the plain build does not show."""

import json
from pathlib import Path

import pytest
from rig import Ended, Person, trial

PROGRAM = """\
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	int unused;
	int bool = INT_MAX;
	volatile char *buffer = malloc(10);

	(void)argv;
	buffer[9 + argc] = 'x';
	bool += argc;
	printf("%d\\n", bool);
	free((void *)buffer);
	return 0;
}

int
nothing(void)
{
	int *none = NULL;

	return *none;
}
"""
MAKEFILE = """\
CC = cc
CFLAGS = -Wall
all: calc
calc: calc.c
	$(CC) $(CFLAGS) -o calc calc.c
check: calc
	sh tests.sh
install: calc
	install -m 755 calc /usr/local/bin/calc
"""
FAILING = {
    "asan": ("check", "test-failure"),
    "ubsan": ("check", "test-failure"),
    "valgrind": ("check", "test-failure"),
    "analyzer": ("build", None),
    "scan-build": ("build", None),
    "tcc": ("build", "expectation"),
    "werror": ("build", "werror"),
    "c23": ("build", "syntax-error"),
}
PASSING = ("static", "lto", "hardened", "default", "m32", "gcc-12")
COMPILERS = {
    "gcc-12": {"compiler": "gcc-12", "steps": {"build": {"run": "make CC=$CC"}}},
    "tcc": {"compiler": "tcc"},
}


def job(variant: str) -> str:
    return f"tree/debian-13/{variant}"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    home = tmp_path_factory.mktemp("variants")
    steps = {"build": True, "install": {"after": "check"}, "check": True}
    tree = trial(home / "trial", steps, variants=COMPILERS)
    for name, text in {
        "calc.c": PROGRAM,
        "Makefile": MAKEFILE,
        "tests.sh": "./calc | grep 21474",
    }.items():
        (tree / "tree" / name).write_text(text)
    return Person(tree, home).runs(*map(job, (*FAILING, *PASSING)))


def test_variants_find_mistakes_that_the_plain_build_does_not_show(ran: Ended) -> None:
    why = json.loads((ran.folder / "diagnosis.json").read_text())
    kinds = {one: c["kind"] for c in why["causes"] for one in c["findings"]}
    for variant, (step, kind) in FAILING.items():
        result = ran.results[job(variant)]
        assert (variant, result["status"], result["failed_step"]) == (variant, "failed", step), (
            ran.log(job(variant))
        )
        assert kind is None or (variant, kinds.get(job(variant))) == (variant, kind)
    for variant in PASSING:
        assert ran.results[job(variant)]["status"] == "passed", ran.log(job(variant))


def test_analyzer_lists_its_findings_as_errors_after_everything_is_compiled(ran: Ended) -> None:
    lines = ran.step(job("analyzer"), "build")
    assert any("calc.c:25:" in line and ": error: " in line for line in lines), lines
    assert lines[-1].startswith("build: findings of -fanalyzer: ")


def test_scan_build_lists_the_findings_of_the_analyzer_of_clang(ran: Ended) -> None:
    lines = ran.step(job("scan-build"), "build")
    assert any("calc.c:25:" in line and "[core.NullDereference]" in line for line in lines), lines
    assert lines[-1].startswith("build: findings of --analyze ")


def test_job_with_a_compiler_says_which_one_the_build_used_and_fails_for_another(
    ran: Ended,
) -> None:
    said = [line for line in ran.step(job("gcc-12"), "build") if line.startswith("compiled: ")]
    assert said[0].startswith("compiled: by gcc-12: gcc-12 (Debian 12.")
    assert said[1] == "compiled: with glibc 2.41"
    result = ran.results[job("gcc-12")]
    assert result["built_with"] == [line.removeprefix("compiled: ") for line in said]
    assert ran.step(job("tcc"), "build")[-1].startswith(
        "compiled: /usr/bin/cc was called, not tcc of this job"
    )


def test_valgrind_reports_the_line_of_the_program(ran: Ended) -> None:
    log = ran.log(job("valgrind"))
    assert "Invalid write of size 1" in log
    assert "main (calc.c:13)" in log
    assert "valgrind: processes of this source: 1; with errors: 1" in log


def test_build_that_calls_a_compiler_by_its_path_is_no_variant(tmp_path: Path) -> None:
    tree = trial(tmp_path / "trial", {"build": True})
    (tree / "tree" / "calc.c").write_text(PROGRAM)
    (tree / "tree" / "Makefile").write_text(MAKEFILE.replace("CC = cc", "CC = /usr/bin/cc"))
    ran = Person(tree, tmp_path).runs(job("static"))
    assert ran.result["failed_step"] == "build"
    assert "no compiler was called with -static" in ran.log(job("static"))
