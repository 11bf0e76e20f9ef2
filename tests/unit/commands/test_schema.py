"""`ciforge schema` prints the schema of a file."""

import json

import pytest
from command_tests import Types


@pytest.mark.parametrize(("words", "title"), [((), "ciforge project"), (("run",), "run")])
def test_schema_command_prints_a_schema(words: tuple[str, ...], title: str, types: Types) -> None:
    printed = types("schema", *words)
    assert printed.code == 0
    assert json.loads(printed.out)["title"] == title


def test_schema_command_names_the_schemas_that_there_are(types: Types) -> None:
    printed = types("schema", "projct")
    assert printed.code == 2
    assert "project" in printed.err
