"""Jobs: everything that is needed to run them, and nothing about the machine that does."""

from collections.abc import Mapping

import attrs

from ciforge.model.cross import CrossCheck
from ciforge.model.distro import Distribution, Manager, Release
from ciforge.model.platform import Platform
from ciforge.model.project import Source
from ciforge.model.proof import Proof
from ciforge.model.value import Value

JOB_TIMEOUT = 7200
"""Seconds for a job whose project names no limit."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Step(Value):
    """A named part of a job, run by `sh -e` in the source tree."""

    name: str
    run: str
    root: bool = False
    user: str = ""
    """Another user than root and the unprivileged one; empty where neither is asked for."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    network: bool = False
    timeout: int = 1800
    """Seconds."""
    tries: int = 1
    """How often its script is run until it passes; all runs together have its time limit."""
    setuid: bool = False
    """Whether its programs may gain rights by the bits setuid and setgid."""
    tty: bool = False
    """Whether it has a terminal; its script makes one."""
    locale: str = ""
    """The locale that its script sets, if it is not C."""
    backtrace: bool = False
    """Whether its script asks gdb about programs that a signal ended."""

    @property
    def given(self) -> str:
        """What it has that other steps have not, as in ciforge.yml: `tty, locale: de_DE.UTF-8`; empty if nothing."""
        settings = (
            "network: true" * self.network, "tty: true" * self.tty,
            "backtrace: true" * self.backtrace,
            f"locale: {self.locale}" if self.locale else "", "privileges: setuid" * self.setuid,
            f"flaky: {self.tries}" if self.tries > 1 else "",
        )  # fmt: skip
        return ", ".join(filter(None, settings))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class JobService(Value):
    """A server beside the steps of a job, in a container that shares its loopback interface."""

    name: str
    healthy: str
    """The command whose exit status 0 says that it answers."""
    run: str = ""
    """The command that is the server; empty: that of the image."""
    packages: tuple[str, ...] = ()
    """Names for the package manager; empty with an image."""
    image: str = ""
    """An image by its digest; empty with packages."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Job(Value):
    """One repository, built in one variant on one release of one distribution, for one platform."""

    project: str
    repo: str
    distribution: Distribution
    release: Release
    manager: Manager
    variant: str
    platform: Platform
    packages: tuple[str, ...] = ()
    """Names for the package manager, sorted, each once."""
    sources: Mapping[str, Source] = attrs.field(factory=dict)
    """Libraries to build from tarballs into the image, by name."""
    users: Mapping[str, str] = attrs.field(factory=dict)
    """Users to make in the image, to their homes."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    """For every step."""
    steps: tuple[Step, ...] = ()
    folder: str = ""
    """The folder of the source in which the steps run; empty for its top."""
    needs: tuple[str, ...] = ()
    """Ids of the jobs whose install is put into its machine first, each after those that it needs."""
    builddir: str = ""
    """The folder below `folder` that is built in."""
    services: tuple[JobService, ...] = ()
    carry_git: bool = False
    """Whether the source has a `.git` with HEAD and the tags."""
    ccache: bool = False
    """Whether its compilers can go through ccache."""
    artifacts: tuple[str, ...] = ()
    """Files of the build folder to keep: `config.log`, `config.h`."""
    keep: tuple[str, ...] = ()
    """Patterns of further files to keep, and a word for the logs of tests."""
    schedule: str = ""
    allow_failure: bool = False
    timeout: int = JOB_TIMEOUT
    """Seconds for the whole job, its image included."""
    skipped: str = ""
    """Why the job cannot run; empty where it can."""
    proof: Proof = Proof.RENDERED
    """How far its system is proven."""
    cross: CrossCheck | None = None
    """The system that it compiles and links for, if that is not the one of its machine.

    `distribution`, `release`, `manager` and `platform` are those of the machine."""

    @property
    def setuid(self) -> bool:
        """Whether a step may run setuid programs: then any of its steps may have become root."""
        return any(step.setuid for step in self.steps)

    @property
    def tried_again(self) -> bool:
        """Whether a step that fails is run again."""
        return any(step.tries > 1 for step in self.steps)

    @property
    def given(self) -> Mapping[str, str]:
        """Steps to what they have that other steps have not; `*` stands for all steps."""
        services = ", ".join(service.name for service in self.services)
        steps = {step.name: step.given for step in self.steps if step.given}
        return steps | ({"*": f"services: {services}"} if services else {})

    @property
    def system(self) -> str:
        """The distribution that it is about: `debian`."""
        return self.cross.distribution if self.cross else self.distribution.distribution

    @property
    def release_id(self) -> str:
        """The release that it is about: `debian-13`."""
        return self.cross.release_id if self.cross else self.machine_id

    def statement(self, versions: Mapping[str, str]) -> str:
        """Returns the sentence on what the job has shown when all its steps passed. `versions` are those of
        the machine's packages.
        """
        if self.cross:
            return self.cross.statement(versions, self._machine_title)
        names = [step.name for step in self.steps]
        without = "" if "check" in names else "; there is no step check"
        return f"every step passed on {self._machine_title}: {', '.join(names)}{without}"

    @property
    def statement_form(self) -> str:
        """`statement` for a machine that learns the versions: see `CrossCheck.statement_form`."""
        return self.cross.statement_form(self._machine_title) if self.cross else ""

    @property
    def _machine_title(self) -> str:
        return f"{self.distribution.title} {self.release.release}"

    @property
    def machine_id(self) -> str:
        """The release of its machine: `debian-13`."""
        return self.distribution.release_id(self.release)

    @property
    def target_platform(self) -> Platform:
        """The platform that it is about."""
        return self.cross.platform if self.cross else self.platform

    @property
    def id(self) -> str:
        """`portable/debian-13/clang@arm64`; unique, and the same on every machine."""
        return job_id(self.repo, self.release_id, self.variant, self.target_platform)


def job_id(repo: str, release_id: str, variant: str, platform: Platform) -> str:
    """The id of a job by its four parts; amd64 is omitted."""
    arch = "" if platform.arch == "amd64" else f"@{platform.arch}"
    return f"{repo}/{release_id}/{variant}{arch}"
