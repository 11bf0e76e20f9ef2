"""The server and the token of Forgejo, from the environment."""

import os

from ciforge.app.service_access import checked_token
from ciforge.ci.github.api import REPOSITORY
from ciforge.ci.github.http_client import check_api, origin
from ciforge.errors import UsageError
from ciforge.sources.git_url import host_and_path
from ciforge.sources.scratch_branch import PushRemote


def forgejo_server() -> str:
    """Returns the address of the server. Raises UsageError if it or the token is missing."""
    if not _address() or not os.environ.get("FORGEJO_TOKEN", "").strip():
        raise UsageError(
            "no server and no token for Forgejo",
            hint="set FORGEJO_SERVER_URL, for example https://codeberg.org, and FORGEJO_TOKEN, "
            "which must be allowed to write repositories",
        )
    return _checked(_address())


def forgejo_api() -> str:
    """Returns the address of the server's API. Raises UsageError."""
    return _checked(f"{_checked(_address())}/api/v1")


def forgejo_token() -> str:
    """Returns the token; empty without one. Raises UsageError, which never contains the token."""
    found = os.environ.get("FORGEJO_TOKEN", "").strip()
    return checked_token(found, "FORGEJO_TOKEN") if found else ""


def forgejo_repository(address: str) -> str:
    """Returns OWNER/NAME of a git address on the server; empty for one that is elsewhere."""
    server = origin(_address())[1]
    host, path = host_and_path(address)
    return path if server and host == server and REPOSITORY.fullmatch(path) else ""


def repository_on_forgejo(remote: PushRemote) -> str:
    """Returns OWNER/NAME of a remote on the server that the token is for. Raises UsageError."""
    server = origin(forgejo_server())[1]
    host, path = remote.place
    if host != server:
        raise UsageError(
            f"remote {remote.name} is at {remote.shown}, which is not on {server}",
            hint="--remote NAME names another; FORGEJO_TOKEN is sent to FORGEJO_SERVER_URL only",
        )
    if not REPOSITORY.fullmatch(path):
        raise UsageError(f"remote {remote.name}: {remote.shown} names no repository OWNER/NAME")
    return path


def _checked(address: str) -> str:
    return check_api(address, "FORGEJO_SERVER_URL", hint="write for example https://codeberg.org")


def _address() -> str:
    return os.environ.get("FORGEJO_SERVER_URL", "").rstrip("/")
