"""A terminal, a locale and setuid programs for a step, in real containers, local and hosted."""

from pathlib import Path

import pytest
from rig import Ended, Person
from test_attacks_hosted import hosted
from test_real_sourcehut import base

MAKEFILE = """\
all:
install:
	for name in id cp; do cp /usr/bin/$$name /usr/local/bin/s$$name; done
	chmod 4755 /usr/local/bin/sid /usr/local/bin/scp
"""
WHO = "echo uid $(/usr/local/bin/sid -u)"
OVERWRITE = """\
printf 'echo forged; exit 0\\n' >forged
for file in bin/step steps/last.sh records/manifest.txt; do
    /usr/local/bin/scp forged /ciforge/$file
done
"""
TRACER = """\
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (!WIFSTOPPED(status) || ptrace(PTRACE_CONT, child, 0, 0) == -1)
		return 1;
	return puts("traced") < 0;
}
"""
PROJECT = f"""\
project: p
repos:
  p:
    path: .
    recipe: make
    dependencies: [locales]
    steps:
      terminal: {{after: build, tty: true, run: 'test -t 0 && test -t 1 && stty size && exit 4'}}
variants:
  lucky:
    flaky: {{terminal: 3}}
    steps: {{terminal: {{run: 'echo run >>runs; test "$(wc -l <runs)" -ge 2', tty: true}}}}
  german: {{steps: {{terminal: {{tty: false, locale: de_DE.UTF-8, run: 'locale decimal_point && locale charmap'}}}}}}
  locked:
    steps:
      terminal: false
      trace: {{after: build, run: cc -o trace trace.c && ./trace}}
      who: {{after: install, run: "{WHO}"}}
  rights:
    steps:
      terminal: false
      who:
        after: install
        privileges: setuid
        run: |
          {WHO}
          echo "cache ${{CCACHE_DIR:-none}}"
          {OVERWRITE.replace(chr(10), chr(10) + "          ")}
      last: {{after: who, run: 'echo honest; exit 3'}}
jobs: [debian-13, "p/debian-13/{{german,locked,lucky,rights}}"]
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """All jobs of the project."""
    folder = tmp_path_factory.mktemp("rights")
    tree = folder / "tree"
    tree.mkdir()
    (tree / "Makefile").write_text(MAKEFILE)
    (tree / "trace.c").write_text(TRACER)
    (tree / "ciforge.yml").write_text(PROJECT)
    return Person(tree, folder / "home").runs()


def test_step_with_a_terminal_has_one_and_keeps_its_exit_status(ended: Ended) -> None:
    job = "p/debian-13/default"
    lines = ended.step(job, "terminal")
    assert lines[:2] == ["ciforge: this step has a terminal", "24 80"], ended.told
    assert ended.results[job]["steps"][-1]["exit_code"] == 4


def test_step_with_a_locale_has_its_numbers_and_charset(ended: Ended) -> None:
    job = "p/debian-13/german"
    lines = ["ciforge: this step has the locale de_DE.UTF-8", ",", "UTF-8"]
    assert ended.step(job, "terminal") == lines, ended.told
    assert ended.results[job]["status"] == "passed"


def test_step_may_trace_a_process_that_it_starts(ended: Ended) -> None:
    assert ended.step("p/debian-13/locked", "trace") == ["traced"], ended.told


def test_step_that_passes_at_its_second_try_makes_its_job_flaky_and_proves_nothing(
    ended: Ended,
) -> None:
    job = "p/debian-13/lucky"
    result = ended.results[job]
    told = (result["status"], result["reason"], result["given"])
    words = "flaky", "terminal passed at try 2 of 3", {"terminal": "tty: true, flaky: 3"}
    assert told == words, ended.told
    assert ended.results["p/debian-13/german"]["given"] == {"terminal": "locale: de_DE.UTF-8"}
    assert ended.results["p/debian-13/locked"]["given"] == {}


def test_setuid_program_has_its_rights_only_where_a_step_asks_for_them(ended: Ended) -> None:
    assert "uid 0" in ended.step("p/debian-13/rights", "who"), ended.told
    assert "uid 0" not in ended.step("p/debian-13/locked", "who")


def test_step_with_setuid_programs_has_no_cache_and_changes_no_record_or_later_step(
    ended: Ended,
) -> None:
    job = "p/debian-13/rights"
    assert "cache none" in ended.step(job, "who"), ended.told
    assert ended.step(job, "last") == ["honest"]
    assert ended.results[job]["steps"][-1]["exit_code"] == 3
    manifest = (ended.job(job) / "artifacts" / "manifest.txt").read_text()
    assert "/usr/local/bin/sid" in manifest
    assert "forged" not in manifest


def test_hosted_step_that_passes_at_its_second_try_makes_its_job_flaky(
    hello_run: Ended, tmp_path: Path
) -> None:
    steps = {"luck": {"after": "build", "run": "echo run >>runs; [ $(wc -l <runs) -ge 2 ]"}}
    done = hosted(tmp_path, steps, base(hello_run), {"flaky": {"luck": 2}})
    assert set(done.codes.values()) == {0}
    told = done.result["status"], done.result["reason"], done.result["failed_step"]
    assert told == ("flaky", "luck passed at try 2", None)


def test_hosted_step_with_setuid_programs_changes_no_later_step(
    hello_run: Ended, tmp_path: Path
) -> None:
    steps = {
        "plant": {"as": "root", "run": "cd /usr/bin && cp id /usr/local/bin/sid && cp cp /usr/local/bin/scp"
                                       " && chmod 4755 /usr/local/bin/s*"},
        "who": {"after": "plant", "privileges": "setuid", "run": f"{WHO}\n{OVERWRITE}"},
        "last": {"after": "who", "run": "echo honest; exit 3"},
    }  # fmt: skip
    done = hosted(tmp_path, steps, base(hello_run))
    log = (done.temp / "ciforge" / "result" / "log.txt").read_text()
    assert "\nuid 0\n" in log
    assert log.endswith("--- ciforge: last ---\nhonest\n")
    assert done.result["steps"][-1]["exit_code"] == 3
