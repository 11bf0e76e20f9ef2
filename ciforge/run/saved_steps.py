"""Steps that are not run, because all that they read is as it was when they last ran.

docs/decisions/saved-steps.md says what decides that, and how a wrong answer would be noticed.
"""

import hashlib
import io
import json
import platform
import re
import tarfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import attrs

from ciforge.engines.protocol import Image, MachineSpec
from ciforge.engines.step_observer import MadeFile, StepObservation, StepObserver
from ciforge.errors import EngineError
from ciforge.model.job import Job, Step
from ciforge.model.saved_step import SavedFile, SavedStep
from ciforge.render.step_script import step_script
from ciforge.run.code_digest import code_digest
from ciforge.run.source_state import SourceState
from ciforge.run.step_key import commit_variables, step_key
from ciforge.sources.tar_reader import TarError
from ciforge.store.saved_step_files import SavedStepFiles

_STEPS = ("bootstrap", "configure")
LARGEST_LOG = 1024 * 1024
"""Bytes of output of a step that is saved."""
_TICK = 10_000
"""Nanoseconds between the times of files that a step made one after the other."""
_KINDS = {"file": tarfile.REGTYPE, "link": tarfile.SYMTYPE, "folder": tarfile.DIRTYPE}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_ARCHIVE, _OBJECT = b"!<arch>", b"ELF"
"""How libraries begin, and the second to fourth byte of objects and programs."""


class NamedEngine(Protocol):
    """An engine that says what a job could notice of it."""

    def platform(self) -> str:
        """`linux/amd64`: what runs without emulation."""

    def identity(self) -> str:
        """Versions, kernel, limits and promises. Raises EngineError."""


@runtime_checkable
class ObservedMachine(Protocol):
    """A machine whose steps can be observed."""

    def observer(self) -> StepObserver:
        """Its observer."""


@attrs.frozen(kw_only=True)
class Replay:
    """What is laid in and shown instead of running a step."""

    saved: SavedStep
    made: tuple[MadeFile, ...]
    log: bytes


class SavedSteps:
    """The saved steps that the jobs of a run use and add to; `on_message` tells a person of trouble."""

    def __init__(
        self, files: SavedStepFiles, engine: NamedEngine, on_message: Callable[[str], None]
    ) -> None:
        self.files = files
        self.on_message = on_message
        self._engine = engine
        self._code = code_digest()
        self._states: dict[Path, SourceState] = {}
        self._lock = threading.Lock()

    def of(
        self, job: Job, image: Image, machine: object, plan: MachineSpec, archive: Path
    ) -> "JobSteps | None":
        """Those of a job whose source is that archive; None where steps cannot be observed."""
        if not (plan.ccache and isinstance(machine, ObservedMachine)):
            return None
        # The engine does not say which emulator it uses.
        if str(job.platform) != self._engine.platform():
            return None
        try:
            around = json.dumps([self._engine.identity(), _processor(), self._code])
            state = self._state(archive)
        except (EngineError, OSError, TarError):
            return None  # the job meets the same error, or runs all its steps
        if state.is_of_the_future(time.time_ns()):
            return None  # what a step makes would be older than the source
        key = _Key(job=job, image=image, machine=plan, around=around)
        return JobSteps(key, state, machine.observer(), self)

    def _state(self, archive: Path) -> SourceState:
        with self._lock:
            if archive not in self._states:
                self._states[archive] = SourceState.of(archive)
            return self._states[archive].copy()


@attrs.frozen(kw_only=True)
class _Key:
    """The parts of a key that are the same for all steps of a job."""

    job: Job
    image: Image
    machine: MachineSpec
    around: str

    def of(self, steps: Sequence[Step], shape: str) -> str:
        return step_key(self.job, steps, self.image, self.machine, shape=shape, around=self.around)

    def followed(self) -> "_Key | None":
        """The same for the followed branch, whose saved steps a working tree may use."""
        domain = self.machine.domain
        if domain is None or domain.followed is None:
            return None
        return attrs.evolve(self, machine=attrs.evolve(self.machine, domain=domain.followed))


class JobSteps:
    """The steps of one job in one machine, one after the other."""

    def __init__(
        self, key: _Key, state: SourceState, observer: StepObserver, steps: SavedSteps
    ) -> None:
        self._key = key
        self._state = state
        self._observer = observer
        self._files = steps.files
        self._on_message = steps.on_message
        self._done: tuple[Step, ...] = ()
        self._known = True
        """Whether the state of the source is known."""
        self.used: list[SavedStep] = []

    def leading(self, steps: Sequence[Step]) -> dict[str, Replay]:
        """The first steps that need not run, by their names."""
        found: dict[str, Replay] = {}
        for step in steps:
            replay = self.find(step)
            if replay is None:
                break
            found[step.name] = replay
        return found

    def find(self, step: Step) -> Replay | None:
        """The next step as it was saved; None if it has to run."""
        if not self._takes(step):
            return None
        followed = self._key.followed()
        found = self._files.find(self._key_of(step), self._fits)
        if found is None and followed:
            key = followed.of((*self._done, step), self._state.shape())
            found = self._files.find(key, self._fits)
        if found is None:
            return None
        replay = _replay(*found, after=self._state.newest(time.time_ns()))
        self._state.add(replay.made)
        self._done += (step,)
        self.used.append(replay.saved)
        return replay

    def begin(self, step: Step) -> bool:
        """Before the step runs: whether it is observed. Raises EngineError."""
        self._known = self._takes(step) and self._observer.begin()
        return self._known

    def end(self, step: Step, log: bytes, run: str) -> None:
        """Saves an observed step that passed. Raises EngineError."""
        seen = self._observer.end()
        if seen is None or len(log) > LARGEST_LOG or not self._can_save(seen):
            self._known = False
            return
        saved = self._saved(step, seen, log, run)
        payload = log + b"".join(file.data for file in seen.made)
        try:
            self._files.keep(saved, payload)
        except OSError as error:
            self._on_message(f"{step.name} is not saved: {error.strerror or error}")
        self._state.add(seen.made)
        self._done += (step,)

    def _takes(self, step: Step) -> bool:
        unprivileged = not (step.root or step.network or step.user)
        return self._known and unprivileged and step.name in _STEPS

    def _key_of(self, step: Step) -> str:
        return self._key.of((*self._done, step), self._state.shape())

    def _fits(self, saved: SavedStep) -> bool:
        """Whether all that the step read is here, as it was."""
        inputs = sorted(saved.inputs)
        env = self._key.machine.env
        return (
            all(self._state.digest(path) == saved.inputs[path] for path in inputs)
            and self._state.order(inputs) == saved.order
            and all(env.get(name, "") == text for name, text in saved.env.items())
            and all(file.during or self._is_older(file.kind, file.mtime) for file in saved.files)
        )

    def _is_older(self, kind: str, mtime: int) -> bool:
        """Whether a file that was copied with its time is older than the source, wherever it is laid in."""
        return kind == "folder" or mtime < self._state.oldest()

    def _can_save(self, seen: StepObservation) -> bool:
        """Whether what it made can be laid in again: no mode of an earlier file changed, no object."""
        for file in seen.made:
            before = self._state.get(file.path)
            if before and (before.type, before.mode) != (file.type, file.mode):
                return False
            if before and before.type != tarfile.REGTYPE:
                return False
            during = seen.began <= file.mtime <= seen.ended
            if not (during or self._is_older(_NAMES[file.type], file.mtime)):
                return False
            if file.data.startswith(_ARCHIVE) or file.data[1:4] == _OBJECT:
                return False
        return True

    def _saved(self, step: Step, seen: StepObservation, log: bytes, run: str) -> SavedStep:
        changed = {file.path for file in seen.made}
        inputs = sorted(path for path in seen.read | changed if self._state.digest(path))
        script = step_script(self._key.job, step).encode()
        contents = [script, log, *map(self._state.content, inputs)]
        contents += [file.data for file in seen.made]
        return SavedStep(
            key=self._key_of(step), step=step.name, run=run,
            inputs={path: self._state.digest(path) for path in inputs},
            order=self._state.order(inputs),
            env=commit_variables(self._key.machine.env, contents),
            files=tuple(_saved_file(file, seen) for file in seen.made), log_size=len(log),
        )  # fmt: skip


def _saved_file(file: MadeFile, seen: StepObservation) -> SavedFile:
    return SavedFile(
        path=file.path, kind=_NAMES[file.type], mode=file.mode,
        seconds=file.mtime // 10**9, nanoseconds=file.mtime % 10**9,
        during=seen.began <= file.mtime <= seen.ended, size=len(file.data), target=file.target,
    )  # fmt: skip


def _replay(saved: SavedStep, payload: bytes, *, after: int) -> Replay:
    """The files with times after `after`, as if a very fast machine had run the step right then."""
    times = sorted({file.mtime for file in saved.files if file.during})
    ranks = {time: rank for rank, time in enumerate(times, 1)}
    made, at = list[MadeFile](), saved.log_size
    for file in saved.files:
        mtime = after if file.kind == "folder" else file.mtime
        mtime = after + ranks[file.mtime] * _TICK if file.during else mtime
        made.append(
            MadeFile(
                path=file.path, type=_KINDS[file.kind], mode=file.mode, mtime=mtime,
                data=payload[at : at + file.size], target=file.target,
            )
        )  # fmt: skip
        at += file.size
    return Replay(saved=saved, made=tuple(made), log=payload[: saved.log_size])


def _processor() -> str:
    """The abilities of this machine's processor, which usually is the engine's, and of its kernel."""
    try:
        text = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        text = ""
    match = re.search(r"^(?:flags|Features)\s*:.*$", text, re.MULTILINE)
    return hashlib.sha256(f"{platform.release()} {match[0] if match else ''}".encode()).hexdigest()


def write_archive(replays: Sequence[Replay], archive: Path) -> None:
    """Writes what the steps made as a tar file. Raises OSError."""
    made = {file.path: file for replay in replays for file in replay.made}
    with archive.open("wb") as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:  # fmt: skip
        for path, file in sorted(made.items()):
            info = tarfile.TarInfo(path)
            info.type, info.mode, info.size = file.type, file.mode, len(file.data)
            info.linkname, info.mtime = file.target, file.mtime // 10**9
            info.pax_headers = {"mtime": f"{file.mtime // 10**9}.{file.mtime % 10**9:09}"}
            tar.addfile(info, io.BytesIO(file.data))
