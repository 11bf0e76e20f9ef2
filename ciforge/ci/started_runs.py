"""The protocol of a service on which runs are started by hand, on a branch."""

import zipfile
from collections.abc import Sequence
from typing import Protocol

from ciforge.ci.github.api import Artifact, HostedJob, HostedRun


class StartsRuns(Protocol):
    """One repository on a service. Every method raises HostedError, some UsageError as they say."""

    def require(self, files: Sequence[str], /) -> None:
        """Raises UsageError if the token may not push, or the service cannot start these workflows."""

    def dispatch(self, file: str, branch: str, jobs: Sequence[str], /) -> None:
        """Starts a workflow on a branch for these jobs. Raises UsageError if it is refused."""

    def runs_on(self, branch: str, /) -> list[HostedRun]:
        """The runs that were started by hand on a branch, the oldest first."""

    def run(self, number: int, /) -> HostedRun:
        """A run as it is now."""

    def jobs(self, run: HostedRun, /) -> list[HostedJob]:
        """All jobs of a run."""

    def artifacts(self, run: HostedRun, /) -> list[Artifact]:
        """The artifacts of a run."""

    def download(self, artifact: Artifact, /) -> zipfile.ZipFile:
        """The artifact, in an unnamed temporary file; close it. Raises ArtifactError, too."""

    def cancel(self, number: int, /) -> None:
        """Asks the service to end a run."""

    def remark(self, job: HostedJob, /) -> str:
        """What the service says about a job that left no result; else empty."""
