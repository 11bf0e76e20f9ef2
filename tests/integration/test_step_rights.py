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
  german: {{steps: {{terminal: {{tty: false, locale: de_DE.UTF-8, run: 'locale decimal_point && locale charmap'}}}}}}
  locked: {{steps: {{terminal: false, who: {{after: install, run: "{WHO}"}}}}}}
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
jobs: [debian-13, "p/debian-13/{{german,locked,rights}}"]
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """All four jobs of the project."""
    folder = tmp_path_factory.mktemp("rights")
    tree = folder / "tree"
    tree.mkdir()
    (tree / "Makefile").write_text(MAKEFILE)
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
