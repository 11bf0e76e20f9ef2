"""The services on which `ciforge try` starts runs, one row each, with their addresses and tokens."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from ciforge.app.forgejo_access import (
    forgejo_api,
    forgejo_server,
    forgejo_token,
    repository_on_forgejo,
)
from ciforge.app.service_access import (
    api_address,
    repository_at,
    required_token,
    token_for,
)
from ciforge.app.sourcehut_access import (
    repository_on_sourcehut,
    sourcehut_builds,
    sourcehut_manifests,
)
from ciforge.ci.forgejo import dispatch as forgejo
from ciforge.ci.github import dispatch as github
from ciforge.ci.sourcehut import dispatch as sourcehut
from ciforge.ci.started_runs import StartsRuns
from ciforge.errors import UsageError
from ciforge.sources.scratch_branch import PushRemote


@attrs.frozen(kw_only=True)
class TryService:
    """How runs are started on one service. All functions raise UsageError."""

    repository: Callable[[PushRemote], str]
    """A remote to `OWNER/NAME`, if it is on the server that the token is for."""
    open: Callable[[str, Path | None, Mapping[str, str]], StartsRuns]
    """The repository of this name; pages are cached in the folder; the texts are those of `manifests`."""
    push_token: Callable[[str], str]
    """The token for pushing to an address; empty if only the person's own access may be used."""
    jobs_by_file: Callable[[Mapping[str, str]], dict[str, tuple[str, ...]]]
    """Generated files to the workflows in them, and the jobs of each."""
    chooses: bool
    """Whether a run is started for some of the jobs of its workflow; else the commit has only these."""
    manifests: Callable[[Mapping[str, str], str, str], Mapping[str, str]] = lambda *_: {}
    """Generated files, the repository and the commit to the texts that are sent to the service, if any are."""
    push_options: tuple[str, ...] = ()


def _github(repository: str, pages: Path | None, _texts: Mapping[str, str]) -> StartsRuns:
    return github.Dispatcher(
        repository, token=required_token(), api=api_address(), pages=pages, clock=time.monotonic
    )


def _forgejo(repository: str, _pages: Path | None, _texts: Mapping[str, str]) -> StartsRuns:
    forgejo_server()
    token, api = forgejo_token(), forgejo_api()
    return forgejo.ForgejoDispatcher(repository, token=token, api=api, clock=time.monotonic)


def _sourcehut(_repository: str, _pages: Path | None, texts: Mapping[str, str]) -> StartsRuns:
    return sourcehut_builds(texts)


def _no_token(_address: str) -> str:
    return ""


_SERVICES = {
    "github": TryService(
        repository=repository_at, open=_github, push_token=token_for,
        jobs_by_file=github.jobs_by_file, chooses=True,
    ),
    "forgejo": TryService(
        repository=repository_on_forgejo, open=_forgejo, push_token=_no_token,
        jobs_by_file=forgejo.jobs_by_file, chooses=False,
    ),
    "sourcehut": TryService(
        repository=repository_on_sourcehut, open=_sourcehut, push_token=_no_token,
        jobs_by_file=sourcehut.jobs_by_file, chooses=True, manifests=sourcehut_manifests,
        push_options=("skip-ci",),  # else git.sr.ht submits the manifests of the commit itself, with secrets
    ),
}  # fmt: skip


def try_service(name: str) -> TryService:
    """The service of this name. Raises UsageError for one that cannot be asked."""
    if name not in _SERVICES:
        raise UsageError(
            f"`ciforge try` starts no jobs on {name} so far",
            hint="push a branch of your own there; `ciforge collect DIR` imports its artifacts",
        )
    return _SERVICES[name]
