"""`ciforge watch`, killed at random moments while people push; and its memory over many polls.

Everything is real but for the engine: git, processes, the state folder, incidents, mail to a Maildir.
"""

import contextlib
import gc
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from unittest import mock

import attrs
from fake_ciforge import open_engine
from upstream import Upstream

from ciforge.app import session
from ciforge.app.watch_child import ChildEnd, Stopper
from ciforge.app.watch_loop import Watcher
from ciforge.app.watch_options import WatchOptions
from ciforge.app.watch_project import WatchedProject
from ciforge.cli.main import main
from ciforge.model.message import Delivery
from ciforge.model.watch_state import WatchDecision, WatchOutcome, WatchState
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.run_folder import read_run
from ciforge.store.runs.run_reader import run_folders
from ciforge.store.watch_files import read_watch_state

WATCH = Path(__file__).resolve().parent
_OURS = str(WATCH.parents[2] / "ciforge")
_REFS = ("heads/main", "heads/main", "heads/stable")
_VERDICTS = ("ok", "ok", "slow", "grp.h", "socket.h")
_LIFE = 25.0
"""Seconds from a start to the kill, at most."""
_MOMENTS = ("start", "begun", "run", "ended", "mail")
"""What a kill comes shortly after."""
_PATIENCE = 300.0


@attrs.define
class Pushing:
    """People who push, and what they pushed."""

    upstream: Upstream
    dice: random.Random
    pushed: list[tuple[str, str]] = attrs.field(factory=list)
    """Refs and their tips, in order."""

    def push(self) -> None:
        """One to three commits to a branch, or a tag on it."""
        ref = self.dice.choice(_REFS)
        if self.dice.random() < 0.15 and self.upstream.tip(ref):
            tip, ref = self.upstream.tip(ref), f"tags/v{len(self.pushed)}"
            self.upstream.git("update-ref", f"refs/{ref}", tip)
        else:
            verdict = self.dice.choice(_VERDICTS)
            tip = self.upstream.push(ref, verdict, many=self.dice.randint(1, 3))
        self.pushed.append((ref, tip))


def begin(upstream: Upstream, *words: str) -> "subprocess.Popen[bytes]":
    """`ciforge watch WORDS`, whose children run no container."""
    return subprocess.Popen(
        [sys.executable, str(WATCH / "fake_watch.py"), "watch", *words], cwd=upstream.folder,
        env=os.environ | upstream.variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    done = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    rows = (tuple(map(int, line.split())) for line in done.stdout.splitlines())
    return [child for child, parent in rows if parent == pid]


def kill(process: "subprocess.Popen[bytes]", dice: random.Random) -> None:
    """Kills the watch, or its child before it, or lets the child go on without it."""
    own = children(process.pid) if dice.random() < 0.6 else []
    if dice.random() < 0.5:
        process.kill()
    for child in own:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait()


def after_kills(folder: Path, kills: int, seed: int) -> tuple[list[str], Pushing]:
    """What was lost or doubled by that many kills, a sentence each; and what was pushed."""
    dice = random.Random(seed)
    pushing = Pushing(Upstream.create(folder), dice)
    pushing.push()
    for _ in range(kills):
        process = begin(pushing.upstream, "--interval", "1")
        if dice.random() < 0.8:
            pushing.push()
        live(pushing.upstream, dice)
        assert process.poll() is None, f"ended with {process.returncode}"
        kill(process, dice)
    _finish(pushing.upstream)
    return [
        *lost_commits(pushing),
        *double_builds(pushing.upstream),
        *mail_faults(pushing.upstream, kills),
    ], pushing


def live(upstream: Upstream, dice: random.Random) -> None:
    """Waits for one of the moments, and up to a second longer."""
    before, moment = progress(upstream), dice.choice(_MOMENTS)
    end = time.monotonic() + dice.uniform(1.0, _LIFE)
    while moment != "start" and time.monotonic() < end:
        if progress(upstream)[moment] != before[moment]:
            break
        time.sleep(0.02)
    time.sleep(dice.uniform(0.0, 1.0))


def progress(upstream: Upstream) -> dict[str, object]:
    """What has happened so far, by the moments."""
    with contextlib.suppress(HistoryProblem):
        started = read_watch_state(upstream.state).started
        runs = {folder.name: read_run(folder).ended for folder in run_folders(upstream.state)}
        mails = len(list((upstream.state / "mail").glob("new/*")))
        return {
            "begun": started.at if started else 0, "run": len(runs),
            "ended": len([one for one in runs.values() if one]), "mail": mails,
        }  # fmt: skip
    return dict.fromkeys(_MOMENTS, None)


def _finish(upstream: Upstream) -> None:
    """Lets it come to rest."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        code = begin(upstream, "--once").wait(_PATIENCE)
        watched = read_watch_state(upstream.state)
        if code == 0 and not watched.waiting and not watched.started:
            return
    raise AssertionError("it did not come to rest")


def lost_commits(pushing: Pushing) -> Iterator[str]:
    """Pushed tips that no decision covers, and tips of now that were not built."""
    upstream, watched = pushing.upstream, read_watch_state(pushing.upstream.state)
    for ref, tip in pushing.pushed:
        own = [one for one in watched.decisions if one.ref == ref]
        first_tag = ref.startswith("tags/") and watched.tips["portable"].get(ref) == tip
        if not first_tag and not any(covers(upstream, one, tip) for one in own):
            yield f"lost: {ref} {tip[:12]}"
    built = {one.commit for one in watched.decisions if one.outcome is WatchOutcome.BUILT}
    for ref in {ref for ref, _ in pushing.pushed if ref.startswith("heads/")}:
        if upstream.tip(ref) not in built:
            yield f"not built: {ref} {upstream.tip(ref)[:12]}"


def covers(upstream: Upstream, decision: WatchDecision, tip: str) -> bool:
    """Whether a decision is about this commit: its own, or one between."""
    if decision.commit == tip:
        return True
    span = [f"^{decision.before}"] if decision.before else []
    return tip in upstream.git("rev-list", decision.commit, *span).split()


def double_builds(upstream: Upstream) -> Iterator[str]:
    """Commits that several whole runs built for one ref."""
    counted = Counter[tuple[str, str]]()
    for folder in run_folders(upstream.state):
        with contextlib.suppress(HistoryProblem):
            run = read_run(folder)
            if run.ended and run.exit_code in (0, 1) and run.command[1] == "run":
                ref = run.command[run.command.index("--rev") + 1]
                counted[ref, run.sources[0].revision] += 1
    yield from (f"built {many} times: {key}" for key, many in counted.items() if many > 1)


def mail_faults(upstream: Upstream, kills: int) -> Iterator[str]:
    """Mail that was lost, that nobody queued, or that was delivered too often."""
    texts = [file.read_text() for file in (upstream.state / "mail").glob("new/*")]
    ids = [found[1] for text in texts if (found := re.search(r"^Message-ID: (\S+)", text, re.M))]
    with Incidents.open(upstream.state) as incidents:
        queued = incidents.outbox.all(100_000)
        incidents.check()
    wanted = {one.message.message_id for one in queued}
    yield from (f"mail was lost: {one}" for one in wanted - set(ids))
    yield from (f"unknown mail: {one}" for one in set(ids) - wanted)
    waiting = [one for one in queued for it in one.recipients if it.delivery is not Delivery.SENT]
    yield from (f"not sent: {one.message.subject}" for one in waiting)
    if len(ids) - len(set(ids)) > kills:
        yield f"{len(ids) - len(set(ids))} mails more than once after {kills} kills"
    yield from (f"{many} times: {one}" for one, many in Counter(ids).items() if many > 2)


def after_deaths(folder: Path, deaths: int, seed: int) -> tuple[list[str], int]:
    """What was lost or doubled by deaths at so many lines of ours, each in a copy; and how many lines ran.

    The build is in the process that dies, as if its machine failed."""
    upstream = Upstream.create(folder / "calm")
    upstream.push("heads/main")
    _round(upstream)
    upstream.push("heads/main", "grp.h", many=2)
    begun = shutil.copytree(folder / "calm", folder / "begun", symlinks=True)
    lines = int(_round(upstream))
    faults = [f"without a death: {one}" for one in rest_faults(upstream)]
    for number in sorted(random.Random(seed).sample(range(1, lines), deaths)):
        place = folder / f"death-{number}"
        shutil.copytree(begun, place, symlinks=True)
        died = attrs.evolve(upstream, folder=place)
        died.lead_to(died.place)
        _round(died, number)
        for _ in range(3):
            _round(died)
            if not list(rest_faults(died)):
                break
        faults += [f"line {number}: {one}" for one in rest_faults(died)]
        shutil.rmtree(place)
    return faults, lines


def rest_faults(upstream: Upstream) -> Iterator[str]:
    """What is wrong when everything is to be built, known and mailed once."""
    watched = read_watch_state(upstream.state)
    if watched.waiting or watched.started:
        yield "not at rest"
    built = [one.commit for one in watched.decisions if one.outcome is WatchOutcome.BUILT]
    if built.count(upstream.tip("heads/main")) != 1:
        yield f"the tip was recorded {built.count(upstream.tip('heads/main'))} times"
    yield from double_builds(upstream)
    yield from mail_faults(upstream, 1)
    ids = {one.name for one in (upstream.state / "mail").glob("new/*")}
    if not 1 <= len(ids) <= 2:
        yield f"{len(ids)} mails"


def _round(upstream: Upstream, last: int | None = None) -> bytes:
    """One round of a watch in a process of its own, which dies at a line of ours; how many ran."""
    reading, writing = os.pipe()
    if pid := os.fork():
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status) == (last is not None), (last, status)
        return told
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.write(writing, str(_traced_round(upstream, last)).encode())
        os._exit(0)
    except BaseException:
        os._exit(1)


def _traced_round(upstream: Upstream, last: int | None) -> int:
    os.environ.update(upstream.variables)
    options = WatchOptions(once=True, file=upstream.file)
    seen = 0

    def trace(frame: FrameType, event: str, _argument: object) -> object:
        nonlocal seen
        if not frame.f_code.co_filename.startswith(_OURS):
            return None
        if event == "line":
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    watcher = Watcher(options, WatchedProject(upstream.file, ()), Stopper(), _silent, start=_inline)
    with mock.patch.object(session, "open_engine", open_engine):
        sys.settrace(trace)
        watcher.run()
        sys.settrace(None)
    return seen


def _silent(_before: WatchState, _after: WatchState) -> None:
    return


def _inline(words: Sequence[str], _stop: Stopper, _lock: int, _trusted: bool) -> ChildEnd:
    """Runs a command in this process, with an engine that runs no container."""
    sys.argv = ["ciforge", *words]
    try:
        main()
    except SystemExit as ended:
        return ChildEnd(code=int(ended.code or 0), seconds=1.0)


class Poller(threading.Event):
    """Counts polls; after so many of them the watch ends. Time passes without waiting for it."""

    def __init__(self, upstream: Upstream, many: int, marks: Sequence[int]) -> None:
        super().__init__()
        self.upstream, self.many, self.marks = upstream, many, marks
        self.polls, self.now = 0, time.time()
        self.resident: list[int] = []
        """KiB at each of the marks."""

    def wait(self, timeout: float | None = None) -> bool:
        """Ends a poll."""
        self.polls += 1
        self.now += timeout or 0.0
        if self.polls in self.marks:
            gc.collect()
            self.resident.append(resident_kib())
        if self.polls % 100 == 0:
            self.upstream.push("heads/main")
        return self.polls >= self.many

    def is_set(self) -> bool:
        return False

    def child(self, words: Sequence[str], _stop: Stopper, _lock: int, _trusted: bool) -> ChildEnd:
        """Builds nothing: every commit is tried until it is given up."""
        return ChildEnd(code=0 if words[0] == "notify" else 2, seconds=1.0)


def resident_kib() -> int:
    """The memory of this process."""
    done = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def memory_of_polls(folder: Path, many: int, marks: Sequence[int]) -> list[int]:
    """KiB after so many polls of a real repository, at each of the marks."""
    upstream = Upstream.create(folder)
    os.environ.update(upstream.variables)
    upstream.push("heads/main")
    poller = Poller(upstream, many, marks)
    stop = Stopper(event=poller)

    def emit(_before: WatchState, _after: WatchState) -> None:
        return

    project = WatchedProject(upstream.file, ())
    options = WatchOptions(interval=300, file=upstream.file)
    Watcher(options, project, stop, emit, clock=lambda: poller.now, start=poller.child).run()
    return poller.resident
