"""The trust model names its actors as agreed, and every row a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.tables import each

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text()
ACTORS = (
    "person at the keyboard", "project file of a checkout", "`distros/` and `workflows/` beside it",
    "source tree", "steps as user", "steps as root", "pull request on a hosted runner", "artifact",
    "service's API", "mail server",
)  # fmt: skip
HEADER = "| actor | may | must not | enforced by | held by |"


def rows(text: str) -> list[list[str]]:
    """The cells of the table below the header."""
    lines = text[text.index(HEADER) :].splitlines()[2:]
    table = lines[: next((at for at, line in enumerate(lines) if not line.startswith("|")), None)]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])] for line in table]


def named_in(cell: str) -> list[tuple[str, str]]:
    """File and function of each test that a cell names; `::name` is one of the file before it."""
    found, file = [], ""
    for word in re.findall(r"`([^`]+)`", cell):
        path, _, name = word.partition("::")
        file = path or file
        found.append((file, name))
    return found


@cache
def functions(file: str) -> frozenset[str]:
    """Names of the test functions in a file; none where there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    nodes = ast.walk(ast.parse(path.read_text()))
    names = [node.name for node in nodes if isinstance(node, ast.FunctionDef)]
    return frozenset(name for name in names if name.startswith("test_"))


def mistakes(text: str) -> list[str]:
    """A line for each row of the table that is not as the trust model asks."""
    found = []
    for row in rows(text):
        if len(row) != 5 or not all(row):
            found.append(f"not five cells: {row}")
            continue
        if re.sub(r"^(an?|the) ", "", row[0]) not in ACTORS:
            found.append(f"no such actor: {row[0]}")
        named = named_in(row[4])
        found += [
            f"no such test: {file}::{name}" for file, name in named if name not in functions(file)
        ]
        if not any(file.startswith("tests/integration/") for file, _ in named):
            found.append(f"no test with whole commands is named: {row[:3]}")
    return found


def test_security_rows_name_a_known_actor_and_existing_tests() -> None:
    assert mistakes(TEXT) == []


@each("actor", ACTORS)
def test_security_actors_are_explained_and_have_a_row(actor: str) -> None:
    found = [re.sub(r"^(an?|the) ", "", row[0]) for row in rows(TEXT)]
    assert actor in found
    assert f"\n| {actor} |" in TEXT[: TEXT.index(HEADER)]


GOOD = "`tests/integration/test_attacks_build.py::test_job_that_attacks_ran_to_its_end`"


@each(
    ("row", "said"),
    [
        (f"| artifact | a | b | c | {GOOD} |", ""),
        (f"| an artifact | a | b | c | {GOOD}, `::test_build_has_no_network` |", ""),
        (f"| artifact | a | b | {GOOD} |", "not five cells"),
        (f"| artifact | a |  | c | {GOOD} |", "not five cells"),
        ("| artifact | a | b | c | `tests/unit/test_layers.py::test_imports_point_downward` |", "no"),
        (f"| somebody | a | b | c | {GOOD} |", "no such actor"),
        ("| artifact | a | b | c | it is tested |", "no test with whole"),
        ("| artifact | a | b | c | `tests/integration/test_attacks_build.py` |", "no such test"),
        ("| artifact | a | b | c | `tests/integration/test_attacks_build.py::test_no` |", "no such test"),
        ("| artifact | a | b | c | `tests/integration/nowhere.py::test_no` |", "no such test"),
    ],
)  # fmt: skip
def test_security_row_with_too_little_is_found(row: str, said: str) -> None:
    found = mistakes(f"{HEADER}\n|---|---|---|---|---|\n{row}\n\nMore.\n")
    assert len(found) == (1 if said else 0)
    assert all(one.startswith(said) for one in found)
