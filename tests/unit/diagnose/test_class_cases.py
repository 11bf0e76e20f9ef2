"""Classes of failures that general rules read wrongly: each with inputs, the right answer and words of the advice.

`classes/CLASS.jsonl` has a line for each input; `source` says where its format comes from. An input without a kind is
the log of a build that passed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Finding, Severity

FOLDER = Path(__file__).parent / "classes"


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield file.stem, json.loads(line)


def wrong(row: dict[str, Any], found: Finding | None) -> str:
    """What is wrong with a finding, in a few words; empty if it is right."""
    if found is None or row["kind"] is None:
        return "" if (found is None) == (row["kind"] is None) else f"got {found}"
    got = (found.kind.value, found.subject, found.file, found.line)
    if got != (row["kind"], row["subject"], row["file"], row["line"]):
        return f"got {got}"
    if found.root_line.strip() != row.get("root", found.root_line).strip():
        return f"root line {found.root_line!r}"
    missing = [words for words in row.get("advice", ()) if words not in found.advice]
    misleading = [words for words in row.get("never", ()) if words in found.advice]
    return f"advice {found.advice!r}" if missing or misleading else ""


def test_root_line_and_advice_of_each_class_case() -> None:
    misses = []
    for name, row in rows():
        errors = [
            one for one in diagnose(row["log"].splitlines()) if one.severity is Severity.ERROR
        ]
        if text := wrong(row, errors[0] if errors else None):
            misses.append(f"{name}/{row['name']}: {text}")
    assert misses == []


def test_every_class_has_more_than_one_case() -> None:
    count: dict[str, int] = {}
    for name, _ in rows():
        count[name] = count.get(name, 0) + 1
    assert len(count) >= 26
    assert min(count.values()) >= 4


def test_class_cases_make_no_unnamed_cause() -> None:
    odd = [
        one.subject
        for name, row in rows()
        if name == "garbled-parallel"
        for one in diagnose(row["log"].splitlines())
        if not one.subject.isidentifier()
    ]
    assert odd == []
