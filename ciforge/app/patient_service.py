"""Asks a hosted service again after a failure or a limit of requests, until a stop is requested."""

import time
from collections.abc import Callable
from typing import TypeVar

import attrs

from ciforge.ci.github.http_client import HostedError, ResponseTooLarge
from ciforge.engines.protocol import Stop

T = TypeVar("T")
_LONGEST_LIMIT = 7200.0
"""Seconds for which a limit of requests is waited for; GitHub's are at most an hour."""
_UNNAMED_LIMIT = 60.0
"""Seconds for a limit without a time, as GitHub's manual asks for."""
_SERVER_ERROR = 500


@attrs.frozen(kw_only=True)
class Pace:
    """Pauses between requests, in seconds."""

    shortest: float = 5.0
    """While something changes."""
    longest: float = 30.0
    """While nothing changes; a failed request is repeated after at most twice that."""
    patience: float = 1800.0
    """For which a service may be unreachable; waiting for a limit does not count."""


@attrs.frozen(kw_only=True)
class PatientService:
    """Requests to a service, with pauses that a stop ends."""

    stop: Stop
    pace: Pace
    on_message: Callable[[str], None]

    def ask(self, request: Callable[[], T]) -> T:
        """The answer to a request that changes nothing. Raises Stopped, and HostedError in the end."""
        lost, pause = 0.0, self.pace.shortest
        while True:
            try:
                return request()
            except HostedError as error:
                if not is_passing(error) or lost > self.pace.patience:
                    raise
                wait = seconds_of_limit(error) if error.limit else pause
                self.on_message(f"{error}; the next request follows in {wait:.0f} s")
                lost += 0.0 if error.limit else wait
            self.wait(wait)
            pause = min(pause * 2, self.pace.longest * 2)

    def wait(self, seconds: float) -> None:
        """Sleeps. Raises Stopped as soon as a stop is requested."""
        self.stop.wait(seconds)
        self.stop.check()


def is_passing(error: HostedError) -> bool:
    """Whether the same request may be answered later: no connection, a server error, a limit."""
    if isinstance(error, ResponseTooLarge):
        return False
    return error.limit is not None or error.code == 0 or error.code >= _SERVER_ERROR


def seconds_of_limit(error: HostedError) -> float:
    """The time until a limit of requests ends. Raises the error itself if that is too long."""
    limit = error.limit
    if limit is None or (limit.after is None and limit.at is None):
        return _UNNAMED_LIMIT
    seconds = limit.after if limit.after is not None else (limit.at or 0.0) - time.time() + 1
    if seconds > _LONGEST_LIMIT:
        raise error
    return max(seconds, 0.0)
