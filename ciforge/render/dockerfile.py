"""A job to the Dockerfile of its dependency image. Safe for the classic builder; no job's step in it."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ciforge.model.cross import TOOLS
from ciforge.model.distro import Accounts
from ciforge.model.job import Job
from ciforge.model.project import Patch, Source
from ciforge.model.source_recipe import SOURCE_RECIPES, source_env
from ciforge.render.paths import BIN, CCACHE, HOME, RECORDS, SOURCE, STEPS, USER
from ciforge.render.toolchain_stages import sysroot, toolchain_stages

_PATCH_WIDTH = 1000
"""Characters in a line of a patch; builders refuse lines of 64 KiB."""
_CCACHE_LINKS = """\
for name in cc gcc c++ g++ clang clang++; do \\
      if command -v "$name" >/dev/null; then \\
        ln -s "$(command -v ccache)" "/ciforge/lib/ccache/$name"; \\
      fi; \\
    done"""

_CROSS_FILES = "ENV CCACHE_EXTRAFILES=" + ":".join(
    f"{TOOLS}/{name}" for name in ("pin", "target", "flags-cc", "flags-c++")
)
"""The files of a cross compiler that decide what its script, which ccache compares, makes of a source."""


def dockerfile(job: Job) -> str:
    """The text that a person on that distribution would have written, the same on every machine."""
    return "\n".join(dockerfile_parts(job))


def dockerfile_parts(job: Job) -> tuple[str, str, str]:
    """Its text in three: what only this image has, users, and folders, which many images have.

    A line without text is between them.
    """
    first, *stages = _stages(job)
    own = (
        f"ARG BASE={job.release.image}\n{first}",
        *stages,
        _packages(job),
        sysroot(job.cross, job.manager) if job.cross else "",
        *(_source(name, job) for name in job.sources),
    )
    image = "\n\n".join(part for part in own if part)
    return f"{image}\n", f"{_users(job)}\n", f"{_folders(job)}\n"


def _stages(job: Job) -> Iterator[str]:
    """The stages before the one that installs the packages of the job."""
    if job.cross:
        setup = (*job.distribution.setup, *job.release.setup)
        yield from toolchain_stages(job.cross, job.manager, setup)
    else:
        yield "FROM ${BASE}"


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
    # Ours first: its number, which a volume's files bear, is the same whatever users a project has.
    users = {USER: f"{HOME}/home"} | dict(job.users)
    if len(users) == 1 or "'" in accounts.add_group + accounts.add_user:
        return _run(
            [
                line
                for user, home in users.items()
                for line in account_commands(accounts, user, home)
            ]
        )
    # Once for all of them, as a function of the shell.
    group, user = account_commands(accounts, '"$1"', '"$2"')
    calls = (f"add_user {name} {shlex.quote(home)}" for name, home in users.items())
    return _run([f"add_user() {{ \\\n      {group} \\\n      && {user}; \\\n    }}", *calls])


def account_commands(accounts: Accounts, user: str, home: str) -> Iterator[str]:
    """Commands that add a group and a user that the system lacks; `home` is a word of the shell."""
    quoted = user.startswith('"')
    pattern = f'"^{user[1:-1]}:"' if quoted else f"'^{user}:'"
    values = {"{group}": user, "{user}": user, "{home}": home if quoted else shlex.quote(home)}
    for command, test in (
        (accounts.add_group, f"grep -q {pattern} /etc/group"),
        (accounts.add_user, f"id -u {user} >/dev/null 2>&1"),
    ):
        text = command
        for word, value in values.items():
            text = text.replace(word, value)
        yield f"({test} || {text})"


def _folders(job: Job) -> str:
    """The folders of a container; compilers go through ccache where CCACHE_DIR is set."""
    made = f"mkdir -p {BIN} {HOME}/lib/ccache {RECORDS} {STEPS}"
    owned = f"install -d -o {USER} -g {USER} {CCACHE} {HOME}/home {SOURCE}"
    # A user can write its own records alone, and root's and the install manifest not at all.
    records = [f"install -d -m 0700 -o {user} {RECORDS}/{user}" for user in (USER, *job.users)]
    folders = _run([made, owned, *records, *([_CCACHE_LINKS] if job.ccache else [])])
    return f"{folders}\n{_CROSS_FILES}" if job.cross and job.ccache else folders


def _source(name: str, job: Job) -> str:
    """A library from its tarball or commit, checked and built into its own prefix."""
    source, make = job.sources[name], job.distribution.make
    below = _needed_sources(name, job.sources)
    needed = {each: value for each, value in job.sources.items() if each in below}
    patches = [
        _run([*_patch_file(name, place, patch)]) for place, patch in enumerate(source.patches)
    ]
    build = [
        *(f"export {key}={shlex.quote(value)}" for key, value in source_env(needed).items()),
        *_unpacked(name, source),
        f"cd /tmp/{name}",
        *(_patch_command(name, place, patch) for place, patch in enumerate(source.patches)),
        *_build_commands(source, job.cross.configure if job.cross else (), make),
        f"rm -rf /tmp/{name}",
    ]
    fetched = [] if source.git else [f"ADD {_word(source.url)} {_tarball(name)}"]
    return "\n".join([*fetched, *patches, _run(build)])


def _patch_path(name: str, place: int) -> str:
    return f"{HOME}/sources/{name}-{place + 1}.patch"


def _patch_file(name: str, place: int, patch: Patch) -> Iterator[str]:
    """Commands that write a patch, each with a part of it that is a word of the shell."""
    yield f"mkdir -p {HOME}/sources"
    starts = range(0, len(patch.data), _PATCH_WIDTH)
    parts = (patch.data[start : start + _PATCH_WIDTH] for start in starts)
    yield " \\\n".join(("printf '%s\\n'", *parts, f"| base64 -d >{_patch_path(name, place)}"))


def _patch_command(name: str, place: int, patch: Patch) -> str:
    """A command that applies a patch. GNU patch writes nothing outside of its folder, and follows no link."""
    sentence = shlex.quote(f"sources/{name}: the patch {patch.file} does not apply")
    options = "-p1 -u -f --no-backup-if-mismatch"
    path = _patch_path(name, place)
    return f"{{ patch {options} -i {path} || {{ echo {sentence} >&2; exit 1; }}; }}"


def _needed_sources(name: str, sources: Mapping[str, Source]) -> set[str]:
    """Returns the sources that one needs, directly or not."""
    found: set[str] = set()
    waiting = [*sources[name].needs]
    while waiting:
        if (each := waiting.pop()) not in found:
            found.add(each)
            waiting += sources[each].needs
    return found


def _tarball(name: str) -> str:
    return f"{HOME}/sources/{name}.tar"


def _unpacked(name: str, source: Source) -> Iterator[str]:
    """Commands that make the tree of a source below /tmp."""
    if source.git:
        yield f"git clone --quiet --no-checkout -- {shlex.quote(source.git)} /tmp/{name}"
        yield f"git -C /tmp/{name} checkout --quiet --detach {source.revision}"
        return
    yield f"echo '{source.sha256.lower()}  {_tarball(name)}' | sha256sum -c -"
    yield f"mkdir /tmp/{name}"
    yield f"tar -xf {_tarball(name)} -C /tmp/{name} --strip-components=1"


def _build_commands(source: Source, cross: Iterable[str], make: str) -> Iterator[str]:
    """The commands of the source itself, or of its recipe."""
    recipe = SOURCE_RECIPES[source.recipe]
    arguments = (*(cross if recipe.takes_host else ()), *source.configure)
    values = {
        "prefix": shlex.quote(source.prefix),
        "words": "".join(f" {shlex.quote(word)}" for word in arguments),
        "jobs": f'{make} -j"$(getconf _NPROCESSORS_ONLN)"',
        "make": make,
    }
    for command in source.build or recipe.commands:
        yield re.sub(r"\{(prefix|words|jobs|make)\}", lambda found: values[found[1]], command)


def _word(text: str) -> str:
    """`text` as a word of a Dockerfile, which knows quotes and variables of its own."""
    return re.sub(r"([\\$\"'])", r"\\\1", text)
