"""The host and port that a failed step could not reach, by the line that says so."""

import re
from collections.abc import Iterable, Mapping, Sequence

import attrs

from ciforge.diagnose.scan.log_lines import bare
from ciforge.model.finding import Finding, FindingKind, Severity

_NAME = r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
_PORT = r"(?P<port>[1-9]\d{0,4})"
_PORTS: Mapping[str, int] = {"http": 80, "https": 443, "git": 9418, "ssh": 22, "ftp": 21}
_HTTPS = 443
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # Go
        rf"dial tcp {_NAME}:{_PORT}: ",
        rf"dial tcp: lookup {_NAME}(?: on \S+)?: ",
        # curl, and git, which uses it
        rf"(?:[Ff]ailed to connect to|connect to) {_NAME} port {_PORT}\b",
        rf"[Cc]ould not resolve (?:host|proxy): '?{_NAME}",
        # ssh
        rf"connect to host {_NAME} port {_PORT}: ",
        rf"[Cc]ould not resolve hostname {_NAME}: ",
        # wget, apt, busybox, the BSDs
        rf"unable to resolve host address '{_NAME}'",
        rf"(?:Temporary failure resolving|Could not resolve) '{_NAME}'",
        rf"(?:[Uu]nable to connect to|[Cc]ould not connect to|can't connect to remote host) \(?{_NAME}:{_PORT}",
        rf"bad address '{_NAME}'",
        # any other tool that names what it asked for
        rf"(?P<scheme>https?|git|ssh|ftp)://(?:[^\s/@\"']*@)?{_NAME}(?::{_PORT})?(?=[/\s\"':]|$)",
    )
)
"""Each with what prints it; those that name what was really asked, a proxy perhaps, come first."""


@attrs.frozen
class Endpoint:
    """A host by name or address, and a port of TCP."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def unreachable_endpoint(findings: Sequence[Finding]) -> Endpoint | None:
    """Returns the address that the root cause could not reach; None if the root cause is no loss of the network."""
    root = next((finding for finding in findings if finding.severity is Severity.ERROR), None)
    if root is None or root.kind is not FindingKind.DEPS_NETWORK:
        return None
    return _named([root.root_line]) or _named(root.excerpt)


def _named(lines: Iterable[str]) -> Endpoint | None:
    texts = [bare(line) for line in lines]
    for pattern in _PATTERNS:
        for text in texts:
            if match := pattern.search(text):
                return _endpoint(match.groupdict(), text)
    return None


def _endpoint(groups: Mapping[str, str | None], text: str) -> Endpoint | None:
    scheme = groups.get("scheme") or next(
        (name for name in _PORTS if f"{name}://" in text), "https"
    )
    port = int(groups.get("port") or _PORTS.get(scheme, _HTTPS))
    host = (groups["host"] or "").strip("[]")
    return Endpoint(host, port) if port < 1 << 16 else None
