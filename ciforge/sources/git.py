"""Running git: it never asks, never writes where it only reads, and starts no hook or monitor."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.errors import CiforgeError, EngineError, UsageError
from ciforge.sources.entry import shown

PATIENCE = 600.0
"""Seconds until git is given up."""

# How a person reaches a host stays theirs; all other GIT_* of the caller (a hook's GIT_DIR,
# GIT_INDEX_FILE, GIT_WORK_TREE) would lead git to another repository.
_KEPT = re.compile(
    r"GIT_(SSH|SSL_|HTTP_|PROXY_)\w*|GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|GIT_SSH"
)
_OURS = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_ASKPASS": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS_REQUIRE": "never",
}
_SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.quotePath": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
}
_BOILERPLATE = re.compile(
    r"Please make sure you have the correct|and the repository exists|fatal: Could not read from remote"
)
_DUBIOUS = re.compile(r"detected dubious ownership in repository at '(.*)'")


Word = str | bytes | Path


@attrs.frozen(kw_only=True)
class Answer:
    """What git said: exit code, standard output, standard error."""

    code: int
    out: bytes
    err: str

    @property
    def reason(self) -> str:
        """The last line of standard error that tells something."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        telling = [line for line in lines if not _BOILERPLATE.match(line)] or lines
        return shown(telling[-1]) if telling else f"git exited with {self.code}"

    @property
    def text(self) -> str:
        """Standard output as one word, for instance a hash."""
        return self.out.decode(errors="surrogateescape").removesuffix("\n")


def git(
    *words: Word,
    at: Path | None = None,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    seconds: float = PATIENCE,
) -> Answer:
    """Run git to its end, whatever its exit code. Raises EngineError where it is missing or hangs."""
    process = start(*words, at=at, env=env)
    try:
        out, err = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise EngineError(f"git did not finish within {seconds:.0f} s") from None
    finally:
        end(process)
    return Answer(code=process.returncode, out=out, err=err.decode(errors="backslashreplace"))


def asked(*words: Word, at: Path, stdin: bytes = b"") -> Answer:
    """Run git on the repository at `at`. Raises UsageError with its reason where it fails."""
    answer = git(*words, at=at, stdin=stdin)
    if answer.code != 0:
        raise trouble(answer, at)
    return answer


def trouble(answer: Answer, at: Path) -> CiforgeError:
    """Why git refuses the repository at `at`, with the way out where there is one."""
    if found := _DUBIOUS.search(answer.err):
        return UsageError(
            f"{shown(str(at))}: git does not trust this repository, because another user owns it",
            hint=f"git config --global --add safe.directory '{found[1]}'",
        )
    return UsageError(f"{shown(str(at))}: {answer.reason}")


def start(
    *words: Word,
    at: Path | None = None,
    env: Mapping[str, str] | None = None,
    errors: int = subprocess.PIPE,
) -> "subprocess.Popen[bytes]":
    """Start git with pipes, in a session of its own: no terminal to ask on, one group to end."""
    settings: list[str] = [
        word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")
    ]
    place: list[Word] = [] if at is None else ["-C", at]
    command: list[Word] = ["git", "--no-pager", *place, *settings, *words]
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=errors,
            env=_environment() | dict(env or {}), start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise EngineError("git is not installed", hint="install git, or put it in PATH") from None


def end(process: "subprocess.Popen[bytes]") -> None:
    """End git and what it started, if it still runs, and close its pipes."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None and not pipe.closed:
            _close(pipe)


def _close(pipe: object) -> None:
    try:
        pipe.close()  # type: ignore[attr-defined]
    except BrokenPipeError:
        return


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or _KEPT.fullmatch(k)}
    kept.pop("LANGUAGE", None)
    return kept | _OURS
