"""Whatever a value is, in a file it stays one value, and nothing that a service evaluates."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ciforge.ci.templates import Template, environment, render
from ciforge.ci.yaml_values import (
    Block,
    CommentText,
    Evaluated,
    Expression,
    PathText,
    Pinned,
    PlainText,
    Word,
    written,
)
from ciforge.errors import InputError
from tests.tables import each

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
PIECES = st.lists(
    st.sampled_from(
        ["${{", "}}", ": ", "#", "- ", "\n", "\r\n", "'", '"', "\\", "\x85", "\ufeff", "a"]
    )
).map("".join)


def harmless(text: str) -> bool:
    return "${{" not in text


@given(st.one_of(TEXT, PIECES).filter(harmless))
def test_yaml_value_is_one_value_of_its_key(text: str) -> None:
    file = f"before: 1\nkey: {written(text)}\nafter: 2\n"
    assert yaml.safe_load(file) == {"before": 1, "key": text, "after": 2}


@given(st.one_of(TEXT, PIECES).filter(harmless))
def test_yaml_key_is_one_key(text: str) -> None:
    if len(text) < 200:  # what comes before a ':' may be no longer than 1024 bytes in YAML
        assert yaml.safe_load(f"{written(text)}: 1\n") == {text: 1}


WORDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,8}", fullmatch=True)
ODD = st.sampled_from(
    ["no", "On", "NULL", "y", "1.20", "0x1", "1e3", "2026-01-01", "~", "nan", "x"]
)


@given(st.one_of(TEXT, PIECES, WORDS, ODD).filter(harmless))
def test_yaml_word_is_one_value_and_one_key(text: str) -> None:
    for key in (text, "key"):
        if len(key) < 200:
            file = f"{written(Word(key))}: {written(Word(text))}\nafter: 2\n"
            assert yaml.safe_load(file) == {key: text, "after": 2}


@given(st.one_of(TEXT, PIECES, WORDS, ODD).filter(harmless))
def test_plain_yaml_text_is_one_value_and_no_comment(text: str) -> None:
    file = f"key: {written(PlainText(text))} # {written(CommentText(text))}\nafter: 2\n"
    assert yaml.safe_load(file) == {"key": text, "after": 2}


@each(
    ("text", "stands"),
    [("gate lib/foo (1 of 2)", "gate lib/foo (1 of 2)"), ("yes", '"yes"'), ("a ", '"a "'), ("a: b", '"a: b"'),
     ("a #b", '"a #b"'), ("1 a", '"1 a"'), ("", '""')],
)  # fmt: skip
def test_plain_yaml_text_is_not_quoted(text: str, stands: str) -> None:
    assert written(PlainText(text)) == stands


@each("text", ["", "a b", "a:b", "${{ x }}", "a\n", "é", "a'"])
def test_path_within_yaml_text_has_simple_characters_only(text: str) -> None:
    assert written(PathText("../.github/ciforge,a/step.sh")) == "../.github/ciforge,a/step.sh"
    with pytest.raises(Evaluated):
        written(PathText(text))


@each(
    ("text", "stands"),
    [("build-2", "build-2"), ("no", '"no"'), ("1.20", '"1.20"'), ("a: b", '"a: b"'), ("", '""')],
)
def test_simple_yaml_word_is_not_quoted(text: str, stands: str) -> None:
    assert written(Word(text)) == stands


@given(st.one_of(TEXT, PIECES).filter(harmless), st.sampled_from([2, 10]))
def test_yaml_block_keeps_every_character(text: str, indent: int) -> None:
    place = " " * (indent - 2)
    file = f"{place}run: {written(Block(text, indent))}\n{place}after: 2\n"
    assert yaml.safe_load(file) == {"run": text, "after": 2}


@given(TEXT, TEXT)
def test_value_that_the_service_would_evaluate_is_refused(before: str, after: str) -> None:
    for value in (f"{before}${{{{{after}", [f"{before}${{{{{after}"], Block(f"${{{{{after}\n", 2)):
        with pytest.raises(Evaluated):
            written(value)


@given(TEXT)
def test_text_cannot_pass_for_an_expression_of_the_template(text: str) -> None:
    for value in (Expression(f"a{text}}}}}b"), Pinned(text)):
        with pytest.raises(Evaluated):
            written(value)


def test_yaml_value_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(Evaluated):
        written("\ud800")


@pytest.mark.parametrize(
    ("text", "line"), [("[= file.nothing =]", 1), ("\n[= nothing =]", 2), ("[% for %]", 1)]
)
def test_template_mistake_is_reported_with_its_place(text: str, line: int) -> None:
    made = environment({"one.j2": Template("/there/one.j2", text)})
    with pytest.raises(InputError) as caught:
        render(made, "one.j2", object())
    assert str(caught.value).startswith(f"/there/one.j2:{line}:1: ")
