#!/usr/bin/env python3
"""Drives real package managers against repositories that go wrong, and writes docs/proof/package-managers.md.

    python tools/package_managers.py [--only PATTERN] [--fault NAME]... [--output FILE]

Exit codes: 0 everything is as it should be; 1 something is not; 3 some targets could not be tried.
"""

import argparse
import datetime
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import docker
from manager_images import manager_images, versions
from manager_matrix import FAULTS, INFRASTRUCTURE, TARGETS, Target, cases, project
from markdown_table import table_row, without_hosts

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proof" / "package-managers.md"
CODES = {"passed": 0, "failed": 1, "infrastructure": 3}


@attrs.frozen(kw_only=True)
class Seen:
    """The outcome of one case."""

    target: str
    fault: str
    job: str
    status: str
    code: int
    """The exit status of the run, which had this fault only."""
    reason: str
    subject: str
    advice: str
    log: str

    @property
    def wrong(self) -> str:
        """The deviation from what the fault requires; empty if there is none."""
        fault = FAULTS[self.fault]
        mixed = fault.stops + fault.passes  # then the exit status of the run is that of another job
        if self.status == INFRASTRUCTURE and self.target.startswith(fault.stops or "-"):
            fault = FAULTS["dead-mirror"]
        if self.status == "passed" and self.target.startswith(fault.passes or "-"):
            fault = FAULTS["nothing"]
        if self.status != fault.status:
            return f"{self.status}, not {fault.status}"
        if not mixed and self.code != CODES[fault.status]:
            return f"exit status {self.code}, not {CODES[fault.status]}"
        if not self.reason.startswith(fault.reason):
            return f"reason {self.reason!r}"
        if fault.subjects and self.subject not in fault.subjects:
            return f"subject {self.subject!r}"
        return "" if re.search(fault.advice, self.advice) else f"advice {self.advice!r}"


def run_faults(
    folder: Path, targets: Sequence[Target], faults: Sequence[str], program: Sequence[str],
    env: Mapping[str, str],
) -> Iterator[Seen]:  # fmt: skip
    """Each fault in a run with all targets, in a project in `folder`."""
    project(folder, targets, faults)
    for fault in faults:
        jobs = [(target.name, job) for target, _, job in cases(targets, [fault])]
        if jobs:
            yield from _run(folder, fault, jobs, program, env)


def _run(
    folder: Path, fault: str, jobs: Sequence[tuple[str, str]], program: Sequence[str],
    env: Mapping[str, str],
) -> Iterator[Seen]:  # fmt: skip
    state = folder / "state"
    words = [*program, "run", "--no-cache", *(job for _, job in jobs)]
    done = subprocess.run(
        words, cwd=folder, env={**env, "CIFORGE_STATE": str(state)}, capture_output=True, text=True,
        errors="replace", check=False,
    )  # fmt: skip
    try:
        run = max(state.glob("managers/runs/*"), key=lambda path: path.name)
        results = {one["job"]: one for one in map(_json, run.glob("*/result.json"))}
    except ValueError:
        raise SystemExit(f"{fault}: {done.stdout}\n{done.stderr}") from None
    causes = _json(run / "diagnosis.json")["causes"]
    for target, job in jobs:
        result = results.get(job, {"status": "no result", "reason": done.stderr})
        cause: Mapping[str, Any] = next((one for one in causes if job in one["findings"]), {})
        log = run / job.replace("/", ",") / "log.txt"
        yield Seen(
            target=target, fault=fault, job=job, status=result["status"], code=done.returncode,
            reason=result.get("reason") or "", subject=cause.get("subject") or "",
            advice=cause.get("findings", {}).get(job, {}).get("advice") or "", log=log.read_text() if log.exists() else "",
        )  # fmt: skip


def _json(file: Path) -> Any:
    return json.loads(file.read_text())


def page(
    seen: Iterable[Seen], names: Mapping[str, str], lost: Mapping[str, str], today: datetime.date
) -> str:
    """The table; `lost` are targets that could not be tried, with the reason of each."""
    rows = sorted(
        seen, key=lambda one: (list(FAULTS).index(one.fault), list(names).index(one.target))
    )
    wrong = sum(bool(one.wrong) for one in rows)
    lines = [
        "# Package managers", "",
        "Real package managers, each in a container with a small local repository and one fault. "
        "`tools/package_managers.py`",
        "writes this page; `manager_matrix.py` beside it has the faults and what ciforge must make of them.", "",
        f"- date: {today}", f"- cases: {len(rows)}, {len(rows) - wrong} as they should be", "",
        *(f"- {target}: {version}" for target, version in names.items()),
        *(f"- {target}: not tried: {without_hosts(reason)}" for target, reason in lost.items()), "",
        "| fault | package manager | job | exit status | reason | cause | held |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for one in rows:
        words = (one.fault, names[one.target], one.status, str(one.code), one.reason, one.subject)
        lines.append(table_row((*words, one.wrong or "yes")))
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Runs the matrix."""
    parser = argparse.ArgumentParser(description="Drive package managers against faults.")
    parser.add_argument("--only", default="*", help="targets, as a glob")
    parser.add_argument("--fault", action="append", choices=list(FAULTS), help="this one only")
    parser.add_argument("--output", type=Path, help=f"another file than {PAGE.relative_to(ROOT)}")
    parser.add_argument("--logs", type=Path, help="a folder for the logs of what is wrong")
    options = parser.parse_args(arguments)
    targets = [one for one in TARGETS if fnmatch.fnmatchcase(one.name, options.only)]
    faults = options.fault or list(FAULTS)
    client = docker.from_env(timeout=600)
    program = (sys.executable, "-m", "ciforge")
    with tempfile.TemporaryDirectory() as scratch:
        lost = manager_images(client, targets, Path(scratch), program)
        targets = [target for target in targets if target.name not in lost]
        names = versions(client, targets)
        env = {name: value for name, value in os.environ.items() if name != "CIFORGE_STATE"}
        seen = []
        for one in run_faults(Path(scratch, "project"), targets, faults, program, env):
            seen.append(one)
            print(
                f"{one.fault:<20} {one.target:<16} {one.status:<15} {one.wrong or 'held'}",
                flush=True,
            )
            if options.logs and one.wrong:
                options.logs.mkdir(parents=True, exist_ok=True)
                (options.logs / f"{one.target}-{one.fault}.log").write_text(one.log)
    text = page(seen, names, lost, datetime.datetime.now(datetime.UTC).date())
    if options.output or (options.only == "*" and not options.fault):
        (options.output or PAGE).write_text(text)
    for target, reason in lost.items():
        print(f"{target}: not tried: {reason}", file=sys.stderr)
    if any(one.wrong for one in seen):
        return 1
    return 3 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
