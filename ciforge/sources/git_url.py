"""Addresses of git repositories: recognising, comparing and printing them."""

import re
from urllib.parse import unquote

from ciforge.masking import masked_word

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<site>[^/]*)(?P<path>.*)", re.I | re.S)
_SCP = re.compile(
    r"(?:(?P<user>[^/\s]*)@)?(?P<host>\[[^]/]+\]|[^/:@\s]+):(?P<path>(?!:).*)", re.S
)  # fmt: skip


def is_address(place: str) -> bool:
    """Whether `place` has the form of an address of a git repository, not of a path."""
    return _URL.fullmatch(place) is not None or _SCP.fullmatch(place) is not None


def same_address(a: str, b: str) -> bool:
    """Whether both have the same host and path; scheme, user, port and `.git` are ignored."""
    place = host_and_path(a)
    return place == host_and_path(b) and place != ("", "")


def without_secrets(address: str) -> str:
    """The address for printing: no password, and no user if that may be a token."""
    if _URL.fullmatch(address):
        return masked_word(address)
    match = _SCP.fullmatch(address)
    if match and ":" in (match["user"] or ""):
        return f"{match['host']}:{match['path']}"
    return address


def host_and_path(address: str) -> tuple[str, str]:
    """The host, in lower case and empty for a folder of this machine, and the path without `.git`."""
    if match := _URL.fullmatch(address):
        host = re.sub(r":\d*$", "", match["site"].rpartition("@")[2])
    elif match := _SCP.fullmatch(address):
        host = match["host"]
    else:
        return "", _plain(address)
    host = host.strip("[]").rstrip(".").lower()
    local = match.re is _URL and match["scheme"].lower() == "file" and host in ("", "localhost")
    path = _plain(unquote(match["path"]))
    return ("", path) if local else (host, path.lstrip("/"))


def _plain(path: str) -> str:
    path = re.sub(r"/(?:\.?/)*", "/", path)
    return path.rstrip("/").removesuffix(".git").rstrip("/")
