"""Events as JSON lines, for programs: ASCII only, each line an object that carries its version."""

import json
import math
from typing import Any, assert_never

import attrs

from ciforge.model.event import (
    Event,
    JobEnded,
    JobStarted,
    OutputLine,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
)

VERSION = 1


def json_line(event: Event) -> str:
    """One event as one line without its end; without control characters."""
    name, fields = _named(event)
    head = {"v": VERSION, "event": name, "run": event.run, "time": event.time}
    text = json.dumps(head | fields, ensure_ascii=True, allow_nan=False)
    return text.replace("\x7f", "\\u007f")  # the only control character that JSON does not escape


def _named(event: Event) -> tuple[str, dict[str, Any]]:  # noqa: PLR0911 - one for each event
    match event:
        case RunStarted():
            sources = [attrs.asdict(source) for source in event.sources]
            return "run_started", {"jobs": list(event.jobs), "sources": sources}
        case JobStarted():
            return "job_started", {"job": event.job}
        case StepStarted():
            return "step_started", {"job": event.job, "step": event.step}
        case OutputLine():
            return "line", {"job": event.job, "step": event.step, "text": event.text}
        case StepEnded():
            return "step_ended", _step(event)
        case JobEnded():
            return "job_ended", _result(event) | {"reason": event.result.reason}
        case RunEnded():
            results = [_result(job) for job in event.results]
            return "run_ended", {"seconds": _seconds(event.seconds), "results": results}
        case _:
            assert_never(event)


def _step(event: StepEnded) -> dict[str, Any]:
    return {
        "job": event.job,
        "step": event.step,
        "exit_code": event.exit_code,
        "seconds": _seconds(event.seconds),
    }


def _result(event: JobEnded) -> dict[str, Any]:
    return {
        "job": event.job,
        "status": event.status.value,
        "failed_step": event.result.failed_step,
        "seconds": _seconds(event.seconds),
        "log": event.log,
        **({"proves": event.result.proves} if event.result.proves else {}),
        **({"proven_by": event.result.proven_by} if event.result.proven_by else {}),
    }


def _seconds(seconds: float) -> float | None:
    """Rounded to milliseconds; null for infinity and NaN, which JSON does not have."""
    return round(seconds, 3) if math.isfinite(seconds) else None
