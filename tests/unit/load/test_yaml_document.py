"""A document keeps every scalar as it is spelled, and knows where each value stands."""

from pathlib import Path
from typing import Any

import yaml

from ciforge.load.yaml_document import Document
from ciforge.load.yaml_nodes import Node, compose
from ciforge.model.flaw import Flaw
from tests.tables import each

TEXT = """\
# a comment
project: p
repos:
  portable: {git: x, branches: [a, b]}
  "quoted": |
    some
    text
jobs:
- one
-  job: two
empty:
"""
DOCUMENT = Document.compose(TEXT, Path("dir/ciforge.yml"))


@each(
    "scalar",
    ["3.20", "on", "no", "yes", "0755", "~", "null", "1e3", "0x1F", "1_000", "2026-08-31", ".5"],
)
def test_yaml_scalars_stay_text(scalar: str) -> None:
    assert Document.compose(f"a: {scalar}\n{scalar}: [{scalar}]\n", Path("f")).value == {
        "a": scalar,
        scalar: [scalar],
    }


def test_empty_yaml_scalar_is_empty_text() -> None:
    assert Document.compose("a:\nb: ''\nc: [x, '']\n-: ~\n", Path("f")).value == {
        "a": "",
        "b": "",
        "c": ["x", ""],
        "-": "~",
    }


def test_yaml_values_are_plain_types() -> None:
    assert DOCUMENT.value == {
        "project": "p",
        "repos": {"portable": {"git": "x", "branches": ["a", "b"]}, "quoted": "some\ntext\n"},
        "jobs": ["one", {"job": "two"}],
        "empty": "",
    }


@each(
    ("path", "key", "place"),
    [
        ((), False, "2:1"),
        ((), True, "2:1"),
        (("project",), False, "2:10"),
        (("project",), True, "2:1"),
        (("repos",), False, "4:3"),
        (("repos", "portable"), True, "4:3"),
        (("repos", "portable", "branches", 1), False, "4:36"),
        (("repos", "quoted"), False, "5:13"),
        (("jobs", 0), False, "9:3"),
        (("jobs", 1), True, "10:4"),
        (("jobs", 1, "job"), False, "10:9"),
        (("empty",), False, "11:7"),
        (("repos", "absent", "deeper"), False, "4:3"),
        (("repos", "portable", "absent"), True, "4:13"),
        (("jobs", 7), False, "9:1"),
        (("jobs", -1), False, "9:1"),
        (("jobs", "word"), False, "9:1"),
        (("project", 0), False, "2:10"),
    ],
)
def test_place_is_that_of_the_yaml_node_or_its_deepest_ancestor(
    path: tuple[str | int, ...], key: bool, place: str
) -> None:
    assert DOCUMENT.place(path, key) == f"dir/ciforge.yml:{place}"


def test_problem_begins_with_its_place() -> None:
    flaw = Flaw(("jobs", 0), "matches nothing")
    assert DOCUMENT.problem(flaw) == "dir/ciforge.yml:9:3: matches nothing"


def test_problems_are_reported_once_in_the_order_of_the_file() -> None:
    flaws = [Flaw(("jobs", 1), "b"), Flaw(("project",), "c"), Flaw(("jobs", 1), "b")]
    assert DOCUMENT.problems(flaws) == ["dir/ciforge.yml:2:10: c", "dir/ciforge.yml:10:4: b"]


def test_column_of_a_problem_counts_characters() -> None:
    assert Document.compose("ä€𝄞: {é: x}\n", Path("f")).place(("ä€𝄞", "é")) == "f:1:10"


def test_place_behind_a_yaml_alias_is_that_of_the_value() -> None:
    assert Document.compose("a: &x [b]\nc: *x\n", Path("f")).place(("c", 0)) == "f:1:8"


def places(node: Node) -> list[Any]:
    """Every place in the tree."""
    parts = node.parts.values() if isinstance(node.parts, dict) else [(n, n) for n in node.parts]
    below = [[key.line, key.column, places(value)] for key, value in parts]
    return [node.line, node.column, below]


@each("text", [TEXT, "a: &x {b: 1}\nc: *x\n", "- - a\n  - b\n-\n", "{a: b, c}"])
def test_yaml_values_and_places_are_the_same_without_the_c_library(text: str) -> None:
    fast, slow = compose(text)[0], compose(text, yaml.SafeLoader)[0]
    assert fast is not None
    assert slow is not None
    assert (fast.value, places(fast)) == (slow.value, places(slow))
