"""The hooks that pre-commit reads from this repository."""

import re
from pathlib import Path

import pytest
import yaml

from ciforge.cli.main import main
from tests.tables import each

ROOT = Path(__file__).resolve().parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


def test_entry_of_a_hook_is_a_command_with_its_options() -> None:
    for hook in HOOKS:
        program, *words = hook["entry"].split()
        assert program == "ciforge"
        with pytest.raises(SystemExit) as ended:
            main([*words, "--help"])
        assert ended.value.code == 0


@each(
    ("file", "hooks"),
    [
        ("ciforge.yml", {"ciforge-lint", "ciforge-generate"}),
        ("lib/foo/ciforge.yml", {"ciforge-lint", "ciforge-generate"}),
        ("distros/almost.yml", {"ciforge-lint", "ciforge-generate"}),
        ("distros/managers/own.yml", {"ciforge-lint", "ciforge-generate"}),
        (".github/ciforge/choose.sh", {"ciforge-generate"}),
        (".builds/ciforge-debian-13,default.yml", {"ciforge-generate"}),
        ("workflows/github/workflow.yml.j2", {"ciforge-generate"}),
        ("src/ciforge.c", set()),
        ("docs/distros/notes.md", set()),
    ],
)
def test_hook_runs_for_the_files_that_it_checks(file: str, hooks: set[str]) -> None:
    assert {hook["id"] for hook in HOOKS if re.search(hook["files"], file)} == hooks
