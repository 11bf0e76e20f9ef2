"""Running git, in one place: a fixed environment, an explicit repository, and no program of a tree.

git never asks, never writes where it only reads, and never looks for a repository by itself. Works
with git 2.30 and newer; what only newer versions have (`safe.bareRepository`, GIT_NO_LAZY_FETCH) is
set, and nothing depends on it.
"""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import attrs

from ciforge.errors import CiforgeError, EngineError, UsageError
from ciforge.sanitize import escaped

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
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
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
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
}
_BOILERPLATE = re.compile(
    r"Please make sure you have the correct|and the repository exists|fatal: Could not read from remote"
)
_DUBIOUS = re.compile(r"detected dubious ownership in repository at '(.*)'")


Word = str | bytes | Path
Process = subprocess.Popen[bytes]
QUIET = subprocess.DEVNULL
"""For `start`: what git says of errors goes nowhere."""


class GitPlace(Protocol):
    """Where git runs, and on which repository."""

    @property
    def arguments(self) -> tuple[Word, ...]:
        """Options that stand before the command."""

    @property
    def variables(self) -> Mapping[str, str]:
        """What is added to the environment."""


@attrs.frozen(kw_only=True)
class Repository:
    """A git directory whose configuration is ours, and where in its work tree git runs."""

    git_dir: Path
    work_tree: Path | None = None
    folder: Path | None = None
    """The work tree or a folder below it; for a bare repository any folder."""
    modules: Path | None = None
    """Where git keeps the repositories of its submodules."""
    has_modes: bool = True
    """Whether the modes of files on this disk mean anything (`core.fileMode`)."""

    @property
    def arguments(self) -> tuple[Word, ...]:
        """See Place."""
        folder = self.folder or self.work_tree or self.git_dir
        tree: tuple[Word, ...] = (f"--work-tree={self.work_tree}",) if self.work_tree else ()
        return ("-C", folder, f"--git-dir={self.git_dir}", *tree)

    @property
    def variables(self) -> Mapping[str, str]:
        """See Place."""
        return {}

    @property
    def name(self) -> Path:
        """What a message calls it."""
        return self.folder or self.work_tree or self.git_dir


@attrs.frozen
class NoRepository:
    """A folder in which git runs without any repository."""

    folder: Path

    @property
    def arguments(self) -> tuple[Word, ...]:
        """See Place."""
        return ("-C", self.folder)

    @property
    def variables(self) -> Mapping[str, str]:
        """See Place."""
        return {"GIT_DIR": os.devnull}


@attrs.frozen
class Unopened:
    """A folder that git itself is to judge: whether it holds a repository, and whose it is."""

    folder: Path

    @property
    def arguments(self) -> tuple[Word, ...]:
        """See Place."""
        return ("-C", self.folder)

    @property
    def variables(self) -> Mapping[str, str]:
        """See Place."""
        return {"GIT_CEILING_DIRECTORIES": str(self.folder.parent)}


@attrs.frozen(kw_only=True)
class GitOutput:
    """The result of a git command: exit code, standard output, standard error."""

    code: int
    out: bytes
    err: str

    @property
    def reason(self) -> str:
        """The last line of standard error that tells something."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        telling = [line for line in lines if not _BOILERPLATE.match(line)] or lines
        return escaped(telling[-1]) if telling else f"git exited with {self.code}"

    @property
    def text(self) -> str:
        """Standard output as one word, for instance a hash."""
        return self.out.decode(errors="surrogateescape").removesuffix("\n")


def git(
    *arguments: Word,
    at: GitPlace,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    seconds: float = PATIENCE,
) -> GitOutput:
    """Run git to its end, whatever its exit code. Raises EngineError where it is missing or hangs."""
    process = start(*arguments, at=at, env=env)
    try:
        out, err = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise EngineError(f"git did not finish within {seconds:.0f} s") from None
    finally:
        end(process)
    return GitOutput(code=process.returncode, out=out, err=err.decode(errors="backslashreplace"))


def git_output(*arguments: Word, at: Repository, stdin: bytes = b"") -> GitOutput:
    """Run git on the repository. Raises UsageError with its reason where it fails."""
    answer = git(*arguments, at=at, stdin=stdin)
    if answer.code != 0:
        raise git_error(answer, at.name)
    return answer


def version() -> str:
    """`git version 2.39.5`. Raises EngineError where git is not installed."""
    answer = git("--version", at=NoRepository(Path("/")))
    if answer.code != 0:
        raise EngineError(f"git: {answer.reason}", hint="install git again")
    return answer.text


def made_bare(place: Path) -> GitOutput:
    """Makes an empty bare repository that only its owner may read, and no template of anybody."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    arguments = ("init", "--quiet", "--bare", "--template=", place)
    return git(*arguments, at=Unopened(place))


def git_error(answer: GitOutput, at: Path) -> CiforgeError:
    """Why git refuses the repository at `at`, with the way out where there is one."""
    if found := _DUBIOUS.search(answer.err):
        return UsageError(
            f"{escaped(str(at))}: git does not trust this repository, because another user owns it",
            hint=f"git config --global --add safe.directory '{found[1]}'",
        )
    return UsageError(f"{escaped(str(at))}: {answer.reason}")


def start(
    *arguments: Word,
    at: GitPlace,
    env: Mapping[str, str] | None = None,
    errors: int = subprocess.PIPE,
) -> Process:
    """Start git with pipes in its own session: it cannot prompt, and can be ended as one group.

    What it writes, only its owner may read.
    """
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command: list[Word] = ["git", "--no-pager", *at.arguments, *settings, *arguments]
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=errors, umask=0o077,
            env=_environment() | dict(at.variables) | dict(env or {}), start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise EngineError("git is not installed", hint="install git, or put it in PATH") from None


def settings(values: Mapping[str, str]) -> Mapping[str, str]:
    """The environment by which git has more settings, which no list of processes shows.

    Raises ValueError for a name with `=` in it, which git 2.30 would cut there.
    """
    if any("=" in name for name in values):
        raise ValueError(f"no setting of git: {', '.join(values)}")
    arguments = (f"{name}={value}" for name, value in values.items())
    quoted = (word.replace("'", "'\\''").replace("!", "'\\!'") for word in arguments)
    return {"GIT_CONFIG_PARAMETERS": " ".join(f"'{word}'" for word in quoted)}


def end(process: Process) -> None:
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
