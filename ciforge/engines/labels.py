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
CCACHE, PLATFORM = PREFIX + "ccache", PREFIX + "platform"
TRUST, DOMAIN = PREFIX + "trust", PREFIX + "domain"
IMAGE, BASE, PACKAGES, CREATED = (
    PREFIX + "image", PREFIX + "base", PREFIX + "packages", PREFIX + "created",
)  # fmt: skip

NOWHERE = "127.0.0.1"
"""The address of the further host that `builder` names."""

_BUILDER = "ciforge-build"


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
    """When a process began, in the kernel's own count.

    Empty where there is no /proc, and `dead` for one that only waits for its parent to notice.
    """
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "dead" if fields[0] in "ZX" else fields[19]


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


def builder(build: str) -> str:
    """A name of this process and one build for the containers of that build, which take no labels.

    It is told to the daemon as a further host for `/etc/hosts`: that changes no layer's key.
    """
    return f"{_BUILDER}.{this_host()}.{this_process().replace(':', '.')}.{build}"


def is_dead_builder(host: str) -> bool:
    """Whether a further host of a container names a process of this machine that is dead."""
    name, *rest = host.partition(":")[0].split(".")
    if name != _BUILDER or len(rest) != 4 or rest[0] != this_host():
        return False
    return not is_alive(":".join(rest[1:3]))
