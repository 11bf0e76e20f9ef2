"""Labels of what we make in an engine, and how to tell ours from others', the living from the dead."""

import hashlib
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

PREFIX = "org.ciforge."
BOX, JOB, RUN, PROJECT = PREFIX + "box", PREFIX + "job", PREFIX + "run", PREFIX + "project"
HOST, OWNER, EXPIRES, KEPT = PREFIX + "host", PREFIX + "owner", PREFIX + "expires", PREFIX + "kept"
CCACHE = PREFIX + "ccache"
IMAGE, BASE, PACKAGES, CREATED = (
    PREFIX + "image", PREFIX + "base", PREFIX + "packages", PREFIX + "created",
)  # fmt: skip


def this_host() -> str:
    """A name for this machine that says nothing about it."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:16]


def this_process() -> str:
    """`PID:BIRTH`, so that a number that is used again is not taken for us."""
    return f"{os.getpid()}:{_birth(os.getpid())}"


def is_alive(owner: str) -> bool:
    """Whether the process that `this_process` named is still there."""
    number, _, birth = owner.partition(":")
    if not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _birth(int(number)) == birth


def _birth(process: int) -> str:
    """When a process began, in the kernel's own count; empty where there is no /proc."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def passing(life: int) -> dict[str, str]:
    """Marks of a container of this process that is to be gone in `life` seconds."""
    return {
        BOX: "1",
        HOST: this_host(),
        OWNER: this_process(),
        EXPIRES: str(int(time.time()) + life),
    }


def is_left_over(labels: Mapping[str, str], now: float) -> bool:
    """Whether a box is ours, made on this machine, and either expired or its owner dead."""
    if BOX not in labels or labels.get(HOST) != this_host():
        return False
    if float(labels.get(EXPIRES, "0") or "0") < now:
        return True
    return KEPT not in labels and not is_alive(labels.get(OWNER, ""))
