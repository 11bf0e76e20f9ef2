#!/usr/bin/env python3
"""Edits a source at random, and compares each time what a run with saved steps and caches says with a cold run.

The exit status, the failed step, config.h, the install manifest and the SHA-256 of each installed
file have to be equal. Without SOURCE, the newest OpenSMTPD that Debian serves. Each kind of edit in
source_edits.py comes once before any comes again. Exit codes: 0 all were equal; 1 one was not.
"""

import argparse
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import yaml
from source_edits import A_FILE_OF_ROOT, ROOT_HEADER, Source, edit, kinds, prepare

ROOT = Path(__file__).resolve().parents[1]
CIFORGE = (sys.executable, "-m", "ciforge")
HASHES = """\
while read -r type mode owner group path; do
    [ "$type" != file ] || sha256sum "$path"
done </ciforge/records/manifest.txt
"""
"""A step of root after the install."""
INSTALL_HEADER = f"install -m 644 {ROOT_HEADER} /usr/local/include/{ROOT_HEADER}"
"""A step of root before configure, which is not saved then."""


@attrs.frozen
class Subject:
    """A project of the examples, its repository, and the job that is run."""

    example: str
    repo: str

    @property
    def job(self) -> str:
        return f"{self.repo}/debian-13/default"


OPENSMTPD, HELLO = Subject("opensmtpd", "portable"), Subject("hello-portable", "hello")


@attrs.frozen(kw_only=True)
class Verdict:
    """What two runs of the same source have in common if no cache is wrong."""

    code: int
    failed_step: str | None
    config: str
    manifest: str
    installed: tuple[str, ...]


def verdict(code: int, folder: Path) -> Verdict:
    """That of the only job of a run, from its folder."""
    (job,) = (file.parent for file in folder.glob("*/result.json"))
    log = (job / "log.txt").read_text(errors="replace")
    return Verdict(
        code=code, failed_step=json.loads((job / "result.json").read_text())["failed_step"],
        config=_digest(job / "artifacts" / "config.h"),
        manifest=_digest(job / "artifacts" / "manifest.txt"),
        installed=tuple(re.findall(r"^[0-9a-f]{64}  /.*$", log, re.MULTILINE)),
    )  # fmt: skip


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


@attrs.frozen
class Bench:
    """What is edited, and where its project files and its runs are."""

    subject: Subject
    tree: Path
    scratch: Path

    def differs(self, *, of_root: bool) -> str:
        """Both verdicts where a warm run and a cold one say different things, else nothing."""
        file = self.scratch / ("root.yml" if of_root else "plain.yml")
        with ThreadPoolExecutor(2) as pool:  # neither sees what the other one leaves
            both = [
                pool.submit(self.run, file, option) for option in ("--saved-steps", "--no-cache")
            ]
        warm, cold = (run.result() for run in both)
        print(f"    exit {cold.code}", end="  ", flush=True)
        return "" if warm == cold else f"    warm {warm}\n    cold {cold}"

    def run(self, file: Path, *options: str) -> Verdict:
        """`ciforge run` of the job with these options."""
        state, repo = self.scratch / "state", self.subject.repo
        words = [*CIFORGE, "run", self.subject.job, "--file", str(file), "--state-dir", str(state)]
        words += ["--force", "--source", f"{repo}={self.tree}", *options]
        done = subprocess.run(words, cwd=self.tree, capture_output=True, text=True, check=False)
        found = re.search(r"^run (\S+);", done.stderr, re.MULTILINE)
        if not found:
            raise SystemExit(done.stderr)
        return verdict(done.returncode, next(state.glob(f"*/runs/{found[1]}")))


def _tree(subject: Subject, given: Path | None, folder: Path) -> Path:
    """A git repository with the source, without its generated configure."""
    if subject is HELLO:
        shutil.copytree(ROOT / "examples" / subject.example, folder)
    else:
        fetch = [sys.executable, str(ROOT / "tools" / "debian_source.py"), "opensmtpd", str(ROOT / ".demo")]  # fmt: skip
        archive = given or Path(
            subprocess.run(fetch, check=True, capture_output=True, text=True).stdout.strip()
        )
        folder.mkdir()
        unpack = ["tar", "-xf", str(archive), "--strip-components=1", "-C", str(folder)]
        subprocess.run(unpack, check=True)
        (folder / "configure").unlink(missing_ok=True)
    prepare(folder)
    return folder


def _write_projects(subject: Subject, scratch: Path) -> None:
    """Two project files that print hashes of what was installed; in the second, root installs a header first."""
    text = (ROOT / "examples" / subject.example / "ciforge.yml").read_text()
    project: dict[str, Any] = yaml.safe_load(text)
    project["project"] = f"ciforge-random-edits-{subject.repo}"
    repo = project["repos"][subject.repo]
    repo.pop("path", None)
    repo["git"] = repo.get("git", "https://example.org/hello.git")
    hashes = {"run": HASHES, "after": "install", "as": "root"}
    repo["steps"] = {**repo.get("steps", {}), "hashes": hashes}
    (scratch / "plain.yml").write_text(json.dumps(project))
    repo["steps"]["header"] = {"run": INSTALL_HEADER, "after": "bootstrap", "as": "root"}
    (scratch / "root.yml").write_text(json.dumps(project))


def main(arguments: Sequence[str]) -> int:
    """Prints a line for each edit."""
    parser = argparse.ArgumentParser(description="Compare warm runs with cold ones after random edits.")  # fmt: skip
    parser.add_argument("source", nargs="?", type=Path, help="a tar file of OpenSMTPD portable")
    parser.add_argument("--hello", action="store_true", help="edit examples/hello-portable instead")
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    scratch = Path(tempfile.mkdtemp(prefix="ciforge-random-edits-"))
    try:
        subject = HELLO if options.hello else OPENSMTPD
        bench = Bench(subject, _tree(subject, options.source, scratch / "tree"), scratch)
        _write_projects(subject, scratch)
        return _compare(bench, random.Random(options.seed), options.edits)  # noqa: S311 (chance, not secrets)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _compare(bench: Bench, chance: random.Random, number: int) -> int:
    source, worst = Source(bench.tree, chance), 0
    names = kinds(chance, number)
    filled = set[bool]()
    while names:
        name = names.pop(0)
        of_root = name == A_FILE_OF_ROOT
        if of_root not in filled:
            bench.run(bench.scratch / ("root.yml" if of_root else "plain.yml"), "--saved-steps")
        filled.add(of_root)
        if not edit(source, name):
            names.append("a .c file")
            continue
        found = bench.differs(of_root=of_root)
        print(f"{source.number:3} {'DIFFERS' if found else 'same'}  {name}", flush=True)
        if found:
            print(found, flush=True)
            worst = 1
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
