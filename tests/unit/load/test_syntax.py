"""What is not YAML, or more YAML than a description needs, is told in a sentence with its place."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ciforge.errors import InputError
from ciforge.load.catalogue import lint_file
from ciforge.load.project_file import load_project
from ciforge.load.yaml_document import Document
from ciforge.load.yaml_nodes import DEPTH, compose
from tests.tables import each, mostly_slow

LOADERS = [getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader]

MISTAKES = (
    ("", "1:1: the file is empty"),
    ("# only\n", "1:1: the file is empty"),
    ("---\n", "1:1: the file is empty"),
    ("a: 1\na: 2\n", "2:1: the key 'a' is on line 1 already"),
    ("a: {<<: *b}\n", "1:9: there is no anchor 'b' above; a word that begins with '*' must be quoted"),
    ("b: &b {x: 1}\na: {<<: *b}\n", "2:5: merge keys ('<<') are not supported; write out the keys"),
    ("a: !!python/object:x y\n", "1:4: the tag '!!python/object:x' is not read"),
    ("!x: 1\n", "1:1: the tag '!x:' is not read; a word that begins with '!' must be quoted"),
    ("a: !!str 1\n", "1:4: the tag '!!str' is not read"),
    ("a: *b\n", "1:4: there is no anchor 'b' above; a word that begins with '*' must be quoted"),
    ("job: *\n", "1:7: a word that begins with '*' must be quoted"),
    ("job: */x\n", "1:7: a word that begins with '*' must be quoted"),
    ("a: &a [*a]\n", "1:8: the alias 'a' contains itself"),
    ("a: 1\n---\nb: 2\n", "2:1: a second document begins here; one file holds one"),
    ("\ta: 1\n", "1:1: a tab cannot indent; use spaces"),
    ("a:\n\tb: 1\n", "2:1: a tab cannot indent; use spaces"),
    ("a:\n  b: 1\n c: 2\n", "3:2: this is not a key of the mapping that begins on line 1; fix the indentation"),
    ("a: b: c\n", "1:5: a ':' where no key is allowed; fix the indentation or quote the text"),
    ("a: [1, 2\nb: 3\n", "2:2: the '[' of line 1 is not closed: a ',' or ']' is missing here"),
    ("a: {x: 1\n", "2:1: the '{' of line 1 is not closed: a ',' or '}' is missing here"),
    ('a: "x\n', "2:1: a quote is opened on line 1, but never closed"),
    ("a: 'x\n", "2:1: a quote is opened on line 1, but never closed"),
    ("? [a]\n: 1\n", "1:3: a key must be a word, found a list"),
    ("{a: 1}: 2\n", "1:1: a key must be a word, found a mapping"),
    (": 1\n", "1:1: this is not a key of the mapping that begins on line 1; fix the indentation"),
    ("a: 1\nb\n", "2:1: a key needs a ':' and a space after it"),
    ("a: @x\n", "1:4: a word that begins with '@' must be quoted"),
    ("a: `x`\n", "1:4: a word that begins with '`' must be quoted"),
    ("a: %x\n", "1:4: a word that begins with '%' must be quoted"),
    ("- a\nb: 1\n", "2:1: this is not an item ('- …') of the list that begins on line 1; fix the indentation"),
    ('a: "\\0"\n', "1:4: the character U+0000 is not allowed"),
    ('a: "\\x1b"\n', "1:4: the character U+001B is not allowed"),
    ("a: \x1b\n", "1:4: the character U+001B is not allowed"),
    ("a: |\n x\n\ty\n", "3:1: a tab cannot indent; use spaces"),
    ("a: &\n", "1:5: a word that begins with '&' must be quoted"),
    ("a: x # c\n  y: 1\n", "2:3: this is not a key of the mapping that begins on line 1; fix the indentation"),
    ("a: ]\n", "1:4: a value was expected here"),
    ("a: - b\n", "1:4: a list must begin on its own line"),
    ("- - a\n b\n", "2:2: this is not an item ('- …') of the list that begins on line 1; fix the indentation"),
    ("a: !<x\n", "1:7: a word that begins with '!' must be quoted"),
    ("a: 1\n...\nb: 2\n", "3:1: a second document begins here; one file holds one"),
    ("key: {a, b\n", "2:1: the '{' of line 1 is not closed: a ',' or '}' is missing here"),
    ("a:\n- b\n c: 1\n", "3:3: a ':' where no key is allowed; fix the indentation or quote the text"),
    ("a: !e!x y\n", "1:4: a word that begins with '!' must be quoted"),
)  # fmt: skip


@each(("text", "told"), MISTAKES)
def test_yaml_mistake_is_reported_with_its_place(text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        Document.compose(text, Path("x.yml"))
    assert caught.value.problems == (f"x.yml:{told}",)


@each("loader", LOADERS)
@each(("text", "told"), [row for row in MISTAKES if "U+" not in row[1]])
def test_yaml_mistakes_are_reported_alike_without_the_c_library(
    text: str, told: str, loader: Any
) -> None:
    root, mistakes = compose(text, loader)
    nothing = [(1, 1, "the file is empty")] if root is None or root.value == "" else []
    assert [f"{line}:{column}: {it}" for line, column, it in mistakes or nothing] == [told]


@each("text", ["%x\n", "a: >5x\n", 'a: "\\q"\n', 'a: "\\ud800"\n'])
def test_yaml_that_the_libraries_read_differently_is_refused_by_both(text: str) -> None:
    assert all(compose(text, loader)[1] for loader in LOADERS)


def test_mistakes_of_a_valid_yaml_document_are_reported_at_once() -> None:
    text = "a: 1\na: 2\nb: !t x\nc: {d: 1, d: 2}\n"
    with pytest.raises(InputError) as caught:
        Document.compose(text, Path("x.yml"))
    assert caught.value.problems == (
        "x.yml:2:1: the key 'a' is on line 1 already",
        "x.yml:3:4: the tag '!t' is not read; a word that begins with '!' must be quoted",
        "x.yml:4:11: the key 'd' is on line 4 already",
    )


@pytest.mark.parametrize("loader", mostly_slow(LOADERS))
@pytest.mark.parametrize("text", ["[" * 400_000, "- " * 60, "{a: " * 5000, "? " * 100])
def test_deep_yaml_nesting_is_refused_without_recursion(text: str, loader: Any) -> None:
    _, mistakes = compose(text, loader)
    assert mistakes[0][2] == f"nested deeper than {DEPTH} levels"


@pytest.mark.parametrize("loader", mostly_slow(LOADERS))
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("[" * 1001, 1, 51),
        ("{" * 400_000, 1, 51),
        ("[{" * 3000, 1, 51),
        ("é: 1\r\nx: " + "[" * 2000, 2, 53),
        ("- - " + "[" * 1100, 1, 53),
        ("[\n" * 40 + "[" * 1100, 41, 11),
        ("- " * 3000, 1, 101),
        ("".join(" " * n + "a:\n" for n in range(1200)), 51, 51),
    ],
)
def test_nesting_error_is_at_the_first_level_too_many(
    text: str, line: int, column: int, loader: Any
) -> None:
    assert compose(text, loader)[1] == [(line, column, f"nested deeper than {DEPTH} levels")]


def test_yaml_of_fifty_levels_is_read() -> None:
    assert compose("[" * DEPTH + "]" * DEPTH)[1] == []


def test_exploding_yaml_aliases_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    _, mistakes = compose("\n".join(lines))
    assert mistakes[0][2] == "more than 100,000 values, with aliases expanded"


def test_yaml_aliases_that_nest_too_deep_are_refused() -> None:
    lines = ["a0: &a0 x"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60)]
    _, mistakes = compose("\n".join(lines))
    assert mistakes[0][2] == f"nested deeper than {DEPTH} levels"


def test_moderate_yaml_aliases_are_read() -> None:
    assert Document.compose("a: &w [x, y]\nb: *w\n", Path("f")).value == {
        "a": ["x", "y"],
        "b": ["x", "y"],
    }


def test_repeated_key_hides_no_other_mistake_of_a_file(tmp_path: Path) -> None:
    text = "project: p\nrepos:\n  r: {path: ., recipe: make, recipe: cmake, pth: x}\njobs: [debian]\njobs: [x]\n"
    (tmp_path / "ciforge.yml").write_text(text)
    found = lint_file(tmp_path / "ciforge.yml")
    assert [line.partition("ciforge.yml:")[2].partition(":")[0] for line in found] == [
        "3",
        "3",
        "5",
    ]
    assert "the key 'recipe' is on line 3 already" in found[0]
    assert "unknown key 'pth' (did you mean 'path'?)" in found[1]
    assert "the key 'jobs' is on line 4 already" in found[2]


def test_file_with_a_repeated_key_alone_is_refused(tmp_path: Path) -> None:
    text = "project: p\nrepos: {r: {path: ., recipe: make}}\njobs: [debian]\njobs: [debian]\n"
    (tmp_path / "ciforge.yml").write_text(text)
    with pytest.raises(InputError, match="is on line 3 already"):
        load_project(tmp_path / "ciforge.yml")
