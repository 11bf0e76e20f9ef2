"""The addresses and the token of a hosted service, from the environment."""

import os
import re
from pathlib import Path

from ciforge.ci.github.api import REPOSITORY
from ciforge.ci.github.http_client import check_api, origin
from ciforge.errors import UsageError
from ciforge.sanitize import safe_line
from ciforge.sources.git_url import host_and_path
from ciforge.sources.scratch_branch import PushRemote

_SERVER = "https://github.com"
_API = "https://api.github.com"
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_LARGEST = 65536
"""Maximum size of a file that holds a token, in bytes."""


def api_address() -> str:
    """The address of the service's API. Raises UsageError."""
    return check_api(os.environ.get("GITHUB_API_URL") or _API)


def hosted_repository(address: str) -> str:
    """OWNER/REPO of a git address on the server of the API; empty for one that is elsewhere."""
    server = origin(os.environ.get("GITHUB_SERVER_URL") or _SERVER)[1]
    host, path = host_and_path(address)
    return path if host == server and REPOSITORY.fullmatch(path) else ""


def token() -> str:
    """The token; empty without one. Raises UsageError, which never contains the token."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        if found := os.environ.get(name, "").strip():
            return checked_token(found, name)
    file = os.environ.get("CIFORGE_GITHUB_TOKEN_FILE", "")
    return checked_token(_read(Path(file)), "CIFORGE_GITHUB_TOKEN_FILE") if file else ""


def token_for(remote: str) -> str:
    """`$GITHUB_TOKEN` if the remote is on the server that issued it, else empty.

    Raises UsageError.
    """
    found = os.environ.get("GITHUB_TOKEN", "").strip()
    server = origin(os.environ.get("GITHUB_SERVER_URL") or _SERVER)
    if not found or server[0] != "https" or origin(remote) != server:
        return ""
    return checked_token(found, "GITHUB_TOKEN")


def repository_at(remote: PushRemote) -> str:
    """`OWNER/NAME` of a remote on the server that the token is for. Raises UsageError."""
    server = origin(os.environ.get("GITHUB_SERVER_URL") or _SERVER)[1]
    host, path = remote.place
    if host != server:
        raise UsageError(
            f"remote {remote.name} is at {remote.shown}, which is not on {server}",
            hint="--remote NAME names another; for a server of your own set GITHUB_SERVER_URL and GITHUB_API_URL",
        )
    if server != origin(_SERVER)[1] and not os.environ.get("GITHUB_API_URL"):
        raise UsageError(
            f"GITHUB_API_URL is required for {safe_line(server, 100)}",
            hint=f"for example https://{safe_line(server, 100)}/api/v3",
        )
    if not REPOSITORY.fullmatch(path):
        raise UsageError(f"remote {remote.name}: {remote.shown} names no repository OWNER/NAME")
    return path


def required_token() -> str:
    """The token. Raises UsageError without one."""
    if found := token():
        return found
    raise UsageError(
        "no token for the service's API",
        hint="set GITHUB_TOKEN, GH_TOKEN or CIFORGE_GITHUB_TOKEN_FILE; it needs the permission to "
        "read and write Actions of this repository",
    )


def checked_token(text: str, name: str) -> str:
    """The token of a variable. Raises UsageError, which never contains the token."""
    if not _TOKEN.fullmatch(text):
        raise UsageError(
            f"{name}: contains a character that is not allowed in a token: a line break, or one that is not ASCII",
            hint="a token is one line of ASCII characters; its value is not shown",
        )
    return text


def _read(file: Path) -> str:
    try:
        with file.expanduser().open("rb") as stream:
            return stream.read(_LARGEST).decode("utf-8").strip()
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"CIFORGE_GITHUB_TOKEN_FILE: {file}: {why}") from None
    except UnicodeDecodeError:
        raise UsageError(f"CIFORGE_GITHUB_TOKEN_FILE: {file}: not a text file") from None
