"""Asks a system in its container whether the packages of its descriptor exist and install."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ciforge.engines.protocol import PrepareFailed, Stop
from ciforge.errors import EngineError
from ciforge.load.lock_file import locked_places
from ciforge.load.package_places import PackagePlace, package_places, project_places
from ciforge.load.yaml_document import Document
from ciforge.model.job import Job
from ciforge.render.package_question import Answer, answers, check_dockerfile, check_script

if TYPE_CHECKING:
    from ciforge.app.workspace import Workspace
    from ciforge.engines.docker import DockerEngine
    from ciforge.model.distro import Catalogue, Distribution, Release

_MOST = 1 << 20
"""Bytes of output that are kept; a line per package is far less."""


@attrs.frozen(kw_only=True)
class PackageCheck:
    """The packages of one release, with their places."""

    distribution: "Distribution"
    release: "Release"
    places: tuple[PackagePlace, ...]
    job: Job
    script: str

    @property
    def id(self) -> str:
        """`debian-13`."""
        return self.job.release_id


def package_check(
    catalogue: "Catalogue",
    folders: Sequence[Path],
    distribution: "Distribution",
    release: "Release",
) -> PackageCheck:
    """The questions for a release. Raises UsageError if a descriptor cannot be read again."""
    return _check(catalogue, distribution, release, package_places(folders, distribution, release))


def project_checks(workspace: "Workspace", folders: Sequence[Path]) -> list[PackageCheck]:
    """The packages that the jobs of a project install on each release that runs in a container.

    Names of the project itself have their place in its file. Raises UsageError where a file cannot
    be read again."""
    document = Document.read(workspace.file)
    wanted: dict[str, list[Job]] = {}
    for job in workspace.plan.jobs:
        if job.release.image and not job.skipped and not job.cross:
            wanted.setdefault(job.release_id, []).append(job)
    checks = []
    for first, *others in wanted.values():
        names = {name for job in (first, *others) for name in job.packages}
        places = [
            *package_places(folders, first.distribution, first.release),
            *project_places(document, names),
            *locked_places(workspace.file, first.machine_id, names),
        ]
        some = (place for place in places if place.package in names)
        catalogue = workspace.plan.catalogue
        checks.append(_check(catalogue, first.distribution, first.release, some))
    return checks


def _check(
    catalogue: "Catalogue",
    distribution: "Distribution",
    release: "Release",
    found: Iterable[PackagePlace],
) -> PackageCheck:
    manager = catalogue.managers[distribution.manager]
    places = tuple(found)
    names = list(dict.fromkeys(place.package for place in places))
    return PackageCheck(
        distribution=distribution,
        release=release,
        places=places,
        job=system_job(catalogue, distribution, release),
        script=check_script(distribution, release, manager, names),
    )


def system_job(catalogue: "Catalogue", distribution: "Distribution", release: "Release") -> Job:
    """Returns a job without steps, in whose container a release is asked."""
    platforms = [platform for platform in release.platforms if platform.arch == "amd64"] or [
        *release.platforms
    ]
    return Job(
        project="ciforge", repo="packages", distribution=distribution, release=release,
        manager=catalogue.managers[distribution.manager], variant="default", platform=platforms[0],
    )  # fmt: skip


def ask_script(job: Job, script: str, engine: "DockerEngine", stop: Stop) -> str:
    """Returns what a script prints as root in a container of the job's release; no image is left of it."""
    output = bytearray()

    def keep(data: bytes) -> None:
        output.extend(data[: _MOST - len(output)])

    text = check_dockerfile(job.release.image, script, secrets.token_hex(8))
    with suppress(PrepareFailed):
        engine.build(job, text, keep, stop)
    return output.decode(errors="replace")


def ask_packages(check: PackageCheck, engine: "DockerEngine", stop: Stop) -> tuple[Answer, ...]:
    """The manager's answers. Raises EngineError where nothing is known of some of the names."""
    printed = ask_script(check.job, check.script, engine, stop)
    found, complete = answers(printed)
    if not complete or {answer.package for answer in found} < {
        place.package for place in check.places
    }:
        last = next((line for line in reversed(printed.splitlines()) if line.strip()), "no output")
        raise EngineError(f"{check.id}: its package manager did not answer every question: {last}")
    return found


def stale(check: PackageCheck, found: Sequence[Answer]) -> Iterator[str]:
    """`file:line:col: …` for each name that does not install."""
    reasons = {answer.package: answer.reason for answer in found if not answer.installs}
    for place in check.places:
        if place.package in reasons:
            problem = f"{check.id}: {place.package!r} ({place.dependency}) does not install"
            reason = reasons[place.package]
            yield f"{place.place}: {problem}{f': {reason}' if reason else ''}"
