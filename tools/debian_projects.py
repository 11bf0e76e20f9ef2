#!/usr/bin/env python3
"""Builds portable projects of Debian that no test knows, as their maintainers would begin: resumable.

    python tools/debian_projects.py FOLDER [NAME...]

For each project: upstream's tarball without the folder `debian`, `ciforge init`, what its comment says to run the
tests, `ciforge run debian-13`. FOLDER keeps tarballs, trees, state and results; a result that is there is not made again. The page docs/proof/debian-projects.md is
written from all results. Exit statuses: 0; 1: fewer are built than the page promises; 2: wrong arguments.
"""

import datetime
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markdown_table import table_row

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proof" / "debian-projects.md"
BEGIN, END = "<!-- written by tools/debian_projects.py -->", "<!-- end of the table -->"
SYSTEM = "debian-13"
PROJECTS: Mapping[str, str] = {
    "lowdown": "hand-written configure, Makefile of BSD make",
    "opendoas": "hand-written configure",
    "sndio": "hand-written configure",
    "fribidi": "autotools, and Meson",
    "pv": "autoconf, with a makefile of its own",
    "cmark": "CMake",
    "libcbor": "CMake",
    "uriparser": "CMake, and a configure that only calls it",
    "bubblewrap": "Meson",
    "i3status": "Meson",
    "libinih": "Meson",
    "libmpdclient": "Meson",
}
"""Source packages, and how they are built."""
ENOUGH = 10
"""Projects that have to be built."""
_CHECK = re.compile(
    r"^    # steps: \{check: (?P<setting>.*)\}(?: and configure: \[(?P<option>\S+)\])? runs? its tests",
    re.MULTILINE,
)
_STARTS = re.compile(r"^(?P<good>\d+) of (?P<all>\d+) installed programs start", re.MULTILINE)


def ciforge(tree: Path, *words: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Calls ciforge in a tree."""
    command = [sys.executable, "-m", "ciforge", *words, "--state-dir", str(state)]
    command = command[:-2] if words[0] == "init" else command
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def prepared(name: str, folder: Path) -> Path:
    """The tree of a project as a git repository with a drafted file. Raises CalledProcessError."""
    command = [sys.executable, str(ROOT / "tools" / "debian_source.py"), name, str(folder / "tar")]
    tarball = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    tree = folder / "trees" / name
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    unpack = ["tar", "-xf", tarball, "-C", str(tree), "--strip-components=1", "--no-same-owner"]
    subprocess.run(unpack, check=True)
    shutil.rmtree(tree / "debian", ignore_errors=True)
    committed(tree)
    ciforge(tree, "init", state=folder / "state").check_returncode()
    shutil.copy(tree / "ciforge.yml", folder / f"{name}.drafted.yml")
    return tree


def committed(tree: Path) -> None:
    """Makes the tree a git repository with one commit."""
    person = ["-c", "user.name=proof", "-c", "user.email=proof@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A", "-f"], ["commit", "-qm", "Import"]):
        subprocess.run(["git", *person, *words], cwd=tree, check=True)


def with_tests(draft: str) -> tuple[str, bool]:
    """The draft with its tests switched on as its comment says; whether it has such a comment."""
    found = _CHECK.search(draft)
    if found is None:
        return draft, False
    text = draft.replace("    steps:\n", f"    steps:\n      check: {found['setting']}\n", 1)
    if option := found["option"]:
        head = "    configure:\n"
        text = text if head in text else text.replace("    steps:\n", f"{head}    steps:\n", 1)
        text = text.replace(head, f"{head}      - {option}\n", 1)
    return text, True


def built(tree: Path, state: Path, job: str = SYSTEM, *options: str) -> dict[str, Any]:
    """What became of the job, with the causes of its failure."""
    began = time.monotonic()
    done = ciforge(tree, "run", job, *options, "--json", state=state)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    (ended,) = (event for event in events if event["event"] == "job_ended")
    if ended["status"] == "skipped":
        return {"status": "skipped", "step": None, "reason": ended["reason"], "causes": []}
    log = Path(ended["log"])
    starts = _STARTS.findall(log.read_text(errors="replace"))
    diagnosis = json.loads((log.parents[1] / "diagnosis.json").read_text())
    return {
        "status": ended["status"],
        "step": ended["failed_step"],
        "seconds": round(time.monotonic() - began),
        "starts": starts[-1] if starts else None,
        "causes": diagnosis["causes"],
    }


def tried(name: str, folder: Path) -> dict[str, Any]:
    """A project from its tarball to its result."""
    tree = prepared(name, folder)
    file = tree / "ciforge.yml"
    text, tests = with_tests(file.read_text())
    file.write_text(text)
    row = {"tests": tests, "unedited": built(tree, folder / "state", SYSTEM, "--no-cache")}
    version = next((folder / "tar").glob(f"{name}-[0-9]*")).name[len(name) + 1 :]
    return row | {"version": version.partition(".tar")[0].partition("+dfsg")[0]}


def outcome(result: Mapping[str, Any]) -> str:
    """A cell: built, or where it failed."""
    if result["status"] == "passed":
        return f"built, {result['seconds']} s"
    return f"{result['status']} in `{result['step']}`"


def starting(row: Mapping[str, Any]) -> str:
    """A cell: how many of the installed programs start."""
    starts = row["unedited"]["starts"]
    if starts is None:
        return "not known"
    return "no program" if starts[1] == "0" else f"{starts[0]} of {starts[1]}"


def table(rows: Mapping[str, Mapping[str, Any]], day: datetime.date) -> str:
    """The part of the page between the marks."""
    good = sum(counts(row) for row in rows.values())
    head = ("project", "how it is built", "tests", "drafted file, unedited", "programs that start")
    lines = [
        f"{good} of {len(rows)} are built with the drafted file. Measured on {day}.",
        "",
        table_row(head),
        "|---" * len(head) + "|",
    ]
    for name, row in rows.items():
        cells = (f"{name} {row['version']}", PROJECTS[name], "on" if row["tests"] else "none found",
                 outcome(row["unedited"]), starting(row))  # fmt: skip
        lines.append(table_row(cells))
    return "\n".join(lines)


def counts(row: Mapping[str, Any]) -> bool:
    """Whether it was built."""
    return bool(row["unedited"]["status"] == "passed")


def main(arguments: Sequence[str]) -> int:
    """Makes what is missing, and writes the page."""
    if not arguments or not set(arguments[1:]) <= set(PROJECTS):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0]).resolve()
    (folder / "results").mkdir(parents=True, exist_ok=True)
    for name in arguments[1:] or PROJECTS:
        kept = folder / "results" / f"{name}.json"
        if not kept.exists():
            kept.write_text(json.dumps(tried(name, folder), indent=1))
            print(f"{name}: {outcome(json.loads(kept.read_text())['unedited'])}", file=sys.stderr)
    files = {name: folder / "results" / f"{name}.json" for name in PROJECTS}
    rows = {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}
    before, _, rest = PAGE.read_text().partition(BEGIN)
    today = datetime.datetime.now(datetime.UTC).date()
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(rows, today)}\n\n{END}{rest.partition(END)[2]}")
    return 0 if sum(map(counts, rows.values())) >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
