"""Runs work on untrusted text in a child process with limits on time and memory."""

import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from ciforge.errors import InputError, UsageError

PROCESSOR = 5
"""Processor time of the child, in seconds."""
SECONDS = 8.0
"""Elapsed time in seconds, after which the child is killed."""
MEMORY = 512 << 20
"""Memory of the child in bytes, beyond what the parent uses."""
OUTPUT = 64 << 20
"""Maximum size of the result, in bytes."""

_CHUNK = 1 << 16


class LimitExceeded(Exception):
    """The child exceeded a limit; the message names it."""


def run_limited(work: Callable[[], Any]) -> Any:
    """The result of `work`, passed as JSON. Raises its InputError or UsageError, and LimitExceeded."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiver)
        _answer(work, sender)
    os.close(sender)
    try:
        data = _received(receiver)
    finally:
        os.close(receiver)
        status = _ended(child)
    return _understood(data, status)


def _answer(work: Callable[[], Any], sender: int) -> NoReturn:
    """Runs in the child: writes one JSON document and exits."""
    code = 1
    # Threads and exit handlers of the parent must not run here, so nothing is unwound.
    with suppress(BaseException):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _limit()
        data = memoryview(json.dumps(_outcome(work)).encode())
        while data:
            data = data[os.write(sender, data) :]
        code = 0
    os._exit(code)


def _limit() -> None:
    memory = MEMORY + _address_space()
    bounds = {"RLIMIT_CPU": PROCESSOR, "RLIMIT_AS": memory, "RLIMIT_DATA": memory, "RLIMIT_CORE": 0}
    for name, bound in bounds.items():
        # Some systems lack some of these limits; the parent's deadline holds on all.
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (bound, bound))


def _address_space() -> int:
    """Bytes that this process uses now; an estimate if the system does not report it."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return MEMORY
    return pages * resource.getpagesize()


def _outcome(work: Callable[[], Any]) -> Mapping[str, Any]:
    try:
        return {"value": work()}
    except InputError as error:
        return {"problems": list(error.problems), "hint": error.hint}
    except UsageError as error:
        return {"error": str(error), "hint": error.hint}
    except MemoryError:
        return {"exceeded": "needs more memory than a template may use"}


def _received(receiver: int) -> bytes:
    """The output of the child until it closes the pipe. Raises LimitExceeded."""
    parts: list[bytes] = []
    size, until = 0, time.monotonic() + SECONDS
    while select.select([receiver], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(receiver, _CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > OUTPUT:
            raise LimitExceeded(f"makes more than {OUTPUT} bytes")
    raise LimitExceeded(f"takes longer than {SECONDS:g} seconds")


def _ended(child: int) -> int:
    """Kills the child if it still runs; its wait status."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _understood(data: bytes, status: int) -> Any:
    try:
        answer = json.loads(data)
    except ValueError:
        raise LimitExceeded(_reason(status)) from None
    if "exceeded" in answer:
        raise LimitExceeded(answer["exceeded"])
    if "problems" in answer:
        raise InputError(answer["problems"], hint=answer["hint"])
    if "error" in answer:
        raise UsageError(answer["error"], hint=answer["hint"])
    return answer["value"]


def _reason(status: int) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number in (signal.SIGXCPU, signal.SIGKILL):
        return f"takes more than {PROCESSOR} seconds of a processor"
    return "cannot be rendered within the limits of a template"
