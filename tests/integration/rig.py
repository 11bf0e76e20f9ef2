"""Somebody who types `ciforge`: the installed command line, and what it printed and left behind."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import attrs
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HELLO_13 = "hello/debian-13/default"
PATIENCE = 600
"""Seconds that any one command may take."""
MACHINES = """
project: p
repos: {one: {path: ., recipe: autotools, users: {_one: /var/empty}}}
jobs:
  - debian-13
  - one/{freebsd,openbsd,netbsd,dragonfly,omnios,solaris,macos}/default
  - one/macos/default@arm64
"""
"""A project with a job on each kind of machine of a service that is no container."""
MAKEFILE = """\
VPATH = src:openbsd-compat
CFLAGS = -Wall -Werror=implicit-function-declaration -Isrc -Iopenbsd-compat

hello: hello.o arc4random_uniform.o strlcpy.o strtonum.o

install:
\tmkdir -p $(DESTDIR)/usr/local/bin
\tcp hello $(DESTDIR)/usr/local/bin
"""
_OWN = re.compile(r"CIFORGE_STATE|XDG_|PYTHON|GIT_|NO_COLOR|TERM$|COLUMNS")
"""What of the environment would let the person who tests shine through."""

T = TypeVar("T")
U = TypeVar("U")
Document = dict[str, Any]


@attrs.frozen
class Ended:
    """A command that has ended; a run's files can be read from it."""

    code: int
    out: str
    err: str
    state: Path

    @property
    def told(self) -> str:
        """All of it, for the message of a failed assertion."""
        return f"exit code {self.code}\n{self.out}\n{self.err}"

    @cached_property
    def events(self) -> list[Document]:
        """The JSON lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def folder(self) -> Path:
        """The run's own folder."""
        said = re.search(r"^run (\S+);", self.err, re.MULTILINE)
        name = said[1] if said else self.events[0]["run"]
        return next(self.state.glob(f"*/runs/{name}"))

    @property
    def results(self) -> dict[str, Document]:
        """Every `result.json`, by job."""
        found = [json.loads(file.read_text()) for file in self.folder.glob("*/result.json")]
        return {result["job"]: result for result in found}

    @property
    def result(self) -> Document:
        """The only one."""
        (result,) = self.results.values()
        return result

    @property
    def tail(self) -> list[str]:
        """The lines of a failed step that were shown."""
        return [line[6:] for line in self.out.splitlines() if line.startswith("    | ")]

    def job(self, job: str) -> Path:
        """The folder of one job."""
        return self.folder / job.replace("/", ",")

    def log(self, job: str) -> str:
        """What a job printed."""
        return (self.job(job) / "log.txt").read_text()

    def step(self, job: str, name: str) -> list[str]:
        """The lines that one step of a job printed."""
        parts = re.split(r"^--- ciforge: (\S+) ---\n", self.log(job), flags=re.MULTILINE)
        steps: dict[str, str] = dict(zip(parts[1::2], parts[2::2], strict=True))
        return steps[name].splitlines()


@attrs.frozen
class Person:
    """Types in the folder `here`, with a home and a state of their own."""

    here: Path
    home: Path

    @property
    def state(self) -> Path:
        """Where runs are kept."""
        return self.home / "state"

    def types(self, *words: object, text: str = "", **env: str) -> Ended:
        """`ciforge WORDS…` to its end; `text` is on standard input."""
        done = subprocess.run(
            self.command(*words), cwd=self.here, env=self.env(**env), input=text,
            capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, done.stderr, self.state)

    def runs(self, *words: object, **env: str) -> Ended:
        """`ciforge run --force WORDS…`, to its end: what a test looks at must run."""
        return self.types("run", "--force", *words, **env)

    def begins(self, *words: object, **env: str) -> "subprocess.Popen[str]":
        """`ciforge run --force --json WORDS…`, which goes on."""
        return subprocess.Popen(
            self.command("run", "--force", "--json", *words), cwd=self.here, env=self.env(**env), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def command(self, *words: object) -> list[str]:
        """The installed package, by the Python that runs the tests."""
        return [sys.executable, "-m", "ciforge", *map(str, words)]

    def env(self, **more: str) -> dict[str, str]:
        """The tester's environment without what is the tester's own."""
        kept = {name: value for name, value in os.environ.items() if not _OWN.match(name)}
        return kept | {"HOME": str(self.home), "CIFORGE_STATE": str(self.state)} | more

    def at(self, here: Path) -> "Person":
        """The same person elsewhere."""
        return attrs.evolve(self, here=here)


@contextmanager
def locked(file: Path, *, alone: bool = True) -> Iterator[None]:
    """Holds a lock among the workers; those that need not be alone hold it together."""
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def kept(file: Path, run: Callable[[], Ended]) -> Ended:
    """What `run` came to, which is run by the first worker that asks."""
    with locked(file.with_suffix(".lock")):
        if not file.exists():
            ended = run()
            file.write_text(json.dumps(attrs.asdict(ended), default=str))
        known = json.loads(file.read_text())
    return Ended(**known | {"state": Path(known["state"])})


def npm(folder: Path, *words: object) -> None:
    """`npm WORDS…` in a folder; it may hang without a connection, so it is tried three times."""
    own = Path(sys.executable).with_name("npm")
    quiet = ("--silent", "--no-audit", "--no-fund", "--fetch-timeout=20000", "--fetch-retries=3")
    command = [own if own.exists() else "npm", *map(str, words), *quiet]
    # Node knows nothing of the variable by which other programs find a machine's own authorities.
    own_authorities = os.environ.get("SSL_CERT_FILE")
    env = ({"NODE_EXTRA_CA_CERTS": own_authorities} if own_authorities else {}) | os.environ
    said = ""
    for _ in range(3):
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=env,
                capture_output=True,
                text=True,
                timeout=90,
                check=False,
            )
        except subprocess.TimeoutExpired:
            said = "it did not end in 90 s"
            continue
        if done.returncode == 0:
            return
        said = done.stdout + done.stderr
    raise AssertionError(f"npm {words[0]}: {said}")


def together(act: Callable[[T], U], items: Iterable[T]) -> list[U]:
    """`act` on each, three at once: a small build leaves a processor idle half of the time."""
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(act, items))


def hello(folder: Path) -> Path:
    """A checkout of the example in `folder`, without what a build may have left there."""
    shutil.copytree(EXAMPLES / "hello-portable", folder)
    git(folder, "init", "--quiet")
    commit(folder, "The example as it is")
    return folder


def configured_hello(folder: Path) -> Path:
    """The same, but its jobs end after the build: nothing is checked, installed or expected."""
    return _changed(hello(folder), steps={"check": False, "install": False})


def compiled_hello(folder: Path, *, installs: bool = False) -> Path:
    """The same sources, which make compiles: autotools take most of the time of a job.

    Nothing is checked or expected; its jobs end after the build unless it `installs`."""
    tree = hello(folder)
    (tree / "GNUmakefile").write_text(MAKEFILE)
    (tree / "src" / "config.h").write_text("#define _GNU_SOURCE 1\n")
    return _changed(tree, recipe="make", steps={"install": installs})


def _changed(tree: Path, **keys: Any) -> Path:
    """A checkout of the example whose repository has these keys, no expectations and no variants."""
    file = tree / "ciforge.yml"
    document = load(file)
    document["repos"]["hello"] |= keys
    del document["repos"]["hello"]["expect"], document["variants"]
    document["jobs"] = ["hello/debian/default"]
    file.write_text(json.dumps(document))
    commit(tree, "Build less")
    return tree


def allow_failure(tree: Path) -> None:
    """The job on Debian 13 is the only one, and may fail."""
    file = tree / "ciforge.yml"
    jobs = [{"job": HELLO_13, "allow_failure": True}]
    file.write_text(json.dumps(load(file) | {"jobs": jobs}))


def git(tree: Path, *words: str) -> str:
    """What git answers in a tree."""
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *who, *words], cwd=tree, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(tree: Path, message: str) -> str:
    """Commits everything that is not ignored; the full hash."""
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", message)
    return git(tree, "rev-parse", "HEAD")


def add_to_project(tree: Path, **keys: Document) -> None:
    """Adds variants and the like to a project file, and lists every job on Debian 13."""
    file = tree / "ciforge.yml"
    document = load(file)
    for key, value in keys.items():
        document[key] = {**document.get(key, {}), **value}
    document["jobs"] = [*document["jobs"], "debian-13"]
    file.write_text(json.dumps(document, indent=1))


def load(file: Path) -> Document:
    """A YAML file with every scalar as it is written."""
    document: Document = yaml.load(file.read_text(), Loader=yaml.BaseLoader)  # makes only text
    return document


def trial(folder: Path, steps: Document, **more: Any) -> Path:
    """A project `trial` whose one repository `tree` has these steps and no others.

    It needs what hello-portable needs, so that all of them share one dependency image.
    """
    repo = {
        "path": "tree",
        "recipe": "make",
        "dependencies": ["autoconf", "automake"],
        "users": {"_hello": "/var/empty"},
        "steps": {"build": False, "install": False, **steps},
        **more.pop("repo", {}),
    }
    document = {"project": "trial", "repos": {"tree": repo}, "jobs": ["tree/debian-13"], **more}
    if not (folder / "tree").exists():
        (folder / "tree").mkdir(parents=True)
        (folder / "tree" / "README").write_text("A tree with next to nothing in it.\n")
    (folder / "ciforge.yml").write_text(json.dumps(document, indent=1))
    return folder


def fingerprint(tree: Path) -> dict[str, tuple[int, int, str]]:
    """Every path below to its mode, time of change and content, `.git` included."""
    return {
        str(path.relative_to(tree)): (path.lstat().st_mode, path.lstat().st_mtime_ns, content(path))
        for path in sorted(tree.rglob("*"))
    }


def content(path: Path) -> str:
    """sha256 of a file, the target of a link, nothing for a folder."""
    if path.is_symlink():
        return str(path.readlink())
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def boxes(client: Any, **labels: str) -> list[Document]:
    """Containers of ciforge, running or not, that carry these labels (`run=…`, `job=…`)."""
    wanted = ["org.ciforge.box", *(f"org.ciforge.{key}={value}" for key, value in labels.items())]
    found: list[Document] = client.api.containers(all=True, filters={"label": wanted})
    return found


def runs_below(folder: Path) -> Iterator[str]:
    """The ids of all runs that any state folder below has."""
    yield from (file.parent.name for file in folder.rglob("runs/*/run.json"))


def manifest(text: str) -> Mapping[str, Sequence[str]]:
    """An install manifest: paths to type, mode, owner and group."""
    rows = (line.split(" ", 4) for line in text.splitlines())
    return {row[4]: row[:4] for row in rows}
