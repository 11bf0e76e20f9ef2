"""Requests to a service over HTTP, within bounds: of size, of time, of redirections; a token goes to
the service alone.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any
from urllib.parse import SplitResult, urljoin, urlsplit

import attrs
import requests
import urllib3.exceptions

from ciforge.errors import CiforgeError, UsageError
from ciforge.sanitize import safe_line
from ciforge.timestamp import utc

ACCESS_HINT = "a private repository needs a token that may read Actions: GITHUB_TOKEN"
"""The hint for a request to GitHub that is refused."""
LARGEST_PAGE = 32 * 1024 * 1024
"""Bytes of one JSON answer; a hundred runs have some two million."""
_TIMEOUTS = (10, 60)
"""Seconds for a connection, and between two pieces of an answer."""
_PAGE_SECONDS = 120.0
_ARCHIVE_SECONDS = 1800.0
"""For a whole answer: one that comes a byte at a time ends, too."""
_HOPS = 5
_MOVED = (301, 302, 303, 307, 308)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PIECE = 1 << 20


class HostedError(CiforgeError):
    """The service cannot be asked now; nothing is lost, the next call asks again."""

    exit_code = 3

    def __init__(
        self, message: str, *, hint: str = "", code: int = 0, limit: "RateLimit | None" = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        """The status of the answer; 0 if there was none that can be used."""
        self.limit = limit
        """Set if the service refuses more requests for a time."""


class ResponseTooLarge(HostedError):
    """The answer is larger than is read; the next one would be, too."""


@attrs.frozen(kw_only=True)
class RateLimit:
    """When a service that refused a request takes the next one; both None if it does not say."""

    after: float | None = None
    """In so many seconds."""
    at: float | None = None
    """In seconds since 1970."""


@attrs.frozen(kw_only=True)
class ApiResponse:
    """One answer, read to its end. `url` has no query."""

    url: str
    code: int
    headers: Mapping[str, str]
    data: bytes
    following: str
    """The address of the next page; empty on the last one."""

    def document(self) -> dict[str, Any]:
        """The JSON object. Raises HostedError."""
        found = self._json()
        if not isinstance(found, dict):
            raise HostedError(f"{self.url}: the response is not a JSON object")
        return found

    def objects(self) -> list[dict[str, Any]]:
        """The objects in the JSON array. Raises HostedError."""
        found = self._json()
        if not isinstance(found, list):
            raise HostedError(f"{self.url}: the response is not a JSON array")
        return [entry for entry in found if isinstance(entry, dict)]

    def _json(self) -> object:
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            raise HostedError(f"{self.url}: the response is not JSON") from None


_GITHUB_HINT = "write for example https://api.github.com; unset GITHUB_API_URL for github.com"


def check_api(address: str, variable: str = "GITHUB_API_URL", hint: str = _GITHUB_HINT) -> str:
    """Returns the address of an API, from a variable, without its last slash.

    Raises UsageError with the hint where it is none.
    """
    parts = split(address)
    secure = parts is not None and parts.scheme == "https"
    here = parts is not None and parts.scheme == "http" and parts.hostname in _LOOPBACK
    if (
        parts is None
        or not (secure or here)
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        shown = safe_line(address, 100)
        raise UsageError(f"{variable}: {shown!r} is not the address of an API", hint=hint)
    return address.rstrip("/")


def split(address: str) -> SplitResult | None:
    """An address with a host, taken apart; None for what is none."""
    try:
        parts = urlsplit(address)
        fine = address.isascii() and address.isprintable() and not set(address) & {" ", "\\"}
        return parts if fine and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def origin(address: str) -> tuple[str, str, int | None]:
    """The origin of an address: scheme, host, port."""
    parts = split(address)
    return (parts.scheme, parts.hostname or "", parts.port) if parts else ("", "", None)


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding a login of ~/.netrc to whichever host it is sent to."""
    return request


class Client:
    """A service at one address. Every method raises HostedError; `access_hint` says what the token must be able to."""

    def __init__(
        self, api: str, token: str, clock: Callable[[], float], *, access_hint: str = ACCESS_HINT
    ) -> None:
        self.api = check_api(api)
        self._access_hint = access_hint
        self._clock = clock
        self._token = token
        self._session = requests.Session()
        self._session.auth = _no_netrc
        self._session.headers.update({"User-Agent": "ciforge", "Accept-Encoding": "identity"})

    def get(self, url: str, query: Mapping[str, str], etag: str = "") -> ApiResponse:
        """A page; 304 where it is still the one of `etag`."""
        more = {"If-None-Match": etag} if etag else {}
        with self._open(url, query, more) as found:
            data = b"".join(self._pieces(found, LARGEST_PAGE, _PAGE_SECONDS))
            answer = ApiResponse(
                url=_bare(url), code=found.status_code, headers=dict(found.headers), data=data,
                following=str(found.links.get("next", {}).get("url", "")),
            )  # fmt: skip
        if answer.code not in (200, 304):
            raise refusal(answer, self._access_hint)
        return answer

    def send(self, method: str, url: str, document: Mapping[str, object]) -> ApiResponse:
        """The answer to a request that changes something, which is sent once and never redirected."""
        with self._ask(url, {}, {}, method, document) as found:
            data = b"".join(self._pieces(found, LARGEST_PAGE, _PAGE_SECONDS))
            answer = ApiResponse(
                url=_bare(url), code=found.status_code, headers=dict(found.headers), data=data,
                following="",
            )  # fmt: skip
        if not requests.codes.ok <= answer.code < requests.codes.multiple_choices:
            raise refusal(answer, self._access_hint)
        return answer

    def download(self, url: str, file: IO[bytes], limit: int) -> None:
        """Downloads an address into the file, following redirects."""
        with self._open(url, {}, {}) as found:
            if found.status_code != requests.codes.ok:
                data = b"".join(self._pieces(found, LARGEST_PAGE, _PAGE_SECONDS))
                raise refusal(
                    ApiResponse(url=_bare(url), code=found.status_code, headers=dict(found.headers),
                           data=data, following=""),
                    self._access_hint,
                )  # fmt: skip
            for piece in self._pieces(found, limit, _ARCHIVE_SECONDS):
                file.write(piece)

    def _open(
        self, url: str, query: Mapping[str, str], more: Mapping[str, str]
    ) -> requests.Response:
        for _ in range(_HOPS + 1):
            found = self._ask(url, query, more)
            if found.status_code not in _MOVED:
                return found
            found.close()
            url, query = self._elsewhere(url, found.headers.get("Location", "")), {}
        raise HostedError(f"{_bare(url)}: redirected more than {_HOPS} times")

    def _ask(
        self, url: str, query: Mapping[str, str], more: Mapping[str, str], method: str = "GET",
        document: Mapping[str, object] | None = None,
    ) -> requests.Response:  # fmt: skip
        headers = dict(more)
        if origin(url) == origin(self.api):
            headers["Accept"] = "application/vnd.github+json"
            headers["X-GitHub-Api-Version"] = "2022-11-28"
            if self._token:
                headers["Authorization"] = f"Bearer {self._token}"
        try:
            return self._session.request(
                method, url, params=dict(query), headers=headers, timeout=_TIMEOUTS, stream=True,
                allow_redirects=False, json=document,
            )  # fmt: skip
        except (requests.RequestException, ValueError) as error:
            raise HostedError(f"{_bare(url)}: {_short(error)}") from None

    def _elsewhere(self, url: str, location: str) -> str:
        """The target of a redirect, which must be encrypted unless the service itself is not."""
        try:
            target = urljoin(url, location)
        except ValueError:
            target = ""
        scheme = origin(target)[0]
        if scheme != "https" and not (scheme == "http" and origin(self.api)[0] == "http"):
            raise HostedError(f"{_bare(url)}: redirected to {safe_line(location, 100)!r}")
        return target

    def _pieces(self, found: requests.Response, limit: int, seconds: float) -> Iterator[bytes]:
        where, size, end = _bare(found.url), 0, self._clock() + seconds
        if found.headers.get("Content-Encoding", "identity") != "identity":
            raise HostedError(f"{where}: the response is compressed, which was not requested")
        try:
            while piece := found.raw.read1(_PIECE):
                size += len(piece)
                if size > limit:
                    raise ResponseTooLarge(f"{where}: larger than {limit} bytes")
                if self._clock() > end:
                    raise HostedError(f"{where}: takes longer than {seconds:.0f} s")
                yield piece
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise HostedError(f"{where}: broken off: {_short(error)}") from None


def _bare(url: str) -> str:
    """Without the query, which may hold a signature."""
    return safe_line(url.partition("?")[0], 200)


def _short(error: Exception) -> str:
    """The innermost reason: `Connection refused`."""
    while (inner := error.__cause__ or error.__context__) and isinstance(inner, Exception):
        error = inner
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return safe_line(reason, 200)


def refusal(answer: ApiResponse, access_hint: str) -> HostedError:
    """An error for a refused request, with a hint."""
    code, headers, where = answer.code, answer.headers, answer.url
    message = _message(answer)
    limited = headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in headers
    if code == 429 or (code == 403 and limited):
        limit = _limit(headers)
        return HostedError(
            f"{where}: rate limit exceeded: {message}", hint=_again(limit), code=code, limit=limit
        )
    if code in (401, 403, 404):
        what = "the token is not accepted:" if code == 401 else code
        return HostedError(f"{where}: {what} {message}", hint=access_hint, code=code)
    return HostedError(f"{where}: {code} {message}", code=code)


def _message(answer: ApiResponse) -> str:
    try:
        message = answer.document().get("message", "")
    except HostedError:
        message = ""
    return safe_line(message if isinstance(message, str) else "", 200)


def _limit(headers: Mapping[str, str]) -> RateLimit:
    after = headers.get("Retry-After", "")
    if after.isascii() and after.isdigit() and len(after) < 7:
        return RateLimit(after=float(after))
    reset = headers.get("X-RateLimit-Reset", "")
    if reset.isascii() and reset.isdigit() and len(reset) < 13:
        return RateLimit(at=float(reset))
    return RateLimit()


def _again(limit: RateLimit) -> str:
    if limit.after is not None:
        return f"again in {limit.after:.0f} s"
    if limit.at is not None:
        return f"again after {utc(limit.at):%H:%M:%S} UTC"
    return "again in some minutes"
