"""`ciforge packages`: the package names of a system or a dependency, and whether they still exist."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.app.package_check import (
    PackageCheck,
    ask_packages,
    package_check,
    project_checks,
    stale,
)
from ciforge.app.project_files import catalogue_here, descriptor_folders, find_project
from ciforge.app.scratch import scratch_folder
from ciforge.app.session import open_engine, print_progress, stopping
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.cli import completers, options
from ciforge.errors import EngineError, UsageError, did_you_mean
from ciforge.load.dependencies import dependency_of
from ciforge.load.package_table import supplemented
from ciforge.model.distro import Catalogue
from ciforge.report.packages_by_system import packages_by_system
from ciforge.sanitize import safe_text

if TYPE_CHECKING:
    from ciforge.engines.docker import DockerEngine
    from ciforge.engines.protocol import Stop
    from ciforge.render.index_question import IndexAnswer


@click.command("packages")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completers.systems)
@click.option(
    "--check", is_flag=True, help="Ask each system, in its container, whether the names install."
)
@click.option(
    "--script", is_flag=True, help="Print a script for sh that asks on a machine of that system."
)
@click.option(
    "--update",
    is_flag=True,
    help="Ask package indexes for names like header:event.h, and write ciforge.lock.",
)
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    check: bool,
    script: bool,
    update: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """List the packages of systems, each with its dependency and its place in a descriptor.

    NAME is a distribution, which means its default releases, or a release: debian, debian-13.
    Without one, the packages are those that the jobs of the project install, on each release that
    runs in a container; package names in the project file are shown with their line there.

    NAME may also be a dependency: its packages on each distribution, and the source of each name.
    pkg-config:NAME, header:NAME, library:NAME and command:NAME are the dependency that has it.

    \b
      ciforge packages --check                which names of this project no longer install
      ciforge packages debian-13              the names
      ciforge packages krb5 zlib              the packages of two dependencies on each distribution
      ciforge packages header:event2/event.h  those of the dependency that has this header
      ciforge packages --check debian         which of them no longer install, with FILE:LINE:COL
      ciforge packages --script freebsd-15    a check for a machine without an engine
      ciforge packages --update               ask for the names of this kind in the project file

    --check prints nothing and exits 0 if all install, exits 1 if some do not, and 3 if a mirror or
    the engine does not answer. Nothing is installed but what the descriptor's `setup` installs.

    --update asks the package index of each release with a listed job which package has each name
    like header:event2/event.h of the project file, and writes the answers to ciforge.lock. A name
    that no package has, or more than one, is an error, and the file stays as it was.
    """
    _refuse_combinations(names, check=check, script=script, update=update)
    if update:
        _update(file, state_dir)
        return
    names = tuple(dict.fromkeys(dependency_of(name) for name in names))
    catalogue = _with_dependencies(file, names)
    if dependencies := [name for name in names if _has(catalogue, name)]:
        if check or script:
            raise UsageError(f"{dependencies[0]} is a dependency; --check and --script ask systems")
        _refuse_others(catalogue, names, dependencies)
        click.echo(safe_text("\n".join(packages_by_system(catalogue, dependencies))))
        return
    checks = _chosen(catalogue, names, file) if names else _of_project(file)
    if check:
        found = _stale(checks, state_dir)
        click.echo("".join(f"{safe_text(line)}\n" for line in found), nl=False)
        ctx.exit(1 if found else 0)
    _print(checks, script=script)


def _refuse_combinations(
    names: tuple[str, ...], *, check: bool, script: bool, update: bool
) -> None:
    """Raises UsageError for options and names that exclude each other."""
    if check and script:
        raise UsageError("--check and --script exclude each other")
    if update and (check or script):
        raise UsageError("--update excludes --check and --script")
    if update and names:
        raise UsageError("--update asks for all names of the project file; name none")


def _print(checks: list[PackageCheck], *, script: bool) -> None:
    """Prints the packages of each release, or the script for the only one. Raises UsageError for several scripts."""
    if script and len(checks) > 1:
        releases = ", ".join(check.id for check in checks)
        raise UsageError(f"--script is for one release; name one of {releases}")
    for check in checks:
        click.echo(safe_text(check.script if script else _listed(check)), nl=not script)


def _with_dependencies(file: Path | None, names: tuple[str, ...]) -> Catalogue:
    """The catalogue, with what the table of packages has of the names; empty without names."""
    if not names:
        return Catalogue(distributions={}, managers={})
    return supplemented(catalogue_here(file, Path.cwd()), names)


def _refuse_others(catalogue: Catalogue, names: tuple[str, ...], dependencies: list[str]) -> None:
    """Raises UsageError for a name beside dependencies that is none."""
    if other := next((name for name in names if name not in dependencies), ""):
        raise UsageError(f"no dependency {other!r}{did_you_mean(other, _dependencies(catalogue))}")


def _dependencies(catalogue: Catalogue) -> list[str]:
    """The names that descriptors and the table of packages have."""
    own = (
        name for distribution in catalogue.distributions.values() for name in distribution.packages
    )
    return [*dict.fromkeys((*own, *sorted(catalogue.tabled)))]


def _has(catalogue: Catalogue, name: str) -> bool:
    return any(name in distribution.packages for distribution in catalogue.distributions.values())


def _chosen(
    catalogue: Catalogue, systems: tuple[str, ...], file: Path | None
) -> list[PackageCheck]:
    """Raises UsageError for an unknown name."""
    folders = descriptor_folders(file, Path.cwd())
    chosen: dict[str, PackageCheck] = {}
    for name in systems:
        found = {
            distribution.release_id(release): package_check(
                catalogue, folders, distribution, release
            )
            for distribution in catalogue.distributions.values()
            for release in distribution.releases
            if name == distribution.release_id(release)
            or (
                name == distribution.distribution
                and release.release in distribution.default_releases
            )
        }
        if not found:
            choices = [*catalogue.distributions]
            choices += [
                d.release_id(r) for d in catalogue.distributions.values() for r in d.releases
            ]
            choices += _dependencies(catalogue)
            hint = "`ciforge systems` lists the systems"
            raise UsageError(
                f"no system or dependency {name!r}{did_you_mean(name, choices)}", hint=hint
            )
        chosen |= found
    return list(chosen.values())


def _of_project(file: Path | None) -> list[PackageCheck]:
    """Raises UsageError where there is no project, or no release of it runs in a container."""
    try:
        found = file if file is not None else find_project(Path.cwd())
    except UsageError as error:
        hint = "name a SYSTEM (`ciforge systems` lists them), or use --file FILE"
        raise UsageError(str(error), hint=hint) from None
    checks = project_checks(
        open_workspace(found, Path.cwd()), descriptor_folders(found, Path.cwd())
    )
    if not checks:
        raise UsageError("no job of this project runs in a container", hint="name a SYSTEM")
    return checks


def _listed(check: PackageCheck) -> str:
    width = max((len(place.package) for place in check.places), default=0)
    lines = (
        f"{check.id}  {place.package:<{width}}  {place.dependency}  {place.place}"
        for place in check.places
    )
    return "\n".join(lines)


def _update(file: Path | None, state_dir: Path | None) -> None:
    """Writes the lock of the project, and says on standard error which gaps there are."""
    from ciforge.app.lock_update import Questions, ask_index, lock_questions, update_lock

    questions = lock_questions(file if file is not None else find_project(Path.cwd()))
    with ExitStack() as opened:
        engine: list[tuple[DockerEngine, Stop]] = []

        def ask(release: Questions) -> "dict[str, IndexAnswer]":
            if not engine:
                scratch = opened.enter_context(scratch_folder(state_folder("packages", state_dir)))
                stop = opened.enter_context(stopping())
                engine.append((opened.enter_context(open_engine(scratch, stop)), stop))
            print_progress(f"{release.id}: asking for {len(release.asked)} names")
            return ask_index(release, *engine[0])

        gaps = update_lock(questions, ask)
    for gap in gaps:
        print_progress(f"{gap}; jobs that need it there are skipped")
    if not questions.releases:
        print_progress("the project file has no name like header:event.h, so there is no lock")


def _stale(checks: list[PackageCheck], state_dir: Path | None) -> list[str]:
    """Raises UsageError for a system without a container or a check, EngineError."""
    for check in checks:
        if not check.release.image:
            hint = f"`ciforge packages --script {check.id}` prints the question for a machine of it"
            raise UsageError(f"no engine runs {check.id}", hint=hint)
        if not check.job.manager.check:
            raise UsageError(f"the descriptor of {check.job.manager.manager} has no key `check`")
    lines: list[str] = []
    lost: list[EngineError] = []
    with (
        scratch_folder(state_folder("packages", state_dir)) as scratch,
        stopping() as stop,
        open_engine(scratch, stop) as engine,
    ):
        for check in checks:
            print_progress(f"{check.id}: asking for {len(check.places)} packages")
            try:
                lines += stale(check, ask_packages(check, engine, stop))
            except EngineError as error:
                lost.append(error)
    for line in lines if lost else ():
        click.echo(safe_text(line))
    if lost:
        raise lost[0]
    return lines
