"""What a job of a run is given: its source, the settings of the run, and its machine."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import attrs

from ciforge.engines.protocol import Engine, Machine, MachineSpec, Stop
from ciforge.model.event import Event
from ciforge.model.job import Job
from ciforge.model.result import Result, SourceUsed
from ciforge.model.source_version import GIT_VARIABLES, SourceVersion
from ciforge.model.trust_domain import TrustDomain, alone, cache_volume
from ciforge.run.allocation import Share
from ciforge.run.needed_installs import NeededInstalls
from ciforge.run.saved_steps import SavedSteps
from ciforge.store.runs.run_folder import RunFolder

SPARE = 600
"""Seconds for which a machine exists after its job's time limit."""


@attrs.frozen(kw_only=True)
class Archive:
    """The source of one repository as a tar file."""

    file: Path
    used: SourceUsed
    order: str = ""
    """A hash of which of its files are older than which; empty where that is unknown."""
    newest: int = 0
    """The latest time of its files, in seconds since 1970."""
    domain: TrustDomain = attrs.field(factory=lambda: alone("nothing is known about it"))
    """The trust domain; jobs of one domain share caches."""
    version: SourceVersion = attrs.field(factory=SourceVersion)
    git: Path | None = None
    """A tar file with `.git`, for the steps."""

    @property
    def env(self) -> Mapping[str, str]:
        """The environment variables of every step."""
        return {**self.version.variables, **(GIT_VARIABLES if self.git else {})}


@attrs.frozen(kw_only=True)
class Settings:
    """Settings of every job of a run."""

    run: str
    project: str
    engine: Engine
    folder: RunFolder
    sources: Mapping[str, Archive]
    share: Share
    emit: Callable[[Event], None]
    stop: Stop
    timeout: int | None = None
    """Time limit of each job, in seconds; None: the job's own."""
    keep: bool = False
    ccache: bool = True
    make_tokens: bool = False
    """Whether make may have more processes while other machines need fewer."""
    expected: Mapping[str, float] = attrs.field(factory=dict)
    """Jobs to the seconds that they usually take: the longest one starts first. Empty: in their order."""
    visit: Callable[[Machine], None] | None = None
    """Called with the machine of a job that ended, however it did, before the machine is removed."""
    verdicts: "Verdicts | None" = None
    """Verdicts of earlier runs; None: every job runs, and nothing is recorded."""
    installs: NeededInstalls | None = None
    """Installs that jobs hand on to each other; None if no job needs one."""
    saved_steps: SavedSteps | None = None
    """Steps of earlier runs; None: every step runs, and none is saved."""
    confirms: bool = True
    """Repeat a failure in which the compiler cache had a part without caches, before it counts."""
    on_message: Callable[[str], None] = lambda _: None
    """Tells a person of trouble at once."""

    def limit(self, job: Job) -> int:
        """Seconds for the whole job."""
        return self.timeout or job.timeout


class Verdicts(Protocol):
    """Verdicts of jobs by their inputs."""

    def find(self, job: Job, settings: Settings) -> Result | None:
        """The result of a job that need not run; None if it has to."""

    def record(self, job: Job, result: Result, settings: Settings, *, proves: bool) -> None:
        """Records the result of a job that ran; `proves`: every step ran, and no cache was doubted."""


def machine_spec(job: Job, settings: Settings) -> MachineSpec:
    """The machine that the job gets, with the caches of its trust domain or none."""
    domain = settings.sources[job.repo].domain
    caches: dict[str, Any] = {}
    if settings.ccache and job.ccache:
        reads = cache_volume(job, domain.followed) if domain.followed else ""
        volume = cache_volume(job, domain)
        caches = {"ccache": volume, "ccache_reads": reads, "domain": domain}
    return MachineSpec(
        job=job.id, run=settings.run, project=settings.project,
        life=settings.limit(job) + SPARE, memory=settings.share.memory,
        make_jobs=settings.share.make_jobs, make_tokens=settings.make_tokens, keep=settings.keep,
        env=settings.sources[job.repo].env,
        **caches,
    )  # fmt: skip
