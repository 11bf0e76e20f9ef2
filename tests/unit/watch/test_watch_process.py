"""`ciforge watch` as a process, with children that differ from real ones by their engine alone."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from upstream import Upstream

from ciforge.model.bisection import Outcome
from ciforge.model.incident import IncidentLedger
from ciforge.model.watch_state import WatchOutcome
from ciforge.store.incidents.read_only import present
from ciforge.store.watch_files import read_watch_state

pytestmark = pytest.mark.slow

WATCH = Path(__file__).with_name("fake_watch.py")
PATIENCE = 300.0


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream.create(tmp_path)


def begun(upstream: Upstream, *words: str) -> "subprocess.Popen[str]":
    """`ciforge watch WORDS`, which goes on; its children run no container."""
    env = os.environ | upstream.variables | {"FAKE_GO": str(upstream.folder / "go")}
    return subprocess.Popen(
        [sys.executable, str(WATCH), "watch", *words], cwd=upstream.folder, env=env, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def once(upstream: Upstream, *words: str) -> tuple[int, str]:
    """`ciforge watch --once` to its end: exit status and events."""
    process = begun(upstream, "--once", "--json", *words)
    out, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, out


def ledger(upstream: Upstream) -> IncidentLedger:
    return present(upstream.state, "mine")


def mails(upstream: Upstream) -> list[str]:
    """The Message-IDs of all mail that was delivered."""
    texts = [file.read_text() for file in (upstream.state / "mail").glob("new/*")]
    return [found[1] for text in texts if (found := re.search(r"^Message-ID: (\S+)", text, re.M))]


def until(condition: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    """Waits until `condition()` holds while the process runs."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def test_broken_branch_is_built_mailed_and_its_commit_is_found(upstream: Upstream) -> None:
    upstream.push("heads/main")
    assert once(upstream)[0] == 0
    upstream.push("heads/main", many=3)
    culprit = upstream.push("heads/main", "grp.h")
    tip = upstream.push("heads/main", "grp.h", many=3)
    upstream.git("update-ref", "refs/tags/v1", tip)
    code, out = once(upstream)
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [(one["event"], one["ref"]) for one in events] == [
        ("seen", "heads/main"), ("seen", "tags/v1"), ("begun", "heads/main"),
        ("built", "heads/main"), ("same", "tags/v1"),
    ]  # fmt: skip
    (incident,) = ledger(upstream).incidents.values()
    assert incident.branch_ref.branch == "main"
    assert incident.bisection is not None
    assert incident.bisection.outcome is Outcome.FOUND
    assert [one.revision for one in incident.bisection.commits] == [culprit]
    assert len(mails(upstream)) == 1
    assert once(upstream) == (0, "")


def test_signal_ends_the_watch_and_its_build_and_the_commit_still_waits(upstream: Upstream) -> None:
    upstream.push("heads/main", "slow")
    process = begun(upstream)
    until(lambda: read_watch_state(upstream.state).started, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    watched = read_watch_state(upstream.state)
    assert watched.started is None
    assert len(watched.waiting) + len(watched.decisions) == 1
    assert once(upstream)[0] == 0
    assert read_watch_state(upstream.state).decisions[-1].outcome is WatchOutcome.BUILT


def test_only_one_watch_runs_with_a_state_folder(upstream: Upstream) -> None:
    upstream.push("heads/main")
    process = begun(upstream)
    until(lambda: read_watch_state(upstream.state).decisions, process)
    other = begun(upstream, "--once")
    _, err = other.communicate(timeout=PATIENCE)
    assert other.returncode == 2
    assert "another `ciforge watch` runs with" in err
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130


def test_watch_after_a_kill_waits_for_the_build_that_goes_on_and_records_it(
    upstream: Upstream,
) -> None:
    upstream.push("heads/main", "wait")
    process = begun(upstream)
    until(lambda: list(upstream.state.glob("runs/*/run.json")), process)
    process.kill()
    process.wait()
    following = begun(upstream, "--once", "--json")
    assert following.stderr is not None
    line = following.stderr.readline()
    (upstream.folder / "go").touch()
    out, _ = following.communicate(timeout=PATIENCE)
    assert line == "waiting for a build that an earlier watch started\n"
    assert following.returncode == 0
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["built"]
    assert len(list(upstream.state.glob("runs/*"))) == 1


def test_repository_that_does_not_answer_is_reported_and_loses_nothing(upstream: Upstream) -> None:
    upstream.push("heads/main")
    away = upstream.place.rename(upstream.folder / "away.git")
    process = begun(upstream, "--once")
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert "portable was not asked: https://git.example.org/portable.git:" in err
    away.rename(upstream.place)
    assert once(upstream)[0] == 0


def test_budget_that_is_used_up_leaves_commits_waiting(upstream: Upstream) -> None:
    upstream.push("heads/main", "slow")
    assert once(upstream, "--budget", "1")[0] == 0
    upstream.push("heads/main")
    assert once(upstream, "--budget", "1")[0] == 0
    watched = read_watch_state(upstream.state)
    assert Counter(one.outcome for one in watched.decisions) == {WatchOutcome.BUILT: 1}
    assert len(watched.waiting) == 1
