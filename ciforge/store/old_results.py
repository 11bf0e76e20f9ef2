"""`result.json` of older formats.

In format 1 `limit` and `signal` are only in its sentences. Only this module reads a limit from a
sentence; its table is complete, since newer results have the values. In formats 1 and 2 a cross
check that compiled has the status `passed`, and `system_proof` is called `proof`.
"""

import re
from collections.abc import Mapping
from typing import Any

from ciforge.model.result import Limit, Status, StopSignal, green_status

_SENTENCES = (
    ("it used up its memory", Limit.MEMORY),
    ("the machine ran out of memory", Limit.ENGINE_MEMORY),
    ("the disk of the engine is full", Limit.ENGINE_DISK),
    ("it reached its limit of ", Limit.PROCESSES),
    ("it wrote more than ", Limit.DISK),
)
"""The values of `reason` before format 2."""
_INTERRUPTED = re.compile(r"interrupted by (SIG[A-Z]+)")


def upgrade(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document in format 3; values of a wrong type are left for the reader to refuse."""
    passed = document.get("status") == Status.PASSED.value
    named = {"status": green_status(str(document.get("job"))).value} if passed else {}
    named["system_proof"] = document.get("proof", "")
    return {**document, **(_with_values(document) if document["v"] == 1 else {}), **named, "v": 3}


def _with_values(document: Mapping[str, Any]) -> dict[str, Any]:
    limit, signal = _limit(document), _signal(document)
    return {"limit": limit and limit.value, "signal": signal and signal.value}


def _limit(document: Mapping[str, Any]) -> Limit | None:
    if document.get("status") == Status.TIMED_OUT.value:
        return Limit.TIME
    reason = str(document.get("reason", ""))
    return next((limit for sentence, limit in _SENTENCES if sentence in reason), None)


def _signal(document: Mapping[str, Any]) -> StopSignal | None:
    match = _INTERRUPTED.fullmatch(str(document.get("reason", "")))
    if not match or document.get("status") != Status.CANCELLED.value:
        return None
    return next((signal for signal in StopSignal if signal.value == match[1]), None)
