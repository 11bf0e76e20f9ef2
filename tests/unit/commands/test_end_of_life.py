"""Commands say when a release is past its end of life; generated files say nothing of it."""

import json
import subprocess
from pathlib import Path

import pytest
from command_tests import Types, own_alpine

pytestmark = pytest.mark.slow

PAST, FAR = "2020-01-01", "9990-01-01"
SENTENCE = "alpine-3.23 reached its end of life on 2020-01-01; the newest release is alpine-3.24"


def test_jobs_on_a_release_past_its_end_say_so(types: Types, here: Path) -> None:
    own_alpine(here, PAST)
    old, new = types("jobs").lines
    assert "end of life since 2020-01-01" in old
    assert "end of life" not in new
    first, second = (json.loads(line) for line in types("jobs", "--json").lines)
    assert (first["eol"], first["support"]) == (PAST, "ended")
    assert second["eol"] > PAST


def test_lint_warns_on_standard_error_and_passes(types: Types, here: Path) -> None:
    own_alpine(here, PAST)
    for words in (("lint",), ("lint", "ciforge.yml")):
        typed = types(*words)
        assert (typed.code, typed.out) == (0, "")
        assert typed.err.strip().endswith(f"ciforge.yml:7:8: warning: {SENTENCE}")


def test_lint_of_a_project_with_mistakes_names_them_alone(types: Types, here: Path) -> None:
    own_alpine(here, PAST)
    (here / "ciforge.yml").write_text((here / "ciforge.yml").read_text() + "nonsense: 1\n")
    typed = types("lint")
    assert (typed.code, typed.err) == (1, "")


def test_generate_warns_on_standard_error_and_its_files_are_the_same(
    types: Types, here: Path
) -> None:
    own_alpine(here, FAR)
    subprocess.run(["git", "init", "--quiet", here / "daemon"], check=True)
    assert types("generate", "--output", "one").err.strip() == ""
    own_alpine(here, PAST)
    typed = types("generate", "--output", "two")
    assert typed.err.strip() == f"warning: {SENTENCE}"
    files = [(here / name / "daemon/.github/workflows/ciforge.yml") for name in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()
