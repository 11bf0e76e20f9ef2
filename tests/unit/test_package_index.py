"""The tool that asks real package indexes: its names, what it reads of an update, and its page."""

import sys
from pathlib import Path

import yaml

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

from package_index import Asked, all_names, page, project_text, sorted_problems

from ciforge.model.index_name import KINDS, is_index_name, kind_of


def test_proof_of_indexes_has_at_least_100_names_of_each_kind_of_use() -> None:
    names = all_names()
    assert len(names) >= 100
    assert {kind_of(name) for name in names} == set(KINDS)
    assert all(map(is_index_name, names))


def test_lines_of_an_update_are_ambiguous_or_unknown_names() -> None:
    text = (
        "/p/ciforge.yml:3:5: several packages of debian-13 have 'library:x': a, b; write for example {x}\n"
        "/p/ciforge.yml:4:5: no package of debian-13 has 'header:y.h' (did you mean 'header:z.h'?)\n"
    )
    assert sorted_problems(text) == (
        {"library:x": "a, b"},
        {"header:y.h": "(did you mean 'header:z.h'?)"},
    )


def test_page_says_which_answers_the_job_did_not_confirm() -> None:
    asked = Asked(
        "debian-13",
        packages={"header:event.h": ("libevent-dev",), "header:db.h": ("libdb-dev",)},
        ambiguous={"library:jpeg": "a, b"},
        right={"header:event.h"},
    )
    text = page([asked])
    assert "- debian-13: 1 right, 1 ambiguous, 0 unknown, 1 wrong" in text
    assert "| `header:event.h` | OpenSMTPD | right: libevent-dev |" in text
    assert "| `header:db.h` | OpenSMTPD | **wrong**: libdb-dev |" in text
    assert "| `library:jpeg` | ImageMagick | ambiguous: a, b |" in text
    assert asked.wrong == ["header:db.h"]


def test_project_of_the_proof_looks_for_each_name_in_its_job() -> None:
    project = yaml.safe_load(project_text("debian-13", ["header:event.h"]))
    assert project["repos"]["tree"]["dependencies"] == ["header:event.h"]
    assert "pkg-config --exists" in project["repos"]["tree"]["steps"]["build"]["run"]
