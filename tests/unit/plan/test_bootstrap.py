"""The step bootstrap of the recipe autotools."""

import subprocess
from pathlib import Path

import pytest
from projects import plan

TEXT = """\
project: p
repos: {p: {path: ., recipe: autotools}}
jobs: [debian-13]
"""
SAYS = '#!/bin/sh\necho "gnulib: ${GNULIB_SRCDIR:-fetched}"\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        (False, {}, "gnulib: fetched\n"),
        (True, {}, "gnulib: gnulib\n"),
        (True, {"GNULIB_SRCDIR": "/opt/gnulib"}, "gnulib: /opt/gnulib\n"),
    ],
)
def test_bootstrap_of_gnulib_takes_the_submodule_that_was_copied(
    tool: bool, given: dict[str, str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "bootstrap").write_text(SAYS)
    (tmp_path / "gnulib").mkdir()
    if tool:
        (tmp_path / "gnulib" / "gnulib-tool").write_text("")
    (job,) = plan(TEXT).jobs
    run = next(step.run for step in job.steps if step.name == "bootstrap")
    done = subprocess.run(
        ["sh", "-ec", run], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **given},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == said
