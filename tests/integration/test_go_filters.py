"""OpenSMTPD's filters, which are written in Go, with and without what a Go proxy would serve."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rig import EXAMPLES, Document, Ended, Person, manifest, together

RSPAMD = {
    "project": "rspamd-without-a-proxy",
    "repos": {
        "filter-rspamd": {
            "recipe": "go",
            "dependencies": [{"x-sys": {"debian": "golang-golang-x-sys-dev"}}],
            "env": {"GO111MODULE": "off", "GOPATH": "/ciforge/home/go:/usr/share/gocode"},
            "steps": {"fetch": False, "build": {"run": "go build -o filter-rspamd ."}},
            "expect": {"installed": ["/usr/local/bin/filter-rspamd mode=755 type=file"]},
        }
    },
    "jobs": ["debian-13"],
}
"""Debian's packages of Go's libraries take the place of the modules."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, tarball: Callable[[str], Path]) -> list[Ended]:
    """Both filters, at the same time."""
    home = tmp_path_factory.mktemp("filters")
    own = home / "ciforge.yml"
    own.write_text(json.dumps(RSPAMD))
    files = {"senderscore": EXAMPLES / "opensmtpd" / "ciforge.yml", "rspamd": own}
    sources = {name: tarball(f"opensmtpd-filter-{name}") for name in files}

    def build(name: str) -> Ended:
        source = f"filter-{name}={sources[name]}"
        job = f"filter-{name}/debian-13/default"
        return Person(home, home).runs(job, "--file", files[name], "--source", source)

    return together(build, files)


@pytest.mark.parametrize(("place", "name"), [(0, "senderscore"), (1, "rspamd")])
def test_go_filter_is_built_and_installed(runs: list[Ended], place: int, name: str) -> None:
    run = runs[place]
    assert run.code == 0, run.told
    result: Document = run.result
    assert result["status"] == "passed"
    assert "golang-go" in result["packages"]
    artifacts = run.job(result["job"]) / "artifacts"
    installed = manifest((artifacts / "manifest.txt").read_text())
    assert installed[f"/usr/local/bin/filter-{name}"] == ["file", "755", "root", "root"]


def test_go_without_go_mod_fetches_nothing(runs: list[Ended]) -> None:
    (job,) = runs[0].results
    assert runs[0].step(job, "fetch") == ["No go.mod: nothing to fetch."]


def test_dropped_step_is_not_run(runs: list[Ended]) -> None:
    steps = [step["name"] for step in runs[1].result["steps"]]
    assert steps == ["prepare", "build", "install", "expect"]
