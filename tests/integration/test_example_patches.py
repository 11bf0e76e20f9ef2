"""Mistakes as they are really made: each ends with exit code 1, its step named, its line shown."""

import json
from pathlib import Path

import pytest
from breakages_mend import changes, edited
from rig import EXAMPLES, HELLO_13, Document, Ended, Person, add_to_project, git, hello, together

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Basis
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.store.runs.run_folder import read_result, read_run

BREAKS = EXAMPLES / "hello-portable" / "breaks"
TELLING = {
    "configure-ac-shell": "syntax error: unexpected end of file",
    "configure-ac-syntax": "configure.ac:13: ERROR: end of file in argument list",
    "failing-check": "FAIL: tests/refuses.sh",
    "merge-conflict": "src/hello.c:27:1: error: version control conflict marker in file",
    "missing-header": "src/hello.c:20:10: fatal error: event.h: No such file or directory",
    "missing-include": "error: implicit declaration of function 'errx'",
    "missing-library": "configure: error: libevent is needed",
    "no-setgid": "expect: /usr/local/bin/hello has mode=755, not mode=2555",
    "undefined-symbol": "undefined reference to `strtonum'",
    "wrong-group": "expect: /usr/local/bin/hello has gname=daemon, not gname=_hello",
}
WIDE = "missing-include"
"""The one that is tried on every release."""
VARIANTS: Document = {
    "misspelt": {"dependencies": [{"event": {"debian": "libevnt-dev"}}]},
    "proc": {"configure": ["--prefix=/proc/x"], "expect": {}},
    "unmet": {
        "expect": {
            "config.h": ["HAVE_PLEDGE", "!HAVE_GETENTROPY"],
            "installed": ["/usr/local/bin/goodbye"],
        }
    },
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("breaks")


@pytest.fixture(scope="module")
def broken(home: Path) -> dict[str, Ended]:
    """Every patch, built."""
    tree = hello(home / "patched")

    def build(name: str) -> Ended:
        job = "hello/debian/default" if name == WIDE else HELLO_13
        return Person(tree, home).runs(job, "--patch", BREAKS / f"{name}.patch")

    names = sorted(file.stem for file in BREAKS.glob("*.patch"))
    return dict(zip(names, together(build, names), strict=True))


@pytest.fixture(scope="module")
def mistaken(home: Path) -> Ended:
    """Mistakes in the project file."""
    tree = hello(home / "mistaken")
    add_to_project(tree, variants=VARIANTS)
    return Person(tree, home).runs("hello/debian-13/{misspelt,proc,unmet}")


def test_every_example_patch_has_its_root_line(broken: dict[str, Ended]) -> None:
    assert sorted(TELLING) == sorted(broken)


@pytest.mark.parametrize("name", sorted(TELLING))
def test_example_patch_breaks_the_step_that_it_names(broken: dict[str, Ended], name: str) -> None:
    head = (BREAKS / f"{name}.patch").read_text().partition(":")[0]
    run = broken[name]
    assert run.code == 1, run.told
    for result in run.results.values():
        assert (result["status"], f"Breaks {result['failed_step']}") == ("failed", head)


@pytest.mark.parametrize(("name", "line"), sorted(TELLING.items()))
def test_root_line_of_an_example_patch_is_shown(
    broken: dict[str, Ended], name: str, line: str
) -> None:
    run = broken[name]
    assert [shown for shown in run.tail if line in shown], run.told


def test_failure_on_every_release_is_one_cause_that_names_each(broken: dict[str, Ended]) -> None:
    run = broken[WIDE]
    assert run.results.keys() == {"hello/debian-12/default", "hello/debian-13/default"}
    why = json.loads((run.folder / "diagnosis.json").read_text())
    assert [set(cause["findings"]) for cause in why["causes"]] == [set(run.results)]
    block = run.out.split("\n\n")[0]
    assert [job for job in run.results if job not in block] == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("merge-conflict", "syntax error in hello.c"),
        ("missing-header", "event.h not found"),
        ("missing-include", "errx undeclared"),
        ("undefined-symbol", "strtonum undefined"),
    ],
)
def test_cause_of_an_example_patch_has_a_name(
    broken: dict[str, Ended], name: str, title: str
) -> None:
    (cause,) = json.loads((broken[name].folder / "diagnosis.json").read_text())["causes"]
    assert cause["title"] == title


def diagnosed(run: Ended) -> Diagnosis:
    """The diagnosis of its job on Debian 13."""
    result = read_result(run.job(HELLO_13) / "result.json")
    return diagnose_run(run.folder.parents[1], read_run(run.folder), [result])


@pytest.mark.parametrize(
    ("name", "answer", "advice"),
    [
        ("missing-include", "function errx in err.h", "`#include <err.h>` in hello.c"),
        ("missing-header", "header event.h owner libevent-dev", "Add `libevent` to `dependencies`"),
    ],
)
def test_container_and_package_index_confirm_the_advice(
    broken: dict[str, Ended], name: str, answer: str, advice: str
) -> None:
    run = broken[name]
    asked = (run.job(HELLO_13) / "artifacts" / "asked.txt").read_text()
    assert answer in asked.splitlines()
    root = diagnosed(run).findings[HELLO_13][0]
    assert (root.basis, advice in root.advice) == (Basis.ASKED, True), root


def test_broken_tree_builds_with_the_advice(broken: dict[str, Ended], in_hello: Person) -> None:
    git(in_hello.here, "apply", str(BREAKS / "missing-include.patch"))
    (change,) = changes(diagnosed(broken["missing-include"]).causes, HELLO_13)
    edited(in_hello.here, in_hello.here, change)
    ended = in_hello.runs(HELLO_13)
    assert ended.code == 0, ended.told


@pytest.mark.parametrize("name", ["no-setgid", "wrong-group"])
def test_wrong_group_is_found_by_expect_only(broken: dict[str, Ended], name: str) -> None:
    steps = {step["name"]: step["exit_code"] for step in broken[name].result["steps"]}
    assert steps.popitem() == ("expect", 1)
    assert set(steps.values()) == {0}


def test_summary_of_a_failure_has_log_repeat_and_shell_commands(broken: dict[str, Ended]) -> None:
    run = broken["missing-header"]
    told = dict(line.split(None, 1) for line in run.out.splitlines() if line.startswith("    "))
    patch = f"--patch {BREAKS / 'missing-header.patch'}"
    assert told["log"] == str(run.job(HELLO_13) / "log.txt")
    assert told["repeat"] == f"ciforge run {HELLO_13} {patch}"
    assert told["shell"] == f"ciforge shell {HELLO_13} {patch}"


def test_run_names_its_patch(broken: dict[str, Ended]) -> None:
    source = broken["missing-header"].result["source"]
    assert source["patch"] == str(BREAKS / "missing-header.patch")


def test_project_mistake_fails_its_own_job(mistaken: Ended) -> None:
    assert mistaken.code == 1, mistaken.told
    steps = {job.split("/")[2]: one["failed_step"] for job, one in mistaken.results.items()}
    assert steps == {"misspelt": "prepare", "proc": "install", "unmet": "expect"}
    assert {one["status"] for one in mistaken.results.values()} == {"failed"}


def test_unknown_package_is_named(mistaken: Ended) -> None:
    reason = mistaken.results["hello/debian-13/misspelt"]["reason"]
    assert "'libevnt-dev'" in reason
    assert reason in mistaken.out


@pytest.mark.parametrize(
    "line",
    [
        "expect: config.h does not define HAVE_PLEDGE",
        "expect: config.h defines HAVE_GETENTROPY",
        "expect: /usr/local/bin/goodbye was not installed",
    ],
)
def test_unmet_expectations_are_all_shown(mistaken: Ended, line: str) -> None:
    assert line in mistaken.tail


def test_folder_that_cannot_be_created_is_shown(mistaken: Ended) -> None:
    assert any("mkdir" in line and "/proc/x" in line for line in mistaken.tail), mistaken.told
