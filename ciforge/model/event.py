"""Events of a run; reporters turn them into a table, lines or JSON."""

import attrs

from ciforge.model.result import Result, SourceUsed, Status


@attrs.frozen(kw_only=True)
class RunStarted:
    """The first event; `time` is RFC 3339 in UTC, here and below."""

    run: str
    time: str
    jobs: tuple[str, ...]
    sources: tuple[SourceUsed, ...]


@attrs.frozen(kw_only=True)
class JobStarted:
    run: str
    time: str
    job: str


@attrs.frozen(kw_only=True)
class StepStarted:
    run: str
    time: str
    job: str
    step: str


@attrs.frozen(kw_only=True)
class OutputLine:
    """One line of a step's output, decoded with replacement, without its end, bounded in length."""

    run: str
    time: str
    job: str
    step: str
    text: str


@attrs.frozen(kw_only=True)
class StepEnded:
    """`exit_code` is None if it is unknown."""

    run: str
    time: str
    job: str
    step: str
    exit_code: int | None
    seconds: float


@attrs.frozen(kw_only=True)
class JobEnded:
    run: str
    time: str
    job: str
    status: Status
    seconds: float
    result: Result
    log: str
    """The path of its `log.txt`; empty for a skipped job."""


@attrs.frozen(kw_only=True)
class RunEnded:
    """The last event, with every result in the order of the jobs."""

    run: str
    time: str
    seconds: float
    results: tuple[JobEnded, ...]


Event = RunStarted | JobStarted | StepStarted | OutputLine | StepEnded | JobEnded | RunEnded
