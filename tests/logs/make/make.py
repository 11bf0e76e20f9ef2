"""Makes the logs of this corpus anew: `make.py [--into DIR] [--cases DIR] SOURCES [NAME …]`.

A case is a block of a `*.cases` file: what is broken, in words and as a script, and what its log
must be found to say. Cases run in containers (images `corpus/debian-N`, made by `images.sh`); one
that changes its machine has a container of its own. Others are jobs of `ciforge run`. The output
is kept as it came, but for names of mirrors. SOURCES is a folder with upstream's tarballs.
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
AT_ONCE = 6
"""Cases that share a container."""
CHANGES = (
    "rm -f /",
    "rm -rf /",
    "rm -r /",
    "rm /",
    "find /",
    "/etc/",
    "userdel",
    "apt-get",
    "pkill",
)
"""Words of scripts that change the machine they run on."""
LIMIT = 240
"""Seconds that one case may take."""
ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)")
QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
"""Cases name root lines with plain quotes."""
PLACE = re.compile(
    r"^(?:\S*ld(?:\.\w+)?: )?\"?(?P<file>[^\s:\"()]+)\"?(?:: line |:|, line |\()(?:(?P<line>\d+)\b|\(\.)"
)
MIRRORS = (
    (re.compile(rb"(?:deb|security|ftp)\.debian\.org"), b"deb.example.org"),
    (re.compile(rb"\bregistry-1\.docker\.io\b"), b"registry.example.org"),
    (re.compile(rb"\b10(?:\.\d{1,3}){3}\b"), b"192.0.2.53"),
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


def container(name: str, release: str, sources: Path, *options: str) -> list[str]:
    """How a container of the corpus is started; it reads its script from standard input."""
    return [
        *("docker", "run", "--rm", "-i", "--name", f"corpus-{name}"),
        *("--hostname", "builder", "--workdir", "/build"),
        *("-v", f"{sources}:/src:ro", "-v", f"{HERE}:/make:ro", *options),
        *(f"corpus/debian-{release}", "nice", "-n", "15", "bash", "-s"),
    ]


def running(case: Case) -> str:
    """The script that runs one case and keeps its output and exit code in /out."""
    end = f"END-OF-{case.name}"
    return f"""
cat >/tmp/case <<'{end}'
{case.script}
{end}
rm -rf /build/* && cd /build
timeout {LIMIT} bash -c '. /make/lib.sh; . /tmp/case' </dev/null >/out/{case.name}.log 2>&1
echo $? >/out/{case.name}.code
"""


def alone(case: Case) -> bool:
    """Whether it changes its machine, so that no other case may run there."""
    return "docker" in case.keys or any(word in case.script for word in CHANGES)


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


def together(cases: list[Case], sources: Path) -> Iterator[tuple[Case, int, bytes]]:
    """Cases of one release in one container, with exit code and output of each."""
    first = cases[0]
    options = first.keys.get("docker", "").split()
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(
            container(first.name, first.keys["on"], sources, "-v", f"{out}:/out", *options),
            input="".join(map(running, cases)).encode(),
            check=False,
        )
        for case in cases:
            code = Path(out, f"{case.name}.code")
            said = Path(out, f"{case.name}.log")
            if code.exists():
                yield case, int(code.read_text()), scrubbed(said.read_bytes())


def made(cases: list[Case], sources: Path) -> Iterator[tuple[Case, int, bytes]]:
    """Each case with exit code and output, few containers for many."""
    shared: dict[str, list[Case]] = {}
    for case in cases:
        if "ciforge" in case.keys:
            yield case, *job(case)
        elif alone(case):
            yield from together([case], sources)
        else:
            shared.setdefault(case.keys["on"], []).append(case)
    for group in shared.values():
        for start in range(0, len(group), AT_ONCE):
            yield from together(group[start : start + AT_ONCE], sources)


def plain(raw: bytes) -> list[str]:
    """Lines of a log, without escape sequences and carriage returns at their ends."""
    text = ESCAPES.sub("", raw.decode(errors="replace"))
    return [line.rstrip("\r") for line in text.split("\n")]


def label(case: Case, raw: bytes) -> dict[str, object]:
    """The line of the index: the label is the case's, its text is the log's."""
    keys = case.keys
    found = [line for line in plain(raw) if keys["root"] in line.translate(QUOTES)]
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
        "also_lines": also_lines(case, raw, found[0]),
        "file": place["file"] if place else "",
        "line": int(line) if line else None,
        "how": keys["how"],
        "tools": keys["tools"].split(", "),
        "project": keys["project"],
    }


def also_lines(case: Case, raw: bytes, root: str) -> list[str]:
    """Other lines that say the same thing: a tool that speaks in several lines."""
    words = [word for word in case.keys.get("lines", "").split(", ") if word]
    said = (line for line in plain(raw) if any(word in line for word in words))
    return [line for line in dict.fromkeys(said) if line != root]


def wrong(case: Case, code: int) -> str:
    """What is odd about the exit code; empty where nothing is."""
    if case.keys.get("exit", "1" if not case.green else "0") == "0":
        return f"{case.name}: exit {code}" if code else ""
    return "" if code else f"{case.name}: passed"


def place(case: Case, into: Path) -> Path:
    """Where the log of a case lies."""
    return into / ("green" if case.green else "") / f"{case.name}.log"


def keep(case: Case, raw: bytes, into: Path) -> None:
    """Writes the log, and its line of the index."""
    if not case.green:
        amend(into / "index.jsonl", label(case, raw))
    file = place(case, into)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(raw)


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
    parser.add_argument("--cases", type=Path, default=HERE, help="the folder of the *.cases files")
    parser.add_argument("--relabel", action="store_true", help="labels anew, builds nothing")
    parser.add_argument("--missing", action="store_true", help="only those whose log is not there")
    parser.add_argument("sources", type=lambda name: Path(name).resolve())
    parser.add_argument("names", nargs="*")
    given = parser.parse_intermixed_args()
    cases = chosen(sorted(given.cases.glob("*.cases")), given.names)
    if given.missing:
        cases = [case for case in cases if not place(case, given.into).exists()]
    if given.relabel:
        for case in cases:
            log = given.into / f"{case.name}.log"
            amend(given.into / "index.jsonl", label(case, log.read_bytes()))
        return 0
    done = {c.name: report(c, code, raw, given.into) for c, code, raw in made(cases, given.sources)}
    return 1 if any(done.get(case.name, True) for case in cases) else 0


def report(case: Case, code: int, raw: bytes, into: Path) -> bool:
    """Keeps what a case has made and says how it went; whether it did not do what it should."""
    (Path(tempfile.gettempdir()) / f"corpus-{case.name}.log").write_bytes(raw)
    odd = wrong(case, code)
    try:
        if not odd:
            keep(case, raw, into)
    except (ValueError, KeyError) as error:
        odd = str(error)
    print(f"ODD {odd}" if odd else f"ok {case.name} {len(raw)}", flush=True)
    return bool(odd)


if __name__ == "__main__":
    sys.exit(main())
