#!/usr/bin/env python3
"""Uses each name of ISO C and POSIX.1-2024 without its header, and checks that the advice names the header of the tables.

    python tools/standard_headers.py [--command "docker run --rm -i IMAGE"]

The advice is made as for a failed job: the compiler's messages are diagnosed, and the machine is asked. The machine is this
one, or the one in which the command runs `sh`. Prints each name whose advice names another header, or none; those that
docs/proof/headers.md lists are expected. Exit codes: 0; 1 a name that the page does not list has other advice; 2 wrong options.
"""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ciforge.diagnose.names.c_names import C_NAMES
from ciforge.diagnose.names.posix_names import POSIX_NAMES
from ciforge.diagnose.probes import answered, answers, questions
from ciforge.diagnose.scan.findings import diagnose
from ciforge.load.dependencies import dependency_index
from ciforge.model.finding import Basis, Finding
from ciforge.render.probe_script import ASK, SECONDS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "proof" / "headers.md"
TABLES: Mapping[str, str] = {**C_NAMES, **POSIX_NAMES}
BATCH = 12
"""Names in one file."""
NO_MESSAGE = "the compiler needs no header for it"
_COMPILE = 'cd "$(mktemp -d)" && cat >use.c && LC_ALL=C cc -w -fmax-errors=0 -fno-diagnostics-show-caret -c use.c 2>&1 || :'
_TYPE = re.compile(r"error: expected expression before '(\w+)'")


def shell(command: Sequence[str], script: str, *words: str, text: str = "") -> str:
    """The output of a script on the machine."""
    done = subprocess.run(
        [*command, "sh", "-c", script, "sh", *words], input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout


def types(command: Sequence[str], header: str, names: Sequence[str]) -> set[str]:
    """Those of the names that are types after the header, with or without _GNU_SOURCE."""
    uses = "".join(
        f"void *f{number}(void) {{ return (void *){name}; }}\n" for number, name in enumerate(names)
    )
    texts = (f"{define}#include <{header}>\n{uses}" for define in ("", "#define _GNU_SOURCE\n"))
    return {name for text in texts for name in _TYPE.findall(shell(command, _COMPILE, text=text))}


def uses(names: Sequence[str], known_types: set[str]) -> Iterator[str]:
    """A line of C for each name, which needs its header."""
    for number, name in enumerate(names):
        if name.startswith("struct:"):
            yield f"int f{number}(void) {{ return sizeof(struct {name[7:]}); }}"
        elif name in known_types:
            yield f"{name} f{number};"
        else:
            yield f"int f{number}(void) {{ return sizeof({name}); }}"


def advised(command: Sequence[str], lines: Sequence[str]) -> tuple[Finding, ...]:
    """The findings for a file of these lines, with what the machine answered."""
    log = shell(command, _COMPILE, text="\n".join(lines) + "\n").splitlines()
    found = diagnose(log, failed=True)
    script = ASK.replace(f"sleep {SECONDS}", "sleep 60")
    replies = answers(shell(command, script, *questions(found)))
    return answered(found, replies, dependency_index())


def other_advice(command: Sequence[str], header: str) -> Iterator[tuple[str, str]]:
    """Names whose advice, checked on the machine, does not name the header; and the advice."""
    names = TABLES[header].split()
    known_types = types(command, header, [name for name in names if ":" not in name])
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        found = {
            one.subject.replace("struct ", "struct:"): one
            for one in advised(command, list(uses(batch, known_types)))
        }
        for name in batch:
            one = found.get(name)
            if one is None:
                yield name, NO_MESSAGE
            elif one.basis is not Basis.ASKED or not one.advice.startswith(
                f"`#include <{header}>`"
            ):
                yield name, one.advice


def listed() -> set[str]:
    """Names that the page says are not there, or not found in this way."""
    rows = (line for line in PAGE.read_text().splitlines() if line.startswith("| `<"))
    return {name for row in rows for name in re.findall(r"`([\w:]+)`", row)}


def main() -> int:
    """Checks all headers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", default="", help="runs what follows on another machine")
    parser.add_argument("--header", action="append", choices=sorted(TABLES), metavar="HEADER")
    options = parser.parse_args()
    expected, status, total, right = listed(), 0, 0, 0
    for header in options.header or TABLES:
        rows = list(other_advice(shlex.split(options.command), header))
        total += len(TABLES[header].split())
        right += len(TABLES[header].split()) - len(rows)
        for name, advice in rows:
            status |= name not in expected and advice != NO_MESSAGE
            print(
                f"{header}\t{name}\t{'listed' if name in expected else 'NEW'}\t{advice}", flush=True
            )
    print(f"{right} of {total} names: the advice names their header")
    return status


if __name__ == "__main__":
    sys.exit(main())
