"""Addresses of git repositories: what is one, which two are the same place, how one is shown."""

import re
from urllib.parse import unquote

from ciforge.private import masked_word

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<site>[^/]*)(?P<path>.*)", re.I | re.S)
_SCP = re.compile(
    r"(?:(?P<user>[^/\s]*)@)?(?P<host>\[[^]/]+\]|[^/:@\s]+):(?P<path>(?!:).*)", re.S
)  # fmt: skip


def is_address(place: str) -> bool:
    """Whether `place` is written like an address of a git repository, not like a path."""
    return _URL.fullmatch(place) is not None or _SCP.fullmatch(place) is not None


def same_address(a: str, b: str) -> bool:
    """Whether both name one host and path, whatever the scheme, user, port or a trailing `.git`."""
    place = _host_and_path(a)
    return place == _host_and_path(b) and place != ("", "")


def without_secrets(address: str) -> str:
    """The address as it may be shown: no password, and no user either where that may be a token."""
    if _URL.fullmatch(address):
        return masked_word(address)
    found = _SCP.fullmatch(address)
    if found and ":" in (found["user"] or ""):
        return f"{found['host']}:{found['path']}"
    return address


def _host_and_path(address: str) -> tuple[str, str]:
    if found := _URL.fullmatch(address):
        host = re.sub(r":\d*$", "", found["site"].rpartition("@")[2])
    elif found := _SCP.fullmatch(address):
        host = found["host"]
    else:
        return "", _plain(address)
    host = host.strip("[]").rstrip(".").lower()
    local = found.re is _URL and found["scheme"].lower() == "file" and host in ("", "localhost")
    path = _plain(unquote(found["path"]))
    return ("", path) if local else (host, path.lstrip("/"))


def _plain(path: str) -> str:
    path = re.sub(r"/(?:\.?/)*", "/", path)
    return path.rstrip("/").removesuffix(".git").rstrip("/")
