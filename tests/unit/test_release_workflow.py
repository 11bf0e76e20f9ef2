"""The workflow that publishes a release: no stored token, and nothing without a person."""

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / ".github" / "workflows" / "release.yml"
TEXT = FILE.read_text()
JOBS = yaml.safe_load(TEXT)["jobs"]


def test_only_the_job_that_a_person_approves_can_publish() -> None:
    assert yaml.safe_load(TEXT)["permissions"] == {}
    assert JOBS["build"]["permissions"] == {"contents": "read"}
    assert JOBS["publish"]["permissions"] == {"id-token": "write"}
    assert [name for name, job in JOBS.items() if "environment" in job] == ["publish"]
    assert "secrets." not in TEXT


def test_job_that_publishes_runs_no_code_of_the_tree() -> None:
    assert JOBS["publish"]["needs"] == "build"
    uses = [step["uses"].partition("@")[0] for step in JOBS["publish"]["steps"]]
    assert uses == ["actions/download-artifact", "pypa/gh-action-pypi-publish"]


def test_release_pins_actions_to_the_commits_of_generated_workflows() -> None:
    pins = json.loads((ROOT / "workflows" / "github" / "actions.json").read_text())
    used = dict(re.findall(r"uses: (\S+)@([0-9a-f]{40}) # v\d+[.]\d+[.]\d+$", TEXT, re.MULTILINE))
    assert len(used) == TEXT.count("uses:") == 4
    ours = {name: commit for name, commit in used.items() if name in pins}
    assert ours == {name: pins[name]["commit"] for name in ours}
    assert len(ours) == 3
