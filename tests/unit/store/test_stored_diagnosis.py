"""`diagnosis.json`: what is written comes back, and what is damaged or another run's is named."""

import json
from pathlib import Path

import attrs
import pytest
from reports import RUN, report, run

from ciforge.model.diagnosis import Diagnosis
from ciforge.store.documents import key_of
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.json_schema import DOCUMENTS, schema
from ciforge.store.runs.run_folder import DIAGNOSIS, RunFolder, read_diagnosis
from tests.tables import each


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path, run())


def test_stored_diagnosis_is_read_back_unchanged(folder: RunFolder, tmp_path: Path) -> None:
    why = report(tmp_path).why
    folder.write_diagnosis(why)
    assert read_diagnosis(folder.path) == why


def test_stored_diagnosis_may_be_missing(folder: RunFolder) -> None:
    assert read_diagnosis(folder.path) is None


def test_stored_diagnosis_of_another_run_is_refused(folder: RunFolder) -> None:
    with pytest.raises(HistoryProblem, match="has no place in"):
        folder.write_diagnosis(Diagnosis(run="another"))
    (folder.path / DIAGNOSIS).write_text('{"v": 1, "run": "another"}')
    with pytest.raises(HistoryProblem, match="belongs to run 'another'"):
        read_diagnosis(folder.path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"v": 2}, "newer ciforge"),
        ({"causes": [{}]}, "causes.* is missing"),
        ({"causes": [{"key": "k", "kind": "nonsense"}]}, "must be one of missing-tool"),
        ({"findings": {"a/b/c": {}}}, "must be a list"),
        ({"findings": []}, "must be an object"),
    ],
)
def test_damaged_stored_diagnosis_is_named(
    folder: RunFolder, damage: dict[str, object], said: str
) -> None:
    (folder.path / DIAGNOSIS).write_text(json.dumps({"v": 1, "run": RUN} | damage))
    with pytest.raises(HistoryProblem, match=said):
        read_diagnosis(folder.path)


def test_unknown_keys_of_a_newer_diagnosis_are_ignored(folder: RunFolder) -> None:
    (folder.path / DIAGNOSIS).write_text(json.dumps({"v": 1, "run": RUN, "new": [1]}))
    assert read_diagnosis(folder.path) == Diagnosis(run=RUN)


@each("name", DOCUMENTS)
def test_diagnosis_schema_has_every_field_and_requires_those_without_default(name: str) -> None:
    made = schema(name)
    fields = attrs.fields(DOCUMENTS[name])
    assert list(made["properties"]) == ["v", *(key_of(field) for field in fields)]
    needed = [field.name for field in fields if field.default is attrs.NOTHING]
    assert made["required"] == ["v", *needed]
