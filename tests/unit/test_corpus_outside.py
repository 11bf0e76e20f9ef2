"""What holds for the corpus from outside: formats of other systems, and logs of tools in tests/logs/outside."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from ciforge.model.finding import FindingKind
from tests.tables import each

TESTS = Path(__file__).resolve().parents[1]
FORMATS = sorted((TESTS / "corpus").glob("formats*.txt"))
OUTSIDE = TESTS / "logs" / "outside"
ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)")
KINDS = {kind.value for kind in FindingKind}
KEYS = {"system", "kind", "subject", "root", "at", "advice", "never", "source"}
LARGEST = 40 * 1024
TRACES = (
    r"(?<![\w.$}])/(?:home|Users|root)/(?!user/)\w",
    r"\b(?:deb|security|ftp|snapshot)\.debian\.org\b",
    r"\b10(?:\.\d{1,3}){3}\b",
    r"\b172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}\b",
    r"\b192\.168\.\d{1,3}\.\d{1,3}\b",
)


def formats() -> list[tuple[str, dict[str, str], str]]:
    """Name, keys and log of each block."""
    text = "".join(file.read_text() for file in FORMATS)
    blocks = re.split(r"^=== ", text, flags=re.MULTILINE)[1:]
    heads = [block.partition("\n---\n") for block in blocks]
    return [
        (head.splitlines()[0], dict(line.split(": ", 1) for line in head.splitlines()[1:]), log)
        for head, _, log in heads
    ]


def rows() -> list[dict[str, Any]]:
    """The lines of the index."""
    return [json.loads(line) for line in (OUTSIDE / "index.jsonl").read_text().splitlines()]


def plain(file: Path) -> list[str]:
    """Lines of a log as a person sees them."""
    text = ESCAPES.sub("", file.read_bytes().decode(errors="replace"))
    return [line.rstrip("\r") for line in text.split("\n")]


def everything() -> list[Path]:
    return [*FORMATS, *sorted(OUTSIDE.glob("*.log")), *sorted((OUTSIDE / "green").glob("*.log"))]


def test_formats_have_unique_names_and_each_its_source() -> None:
    blocks = formats()
    assert [name for name, times in Counter(row[0] for row in blocks).items() if times > 1] == []
    for name, keys, log in blocks:
        assert set(keys) <= KEYS, name
        assert keys["kind"] in KINDS, name
        assert keys["system"], name
        assert keys["source"], name
        assert any(keys["root"] in line for line in log.splitlines()), name


def test_index_and_folder_name_the_same_logs() -> None:
    assert [row["log"] for row in rows()] == [file.name for file in sorted(OUTSIDE.glob("*.log"))]


def test_root_lines_are_in_their_logs_and_kinds_are_known() -> None:
    assert {row["kind"] for row in rows()} <= KINDS
    wrong = [row["log"] for row in rows() if row["root_line"] not in plain(OUTSIDE / row["log"])]
    assert wrong == []


def test_outside_log_is_made_by_a_case() -> None:
    text = "".join(file.read_text() for file in (OUTSIDE / "cases").glob("*.cases"))
    made = set(re.findall(r"^=== (\S+)$", text, flags=re.MULTILINE))
    assert [file.name for file in everything()[len(FORMATS) :] if file.stem not in made] == []


def test_outside_logs_are_small() -> None:
    assert [file.name for file in everything() if not 0 < file.stat().st_size < LARGEST] == []


@each("trace", TRACES)
def test_no_log_names_a_person_or_a_network(trace: str) -> None:
    pattern = re.compile(trace.encode())
    assert [file.name for file in everything() if pattern.search(file.read_bytes())] == []
