"""A month of pushes to a real git repository: every one is built, or has a reason."""

import os
import random
import threading
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from upstream import Upstream

from ciforge.app import watch_loop
from ciforge.app.run_record import new_run
from ciforge.app.watch_child import ChildEnd, Stopper
from ciforge.app.watch_loop import Watcher
from ciforge.app.watch_options import WatchOptions
from ciforge.app.watch_project import WatchedProject
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.model.watch_state import WatchOutcome, WatchState
from ciforge.store.runs.run_folder import RunFolder
from ciforge.store.watch_files import read_watch_state

pytestmark = pytest.mark.slow

JOB = "portable/debian-13/default"
HOUR, DAY = 3600.0, 86400.0
START = 1_793_491_200.0
DAYS = 30


class Killed(BaseException):
    """The process died here."""


@attrs.frozen
class Push:
    """What a person did, and when."""

    at: float
    ref: str
    kind: str
    """`push`, `force`, `delete`, or `tag`."""


@attrs.define
class Month:
    """The pushes of a month, a clock, and a builder that now and then fails or dies."""

    upstream: Upstream
    dice: random.Random
    plan: list[Push]
    now: float = START
    done: list[tuple[float, str, str]] = attrs.field(factory=list)
    """When a ref moved, and to which commit; an empty one where it was deleted."""
    polls: list[float] = attrs.field(factory=list)
    deaths: int = 0
    built: list[str] = attrs.field(factory=list)

    def sleep(self, seconds: float) -> bool:
        """Time passes, and people push."""
        until = self.now + seconds
        while self.plan and self.plan[0].at <= until:
            self._happen(self.plan.pop(0))
        self.now = until
        return until >= START + DAYS * DAY + 12 * HOUR

    def _happen(self, push: Push) -> None:
        if push.kind == "delete":
            self.upstream.git("update-ref", "-d", f"refs/{push.ref}")
            self.done.append((push.at, push.ref, ""))
            return
        base = self.upstream.tip("heads/main") if push.kind in ("force", "tag") else None
        if push.kind == "tag" and self.dice.random() < 0.7:
            commit = self.upstream.tip("heads/main")
            self.upstream.git("update-ref", f"refs/{push.ref}", commit)
        else:
            commit = self.upstream.push(push.ref, many=self.dice.randint(1, 3), onto=base)
        self.done.append((push.at, push.ref, commit))

    def child(self, words: Sequence[str], _stop: Stopper, _lock: int, _trusted: bool) -> ChildEnd:
        """What `ciforge WORDS` would leave behind; it may die before, in the middle or at the end."""
        if words[0] != "run":
            return ChildEnd(code=0, seconds=1.0)
        fate = self.dice.random()
        if fate < 0.05:
            raise self._death()
        if fate < 0.1:
            return ChildEnd(code=3, seconds=5.0)
        seconds = self.dice.uniform(120, 5400)
        self.sleep(seconds)
        ref = words[words.index("--rev") + 1].partition("=")[2].removeprefix("refs/")
        if not (commit := self.upstream.tip(ref)):
            return ChildEnd(code=2, seconds=1.0)
        self._record(words, commit, finish=fate >= 0.15)
        if fate < 0.2:
            raise self._death()
        self.built.append(commit)
        return ChildEnd(code=0, seconds=seconds)

    def _death(self) -> Killed:
        self.deaths += 1
        return Killed()

    def _record(self, words: Sequence[str], commit: str, *, finish: bool) -> None:
        used = SourceUsed(repo="portable", origin="x", revision=commit)
        run = new_run("mine", [], [used], self.upstream.state, words)
        folder = RunFolder.create(self.upstream.state, run)
        folder.write_result(Result(job=JOB, status=Status.PASSED))
        if finish:
            folder.finish(attrs.evolve(run, ended=run.started, exit_code=0))


class Event(threading.Event):
    """Sleeps in the time of the month."""

    def __init__(self, month: Month) -> None:
        super().__init__()
        self._month = month

    def wait(self, timeout: float | None = None) -> bool:
        return self._month.sleep(timeout or 0.0)


def pushes(dice: random.Random) -> list[Push]:
    """About six a day, some of them within one interval, forced, tags, or a branch that goes and comes."""
    found = []
    for day in range(DAYS):
        for _ in range(dice.randint(0, 10)):
            at = START + day * DAY + dice.uniform(8, 18) * HOUR
            kind = dice.choices(["push", "force", "tag", "delete"], [80, 8, 8, 4])[0]
            ref = dice.choice(["heads/main", "heads/main", "heads/stable"])
            if kind == "tag":
                ref = f"tags/v{len(found)}"
            elif kind == "delete":
                ref = "heads/stable"
            found.append(Push(at, ref, kind))
    return sorted(found, key=lambda one: one.at)


def unanswered(month: Month, watched: WatchState) -> list[str]:
    """Pushes that no poll after them answered: neither built nor decided nor moved on before the poll."""
    found = []
    for place, (at, ref, commit) in enumerate(month.done):
        poll = min((one for one in month.polls if one >= at), default=None)
        later = [one for one in month.done[place + 1 :] if one[1] == ref]
        moved = any(poll is not None and one[0] <= poll for one in later)
        answers = [one for one in watched.decisions if (one.ref, one.commit) == (ref, commit)]
        if commit and not moved and not any(one.seen >= at or one.at >= at for one in answers):
            found.append(f"{ref} {commit[:12]} at {at}")
    return found


def test_every_push_of_a_month_is_built_or_has_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(20261130)
    upstream = Upstream.create(tmp_path)
    for name, value in upstream.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)  # no power is lost in this month
    upstream.push("heads/main")
    month = Month(upstream, dice, pushes(dice))
    asked = watch_loop.remote_refs

    def refs(address: str, branches: Sequence[str], *, tags: bool) -> dict[str, str]:
        if dice.random() < 0.05:
            raise watch_loop.EngineError("connection timed out")
        month.polls.append(month.now)
        return asked(address, branches, tags=tags)

    monkeypatch.setattr(watch_loop, "remote_refs", refs)
    while month.now < START + DAYS * DAY:
        try:
            watcher(month).run()
        except Killed:
            continue
    watched = read_watch_state(upstream.state)
    outcomes = {one.outcome for one in watched.decisions}
    assert month.deaths > 5
    assert len(month.done) > 100
    assert {WatchOutcome.BUILT, WatchOutcome.SUPERSEDED, WatchOutcome.SAME} <= outcomes
    assert unanswered(month, watched) == []
    assert (watched.waiting, watched.started) == ((), None)
    assert all(one.reason for one in watched.decisions)
    tips = {ref: commit for _, ref, commit in month.done if commit == upstream.tip(ref) != ""}
    built = {one.commit for one in watched.decisions if one.outcome is WatchOutcome.BUILT}
    assert set(tips.values()) <= built


def watcher(month: Month) -> Watcher:
    """A new process."""
    options = WatchOptions(interval=3600, file=month.upstream.file)
    project = WatchedProject(month.upstream.file, ())
    stop = Stopper(event=Event(month))

    def emit(_before: WatchState, _after: WatchState) -> None:
        return

    return Watcher(options, project, stop, emit, clock=lambda: month.now, start=month.child)
