"""Changes of the state of `ciforge watch` as events, for terminals and programs."""

from collections.abc import Iterator

from ciforge.model.watch_state import WaitingCommit, WatchDecision, WatchState
from ciforge.timestamp import rfc3339

Event = dict[str, object]


def watch_events(before: WatchState, after: WatchState) -> Iterator[Event]:
    """An event for each commit that was decided, then seen, then for the build that began."""
    for decision in _new_decisions(before, after):
        yield _decided(decision)
    for waiting in after.waiting:
        old = next(
            (old_waiting for old_waiting in before.waiting if old_waiting.place == waiting.place),
            None,
        )
        if old is None or old.commit != waiting.commit:
            yield _event("seen", waiting, waiting.seen)
        elif waiting.attempts > old.attempts:
            about = {"attempts": waiting.attempts, "reason": waiting.trouble}
            yield _event("failed", waiting, waiting.tried) | about
    if after.started and after.started != before.started:
        yield _event("begun", after.started.waiting, after.started.at)


def _new_decisions(before: WatchState, after: WatchState) -> tuple[WatchDecision, ...]:
    """Those after the newest one of before; the oldest may have been dropped."""
    if not before.decisions:
        return after.decisions
    last = before.decisions[-1]
    for at in range(len(after.decisions) - 1, -1, -1):
        if after.decisions[at] == last:
            return after.decisions[at + 1 :]
    return after.decisions


def _event(name: str, waiting: WaitingCommit, at: float) -> Event:
    return {
        "v": 1, "event": name, "time": rfc3339(at), "repo": waiting.repo, "ref": waiting.ref,
        "commit": waiting.commit, "before": waiting.before,
    }  # fmt: skip


def _decided(decision: WatchDecision) -> Event:
    return {
        "v": 1, "event": decision.outcome.value, "time": rfc3339(decision.at), "repo": decision.repo, "ref": decision.ref,
        "commit": decision.commit, "before": decision.before, "run": decision.run, "exit_code": decision.exit_code,
        "reason": decision.reason,
    }  # fmt: skip
