"""What to build next, and what becomes of commits that are not built. Pure: times are arguments."""

from collections.abc import Collection, Iterable, Mapping

import attrs

from ciforge.model.watch_state import (
    BuildTime,
    RefKind,
    StartedBuild,
    WaitingCommit,
    WatchDecision,
    WatchOutcome,
    WatchState,
    kind_of,
)

DAY = 86400.0
ATTEMPTS = 10
"""Tries of a commit that cannot be built; about five hours."""
SEARCHES = 3
"""Searches for one incident; each uses the builds of those before."""
_DELAY, _LONGEST_DELAY = 60.0, 3600.0
_KEPT = 1000
"""Decisions that are kept."""
_KEPT_SEARCHES = 200
_LOST_SECONDS = 3600.0
"""The most that a build of which nothing is known counts for the budget."""
_MOST_PULLS = 50
"""Pull requests that may wait; anyone can open many."""
_ORDER = (RefKind.BRANCH, RefKind.TAG, RefKind.PULL)


def with_refs(
    state: WatchState,
    repo: str,
    refs: Mapping[str, str],
    now: float,
    kinds: Collection[RefKind] = tuple(RefKind),
) -> WatchState:
    """The state after a poll that saw all refs of these kinds of a repository, each at a commit.

    Tags and pull requests are only noted by the first poll that sees their kind; branches are built.
    """
    old, polled_kinds = state.tips.get(repo, {}), _polled_kinds(state, repo)
    for ref in old.keys() - refs.keys():
        reason = f"{ref} was {'closed' if kind_of(ref) is RefKind.PULL else 'deleted'}"
        state = _dropped(state, (repo, ref), WatchOutcome.DELETED, reason, now)
    for ref, commit in refs.items():
        moved = old.get(ref) != commit
        noted = WaitingCommit(
            repo=repo, ref=ref, commit=commit, before=old.get(ref, ""), seen=now, since=now
        )
        if moved and (noted.kind is RefKind.BRANCH or noted.kind in polled_kinds):
            state = _queued(state, noted, now)
    polled = tuple(kind for kind in RefKind if kind in polled_kinds or kind in kinds)
    state = attrs.evolve(
        state, tips={**state.tips, repo: dict(refs)}, polled={**state.polled, repo: polled}
    )
    return _bounded(state, now)


def _polled_kinds(state: WatchState, repo: str) -> Collection[RefKind]:
    """The kinds of refs of a repository that were seen; in an old state those of its known refs."""
    if repo in state.polled:
        return state.polled[repo]
    return {kind_of(ref) for ref in state.tips.get(repo, {})}


def without_others(
    state: WatchState, followed: Iterable[str], kinds: Iterable[RefKind], now: float
) -> WatchState:
    """The state with only these repositories and kinds of refs; what waits of others is decided."""
    repos, shown = set(followed), set(kinds)
    for waiting in state.waiting:
        if waiting.repo not in repos or waiting.kind not in shown:
            reason = f"{waiting.repo} {waiting.ref} is no longer followed"
            state = _dropped(state, waiting.place, WatchOutcome.NOT_FOLLOWED, reason, now)
    tips = {repo: of for repo, of in state.tips.items() if repo in repos}
    polled = {
        repo: tuple(
            kind for kind in RefKind if kind in _polled_kinds(state, repo) and kind in shown
        )
        for repo in tips
    }
    return attrs.evolve(state, tips=tips, polled=polled)


def _queued(state: WatchState, new: WaitingCommit, now: float) -> WatchState:
    """Adds a commit; the one of the same ref that waits is superseded, and its place is kept."""
    waiting = next((waiting for waiting in state.waiting if waiting.place == new.place), None)
    if waiting:
        reason = f"{new.ref} moved on to {new.commit[:12]} before it was built"
        state = _dropped(state, new.place, WatchOutcome.SUPERSEDED, reason, now)
        new = attrs.evolve(new, since=waiting.since)
    return _without_built_tags(attrs.evolve(state, waiting=(*state.waiting, new)), now)


def _built(state: WatchState, new: WaitingCommit) -> WatchDecision | None:
    """The newest build of the same commit for a branch."""
    for decision in reversed(state.decisions):
        same = (decision.repo, decision.commit) == (new.repo, new.commit)
        if (
            same
            and decision.outcome is WatchOutcome.BUILT
            and kind_of(decision.ref) is not RefKind.PULL
        ):
            return decision
    return None


def _dropped(
    state: WatchState, place: tuple[str, str], outcome: WatchOutcome, reason: str, now: float
) -> WatchState:
    """Decides what waits for a ref; nothing if nothing does."""
    for waiting in state.waiting:
        if waiting.place == place:
            state = _decided(state, waiting, outcome, reason, now)
    return state


def _decided(
    state: WatchState,
    waiting: WaitingCommit,
    outcome: WatchOutcome,
    reason: str,
    now: float,
    run: str = "",
    exit_code: int = 0,
) -> WatchState:
    decision = WatchDecision(
        repo=waiting.repo, ref=waiting.ref, commit=waiting.commit, before=waiting.before,
        seen=waiting.seen, at=now, outcome=outcome, reason=reason, run=run, exit_code=exit_code,
    )  # fmt: skip
    others = tuple(other for other in state.waiting if other.place != waiting.place)
    kept = (*state.decisions, decision)[-_KEPT:]
    return attrs.evolve(state, waiting=others, decisions=kept)


def _bounded(state: WatchState, now: float) -> WatchState:
    """The state with at most so many pull requests that wait."""
    pulls = [waiting for waiting in state.waiting if waiting.kind is RefKind.PULL]
    for pull in pulls[:-_MOST_PULLS]:
        reason = f"more than {_MOST_PULLS} pull requests wait"
        state = _dropped(state, pull.place, WatchOutcome.GIVEN_UP, reason, now)
    return state


def next_waiting(state: WatchState, now: float) -> WaitingCommit | None:
    """The commit to build now: branches, then tags, then pull requests; the ref that waits longest first."""
    # A longer delay is one of a clock that was ahead.
    due = [
        waiting for waiting in state.waiting if not 0 < waiting.not_before - now <= _LONGEST_DELAY
    ]
    return min(due, key=lambda waiting: (_ORDER.index(waiting.kind), waiting.since), default=None)


def seconds_left(state: WatchState, budget: int | None, now: float) -> float | None:
    """Seconds of the budget of the last 24 hours that are left; None without a budget."""
    if budget is None:
        return None
    return budget - sum(build.seconds for build in state.spent if abs(now - build.at) < DAY)


def with_start(state: WatchState, waiting: WaitingCommit, sequence: int, now: float) -> WatchState:
    """The state while a commit is built."""
    return attrs.evolve(state, started=StartedBuild(waiting=waiting, at=now, sequence=sequence))


def with_result(
    state: WatchState, commit: str, run: str, exit_code: int, now: float, seconds: float | None
) -> WatchState:
    """The state after a build that ended: `commit` is what was built, which may be newer than expected.

    `seconds` is None if an earlier process started it.
    """
    started, state = _ended(state, now, seconds)
    if commit != started.waiting.commit:
        reason = f"{started.waiting.ref} moved on to {commit[:12]}, which was built"
        outcome = WatchOutcome.SUPERSEDED
        state = _decided(state, started.waiting, outcome, reason, now, run, exit_code)
        newer = attrs.evolve(
            started.waiting, commit=commit, before=started.waiting.commit, seen=now
        )
    else:
        newer = started.waiting
    tips = {**state.tips.get(newer.repo, {}), newer.ref: commit}
    state = attrs.evolve(state, tips={**state.tips, newer.repo: tips})
    reason = f"run {run} exited {exit_code}"
    state = _decided(state, newer, WatchOutcome.BUILT, reason, now, run, exit_code)
    return _without_built_tags(state, now)


def _without_built_tags(state: WatchState, now: float) -> WatchState:
    """Decides the tags that wait for a commit that was built for a branch."""
    for waiting in state.waiting:
        if waiting.kind is RefKind.TAG and (built := _built(state, waiting)):
            reason = f"the commit was built as {built.ref} in run {built.run}"
            state = _decided(
                state, waiting, WatchOutcome.SAME, reason, now, built.run, built.exit_code
            )
    return state


def with_failure(
    state: WatchState, reason: str, now: float, seconds: float | None, *, final: bool
) -> WatchState:
    """The state after a build without a result: it is tried again later, less and less often.

    With `final` it is given up after many tries."""
    started, state = _ended(state, now, seconds)
    tried = started.waiting.attempts + 1
    if final and tried >= ATTEMPTS:
        why = f"{reason}; given up after {tried} tries"
        return _decided(state, started.waiting, WatchOutcome.GIVEN_UP, why, now)
    delay = min(_DELAY * 2 ** min(tried - 1, 10), _LONGEST_DELAY)
    again = attrs.evolve(
        started.waiting, attempts=tried, tried=now, trouble=reason, not_before=now + delay
    )
    return _replaced(state, again)


def with_interruption(state: WatchState, now: float, seconds: float | None) -> WatchState:
    """The state after a build that was stopped: its commit still waits."""
    return _ended(state, now, seconds)[1]


def with_search(
    state: WatchState, incident: str, now: float, seconds: float, *, last: bool
) -> WatchState:
    """The state after a search for the commit that brought the cause of an incident.

    With `last` it is not tried again."""
    tried = SEARCHES if last else state.searches.get(incident, 0) + 1
    others = {key: many for key, many in state.searches.items() if key != incident}
    kept = dict([*others.items(), (incident, tried)][-_KEPT_SEARCHES:])
    return attrs.evolve(_with_time(state, now, seconds), searches=kept)


def _ended(state: WatchState, now: float, seconds: float | None) -> tuple[StartedBuild, WatchState]:
    started = state.started
    assert started is not None
    spent = min(now - started.at, _LOST_SECONDS) if seconds is None else seconds
    return started, attrs.evolve(_with_time(state, now, spent), started=None)


def _with_time(state: WatchState, now: float, seconds: float) -> WatchState:
    recent = [build for build in state.spent if abs(now - build.at) < DAY]
    return attrs.evolve(state, spent=(*recent, BuildTime(at=now, seconds=max(seconds, 0.0))))


def _replaced(state: WatchState, waiting: WaitingCommit) -> WatchState:
    others = tuple(other for other in state.waiting if other.place != waiting.place)
    return attrs.evolve(state, waiting=(*others, waiting))
