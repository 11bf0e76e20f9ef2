"""Questions to builds.sr.ht in GraphQL, whose errors are in the answer.

https://docs.sourcehut.org/builds.sr.ht; https://man.sr.ht/graphql.md
"""

from collections.abc import Callable, Mapping
from typing import Any

from ciforge.ci.github.api import text_of
from ciforge.ci.github.http_client import Client, HostedError, split
from ciforge.errors import UsageError

_LARGEST_ID = 10**18
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_ACCESS_HINT = (
    "SRHT_TOKEN needs JOBS:RW and LOGS:RO; a server may require a paid account for builds"
)


class GraphQL:
    """The API of one server. Every method raises HostedError."""

    def __init__(self, server: str, token: str, clock: Callable[[], float]) -> None:
        self.client = Client(server, token, clock, access_hint=_ACCESS_HINT)
        self.url = f"{self.client.api}/query"

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """Returns the data. Raises UsageError for a request that the service refuses."""
        try:
            answer = self.client.send("POST", self.url, {"query": query, "variables": variables})
        except HostedError as error:
            if error.code not in (_UNAUTHORIZED, _FORBIDDEN) or error.limit:
                raise
            raise _refused(str(error)) from None
        document = answer.document()
        if errors := document.get("errors"):
            first = errors[0] if isinstance(errors, list) and errors else {}
            message = text_of(first, "message", 300) if isinstance(first, dict) else ""
            raise _refused(f"{self.url}: {message or 'refused without a reason'}")
        data = document.get("data")
        if not isinstance(data, dict):
            raise HostedError(f"{self.url}: the response has no data")
        return data

    def file_address(self, address: str) -> str:
        """Returns the address of a log or an artifact. Raises HostedError for one that is not encrypted."""
        parts, own = split(address), split(self.url)
        secure = parts is not None and parts.scheme == "https"
        if not (secure or (parts and own and parts.scheme == own.scheme == "http")):
            raise HostedError(f"{self.url}: names a file without an https address")
        return address


def _refused(message: str) -> UsageError:
    return UsageError(message, hint=_ACCESS_HINT)


def object_of(entry: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Returns an object of an answer. Raises HostedError."""
    value = entry.get(key)
    if not isinstance(value, dict):
        raise HostedError(f"the service's answer has no {key}")
    return value


def objects_of(entry: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Returns the objects of a list; none if there is no list."""
    value = entry.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def number_of(entry: Mapping[str, Any], key: str, least: int = 1) -> int:
    """Returns a whole number. Raises HostedError."""
    value = entry.get(key)
    if type(value) is not int or not least <= value <= _LARGEST_ID:
        raise HostedError(f"the service names {key} {value!r:.40}, which is not a valid number")
    return value
