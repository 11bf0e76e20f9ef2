"""Rows of the proof that `ciforge bisect` searches: the real releases of a source package as a git history."""

import contextlib
import json
import lzma
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import debian_source
from proof_table import BROKEN, HELD, IMPOSSIBLE, ROOT, Row

_WHO = ("-c", "user.name=Proof", "-c", "user.email=proof@example.org")


def releases(package: str, folder: Path) -> list[tuple[str, Path]]:
    """Returns the versions and tarballs that Debian's suites serve, the oldest first; fetched once."""
    folder.mkdir(parents=True, exist_ok=True)
    if not _kept(package, folder):
        for mirror in debian_source.mirrors():
            with contextlib.suppress(debian_source.Failed, OSError, lzma.LZMAError):
                _fetch(package, folder, mirror)
                break
    return _kept(package, folder)


def _kept(package: str, folder: Path) -> list[tuple[str, Path]]:
    files = folder.glob(f"{package}-[0-9]*.tar.*")
    named = [(file.name.removeprefix(f"{package}-").partition(".tar.")[0], file) for file in files]
    return sorted(named, key=lambda pair: debian_source.ordered(pair[0]))


def _fetch(package: str, folder: Path, mirror: str) -> None:
    for suite in debian_source.SUITES:
        text = debian_source.index(mirror, suite, folder)
        for tarball in debian_source.tarballs(text, package)[:1]:
            name = f"{package}-{tarball.version}.tar.{tarball.path.rpartition('.')[2]}"
            body = debian_source.served(f"{mirror}/{tarball.path}")
            if body is not None:
                debian_source.store(folder / name, body, tarball.sha256)


def history(found: Sequence[tuple[str, Path]], tree: Path) -> None:
    """Makes a repository in the empty folder `tree`: a commit and a tag for each release."""
    tree.mkdir(parents=True)
    _git(tree, "init", "--quiet")
    for version, tarball in found:
        _git(tree, "rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".")
        unpack = ["tar", "-xf", tarball, "-C", tree, "--strip-components=1", "--no-same-owner"]
        subprocess.run(unpack, check=True)
        _git(tree, "add", "--all", "--force")
        _git(tree, "commit", "--quiet", "--message", f"Release {version}")
        _git(tree, "tag", version)


def _git(tree: Path, *words: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *_WHO, "-C", str(tree), *words], env=env, check=True)


def bisected(row: Row, tree: Path, program: Sequence[str], state: Path) -> tuple[str, str]:
    """Runs the search; the outcome and a sentence."""
    words = [word.replace("{tree}", str(tree)) for word in row.words]
    line = [*program, *words, "--json", "--state-dir", str(state)]
    done = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == 130:
        raise KeyboardInterrupt
    if done.returncode == 3:
        return IMPOSSIBLE, "the engine or the network failed"
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return BROKEN, f"exit code {done.returncode} without an answer"
    return judge_bisect(row, done.returncode, answer)


def judge_bisect(row: Row, code: int, answer: Mapping[str, Any]) -> tuple[str, str]:
    """The outcome of an answer: it must be confirmed, and name the release of the row."""
    named = [commit["subject"] for commit in answer["commits"]]
    found = f"{answer['outcome']}: {', '.join(named)}; {answer['builds']} builds"
    right = named == [f"Release {row.brought}"] and answer["confirmed"] is True and code == 0
    return (HELD, "") if right else (BROKEN, found)
