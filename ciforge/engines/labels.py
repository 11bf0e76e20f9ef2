"""Labels of what we make in an engine, and how to tell ours from others', the living from the dead."""

import functools
import hashlib
import os
import socket
import subprocess
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
_LONGEST_BUILD = 25 * 3600
"""Seconds; a job, its image included, has 24 hours at most."""
_SESSION = ["sysctl", "-n", "kern.bootsessionuuid"]
"""The command that identifies a boot on macOS, which has no /proc."""


@functools.cache
def this_host() -> str:
    """A hash of the host name, the boot and the PID namespace of this process.

    A process id names one process only within all three: a container may have the host name of its
    machine, and two machines may have one name and use one engine.
    """
    parts = (socket.gethostname(), _boot(), _namespace())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _boot() -> str:
    """An id that is new with each boot; empty on systems that have none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        pass
    try:
        done = subprocess.run(_SESSION, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _namespace() -> str:
    """The PID namespace; empty on systems that have none."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


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
    """The start time of a process, as the kernel counts it.

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


def is_left_over(labels: Mapping[str, str], now: float, *, running: bool) -> bool:
    """Whether a container of ciforge is certainly unused.

    The owner of a container from another host cannot be checked: it is left until its time is over
    and it has ended by itself, since the clock of its owner may be behind ours.
    """
    if BOX not in labels:
        return False
    expired = _number(labels.get(EXPIRES, "")) < now
    if labels.get(HOST) != this_host():
        return expired and not running
    return expired or (KEPT not in labels and not is_alive(labels.get(OWNER, "")))


def may_be_used(labels: Mapping[str, str], now: float) -> bool:
    """Whether the run that made a container may still go on, as far as this process can know."""
    if labels.get(HOST) == this_host():
        return is_alive(labels.get(OWNER, ""))
    return _number(labels.get(EXPIRES, "")) >= now


def _number(text: str) -> float:
    """A label's time; 0, which is long over, for what is no number."""
    return float(text) if text.isdecimal() and text.isascii() else 0.0


def builder(build: str) -> str:
    """A name of this process and one build for the containers of that build, which take no labels.

    It is given to the daemon as a further host for `/etc/hosts`: that changes no layer's key.
    """
    owner = this_process().replace(":", ".")
    return f"{_BUILDER}.{this_host()}.{owner}.{int(time.time()) + _LONGEST_BUILD}.{build}"


def is_dead_builder(host: str, now: float) -> bool:
    """Whether a further host of a container names a build that has surely ended."""
    name, *rest = host.partition(":")[0].split(".")
    if name != _BUILDER or len(rest) != 5:
        return False
    if rest[0] != this_host():
        return _number(rest[3]) < now
    return not is_alive(":".join(rest[1:3]))
