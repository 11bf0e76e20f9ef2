"""Breakages of OpenSMTPD, one of each family that hello-portable's patches do not have, built for real: the
root cause of each is found. test_example_patches.py has the others.

All of them, on every release and with both compilers, are `tools/breakages.py`; what came of that
is in docs/proof/breakages.md.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from rig import ROOT

FAMILIES = (
    "header-not-installed",
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
        ("header-not-installed", "lmdb.h not found"),
        ("linked-twice", "smtpd_limits defined more than once"),
        ("needs-libm", "cbrt undefined"),
        ("unknown-macro", "macro AC_PROG_NROFF_MAN unknown"),
    ],
)
def test_cause_of_every_broken_tree_has_a_name(proof: Proof, name: str, title: str) -> None:
    assert proof.row(name)[2] == title


def test_build_that_follows_the_advice_is_green(proof: Proof) -> None:
    rebuilt = {name: proof.row(name)[4] for name in FAMILIES if proof.row(name)[4]}
    assert rebuilt == dict.fromkeys(["header-not-installed", "needs-libm"], "1 of 1 green")
