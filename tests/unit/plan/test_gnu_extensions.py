"""The table of extensions of GNU's tools, by a real awk."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from ciforge.plan.gnu_extensions import EXTENSIONS, KINDS, M4, MAKE, SHELL, awk_program


def found(folder: Path, kind: str, lines: list[str]) -> Mapping[int, list[str]]:
    """What is said of each line of a file, by its number."""
    (folder / "gnu.awk").write_text(awk_program())
    (folder / "file").write_text("".join(f"{line}\n" for line in lines))
    done = subprocess.run(
        ["awk", "-v", f"kind={kind}", "-f", "gnu.awk", "file"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    said: dict[int, list[str]] = defaultdict(list)
    for line in done.stdout.splitlines():
        match = re.fullmatch(r"file:(\d+):1: error: (.*)", line)
        assert match, line
        said[int(match[1])].append(match[2])
    return said


def test_every_row_finds_its_example_and_not_its_counterexample(tmp_path: Path) -> None:
    for kind in (MAKE, SHELL, M4):
        rows = [row for row in EXTENSIONS if kind in row.kinds]
        examples = found(tmp_path, kind, [row.example for row in rows])
        others = found(tmp_path, kind, [row.counterexample for row in rows])
        for number, row in enumerate(rows, 1):
            sentence = f"{row.what} [{row.tool}]"
            assert sentence in examples[number], (kind, row.example)
            assert sentence not in others[number], (kind, row.counterexample)


def test_first_prerequisite_is_known_in_suffix_rules_only(tmp_path: Path) -> None:
    lines = [
        ".c.o:",
        "\t$(CC) -c $<",
        "x: x.c",
        "\t$(CC) -o x $<",
        "\techo $$<",
        ".8.html:",
        "\tm $<",
    ]
    said = found(tmp_path, MAKE, lines)
    assert list(said) == [4]
    assert said[4][0].startswith("$< outside of a suffix rule")


def test_comments_have_no_extensions(tmp_path: Path) -> None:
    assert found(tmp_path, MAKE, ["# sed -i x", "ifeq (a,b)"]).keys() == {2}
    assert found(tmp_path, M4, ["dnl sed -i x", "sed -i x"]).keys() == {2}


def test_a_kind_of_files_has_patterns_that_only_name_files() -> None:
    assert KINDS.keys() == {MAKE, SHELL, M4}
    for patterns in KINDS.values():
        assert all(re.fullmatch(r"[A-Za-z0-9*.]+", pattern) for pattern in patterns)
