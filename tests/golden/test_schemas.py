"""The schemas that travel with ciforge are those of its documents; `--update-golden` rewrites them."""

import json

import pytest
from test_golden_jobs import compare

from ciforge.load.file_schema import FILES, file_schema
from ciforge.store.json_schema import DOCUMENTS, FOLDER, schema


@pytest.mark.parametrize("name", DOCUMENTS)
def test_stored_schema_is_that_of_its_document(name: str, request: pytest.FixtureRequest) -> None:
    compare(FOLDER / f"{name}.schema.json", json.dumps(schema(name), indent=1) + "\n", request)


@pytest.mark.parametrize("name", FILES)
def test_stored_schema_of_a_file_is_that_of_its_model(
    name: str, request: pytest.FixtureRequest
) -> None:
    text = json.dumps(file_schema(name), indent=1) + "\n"
    compare(FOLDER / f"{name}.schema.json", text, request)


def test_every_stored_schema_has_a_document() -> None:
    names = {f"{one}.schema.json" for one in (*DOCUMENTS, *FILES)}
    assert {file.name for file in FOLDER.iterdir()} == names
