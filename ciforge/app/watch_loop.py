"""`ciforge watch`: asks for new commits, builds them in child processes, and sleeps.

Every change of the state is on the disk before the next action, so that a process that is killed at any
moment is continued by the next one.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from ciforge.app.session import print_progress
from ciforge.app.watch_child import ChildEnd, Stopper, run_child
from ciforge.app.watch_options import WatchCommands, WatchOptions
from ciforge.app.watch_project import FollowedRepo, WatchedProject
from ciforge.app.watch_pulls import WatchedPulls
from ciforge.app.watch_result import judge_build
from ciforge.app.watch_search import CommitSearch, next_search
from ciforge.app.workspace import state_folder
from ciforge.ci.github.http_client import HostedError
from ciforge.errors import CiforgeError, EngineError, UsageError
from ciforge.file_lock import locked
from ciforge.model.watch_state import RefKind, WaitingCommit, WatchState, kind_of
from ciforge.run.exit_status import FAILED, INFRASTRUCTURE, INTERRUPTED, worst
from ciforge.sources.remote_refs import remote_refs
from ciforge.store.sequence import last_sequence
from ciforge.store.watch_files import read_watch_state, watch_folder, write_watch_state
from ciforge.watch.watch_queue import (
    next_waiting,
    seconds_left,
    with_interruption,
    with_refs,
    with_search,
    with_start,
    without_others,
)

_NOTIFY = 900.0
"""Seconds between calls of `ciforge notify`."""
_LONGEST_WAIT = 3600.0
"""The most seconds between two questions to a repository that does not answer."""


Emit = Callable[[WatchState, WatchState], None]
"""Is called with the state before and after each change."""
RunChild = Callable[[Sequence[str], Stopper, int, bool], ChildEnd]


@attrs.define
class RepoPolls:
    """How often in a row a repository did not answer, and when it is asked again."""

    failures: int = 0
    due: float = 0.0
    missing: tuple[str, ...] = ()
    """Branches of the project file that it did not have; each is reported once."""


class _Stopped(Exception):
    """A signal came before the first round."""


class Watcher:
    """One process that watches; `lock` is inherited by its children."""

    def __init__(
        self,
        options: WatchOptions,
        project: WatchedProject,
        stop: Stopper,
        emit: Emit,
        *,
        clock: Callable[[], float] = time.time,
        start: RunChild | None = None,
    ) -> None:
        self._options, self._project, self._stop, self._emit = options, project, stop, emit
        self._commands, self._clock = WatchCommands(options, project), clock
        self._start = start or _child
        self.state = state_folder(project.name, options.state_dir)
        self._watched = read_watch_state(self.state)
        self._polls: dict[str, RepoPolls] = {}
        self._pulls = _pulls(project, self.state) if options.pulls else None
        self._notified = 0.0
        self.code = 0

    def run(self) -> int:
        """Watches until a signal or, with `--once`, until nothing is left to do; the exit status."""
        with suppress(_Stopped), _only_one(self.state), self._build_lock() as lock:
            self._continue_build()
            while not self._stop.asked:
                self._round(lock)
                if self._options.once or self._stop.event.wait(self._pause()):
                    break
        return self.code

    def _round(self, lock: int) -> None:
        """Polls, then builds and polls again until nothing that is due is left."""
        self._poll()
        self._answer()
        self._notify(lock)
        while not self._stop.asked and self._may_build():
            if waiting := next_waiting(self._watched, self._clock()):
                self._build(waiting, lock)
            elif not ((search := self._next_search()) and self._search(search, lock)):
                return
            self._poll()
            self._answer()

    def _answer(self) -> None:
        if self._pulls and self._options.answer:
            for repo in self._project.repos:
                self._pulls.answer(repo, self._watched)

    def _may_build(self) -> bool:
        if not self._project.usable:
            return False
        left = seconds_left(self._watched, self._options.budget, self._clock())
        return left is None or left > 0

    def _save(self, watched: WatchState) -> None:
        before, self._watched = self._watched, watched
        if watched != before:
            write_watch_state(self.state, watched)
            self._emit(before, watched)

    def _poll(self) -> None:
        self._project.read_again()
        now = self._clock()
        self._save(
            without_others(
                self._watched, [repo.name for repo in self._project.repos], self._options.kinds, now
            )
        )
        for repo in self._project.repos:
            polls = self._polls.setdefault(repo.name, RepoPolls())
            if self._stop.asked or 0 < polls.due - now <= self._longest_wait:
                continue
            try:
                refs, kinds = self._refs(repo)
            except (EngineError, UsageError) as error:
                self._failed(repo, polls, error)
                continue
            polls.failures, polls.due = 0, now + self._options.interval
            _report_missing(repo, polls, refs)
            self._save(with_refs(self._watched, repo.name, refs, now, kinds))

    def _refs(self, repo: FollowedRepo) -> tuple[dict[str, str], list[RefKind]]:
        """The followed refs of a repository, and the kinds that were listed."""
        refs = remote_refs(repo.address, repo.branches, tags=self._options.tags)
        kinds = self._options.kinds
        if not self._pulls:
            return refs, kinds
        try:
            return refs | self._pulls.refs(repo), kinds
        except (HostedError, UsageError) as error:  # branches are built all the same
            print_progress(f"the pull requests of {repo.name} were not listed: {error}")
            self._unreachable()
            tips = self._watched.tips.get(repo.name, {})
            kept = {ref: at for ref, at in tips.items() if kind_of(ref) is RefKind.PULL}
            return refs | kept, [kind for kind in kinds if kind is not RefKind.PULL]

    @property
    def _longest_wait(self) -> float:
        return max(_LONGEST_WAIT, self._options.interval)

    def _failed(self, repo: FollowedRepo, polls: RepoPolls, error: CiforgeError) -> None:
        """Waits longer after each failure of the same repository."""
        polls.failures += 1
        delay = min(self._options.interval * 2 ** min(polls.failures, 20), self._longest_wait)
        polls.due = self._clock() + delay
        self._unreachable()
        print_progress(f"{repo.name} was not asked: {error}; again in {delay:.0f} s")

    def _unreachable(self) -> None:
        """With `--once`, the exit status says that something could not be asked."""
        if self._options.once:
            self.code = worst(self.code, INFRASTRUCTURE)

    def _build(self, waiting: WaitingCommit, lock: int) -> None:
        arguments = self._commands.build(waiting)
        now = self._clock()
        self._save(with_start(self._watched, waiting, last_sequence(self.state), now))
        trusted = waiting.kind is not RefKind.PULL
        end = self._start(arguments, self._stop, lock, trusted)
        self._record(arguments, end)

    def _record(self, arguments: Sequence[str], end: ChildEnd | None) -> None:
        """Records what the build that was started came to; `end` is None if another process started it."""
        started = self._watched.started
        assert started is not None
        now, seconds = self._clock(), end.seconds if end else None
        if self._stop.asked and end and end.code in (INTERRUPTED, -9, -15):
            self._save(with_interruption(self._watched, now, seconds))
            return
        watched, code = judge_build(self.state, self._watched, tuple(arguments), end, now)
        self._save(watched)
        if self._options.once:
            self.code = worst(self.code, code)

    def _continue_build(self) -> None:
        """Records the build that a process which was killed had started; it has ended by now."""
        if started := self._watched.started:
            self._record(self._commands.build(started.waiting), None)

    def _next_search(self) -> CommitSearch | None:
        addresses = {repo.name: repo.address for repo in self._project.repos}
        return next_search(self.state, self._project.name, self._watched, addresses)

    def _search(self, search: CommitSearch, lock: int) -> bool:
        """Searches; whether the engine could do it, so that something else can be tried at once."""
        left = seconds_left(self._watched, self._options.budget, self._clock())
        limit = search.limit if left is None else max(1, min(search.limit, int(left)))
        print_progress(f"searching for the commit that brought incident {search.incident}")
        end = self._start(self._commands.search(search, limit), self._stop, lock, True)
        if self._stop.asked:
            return False
        last = end.code not in (0, FAILED, INFRASTRUCTURE)
        now = self._clock()
        self._save(with_search(self._watched, search.incident, now, end.seconds, last=last))
        return end.code != INFRASTRUCTURE

    def _notify(self, lock: int) -> None:
        """Sends reminders and mail that is due, also of runs that were killed before they did."""
        now = self._clock()
        if not self._stop.asked and not 0 <= now - self._notified < _NOTIFY:
            self._notified = now
            end = self._start(self._commands.notify(), self._stop, lock, True)
            if self._options.once:
                self.code = worst(self.code, end.code)

    def _pause(self) -> float:
        """Seconds until something is due."""
        now, interval = self._clock(), float(self._options.interval)
        due = [polls.due - now for polls in self._polls.values()]
        due += [
            waiting.not_before - now
            for waiting in self._watched.waiting
            if waiting.not_before > now
        ]
        return min(max(1.0, min(due, default=interval)), interval)

    @contextmanager
    def _build_lock(self) -> Iterator[int]:
        """Waits for the build of a process that was killed, which goes on without it."""
        waiting = "waiting for a build that an earlier watch started"
        with locked(
            watch_folder(self.state) / "build.lock", on_wait=lambda: print_progress(waiting),
            between_tries=self._wait_a_little,
        ) as lock:  # fmt: skip
            yield lock

    def _wait_a_little(self) -> None:
        if self._stop.event.wait(0.2):
            raise _Stopped


def _report_missing(repo: FollowedRepo, polls: RepoPolls, refs: Mapping[str, str]) -> None:
    """Says once which branches do not exist; they are followed as soon as they do."""
    missing = tuple(name for name in repo.branches if f"heads/{name}" not in refs)
    if new := [name for name in missing if name not in polls.missing]:
        print_progress(f"{repo.name} has no branch {', '.join(new)}: it is built once it exists")
    polls.missing = missing


def _pulls(project: WatchedProject, state: Path) -> WatchedPulls:
    return WatchedPulls(project.repos, project.name, state)


def _child(arguments: Sequence[str], stop: Stopper, lock: int, trusted: bool) -> ChildEnd:
    return run_child(arguments, stop, lock, trusted=trusted)


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    def refuse() -> None:
        raise UsageError(
            f"another `ciforge watch` runs with {state}",
            hint="stop it first, or use another folder with --state-dir",
        )

    with locked(watch_folder(state) / "lock", between_tries=refuse):
        yield
