"""What a build of `ciforge watch` came to, from the files of its run and not from what it printed."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from ciforge.app.watch_child import ChildEnd
from ciforge.masking import masked_word
from ciforge.model.result import Result, Run, Status
from ciforge.model.watch_state import WatchState
from ciforge.run.exit_status import INFRASTRUCTURE, INTERRUPTED
from ciforge.sanitize import safe_line
from ciforge.store.runs.run_folder import run_path
from ciforge.store.runs.run_reader import read_whole_run
from ciforge.store.watch_files import ended_run
from ciforge.watch.watch_queue import with_failure, with_interruption, with_result

_DEFINITIVE = (
    Status.PASSED, Status.COMPILED, Status.FLAKY, Status.FAILED, Status.TIMED_OUT,
)  # fmt: skip


def judge_build(
    state: Path, watched: WatchState, arguments: tuple[str, ...], end: ChildEnd | None, now: float
) -> tuple[WatchState, int]:
    """The state after the build that was started, and its exit status; `end` is None if it is not known.

    A commit counts as built if its run ended and a job of it has a result that is about the source.
    """
    started = watched.started
    assert started is not None
    seconds = end.seconds if end else None
    run = ended_run(state, started.sequence, tuple(map(masked_word, arguments)))
    if run is None or run.exit_code == INTERRUPTED:
        if end is None:
            return with_interruption(watched, now, seconds), INTERRUPTED
        code = end.code if end.code > 0 else INTERRUPTED
        final = code != INFRASTRUCTURE
        return with_failure(watched, _why(arguments, end), now, seconds, final=final), code
    code = run.exit_code or 0
    commit = _commit(run, started.waiting.repo)
    _, results, _ = read_whole_run(run_path(state, run.id))
    if not commit or not any(result.status in _DEFINITIVE for result in results):
        return with_failure(watched, _trouble(run, results), now, seconds, final=False), code
    return with_result(watched, commit, run.id, code, now, seconds), code


def _commit(run: Run, repo: str) -> str:
    return next((used.revision for used in run.sources if used.repo == repo), "")


def _why(arguments: Sequence[str], end: ChildEnd) -> str:
    if end.code < 0:
        return f"the build was killed by signal {-end.code}"
    shown = shlex.join(["ciforge", *map(masked_word, arguments)])
    return f"exit status {end.code} without a run; `{shown}` shows why"


def _trouble(run: Run, results: Sequence[Result]) -> str:
    reasons = [result.reason for result in results if result.status is Status.INFRASTRUCTURE]
    about = f": {safe_line(reasons[0], 200)}" if reasons and reasons[0] else ""
    return f"run {run.id} has no result of any job{about}"
