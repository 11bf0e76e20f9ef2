"""`ciforge watch` as it is typed: what it refuses, and what it lists."""

import json
import re
from pathlib import Path

import pytest
from command_tests import Types

from ciforge.app.watch_child import SECRETS
from ciforge.commands import watch
from ciforge.model.watch_state import WaitingCommit, WatchState
from ciforge.store.watch_files import write_watch_state
from ciforge.watch.watch_queue import with_failure, with_refs, with_result, with_start

PROJECT = """\
project: mine
repos:
  daemon: {path: daemon, recipe: autotools}
  filter: {git: "https://git.example.org/filter.git", recipe: go, branches: [main]}
  weekly: {git: "https://git.example.org/weekly.git", recipe: go}
jobs:
  - "{daemon,filter}/debian-13/default"
  - {job: weekly/debian-13/default, schedule: weekly}
"""
A, B = "a" * 40, "b" * 40
NOW = 1_770_000_000.0


@pytest.fixture(autouse=True)
def project(here: Path) -> None:
    (here / "ciforge.yml").write_text(PROJECT)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("fliter",), "no repository 'fliter' (did you mean 'filter'?)"),
        (("daemon",), "add `git: ADDRESS` to daemon in ciforge.yml"),
        (("weekly",), "weekly has no job that is built with every commit"),
        (("--interval", "soon"), "--interval"),
        (("--budget", "0"), "--budget"),
    ],
)
def test_watch_refuses_what_it_cannot_follow(
    types: Types, words: tuple[str, ...], message: str
) -> None:
    typed = types("watch", *words)
    assert (typed.code, typed.out) == (2, "")
    assert message in typed.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--answer",), "--answer needs --pulls"),
        (("--pulls", "--answer"), "--answer: there is no token to answer pull requests with"),
        (("--pulls", "--engine", "local"), "--pulls builds in containers only"),
        (("--pulls",), "no repository is on the server whose API lists pull requests"),
    ],
)
def test_pull_requests_are_refused_without_a_token_or_outside_of_containers(
    types: Types, words: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "CIFORGE_GITHUB_TOKEN_FILE", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    typed = types("watch", *words)
    assert (typed.code, typed.out) == (2, "")
    assert message in typed.err


def test_every_secret_variable_that_help_names_is_kept_from_pull_requests() -> None:
    texts = [file.read_text() for file in Path(watch.__file__).parent.glob("*.py")]
    named = {
        name for text in texts for name in re.findall(r"\$([A-Z_]*(?:TOKEN|PASS)[A-Z_]*)", text)
    }
    assert {"FORGEJO_TOKEN", "CIFORGE_MAIL_PASSWORD"} <= named <= {*SECRETS}


def test_watch_without_a_git_address_says_what_to_add(types: Types, here: Path) -> None:
    (here / "ciforge.yml").write_text(
        "project: mine\nrepos: {daemon: {path: daemon, recipe: autotools}}\n"
        "jobs: [daemon/debian-13/default]\n"
    )
    typed = types("watch")
    assert typed.code == 2
    assert "hint: add `git: ADDRESS` to a repository in ciforge.yml" in typed.err


def test_watch_lists_what_waits_and_what_became_of_commits(types: Types, state: Path) -> None:
    assert types("watch", "--list").out == "no commit was seen yet\n"
    watched = with_refs(WatchState(), "filter", {"heads/main": A, "heads/next": B}, NOW)
    main, following = watched.waiting
    watched = with_result(_started(watched, main), A, "run-1", 1, NOW, 5.0)
    watched = with_failure(_started(watched, following), "no engine", NOW, 5.0, final=True)
    write_watch_state(state, watched)
    assert types("watch", "--list").lines == [
        "waits     filter heads/next bbbbbbbbbbbb  tried 1 times: no engine",
        "built     filter heads/main aaaaaaaaaaaa  2026-02-02 02:40 UTC  run run-1 exited 1",
    ]
    document = json.loads(types("watch", "--list", "--json").out)
    assert document["decisions"][0]["outcome"] == "built"


def test_watch_lists_while_the_project_file_has_a_mistake_and_names_it(
    types: Types, state: Path, here: Path
) -> None:
    write_watch_state(state, with_refs(WatchState(), "filter", {"heads/main": A}, NOW))
    (here / "ciforge.yml").write_text(PROJECT + "jobbs: []\n")
    typed = types("watch", "--list")
    assert (typed.code, typed.lines) == (0, ["waits     filter heads/main aaaaaaaaaaaa"])
    assert "unknown key 'jobbs'" in typed.err
    (here / "ciforge.yml").write_text(PROJECT.replace("project: mine", "project: ../mine"))
    typed = types("watch", "--list")
    assert (typed.code, typed.out) == (2, "")
    assert "ciforge.yml:1:10: project: " in typed.err


def _started(watched: WatchState, one: WaitingCommit) -> WatchState:
    return with_start(watched, one, 0, NOW)


def test_watch_refuses_a_way_to_send_mail_that_does_not_exist(
    types: Types, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIFORGE_MAIL", "pigeon:coop")
    typed = types("watch", "--once")
    assert typed.code == 2
    assert "CIFORGE_MAIL" in typed.err


def test_damaged_state_of_the_watch_is_named_with_a_way_out(types: Types, state: Path) -> None:
    write_watch_state(state, WatchState())
    file = state / "watch" / "state.json"
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("{")
    typed = types("watch", "--list")
    assert typed.code == 2
    assert str(file) in typed.err
    assert "hint: remove the file" in typed.err


def test_watch_completes_repositories(types: Types, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CIFORGE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "ciforge watch f")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert "filter" in types().out
