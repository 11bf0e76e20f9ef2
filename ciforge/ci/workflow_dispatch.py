"""What the services have in common that start a workflow by hand and give its artifacts."""

import re
import zipfile
from collections.abc import Mapping
from typing import Any

from ciforge.ci.artifact_files import LARGEST, ArtifactError, temporary_archive
from ciforge.ci.github.http_client import Client, HostedError, ResponseTooLarge
from ciforge.errors import UsageError

_MISSING = 404


def jobs_by_workflow(
    texts: Mapping[str, str], file: re.Pattern[str], row: re.Pattern[str]
) -> dict[str, tuple[str, ...]]:
    """The names of generated workflows to the jobs in them.

    `file` matches the path of a workflow, whose name is its first group, and `row` a job in the text.
    """
    found = {}
    for path, text in texts.items():
        if (name := file.fullmatch(path)) and (jobs := row.findall(text)):
            found[name[1]] = tuple(jobs)
    return found


def pushable_repository(client: Client, url: str, permission: str) -> dict[str, Any]:
    """The service's entry of the repository at this address.

    Raises UsageError if the token cannot see it, for which it needs `permission`, or may not push to it.
    """
    try:
        entry = client.get(url, {}).document()
    except HostedError as error:
        if error.code != _MISSING:
            raise
        raise UsageError(
            f"{url}: the service does not show this repository to the token",
            hint=f"use a token for it that may read and write {permission}",
        ) from None
    rights = entry.get("permissions")
    if isinstance(rights, dict) and rights.get("push") is False:
        raise UsageError(
            f"{url}: the token may not push to this repository",
            hint="--remote NAME names a repository of your own, such as a fork",
        )
    return entry


def downloaded(client: Client, url: str, name: str, size: int) -> zipfile.ZipFile:
    """The artifact at this address, in an unnamed temporary file; close it. Raises HostedError, ArtifactError."""
    if size > LARGEST:
        raise ArtifactError(f"{name}: larger than {LARGEST} bytes")
    try:
        return temporary_archive(lambda file: client.download(url, file, LARGEST), name)
    except ResponseTooLarge as error:
        raise ArtifactError(f"{name}: {error}") from None
