"""Where the proofs of `make proof` lie, and the very files that are under proof."""

import contextlib
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import attrs
from proof_table import ROOT

PAGE = ROOT / "docs" / "proof" / "README.md"
EMULATORS = Path("/proc/sys/fs/binfmt_misc")
CIFORGE = (sys.executable, "-m", "ciforge")


@attrs.frozen
class Tree:
    """These very files: a name for them, the commit, and whether anything differs from it."""

    name: str
    commit: str
    dirty: bool


@attrs.frozen(kw_only=True)
class Bench:
    """Where everything lies, and what is under proof."""

    state: Path
    sources: Path
    tree: Tree
    program: tuple[str, ...] = CIFORGE
    emulators: Path = EMULATORS

    @property
    def file(self) -> Path:
        """The outcomes."""
        return self.state / "proof.jsonl"


def git(*words: str) -> bytes:
    """Returns git's answer about the checkout; empty where there is none."""
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)
    return done.stdout


def tree_now() -> Tree:
    """The page that we write ourselves does not count."""
    commit = git("rev-parse", "HEAD").decode().strip()
    others = [".", f":(exclude){PAGE.relative_to(ROOT)}"]
    changes = git("diff", "--binary", "HEAD", "--", *others)
    for name in git("ls-files", "-z", "-o", "--exclude-standard", "--", *others).split(b"\0"):
        with contextlib.suppress(OSError):
            changes += name + (ROOT / os.fsdecode(name)).read_bytes() if name else b""
    if not changes:
        return Tree(commit, commit, dirty=False)
    return Tree(f"{commit}+{hashlib.sha256(changes).hexdigest()[:16]}", commit, dirty=True)
