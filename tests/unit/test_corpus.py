"""What holds for the corpus of whole logs in tests/logs: its index is true, and it covers what it says."""

import json
import re
import socket
from collections import Counter
from pathlib import Path

from ciforge.model.finding import FindingKind
from tests.tables import each

LOGS = Path(__file__).resolve().parents[1] / "logs"
INDEX = LOGS / "index.jsonl"
FIELDS = {
    "log": str,
    "kind": str,
    "subject": str,
    "also": list,
    "root_line": str,
    "also_lines": list,
    "file": str,
    "line": int | None,
    "how": str,
    "tools": list,
    "project": str,
}
ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)")
"""CSI sequences, and OSC ones such as the links that gcc puts around the names of warnings."""
LARGEST = 300 * 1024
ALL_TOGETHER = 8 * 1024 * 1024
TRACES = (
    r"(?<![\w.$}])/(?:home|Users|root)/\w",
    r"/tmp/(?:w|bash_jobs)\b",
    r"\b(?:deb|security|ftp|snapshot)\.debian\.org\b",
    r"\b10(?:\.\d{1,3}){3}\b",
    r"\b172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}\b",
    r"\b192\.168\.\d{1,3}\.\d{1,3}\b",
    r"\b203\.0\.113\.\d+\b",
)


def rows() -> list[dict[str, object]]:
    """The lines of the index."""
    return [json.loads(line) for line in INDEX.read_text().splitlines()]


def plain(file: Path) -> list[str]:
    """Lines of a log as a person sees them."""
    text = ESCAPES.sub("", file.read_bytes().decode(errors="replace"))
    return [line.rstrip("\r") for line in text.split("\n")]


def green() -> list[Path]:
    return sorted((LOGS / "green").glob("*.log"))


def everything() -> list[Path]:
    return sorted(LOGS.glob("*.log")) + green()


def test_each_line_of_the_index_has_the_same_fields() -> None:
    for row in rows():
        assert set(row) == set(FIELDS), row["log"]
        for name, kind in FIELDS.items():
            assert isinstance(row[name], kind), (row["log"], name)


def test_index_and_folder_name_the_same_logs_once() -> None:
    assert [row["log"] for row in rows()] == [file.name for file in sorted(LOGS.glob("*.log"))]


def test_root_lines_of_the_index_are_in_their_logs() -> None:
    assert all(row["root_line"] for row in rows())
    wrong = [row["log"] for row in rows() if row["root_line"] not in plain(LOGS / str(row["log"]))]
    assert wrong == []


def test_places_of_the_index_are_in_their_root_lines() -> None:
    for row in rows():
        assert row["file"] or row["line"] is None, row["log"]
        for place in (row["file"], row["line"] or ""):
            assert str(place) in str(row["root_line"]), row["log"]


def test_every_kind_occurs_at_least_twice_and_no_other_does() -> None:
    count = Counter(str(row["kind"]) for row in rows())
    assert set(count) == {kind.value for kind in FindingKind}
    assert [kind for kind, times in count.items() if times < 2] == []


def test_every_log_of_the_corpus_says_how_it_was_broken() -> None:
    assert [row["log"] for row in rows() if not (row["how"] and row["tools"])] == []


def test_corpus_logs_are_all_different() -> None:
    texts = [file.read_bytes() for file in everything()]
    assert len(set(texts)) == len(texts)


def test_corpus_logs_are_small() -> None:
    sizes = {file.name: file.stat().st_size for file in everything()}
    assert [name for name, size in sizes.items() if size > LARGEST or not size] == []
    assert sum(sizes.values()) < ALL_TOGETHER


@each("trace", [*TRACES, rf"\b{re.escape(socket.gethostname())}\b"])
def test_no_log_knows_the_machine_that_made_it(trace: str) -> None:
    pattern = re.compile(trace.encode())
    assert [file.name for file in everything() if pattern.search(file.read_bytes())] == []
