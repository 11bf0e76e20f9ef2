"""The domain and the token of SourceHut, from the environment."""

import os
import re
import time
from collections.abc import Mapping

from ciforge.app.service_access import checked_token
from ciforge.ci.github.http_client import check_api
from ciforge.ci.sourcehut.dispatch import SourcehutBuilds, manifests
from ciforge.errors import UsageError
from ciforge.sources.scratch_branch import PushRemote

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")
_REPOSITORY = re.compile(r"~[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


def sourcehut_builds(texts: Mapping[str, str]) -> SourcehutBuilds:
    """Returns the builds of the token's owner; `texts` are the manifests. Raises UsageError."""
    domain = _domain()
    found = os.environ.get("SRHT_TOKEN", "").strip()
    if not found:
        raise UsageError(
            "no token for builds on SourceHut",
            hint=f"set SRHT_TOKEN to a personal access token of meta.{domain} with JOBS:RW and LOGS:RO",
        )
    usual = f"https://builds.{domain}"
    hint = f"unset SRHT_API_URL for {usual}, or write an address such as that one"
    api = check_api(os.environ.get("SRHT_API_URL") or usual, "SRHT_API_URL", hint)
    token = checked_token(found, "SRHT_TOKEN")
    return SourcehutBuilds(texts, api=api, token=token, clock=time.monotonic)


def repository_on_sourcehut(remote: PushRemote) -> str:
    """Returns ~OWNER/NAME of a remote on the domain that the token is for. Raises UsageError."""
    domain = _domain()
    host, path = remote.place
    if host != f"git.{domain}":
        raise UsageError(
            f"remote {remote.name} is at {remote.shown}, which is not on git.{domain}",
            hint="--remote NAME names another; for a server of your own set SRHT_DOMAIN: "
            "SRHT_TOKEN is sent to builds.SRHT_DOMAIN, or SRHT_API_URL, only",
        )
    if not _REPOSITORY.fullmatch(path):
        raise UsageError(f"remote {remote.name}: {remote.shown} names no repository ~OWNER/NAME")
    return path


def sourcehut_manifests(
    texts: Mapping[str, str], repository: str, commit: str
) -> Mapping[str, str]:
    """Returns the generated manifests with the commit of a repository. Raises UsageError."""
    return manifests(texts, f"https://git.{_domain()}/{repository}", commit)


def _domain() -> str:
    found = os.environ.get("SRHT_DOMAIN", "").strip().lower() or "sr.ht"
    if not _DOMAIN.fullmatch(found):
        raise UsageError("SRHT_DOMAIN: not the name of a domain", hint="write for example sr.ht")
    return found
