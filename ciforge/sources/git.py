"""Runs git, in one place: a fixed environment, an explicit repository, and no program of a tree.

git never prompts, never writes where it only reads, and never searches for a repository. Works with
git 2.30 and newer; settings of newer versions (`safe.bareRepository`, GIT_NO_LAZY_FETCH) are set,
but not required.
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

TIME_LIMIT = 600.0
"""Seconds after which git is killed."""

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
"""For `start`: standard error is discarded."""


class GitPlace(Protocol):
    """The working directory of git, and the repository."""

    @property
    def arguments(self) -> tuple[Word, ...]:
        """Options before the command."""

    @property
    def variables(self) -> Mapping[str, str]:
        """Additional environment variables."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Repository:
    """A git directory with a configuration written by ciforge, and the folder in which git runs."""

    git_dir: Path
    work_tree: Path | None = None
    folder: Path | None = None
    """The working tree or a folder below it; any folder for a bare repository."""
    modules: Path | None = None
    """The folder with the repositories of submodules."""
    has_modes: bool = True
    """Whether this file system keeps file modes (`core.fileMode`)."""

    @property
    def arguments(self) -> tuple[Word, ...]:
        """See GitPlace."""
        folder = self.folder or self.work_tree or self.git_dir
        tree: tuple[Word, ...] = (f"--work-tree={self.work_tree}",) if self.work_tree else ()
        return ("-C", folder, f"--git-dir={self.git_dir}", *tree)

    @property
    def variables(self) -> Mapping[str, str]:
        """See GitPlace."""
        return {}

    @property
    def name(self) -> Path:
        """The name for messages."""
        return self.folder or self.work_tree or self.git_dir


@attrs.frozen(eq=False, repr=False)
class NoRepository:
    """A folder in which git runs without a repository."""

    folder: Path

    @property
    def arguments(self) -> tuple[Word, ...]:
        """See GitPlace."""
        return ("-C", self.folder)

    @property
    def variables(self) -> Mapping[str, str]:
        """See GitPlace."""
        return {"GIT_DIR": os.devnull}


@attrs.frozen(eq=False, repr=False)
class UncheckedFolder:
    """A folder that git itself checks: whether it is a repository, and who owns it."""

    folder: Path

    @property
    def arguments(self) -> tuple[Word, ...]:
        """See GitPlace."""
        return ("-C", self.folder)

    @property
    def variables(self) -> Mapping[str, str]:
        """See GitPlace."""
        return {"GIT_CEILING_DIRECTORIES": str(self.folder.parent)}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GitOutput:
    """The result of a git command: exit status, standard output, standard error."""

    code: int
    out: bytes
    err: str

    @property
    def reason(self) -> str:
        """The last informative line of standard error, with the line above it that ends in a colon."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        informative = [line for line in lines if not _BOILERPLATE.match(line)] or lines
        if not informative:
            return f"git exited with {self.code}"
        head = [line for line in informative[-2:-1] if line.endswith(":")]
        return escaped(" ".join([*head, informative[-1]]))

    @property
    def text(self) -> str:
        """Standard output as one word, such as a hash."""
        return self.out.decode(errors="surrogateescape").removesuffix("\n")


def git(
    *arguments: Word,
    at: GitPlace,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    seconds: float = TIME_LIMIT,
) -> GitOutput:
    """Runs git to its end, whatever its exit status. Raises EngineError if git is missing or hangs."""
    process = start(*arguments, at=at, env=env)
    try:
        out, err = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise EngineError(f"git did not finish within {seconds:.0f} s") from None
    finally:
        end(process)
    return GitOutput(code=process.returncode, out=out, err=err.decode(errors="backslashreplace"))


def git_output(*arguments: Word, at: Repository, stdin: bytes = b"") -> GitOutput:
    """Runs git on a repository. Raises UsageError with its reason if it fails."""
    answer = git(*arguments, at=at, stdin=stdin)
    if answer.code != 0:
        raise git_error(answer, at.name)
    return answer


def version() -> str:
    """`git version 2.39.5`. Raises EngineError if git is not installed."""
    answer = git("--version", at=NoRepository(Path("/")))
    if answer.code != 0:
        raise EngineError(f"git: {answer.reason}", hint="install git again")
    return answer.text


def init_bare(place: Path) -> GitOutput:
    """Creates an empty bare repository without templates, readable by its owner only."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    arguments = ("init", "--quiet", "--bare", "--template=", place)
    return git(*arguments, at=UncheckedFolder(place))


def git_error(answer: GitOutput, at: Path) -> CiforgeError:
    """An error that says why git refuses the repository at `at`, and what to do."""
    if match := _DUBIOUS.search(answer.err):
        return UsageError(
            f"{escaped(str(at))}: git does not trust this repository, because another user owns it",
            hint=f"git config --global --add safe.directory '{match[1]}'",
        )
    return UsageError(f"{escaped(str(at))}: {answer.reason}")


def start(
    *arguments: Word,
    at: GitPlace,
    env: Mapping[str, str] | None = None,
    errors: int = subprocess.PIPE,
) -> Process:
    """Starts git with pipes in its own session: it cannot prompt, and can be killed as one group.

    Its files are readable by their owner only.
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
    """The environment variables that pass git settings, which process lists do not show.

    Raises ValueError for a name with `=`, at which git 2.30 would split it.
    """
    if any("=" in name for name in values):
        raise ValueError(f"not a git setting: {', '.join(values)}")
    arguments = (f"{name}={value}" for name, value in values.items())
    quoted = (word.replace("'", "'\\''").replace("!", "'\\!'") for word in arguments)
    return {"GIT_CONFIG_PARAMETERS": " ".join(f"'{word}'" for word in quoted)}


def end(process: Process) -> None:
    """Kills git and its children if they still run, and closes the pipes."""
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
