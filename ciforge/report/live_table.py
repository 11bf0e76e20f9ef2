"""A table on the terminal that follows the jobs of a run while they run."""

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from ciforge.model.event import Event, JobEnded
from ciforge.model.quantities import duration
from ciforge.report.formatting import STYLES, counted, outcome
from ciforge.report.progress import Board, RunningJob
from ciforge.sanitize import safe_line

_PER_SECOND = 5


class LiveTable:
    """Shows events, from any thread, until its `with` block ends; then it is erased.

    `console` is standard error's; `clock` gives seconds and never goes back (`time.monotonic`).
    `expected` has the seconds that jobs usually take, of which `at_once` run at the same time.
    """

    def __init__(
        self,
        console: Console,
        clock: Callable[[], float],
        expected: Mapping[str, float] = MappingProxyType({}),
        at_once: int = 1,
    ) -> None:
        self._board = Board(expected=expected, at_once=at_once)
        self._clock = clock
        self._console = console
        self._lock = threading.Lock()
        self._live = Live(
            console=console,
            get_renderable=self._render,
            refresh_per_second=_PER_SECOND,
            transient=True,
            redirect_stdout=False,  # standard output must stay clean
        )

    def __enter__(self) -> "LiveTable":
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def handle(self, event: Event) -> None:
        """Records one event; the next refresh shows it."""
        with self._lock:
            self._board.handle(event, self._clock())

    def _render(self) -> Group:
        size = self._console.size
        with self._lock:
            return Group(*table_lines(self._board, self._clock(), size.width, size.height))


def table_lines(board: Board, now: float, width: int, height: int) -> list[Text]:
    """The table as lines that fit: running jobs, the ones finished last, the counts."""
    room = max(height - 2, 0)  # one for the counts, one for the cursor
    rows: list[RunningJob | JobEnded] = list(board.running.values())
    shown = (rows + list(board.ended))[:room]
    jobs = max((len(row.job) for row in shown), default=0)
    steps = max((len(_step(row)) for row in shown), default=0)
    lines = [_row(row, now, jobs, steps) for row in shown]
    lines.append(Text(_counts(board, now, hidden=len(board.running) - room), style="bold"))
    for line in lines:
        line.no_wrap, line.overflow = True, "crop"
        line.truncate(max(width - 1, 1), overflow="ellipsis")
    return lines


def _row(row: RunningJob | JobEnded, now: float, jobs: int, steps: int) -> Text:
    ended = isinstance(row, JobEnded)
    seconds = row.seconds if isinstance(row, JobEnded) else now - row.since
    text = Text(f"{row.job:{jobs}}  ")
    text.append(f"{_step(row):{steps}}", STYLES[row.status] if isinstance(row, JobEnded) else "")
    text.append(f"  {max(seconds, 0.0):6.0f} s  ", "dim")
    return text.append(_remark(row), "" if ended else "dim")


def _step(row: RunningJob | JobEnded) -> str:
    return outcome(row) if isinstance(row, JobEnded) else row.step


def _remark(row: RunningJob | JobEnded) -> str:
    if isinstance(row, RunningJob):
        return row.last_line
    return safe_line(row.result.reason) or (row.result.failed_step or "")


def _counts(board: Board, now: float, hidden: int) -> str:
    running = f"{len(board.running)} running" + (f" ({hidden} not shown)" if hidden > 0 else "")
    counts = [running, f"{board.waiting} waiting", counted(board.ended)]
    text = ", ".join(word for word in counts if word) + f"; {duration(now - board.since)}"
    left = board.remaining(now)
    return text if left is None else f"{text}, about {duration(left)} left"
