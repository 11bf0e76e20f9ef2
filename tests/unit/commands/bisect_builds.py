"""What tests of `ciforge bisect` share: a history whose builds are made up, and runs at its commits."""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import attrs
import pytest
from command_tests import Past

from ciforge.app.bisect_build import Bisecting
from ciforge.app.bisect_history import JudgedResult
from ciforge.errors import UsageError
from ciforge.model.cause import Cause
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.store.incidents.incident_database import Incidents

JOB = "daemon/debian-13/default"
KEY, TITLE = "daemon:header:grp.h", "grp.h not found"
LOG = "--- ciforge: build ---\nx.c:1:10: fatal error: grp.h: No such file or directory\n"
LIBC = tuple(f"1.{number}" for number in range(1, 9))
FIRST, SECOND = "20260101T000000Z-aaaaaa", "20260202T000000Z-bbbbbb"
NOW = 1_770_000_000.0
NO_ENGINE = Result(job=JOB, status=Status.INFRASTRUCTURE, reason="the engine went away")


@attrs.define
class Builds:
    """What builds come to: commits from `culprit` on show the cause, some fail otherwise."""

    commits: list[str]
    culprit: int = 0
    broken: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()
    ends: dict[int, Result] = attrs.field(factory=dict)
    """Results of commits that end in another way."""
    shows_from: int = 0
    """The version of libc, of those of `LIBC`, from which on a build shows the cause."""
    uninstallable: tuple[str, ...] = ()
    versions: list[str] = attrs.field(factory=list)
    """Versions of libc that were built, besides the newest."""
    most: int = 99
    done: list[tuple[int, bool]] = attrs.field(factory=list)

    def result(self, work: Bisecting, revision: str, *, cold: bool) -> JudgedResult | None:
        """None where the time is up."""
        at = self.commits.index(revision)
        if len(self.done) == self.most:
            return None
        self.done.append((at, cold))
        work.builds += 1
        if at in self.unreadable:
            raise UsageError(f"commit {revision[:12]} has no folder daemon")
        if at in self.ends:
            return JudgedResult(revision=revision, result=self.ends[at], causes=())
        key = KEY if at >= self.culprit else ""
        return judged(revision, "other-cause" if at in self.broken else key)

    def of_version(self, work: Bisecting, revision: str, libc: str) -> JudgedResult:
        """The result of a commit with another version of libc."""
        self.versions.append(libc)
        work.builds += 1
        if libc in self.uninstallable:
            refused = Result(job=JOB, status=Status.FAILED, failed_step="prepare")
            return JudgedResult(revision=revision, result=refused, causes=())
        return judged(revision, KEY if LIBC.index(libc) >= self.shows_from else "")


def judged(revision: str, key: str) -> JudgedResult:
    status = Status.FAILED if key else Status.PASSED
    result = Result(
        job=JOB, status=status, failed_step="build" if key else None, packages={"libc": "1.8"}
    )
    found = Finding(kind=FindingKind.MISSING_HEADER, step="build")
    cause = Cause(key=key, kind=FindingKind.MISSING_HEADER, title=TITLE, findings={JOB: found})
    return JudgedResult(revision=revision, result=result, causes=(cause,) if key else ())


def made_builds(here: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """A history of 16 commits."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    git(here, "init", "--quiet")
    made = Builds([])
    for number in range(16):
        (here / "daemon" / "notes").write_text(str(number))
        git(here, "add", "--all")
        git(here, "commit", "--quiet", "--message", f"Change {number}")
        made.commits.append(git(here, "rev-parse", "HEAD"))
    real = Bisecting.result

    def result(
        work: Bisecting, revision: str, *, cold: bool, versions: Mapping[str, str] | None = None
    ) -> JudgedResult:
        if versions:
            assert cold
            return made.of_version(work, revision, versions["libc"])
        built = made.result(work, revision, cold=cold)
        if built is None:
            work._until = 0.0
            return real(work, revision, cold=cold)
        return built

    monkeypatch.setattr(Bisecting, "result", result)
    monkeypatch.setattr("ciforge.app.bisect_packages.available_versions", lambda *_: {"libc": LIBC})
    return made


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    command = ["git", *who, *words]
    return subprocess.run(
        command, cwd=tree, capture_output=True, text=True, check=True
    ).stdout.strip()


class Ran(Protocol):
    def __call__(self, run: str, at: int, status: Status, branch: str = "main") -> None: ...


def recorder(past: Past, builds: Builds) -> Ran:
    """Returns what records a run at a commit, as `ciforge run --notify` does."""

    def record(run: str, at: int, status: Status, branch: str = "main") -> None:
        used = SourceUsed(repo="daemon", origin="/x", revision=builds.commits[at], branch=branch)
        stamp = f"{run[:4]}-{run[4:6]}-{run[6:8]}T00:00:00Z"
        folder = past.run(run, stamp, {JOB: status}, source=used)
        (folder / JOB.replace("/", ",") / "log.txt").write_text(LOG)
        file = folder / "run.json"
        file.write_text(
            json.dumps(json.loads(file.read_text()) | {"sources": [attrs.asdict(used)]})
        )
        with Incidents.open(past.state) as incidents:
            incidents.announce(run, NOW)

    return record
