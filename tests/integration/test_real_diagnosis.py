"""Breakages of OpenSMTPD, one of each family, built for real: the root cause of each is found.

All of them, on every release and with both compilers, are `tools/breakages.py`; what came of that
is in docs/proof/breakages.md.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from breakages_mend import changes, edited
from rig import EXAMPLES, HELLO_13, ROOT, Person, git

from ciforge.model.finding import Basis
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.store.runs.run_folder import read_result, read_run

BREAKS = EXAMPLES / "hello-portable" / "breaks"

FAMILIES = (
    "removed-include",
    "header-not-installed",
    "renamed-function",
    "merge-conflict",
    "linked-twice",
    "no-such-source",
    "undefined-token",
    "no-such-tool",
    "needs-libm",
    "unknown-macro",
)
JOB = "portable/debian-13/default"


@attrs.frozen
class Proof:
    """What the tool said, and the rows of its page."""

    code: int
    told: str
    page: str

    def row(self, name: str) -> list[str]:
        """The cells of one breakage."""
        (line,) = (line for line in self.page.splitlines() if line.startswith(f"| `{name}` "))
        return [cell.strip() for cell in line.strip("|").split(" | ")]


@pytest.fixture(scope="module")
def proof(tarball: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """One tree, built once, and every breakage from a copy of it."""
    folder = tmp_path_factory.mktemp("breakages")
    page = folder / "page.md"
    words = [f"--only={name}" for name in FAMILIES]
    done = subprocess.run(
        [
            sys.executable, ROOT / "tools" / "breakages.py", "--source", tarball("opensmtpd"),
            "--state", folder / "state", "--page", page, "--jobs", JOB, *words,
        ],
        capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip
    return Proof(done.returncode, done.stderr, page.read_text() if page.exists() else "")


def test_root_cause_of_every_broken_tree_is_found(proof: Proof) -> None:
    assert proof.code == 0, proof.told
    assert f"{len(FAMILIES)} of {len(FAMILIES)} held, in {len(FAMILIES)} builds" in proof.page


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("removed-include", "setgroups undeclared"),
        ("header-not-installed", "lmdb.h not found"),
        ("renamed-function", "dict_xget undefined"),
        ("merge-conflict", "syntax error in limit.c"),
        ("linked-twice", "smtpd_limits defined more than once"),
        ("needs-libm", "cbrt undefined"),
        ("unknown-macro", "macro AC_PROG_NROFF_MAN unknown"),
    ],
)
def test_cause_of_every_broken_tree_has_a_name(proof: Proof, name: str, title: str) -> None:
    assert proof.row(name)[2] == title


@pytest.mark.parametrize(
    ("name", "answer", "advice"),
    [
        ("missing-include", "function errx in err.h", "`#include <err.h>` in hello.c"),
        ("missing-header", "header event.h owner libevent-dev", "Add `libevent` to `dependencies`"),
    ],
)
def test_container_and_package_index_confirm_the_advice(
    in_hello: Person, name: str, answer: str, advice: str
) -> None:
    ended = in_hello.runs(HELLO_13, "--patch", BREAKS / f"{name}.patch")
    assert ended.code == 1, ended.told
    asked = (ended.job(HELLO_13) / "artifacts" / "asked.txt").read_text()
    assert answer in asked.splitlines()
    state = ended.folder.parents[1]
    run, result = read_run(ended.folder), read_result(ended.job(HELLO_13) / "result.json")
    root = diagnose_run(state, run, [result]).findings[HELLO_13][0]
    assert (root.basis, advice in root.advice) == (Basis.ASKED, True), root


def test_build_that_follows_the_advice_is_green(proof: Proof) -> None:
    mended = {name: proof.row(name)[4] for name in FAMILIES if proof.row(name)[4]}
    assert mended == dict.fromkeys(
        ["removed-include", "header-not-installed", "needs-libm"], "1 of 1 green"
    )


def test_broken_tree_builds_with_the_advice(in_hello: Person) -> None:
    git(in_hello.here, "apply", str(BREAKS / "missing-include.patch"))
    broken = in_hello.runs(HELLO_13)
    assert broken.code == 1, broken.told
    result = read_result(broken.job(HELLO_13) / "result.json")
    why = diagnose_run(broken.folder.parents[1], read_run(broken.folder), [result])
    (change,) = changes(why.causes, HELLO_13)
    edited(in_hello.here, in_hello.here, change)
    ended = in_hello.runs(HELLO_13)
    assert ended.code == 0, ended.told
