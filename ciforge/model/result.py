"""Results of jobs and runs, as in `result.json` and `run.json`."""

import enum
from collections.abc import Mapping

import attrs

from ciforge.model.cross_id import is_cross_check
from ciforge.model.document_key import KEY


class Status(enum.Enum):
    """The status of a job."""

    PASSED = "passed"
    COMPILED = "compiled"
    """A cross check did all its steps. It compiles and links for that system; nothing ran there."""
    FLAKY = "flaky"
    """All steps passed; one that the project calls flaky did not at once."""
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    INFRASTRUCTURE = "infrastructure"
    SKIPPED = "skipped"

    @property
    def green(self) -> bool:
        """Whether the job did all its steps: `passed`, `compiled` or `flaky`."""
        return self in (Status.PASSED, Status.COMPILED, Status.FLAKY)


def green_status(job: str) -> Status:
    """The status of the job with this id when all its steps passed."""
    return Status.COMPILED if is_cross_check(job) else Status.PASSED


class Limit(enum.Enum):
    """A resource that a job, or the machine of its engine, exhausted."""

    MEMORY = "memory"
    DISK = "disk"
    PROCESSES = "processes"
    TIME = "time"
    ENGINE_MEMORY = "engine-memory"
    ENGINE_DISK = "engine-disk"


class StopSignal(enum.Enum):
    """A signal that stops a run."""

    INTERRUPT = "SIGINT"
    TERMINATE = "SIGTERM"
    HANGUP = "SIGHUP"


@attrs.frozen(kw_only=True)
class StepResult:
    """One step that was started. `exit_code` is None if it is uncertain."""

    name: str
    exit_code: int | None
    seconds: float
    started: str
    """RFC 3339, UTC."""


@attrs.frozen(kw_only=True)
class SourceUsed:
    """The source that was built for one repository."""

    repo: str
    origin: str
    """A path or an address, without secrets."""
    revision: str = ""
    """The commit's full hash; empty for a tree without git."""
    branch: str = ""
    """The branch that it was taken from, `pull/12/head`, `HEAD`; empty if unknown."""
    changes: int = 0
    """Files that differ from the commit, untracked ones included."""
    patch: str = ""
    """The patch that was applied, by its name."""
    digest: str = ""
    """sha256 over every path, mode and byte of the source."""


@attrs.frozen(kw_only=True)
class Result:
    """The result of one job in one run."""

    job: str
    status: Status
    failed_step: str | None = None
    reason: str = ""
    """A sentence for people: why it was skipped, what the engine reported. Programs do not use it."""
    limit: Limit | None = None
    """The limit that ended the job; None if no limit did, or it is unknown."""
    proves: str = ""
    """A sentence on what the job has shown; empty unless all its steps passed."""
    signal: StopSignal | None = None
    """The signal that stopped the run before the job ended."""
    started: str = ""
    seconds: float = 0.0
    steps: tuple[StepResult, ...] = ()
    tail: tuple[str, ...] = ()
    """The last lines of the failed step, safe to print."""
    allow_failure: bool = False
    proof: str = attrs.field(default="", metadata={KEY: "system_proof"})
    """How far the job's system was proven before this job: `tested`, `userland`, `cross`, `rendered`.
    What this job has shown is in `status` and `proves`."""
    image: str = ""
    """The dependency image's id."""
    base: str = ""
    """The base image's name and digest."""
    lacks: tuple[str, ...] = ()
    """What the job's machine did not promise: `clean`, `isolated network`, `memory limit` and so on."""
    given: Mapping[str, str] = attrs.field(factory=dict)
    """Steps to what they had that other steps have not: `check` to `tty: true, locale: de_DE.UTF-8`."""
    packages: Mapping[str, str] = attrs.field(factory=dict)
    """Installed packages to their versions."""
    built_with: tuple[str, ...] = ()
    """The compiler and the libc of a job that names a compiler, and each installed program with the library of `sources`
    that it loads: `by gcc-12: gcc-12 (Debian) 12.4.0`, `with glibc 2.41`, `/usr/sbin/smtpd: /opt/tls/lib/libcrypto.so.3`."""
    artifacts: tuple[str, ...] = ()
    """File names in the job's `artifacts/`."""
    source: SourceUsed | None = None
    kept_machine: str = attrs.field(default="", metadata={KEY: "box"})
    """The container kept by `--keep`."""
    proven_by: str = ""
    """The run in which a job with the same inputs passed; this one was not run then. Else empty."""
    not_tried_for: str = ""
    """The job of the same run that ended without an install that this one needs, which was then not tried."""
    replayed: tuple[str, ...] = ()
    """Steps that were not run, because saved ones were laid in."""
    restarted: str = ""
    """Why the job ran again without its caches, after they were not reliable; empty if it did not."""
    unconfirmed_step: str = ""
    """The step that failed while a cache had a part in it, before the job ran again without; empty if none did."""
    cache_hits: int | None = None
    """Compilations and configures that a cache answered; None if there is no cache, or it is not known."""
    cache_problems: tuple[str, ...] = ()
    """A sentence for each thing that was wrong with a cache of the job, and what became of that cache."""
    conclusion: str = ""
    """The hosted service's conclusion of the job: `success`, `failure`, `cancelled`; empty for local runs."""
    attempt: int = 0
    """The attempt of a hosted run, from 1 up; 0 for local runs."""


@attrs.frozen(kw_only=True)
class Run:
    """One run: `run.json`. Results are in each job's own `result.json`."""

    id: str
    project: str
    started: str
    version: str
    command: tuple[str, ...] = ()
    sources: tuple[SourceUsed, ...] = ()
    jobs: tuple[str, ...] = ()
    ended: str = ""
    seconds: float = 0.0
    exit_code: int | None = None
    sequence: int = 0
    """The position among the runs of the state folder, from 1; 0 for runs of an older ciforge."""
    conclusion: str = ""
    """The conclusion of the hosted service; empty for other runs."""
