"""A job to the Dockerfile of its dependency image. Safe for the classic builder; no job's step in it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from ciforge.model.distro import Accounts
from ciforge.model.job import Job
from ciforge.model.project import Source
from ciforge.render.places import USER

_CCACHE_LINKS = """\
for name in cc gcc c++ g++ clang clang++; do \\
      if command -v "$name" >/dev/null; then \\
        ln -s "$(command -v ccache)" "/ciforge/lib/ccache/$name"; \\
      fi; \\
    done"""


def dockerfile(job: Job) -> str:
    """The text that a person on that distribution would have written, the same on every machine."""
    parts = (
        f"ARG BASE={job.release.image}\nFROM ${{BASE}}",
        _packages(job),
        *(_source(name, source) for name, source in job.sources.items()),
        _users(job),
        _folders(job),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _packages(job: Job) -> str:
    manager = job.manager
    lines = [*job.distribution.setup, *job.release.setup, manager.refresh]
    if job.release.rolling:
        lines.append(manager.upgrade)
    if job.packages:
        names = "".join(f" \\\n      {name}" for name in job.packages)
        lines.append(manager.install.replace(" {packages}", names))
        lines.append(manager.clean)
    return _run(lines, manager.env)


def _run(lines: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    exports = [f"export {name}={shlex.quote(value)}" for name, value in (env or {}).items()]
    commands = [*exports, *(line for line in lines if line)]
    return "RUN " + " \\\n && ".join(commands) if commands else ""


def _users(job: Job) -> str:
    accounts = job.release.accounts or job.distribution.accounts
    own = {USER: f"/{USER}/home"}
    return _run(
        [
            line
            for user, home in {**job.users, **own}.items()
            for line in _user(accounts, user, home)
        ]
    )


def _user(accounts: Accounts, user: str, home: str) -> Iterator[str]:
    """A group and a user, where the system does not have them already."""
    words = {"{group}": user, "{user}": user, "{home}": home}
    for command, test in (
        (accounts.add_group, f"grep -q '^{user}:' /etc/group"),
        (accounts.add_user, f"id -u {user} >/dev/null 2>&1"),
    ):
        text = command
        for word, value in words.items():
            text = text.replace(word, value)
        yield f"({test} || {text})"


def _folders(job: Job) -> str:
    """The folders of a box; compilers go through ccache where CCACHE_DIR is set."""
    home = f"/{USER}"
    made = f"mkdir -p {home}/bin {home}/lib/ccache {home}/steps"
    owned = (
        f"install -d -o {USER} -g {USER} \\\n"
        f"      {home}/ccache {home}/home {home}/records {home}/src"
    )
    return _run([made, owned, *([_CCACHE_LINKS] if job.ccache else [])])


def _source(name: str, source: Source) -> str:
    """A library from its tarball, checked and built into its own prefix."""
    tarball = f"/{USER}/sources/{name}.tar"
    words = " ".join(shlex.quote(word) for word in (f"--prefix={source.prefix}", *source.configure))
    build = [
        f"echo '{source.sha256.lower()}  {tarball}' | sha256sum -c -",
        f"mkdir /tmp/{name}",
        f"tar -xf {tarball} -C /tmp/{name} --strip-components=1",
        f"cd /tmp/{name}",
        f"./configure {words}",
        'make -j"$(getconf _NPROCESSORS_ONLN)"',
        "make install",
        f"rm -rf /tmp/{name}",
    ]
    return f"ADD {source.url} {tarball}\n{_run(build)}"
