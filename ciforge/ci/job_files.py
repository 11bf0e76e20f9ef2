"""The files of jobs for a hosted machine: images, steps and the scripts that run them.

`unpack.sh`, which is among them, makes of these files the folder of one job, byte for byte as in a local run.
"""

import functools
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from ciforge.ci.hosted_machines import needs_machine
from ciforge.ci.posix_patterns import extended, packages_script
from ciforge.ci.shared_texts import JobTraits, SharedTexts
from ciforge.model.distro import Manager
from ciforge.model.job import Job, Step
from ciforge.render.dockerfile import dockerfile_parts
from ciforge.render.host_scripts import HOST, PROBE
from ciforge.render.kept_script import KEPT
from ciforge.render.machine_setup import (
    machine_facts,
    setup_script,
    users_script,
    versions_script,
)
from ciforge.render.step_script import step_user
from ciforge.render.wrapper import SCRIPTS, STEP_OF_LOGIN

PROVES = "proves.awk"
"""The script that says what a cross check has shown."""

KEEP = "keep.sh"
"""The script that keeps logs of tests and other files."""

DIST_SCRIPT = "dist.sh"
"""The script that lays the release tarball of another job into the container."""

NEW_GIT = "new-git.sh"
"""The script that makes a new `.git` for steps."""

MACHINE_SCRIPTS = ("bsd.sh", "machine.sh", "prepare-machine.sh")
"""The hosted scripts for machines that are no containers."""

NONE = "-"
"""In a table: no file."""

_JOBS = """\
# What each job is made of: image, users, folders, package manager, platform, recipe, whether it may fail, ccache.
"""
"""A cross check has another word: the release of its machine, where that is not the one of its id."""
_RECIPE = """\
# A job's limit in seconds, and its steps: name, user, network, seconds, script, environment.
# shellcheck shell=sh disable=SC2034
builddir={builddir}
artifacts={artifacts}
keep={keep}
folder={folder}
limit={limit}
{git}steps='
{steps}'
"""


@attrs.define(eq=False, repr=False)
class _Kinds:
    """The texts of all jobs, by kind."""

    images: SharedTexts = attrs.field(factory=SharedTexts)
    users: SharedTexts = attrs.field(factory=SharedTexts)
    folders: SharedTexts = attrs.field(factory=SharedTexts)
    machines: SharedTexts = attrs.field(factory=SharedTexts)
    accounts: SharedTexts = attrs.field(factory=SharedTexts)
    systems: SharedTexts = attrs.field(factory=SharedTexts)
    env: SharedTexts = attrs.field(factory=SharedTexts)
    steps: dict[str, SharedTexts] = attrs.field(factory=dict)


@attrs.frozen(eq=False, repr=False)
class _Names:
    """Names by text, for each kind."""

    images: Mapping[str, str]
    users: Mapping[str, str]
    folders: Mapping[str, str]
    machines: Mapping[str, str]
    accounts: Mapping[str, str]
    systems: Mapping[str, str]
    env: Mapping[str, str]
    steps: Mapping[str, Mapping[str, str]]


def job_files(
    jobs: Sequence[Job],
    scripts: Mapping[str, str],
    folder: str = "",
    *,
    ccache: bool = False,
    boots: bool = False,
) -> dict[str, str]:
    """Files by their paths, which begin with `folder`; `scripts` run on the hosted machine itself.

    `ccache` is whether the service keeps results of compilers, `boots` whether an action of it boots virtual
    machines: else a job without a container runs on the machine of the service itself."""
    kinds = _Kinds()
    parts = [
        _machine_parts(job, boots) if needs_machine(job) else dockerfile_parts(job) for job in jobs
    ]
    for job, texts in zip(jobs, parts, strict=True):
        _collect(kinds, job, texts)
    traits = JobTraits.of(jobs)
    names = _named(kinds, jobs, traits)
    recipes = SharedTexts()
    own = [_recipe(job, names) for job in jobs]
    for job, text in zip(jobs, own, strict=True):
        recipes.add(text, job)
    ways = recipes.named("{}", traits, first="default")
    rows = [
        f"{_row(job, names, texts, ways[recipe])} {'ccache' if ccache and job.ccache else NONE}"
        f"{f' {job.machine_id}' if job.cross else ''}"
        for job, texts, recipe in zip(jobs, parts, own, strict=True)
    ]
    files = _scripts(jobs, scripts)
    for form, kind in (
        ("images/{}.Dockerfile", names.images),
        ("users/{}.Dockerfile", names.users),
        ("folders/{}.Dockerfile", names.folders),
        ("machines/{}.sh", names.machines),
        ("users/{}.sh", names.accounts),
        ("systems/{}.sh", names.systems),
        ("recipes/{}.sh", ways),
        ("env/{}.sh", names.env),
        *(("steps/{}.sh", texts) for texts in names.steps.values()),
    ):
        files |= {form.format(name): text for text, name in kind.items()}
    for job in {job.manager.manager: job for job in jobs}.values():
        files |= _machine_manager(job) if needs_machine(job) else _manager_files(job.manager)
    files["jobs.txt"] = _JOBS + "".join(f"{row}\n" for row in rows)
    return {f"{folder}/{name}": text for name, text in files.items()} if folder else files


def _named(kinds: _Kinds, jobs: Sequence[Job], traits: JobTraits) -> _Names:
    """Gives each text of the jobs the name of its file."""
    several = len({job.repo for job in jobs}) > 1
    return _Names(
        kinds.images.named("{}", traits, own=functools.partial(_image_label, several)),
        kinds.users.named("{}", traits, first="default"),
        kinds.folders.named("{}", traits, first="default"),
        kinds.machines.named("{}", traits, own=functools.partial(_image_label, several)),
        kinds.accounts.named("{}", traits, first="default"),
        kinds.systems.named("{}", traits, own=lambda job: job.release_id),
        kinds.env.named("{}", traits),
        # No step has a comma in its name.
        {
            step: texts.named(f"{step},{{}}", traits, first=step)
            for step, texts in kinds.steps.items()
        },
    )


def _scripts(jobs: Sequence[Job], scripts: Mapping[str, str]) -> dict[str, str]:
    """Returns the scripts that some job needs, by their paths."""
    files = {f"bin/{name}": text for name, text in SCRIPTS.items()} | dict(scripts)
    if any(job.keep for job in jobs):
        files["kept.sh"] = KEPT
    else:
        files.pop(KEEP, None)
    if not any(job.carry_git for job in jobs):
        files.pop(NEW_GIT, None)
    if not any(job.needs for job in jobs):
        files.pop(DIST_SCRIPT, None)
    if any(map(needs_machine, jobs)):
        files |= {
            "bin/host": HOST,
            "bin/probe": f"#!/bin/sh\n{PROBE}",
            "bin/machine-step": STEP_OF_LOGIN,
        }
    else:
        files = {name: text for name, text in files.items() if name not in MACHINE_SCRIPTS}
    if crosses := "".join(f"{job.id} {job.statement_form}\n" for job in jobs if job.cross):
        files["cross.txt"] = crosses
    else:
        files.pop(PROVES, None)
    return files


def _collect(kinds: _Kinds, job: Job, texts: tuple[str, str, str]) -> None:
    own = (kinds.images, kinds.users, kinds.folders)
    if needs_machine(job):
        own = (kinds.machines, kinds.accounts, kinds.systems)
    for kind, text in zip(own, texts, strict=True):
        kind.add(text, job)
    for step in job.steps:
        if text := _env(job, step):
            kinds.env.add(text, job)
        kinds.steps.setdefault(step.name, SharedTexts()).add(_body(step), job)


def _machine_parts(job: Job, boots: bool) -> tuple[str, str, str]:
    """The scripts that make a machine ready: packages, users, facts."""
    host = job.release.hosted.host if boots else ""
    return setup_script(job), users_script(job, builder=bool(host)), machine_facts(job, host)


def _image_label(several: bool, job: Job) -> str:
    variant = "" if job.variant == "default" else f",{job.variant}"
    return f"{job.repo}," * several + job.release_id + variant


def _env(job: Job, step: Step) -> str:
    return "".join(_export(name, value) for name, value in sorted({**job.env, **step.env}.items()))


@functools.lru_cache(maxsize=4096)
def _export(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}\n"


def _body(step: Step) -> str:
    """The commands of a step: its script without the head and the environment."""
    return step.run.rstrip("\n") + "\n"


def _recipe(job: Job, names: _Names) -> str:
    """The recipe of a job, as shell assignments."""
    return _RECIPE.format(
        builddir=shlex.quote("".join(f"{part}/" for part in (job.folder, job.builddir) if part)),
        keep=shlex.quote("".join(f"{word}\n" for word in job.keep)),
        folder=shlex.quote(job.folder or "."),
        git=_dist(job)
        + "carry_git=yes\n" * job.carry_git
        + "rights=root\n" * job.setuid
        + _flaky(job),
        artifacts=shlex.quote(" ".join(job.artifacts)),
        limit=job.timeout,
        steps="".join(f"{_step(job, step, names)}\n" for step in job.steps),
    )


def _dist(job: Job) -> str:
    """The artifact with the release tarball that a job is built from."""
    return "".join(f"dist={shlex.quote(id_.replace('/', ','))}\n" for id_ in job.needs)


def _flaky(job: Job) -> str:
    """The records of steps that passed, but not at once; empty if no step is tried again."""
    records = (f"{step_user(step)}/{step.name}" for step in job.steps if step.tries > 1)
    return f"flaky={shlex.quote(' '.join(records))}\n" if job.tried_again else ""


def _step(job: Job, step: Step, names: _Names) -> str:
    network = "network" if step.network else "no-network"
    env = _env(job, step)
    fields = (step.name, step_user(step), network, str(step.timeout),
             names.steps[step.name][_body(step)], names.env[env] if env else NONE)  # fmt: skip
    return " ".join(fields)


def _row(job: Job, names: _Names, texts: tuple[str, str, str], recipe: str) -> str:
    kinds: tuple[Mapping[str, str], ...] = (names.images, names.users, names.folders)
    if needs_machine(job):
        kinds = (names.machines, names.accounts, names.systems)
    own = (kind[text] for kind, text in zip(kinds, texts, strict=True))
    fields = (job.id, *own, job.manager.manager,
             str(job.platform), recipe, "true" if job.allow_failure else "false")  # fmt: skip
    return " ".join(fields)


def _manager_files(manager: Manager) -> dict[str, str]:
    """The command that lists package versions, and the patterns of the manager's failures, in Perl's words."""
    unknown = (_only_package(pattern) for pattern in manager.unknown_package)
    elsewhere = (*manager.unreachable, *manager.full, *manager.incomplete)
    return {
        f"managers/{manager.manager}.versions": f"{manager.versions}\n",
        f"managers/{manager.manager}.unreachable": _lines(elsewhere),
        f"managers/{manager.manager}.unknown": _lines(unknown),
    }


def _machine_manager(job: Job) -> dict[str, str]:
    """The same in POSIX's words, and a script for sed that takes the name out of a line."""
    manager = job.manager
    elsewhere = (*manager.unreachable, *manager.full, *manager.incomplete)
    unknown = manager.unknown_package
    return {
        f"managers/{manager.manager}.versions": versions_script(job),
        f"managers/{manager.manager}.unreachable": _lines(map(extended, elsewhere)),
        f"managers/{manager.manager}.unknown": _lines(map(extended, unknown)),
        f"managers/{manager.manager}.package": packages_script(unknown),
    }


def _lines(patterns: Iterable[str]) -> str:
    return "".join(f"{pattern}\n" for pattern in patterns)


def _only_package(pattern: str) -> str:
    """`pattern` so that only its group `package` is what it matches."""
    begin = pattern.find("(?P<package>")
    if begin < 0:
        return pattern
    inner = begin + len("(?P<package>")
    end = next(_closing(pattern, inner))
    return rf"{pattern[:begin]}\K(?:{pattern[inner:end]})(?={pattern[end + 1 :]})"


def _closing(pattern: str, start: int) -> Iterator[int]:
    """The offset at which the group ends that began before `start`."""
    depth, token = 1, re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|[()]")
    for match in token.finditer(pattern, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            yield match.start()
    yield len(pattern)
