"""Checks of this machine and its engine, each with the command that fixes it."""

import datetime
import enum
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from ciforge import __version__
from ciforge.app.host_machines import guest_folder
from ciforge.app.session import open_engine
from ciforge.app.workspace import Workspace, open_workspace, state_folder
from ciforge.doctor.fixes import (
    install,
    is_elsewhere,
    is_safe_here,
    limit_memory,
    set_clock,
    start_engine,
    use_overlay,
)
from ciforge.doctor.guest_state import guest_state
from ciforge.doctor.machine_state import machine_states
from ciforge.engines.health import Health
from ciforge.engines.limits import MOST_CACHED
from ciforge.engines.protocol import Stop
from ciforge.errors import CiforgeError, UsageError
from ciforge.model.job import Job
from ciforge.model.quantities import plural
from ciforge.model.trust_domain import Trust
from ciforge.plan.ended_releases import ended_releases
from ciforge.sources.git import version as git_version
from ciforge.store.past_verdicts import verdict_files
from ciforge.store.saved_step_files import total_size

_GIB, _MIB = 1024**3, 1024**2
_DOCKER = "Docker"


class CheckStatus(enum.Enum):
    """The result of a check."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@attrs.frozen(kw_only=True)
class Check:
    """One check, and the command that fixes the problem."""

    name: str
    verdict: CheckStatus
    found: str
    fix: str = ""
    """A command for sh; empty if the user has to decide."""
    safe: bool = False
    """Whether `--fix` may run the command."""


def run_checks(state_dir: Path | None, here: Path) -> Iterator[Check]:
    """Every check, in the order in which problems should be fixed; `here` may be in a project."""
    yield _versions()
    yield _git()
    yield _state(state_folder("doctor", state_dir).parent)
    yield from _engine_checks()
    yield _bootstrap()
    opened = _opened(here)
    yield from _machines(state_dir, opened.plan.jobs if opened else ())
    if opened:
        yield _releases(opened)


def _opened(here: Path) -> Workspace | None:
    """The project around `here`; None outside of one, or of one with flaws."""
    try:
        return open_workspace(None, here)
    except UsageError:
        return None


def _releases(opened: Workspace) -> Check:
    """Check the support of the project's releases."""
    ended = ended_releases(opened.plan.jobs, datetime.datetime.now(datetime.UTC).date())
    found = "; ".join(ended) or f"all releases of {opened.project.project} are supported"
    verdict = CheckStatus.WARN if ended else CheckStatus.OK
    return Check(name="releases", verdict=verdict, found=found)


def _machines(state_dir: Path | None, jobs: Sequence[Job]) -> Iterator[Check]:
    """The machines of machines.yml, with what jobs of the project miss there; nothing without that file."""
    folder = guest_folder(state_dir)
    for state in machine_states(lambda name, machine: guest_state(name, machine, folder), jobs):
        verdict = CheckStatus.OK if state.is_usable else CheckStatus.WARN
        yield Check(name=state.name, verdict=verdict, found=state.found, fix=state.fix)


def _versions() -> Check:
    found = f"ciforge {__version__}, Python {platform.python_version()} ({sys.executable})"
    return Check(name="versions", verdict=CheckStatus.OK, found=found)


def _git() -> Check:
    try:
        found = git_version()
    except CiforgeError:
        return Check(
            name="git", verdict=CheckStatus.FAIL, found="not found; it is required to read sources",
            fix=install("git"), safe=is_safe_here(),
        )  # fmt: skip
    return Check(name="git", verdict=CheckStatus.OK, found=found)


def _state(folder: Path) -> Check:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
        states = [state for state in folder.iterdir() if state.is_dir()]
        verdicts = sum(len(verdict_files(state)) for state in states)
        steps = sum(map(total_size, states)) // _MIB
    except OSError as error:
        return Check(
            name="state folder", verdict=CheckStatus.FAIL,
            found=f"{folder}: {error.strerror or error}",
            fix='export CIFORGE_STATE="$HOME/ciforge"',
        )  # fmt: skip
    verdict = CheckStatus.OK if free > _GIB else CheckStatus.WARN
    proofs = f"{plural(verdicts, 'verdict')} by which jobs are proven"
    found = f"{folder}, {free // _GIB} GiB free, {proofs}, {steps} MiB of saved steps"
    fix = "" if verdict is CheckStatus.OK else "ciforge clean --older-than 7d"
    return Check(name="state folder", verdict=verdict, found=found, fix=fix)


def _engine_checks() -> Iterator[Check]:
    try:
        with tempfile.TemporaryDirectory() as scratch, open_engine(Path(scratch), Stop()) as engine:
            state = engine.health()
    except CiforgeError as error:
        yield Check(
            name="engine", verdict=CheckStatus.FAIL, found=f"{error}{_by_variable()}",
            fix=start_engine(), safe=is_safe_here() and not is_elsewhere(),
        )  # fmt: skip
        return
    for check in (_engine, _memory, _groups, _clock, _disk, _caches):
        yield check(state)
    yield _emulators(state)


def _by_variable() -> str:
    return f" (DOCKER_HOST is {os.environ['DOCKER_HOST']})" if is_elsewhere() else ""


def _engine(state: Health) -> Check:
    found = f"{_name(state)}, API {state.api}, {state.platform}, {state.storage}"
    if state.storage != "vfs":
        return Check(name="engine", verdict=CheckStatus.OK, found=found)
    return Check(
        name="engine", verdict=CheckStatus.WARN, found=f"{found}: the vfs driver copies the whole image for every container",
        fix=use_overlay() if state.title == _DOCKER else "",
    )  # fmt: skip


def _name(state: Health) -> str:
    """The engine, its version and, where no variable names it, where it was found."""
    kind = " rootless" if state.rootless else ""
    place = f" at {state.address}" if state.address and not is_elsewhere() else ""
    return f"{state.title}{kind} {state.version}{place}"


def _memory(state: Health) -> Check:
    found = f"{state.processors} processors, {state.memory // _GIB} GiB of memory"
    small = state.memory < 1.5 * _GIB
    return Check(name="machine", verdict=CheckStatus.WARN if small else CheckStatus.OK, found=found)


def _groups(state: Health) -> Check:
    missing = [
        word
        for word, there in (("memory", state.memory_limit), ("processes", state.process_limit))
        if not there
    ]
    if missing:
        found = f"version {state.cgroups}; no limits on {' and '.join(missing)}: a job can use up this machine"
        fix = "" if state.rootless else limit_memory()
        return Check(name="control groups", verdict=CheckStatus.WARN, found=found, fix=fix)
    return Check(name="control groups", verdict=CheckStatus.OK, found=f"version {state.cgroups}")


def _clock(state: Health) -> Check:
    if abs(state.skew) > 60:
        found = (
            f"the clock of the engine differs by {state.skew:+.0f} s: make may skip changed files"
        )
        return Check(name="clock", verdict=CheckStatus.WARN, found=found, fix=set_clock())
    return Check(name="clock", verdict=CheckStatus.OK, found=f"{state.skew:+.1f} s")


def _disk(state: Health) -> Check:
    if state.free is None:
        return Check(name="disk", verdict=CheckStatus.OK, found="on another machine, not checked")
    verdict = CheckStatus.OK if state.free > 5 * _GIB else CheckStatus.WARN
    verdict = verdict if state.free > _GIB else CheckStatus.FAIL
    fix = "" if verdict is CheckStatus.OK else "ciforge clean --older-than 0d"
    return Check(name="disk", verdict=verdict, found=f"{state.free // _GIB} GiB free", fix=fix)


def _caches(state: Health) -> Check:
    kinds = {Trust.BRANCH: "of followed branches", Trust.TREE: "of working trees"}
    counts = {title: state.caches.get(trust.value, 0) for trust, title in kinds.items()}
    counts["of earlier versions"] = state.caches.get("", 0)
    found = ", ".join(f"{count} {title}" for title, count in counts.items() if count)
    size = "size unknown" if state.cache_bytes is None else f"{state.cache_bytes // _MIB} MiB"
    found = f"{found}; {size}, of at most {MOST_CACHED // _MIB} MiB each" if found else "none"
    return Check(name="caches", verdict=CheckStatus.OK, found=found)


def _emulators(state: Health) -> Check:
    folder = Path("/proc/sys/fs/binfmt_misc")
    found = sorted(file.name.removeprefix("qemu-") for file in folder.glob("qemu-*"))
    text = ", ".join(found) if found else f"none; only {state.platform} jobs can run"
    fix = "" if found else install("qemu")
    return Check(name="emulators", verdict=CheckStatus.OK, found=text, fix=fix)


def _bootstrap() -> Check:
    there = shutil.which("mmdebstrap")
    found = "mmdebstrap" if there else "mmdebstrap not found; base images come only from registries"
    fix = "" if there else install("mmdebstrap")
    return Check(name="bootstrap", verdict=CheckStatus.OK, found=found, fix=fix)
