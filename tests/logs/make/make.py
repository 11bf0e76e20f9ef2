"""Makes the logs of this corpus anew: `make.py [--into DIR] SOURCES [NAME …]`.

A case is a block of a `*.cases` file: what is broken, in words and as a script, and what its log
must be found to say. Each case runs in a container of its own (image `corpus/debian-N`, made by
`images.sh`), or is a job of `ciforge run`, and its output is kept as it came, but for names of
mirrors. SOURCES is a folder
with upstream's tarballs.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parents[2] / "examples" / "hello-portable"
LIMIT = 300
"""Seconds that one case may take."""
ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)")
PLACE = re.compile(
    r"^(?:\S*ld(?:\.\w+)?: )?\"?(?P<file>[^\s:\"()]+)\"?(?::|, line |\()(?:(?P<line>\d+)\b|\(\.)"
)
MIRRORS = (
    (re.compile(rb"(?:deb|security|ftp)\.debian\.org"), b"deb.example.org"),
    (re.compile(rb"\b203\.0\.113\.\d+"), b"192.0.2.80"),
)


class Case(NamedTuple):
    """One block of a file of cases."""

    name: str
    keys: dict[str, str]
    script: str

    @property
    def green(self) -> bool:
        """Whether the build passes."""
        return "kind" not in self.keys


def cases(text: str) -> Iterator[Case]:
    """The blocks of a file: `=== NAME`, `key: value` lines, `---`, a shell script."""
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        head, _, script = block.partition("\n---\n")
        name, *lines = head.splitlines()
        keys = dict(line.split(": ", 1) for line in lines if line)
        yield Case(name.strip(), keys, script)


def command(case: Case, sources: Path) -> list[str]:
    """The container of one case; `docker:` adds options to it."""
    return [
        *("docker", "run", "--rm", "-i", "--hostname", "builder", "--workdir", "/build"),
        *("-v", f"{sources}:/src:ro", "-v", f"{HERE}:/make:ro"),
        *case.keys.get("docker", "").split(),
        f"corpus/debian-{case.keys['on']}",
        *("nice", "-n", "15", "bash", "-c", "exec 2>&1; . /make/lib.sh; . /dev/stdin"),
    ]


def scrubbed(raw: bytes) -> bytes:
    """Output without the names of mirrors."""
    for pattern, instead in MIRRORS:
        raw = pattern.sub(instead, raw)
    return raw


def job(case: Case) -> tuple[int, bytes]:
    """Exit code and log.txt of a job of ciforge's example, which the script has changed first."""
    with tempfile.TemporaryDirectory() as folder:
        tree, state = Path(folder, "hello"), Path(folder, "state")
        shutil.copytree(EXAMPLE, tree)
        subprocess.run(["sh", "-ec", case.script], cwd=tree, check=True)
        options = [*case.keys.get("options", "").split(), "--state-dir", str(state)]
        done = subprocess.run(
            [sys.executable, "-m", "ciforge", "run", case.keys["ciforge"], *options],
            cwd=tree,
            stdout=subprocess.DEVNULL,
            timeout=LIMIT,
            check=False,
        )
        return done.returncode, scrubbed(next(state.rglob("log.txt")).read_bytes())


def made(case: Case, sources: Path) -> tuple[int, bytes]:
    """Exit code and output of one case."""
    if "ciforge" in case.keys:
        return job(case)
    done = subprocess.run(
        command(case, sources),
        input=case.script.encode(),
        stdout=subprocess.PIPE,
        timeout=LIMIT,
        check=False,
    )
    return done.returncode, scrubbed(done.stdout)


def plain(raw: bytes) -> list[str]:
    """Lines of a log, without escape sequences and carriage returns at their ends."""
    text = ESCAPES.sub("", raw.decode(errors="replace"))
    return [line.rstrip("\r") for line in text.split("\n")]


def label(case: Case, raw: bytes) -> dict[str, object]:
    """The line of the index: the label is the case's, its text is the log's."""
    keys = case.keys
    found = [line for line in plain(raw) if keys["root"] in line]
    if not found:
        raise ValueError(f"{case.name}: no line holds {keys['root']!r}")
    place = None if keys.get("at") == "-" else PLACE.match(keys.get("at", found[0]))
    line = place["line"] if place else None
    return {
        "log": f"{case.name}.log",
        "kind": keys["kind"],
        "subject": keys["subject"],
        "also": [word for word in keys.get("also", "").split(", ") if word],
        "root_line": found[0],
        "file": place["file"] if place else "",
        "line": int(line) if line else None,
        "how": keys["how"],
        "tools": keys["tools"].split(", "),
        "project": keys["project"],
    }


def wrong(case: Case, code: int) -> str:
    """What is odd about the exit code; empty where nothing is."""
    if case.keys.get("exit", "1" if not case.green else "0") == "0":
        return f"{case.name}: exit {code}" if code else ""
    return "" if code else f"{case.name}: passed"


def keep(case: Case, raw: bytes, into: Path) -> None:
    """Writes the log, and its line of the index."""
    folder = into / "green" if case.green else into
    folder.mkdir(exist_ok=True)
    if not case.green:
        amend(into / "index.jsonl", label(case, raw))
    (folder / f"{case.name}.log").write_bytes(raw)


def amend(index: Path, row: dict[str, object]) -> None:
    """Adds or replaces one line of the index; lines are in the order of their names."""
    lines = index.read_text().splitlines() if index.exists() else []
    rows = {entry["log"]: entry for entry in map(json.loads, lines)} | {row["log"]: row}
    text = "".join(json.dumps(rows[name], ensure_ascii=False) + "\n" for name in sorted(rows))
    index.write_text(text)


def chosen(files: list[Path], names: list[str]) -> list[Case]:
    """The cases that are asked for: by name, by file, all."""
    found = [(file.stem, case) for file in files for case in cases(file.read_text())]
    return [c for stem, c in found if not names or c.name in names or stem in names]


def main() -> int:
    """Makes what is asked for; 1 where a case did not do what it should."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=HERE.parent)
    parser.add_argument("--relabel", action="store_true", help="labels anew, builds nothing")
    parser.add_argument("sources", type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    odd = 0
    for case in chosen(sorted(HERE.glob("*.cases")), given.names):
        try:
            odd += bool(report(case, given))
        except (ValueError, KeyError, OSError, subprocess.TimeoutExpired) as error:
            print(f"ODD {case.name}: {error}", flush=True)
            odd += 1
    return 1 if odd else 0


def report(case: Case, given: argparse.Namespace) -> str:
    """Makes one case, and says how it went."""
    if given.relabel:
        amend(given.into / "index.jsonl", label(case, (given.into / f"{case.name}.log").read_bytes()))
        return ""
    code, raw = made(case, given.sources.resolve())
    (Path(tempfile.gettempdir()) / f"corpus-{case.name}.log").write_bytes(raw)
    keep(case, raw, given.into)
    odd = wrong(case, code)
    print(f"ODD {odd}" if odd else f"ok {case.name} {len(raw)}", flush=True)
    return odd


if __name__ == "__main__":
    sys.exit(main())
