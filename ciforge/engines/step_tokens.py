"""The pipe from which make takes tokens in one step of a container."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from ciforge.engines.make_tokens import MakeTokens
from ciforge.errors import EngineError
from ciforge.model.token_pipe import DESCRIPTOR, VARIABLE, pipe

_PAUSE = 1.0
"""Seconds between two looks at what other machines leave over."""
_MARK = "+"
"""The byte that is a token."""
_OPEN = f"""\
if rm -f "$4" 2>/dev/null && mkfifo -m 600 "$4" 2>/dev/null && exec {DESCRIPTOR}<>"$4" && printf %s "$3" >&{DESCRIPTOR}
then
    export {VARIABLE}="$4"
fi
"""
"""The pipe, with its first tokens, is open in the shell around the step alone, and so ends with it."""
_ADD = f'[ -p "$1" ] && exec {DESCRIPTOR}<>"$1" && printf %s "$2" >&{DESCRIPTOR}'


class UserCommands(Protocol):
    """Runs commands in a machine."""

    def tell(self, command: list[str], user: str) -> None:
        """Runs a command as this user, and waits for a moment only. Raises EngineError."""


class StepTokens:
    """Gives tokens to one step, which runs as `user` in a machine with so much memory, in bytes.

    All that touches the pipe runs as that user: it may be anything that the step puts there.
    """

    def __init__(
        self, tokens: MakeTokens, helper: UserCommands, machine: str, user: str, memory: int
    ) -> None:
        self._tokens = tokens
        self._helper = helper
        self._machine = machine
        self._user = user
        self._memory = memory
        self._looked = 0.0

    @contextmanager
    def given(self) -> Iterator[None]:
        """The time in which the step has tokens."""
        with self._tokens.making(self._machine, self._memory):
            yield

    def wrapped(self, script: str, arguments: list[str]) -> list[str]:
        """A command of a shell that opens the pipe, and runs what begins with the last line of the script.

        That line must be one command, with two arguments at most.
        """
        self._looked = time.monotonic()
        # Make starts its first process without a token.
        first = _MARK * (self._tokens.take(self._machine) - 1)
        before, _, last = script.rpartition("\n")
        text = f"{before}\n{_OPEN}{last} {DESCRIPTOR}>&-"
        return ["/bin/sh", "-c", text, "ciforge", *arguments, first, pipe(self._user)]

    def look(self) -> None:
        """Adds the tokens that other machines leave over. A pipe that takes none is the step's own doing."""
        now = time.monotonic()
        if now - self._looked < _PAUSE:
            return
        self._looked = now
        if more := self._tokens.take(self._machine):
            command = ["/bin/sh", "-c", _ADD, "ciforge", pipe(self._user), _MARK * more]
            with suppress(EngineError):
                self._helper.tell(command, self._user)
