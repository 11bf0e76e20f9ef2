"""The values of a workflow file for GitHub, as the templates in `workflows/github/` read them."""

from collections.abc import Mapping

import attrs

from ciforge.ci.yaml_values import Expression, Pinned, Word


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Guest:
    """A kind of virtual machine that an action boots."""

    title: str
    """The system as people call it, with its release."""
    chosen: Expression
    """The condition under which a job of the matrix needs it."""
    action: str
    """The short name of the action: a key of `Workflow.uses`."""
    release: str
    arch: str
    """The processor in the words of the action."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class MatrixJob:
    """A part of a workflow as the template has it."""

    key: str
    output: Expression
    include: Expression
    some: Expression
    steps: tuple[str, ...]
    """Their names."""
    waits_for: tuple[str, ...]
    """The parts that make the release tarballs that its jobs are built from."""
    container: bool
    """Whether its jobs run in containers, else on virtual machines and the runners themselves."""
    guests: tuple[Guest, ...]
    prepare: Word
    """The script that makes the container or machine ready."""
    emulates: bool
    may_fail: bool
    """Whether one of its jobs may fail: a failed step does not end that one, `finish.sh` does."""
    chosen: Expression
    """The ids of its jobs that run, with spaces: less than the 128 KiB that one variable can hold."""
    minutes: int
    """The limit of the service; `step.sh` ends a job earlier, at its own."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Notify:
    """The job that takes in results and sends mail."""

    install: str
    """The command that brings ciforge."""
    file: str
    """The project's file, from the top of the repository."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PackageSchedule:
    """The weekly check of the names of packages."""

    name: str
    cron: str
    install: str
    """The command that brings ciforge."""
    file: str
    """The project's file, from the top of the repository."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Workflow:
    """A file as `workflow.yml.j2` has it, `schedule.yml.j2` the one that calls it on its schedules, and
    `packages.yml.j2` the one that checks names of packages."""

    name: str
    schedule_name: str
    command: str
    project: str
    folder: str
    """The folder of what the jobs run, from the top of the repository."""
    scripts: str
    """The same folder, from the folder of the source."""
    directory: str
    """The folder of the source, from the top of the repository; empty for the top itself."""
    state: str
    """The branch that keeps incidents."""
    pushed: bool
    """Whether a job runs with each commit; else a push would be green though nothing ran."""
    branches: tuple[str, ...]
    schedules: Mapping[str, str]
    caller: str
    """The name of the file that has the schedules."""
    called: str
    """The name of the file that has the jobs."""
    left_out: tuple[tuple[str, str], ...]
    untried: str
    """What is to be known of jobs on machines that are no containers."""
    proven: str
    """Each word for how far a system is proven, with its releases."""
    choose: str
    ignore: tuple[str, ...]
    parts: tuple[MatrixJob, ...]
    caches: bool
    """Whether a push keeps images and results of compilers for later runs; only where the branches that are
    followed are named."""
    registry: bool
    """Whether images are kept in the registry."""
    keys: tuple[str, ...]
    gate: str
    """The check to require; no two files of a repository have the same, or one could stand for another."""
    uses: Mapping[str, Pinned]
    notify: Notify | None = None
    packages: PackageSchedule | None = None
