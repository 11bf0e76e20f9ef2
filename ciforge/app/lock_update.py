"""Asks the package indexes of a project's releases for the names in its file, and writes the answers to `ciforge.lock`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.app.package_check import ask_script, system_job
from ciforge.app.project_files import read_catalogue
from ciforge.app.workspace import check_project
from ciforge.engines.docker import DockerEngine
from ciforge.engines.protocol import Stop
from ciforge.errors import EngineError, InputError, UsageError
from ciforge.generated_file import remove_generated, write_generated
from ciforge.load.dependencies import dependency_index, dependency_of
from ciforge.load.lock_file import lock_text, refuse_foreign
from ciforge.load.package_table import supplemented
from ciforge.load.project_file import load_project
from ciforge.load.yaml_document import Document
from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.flaw import Flaw
from ciforge.model.index_name import kind_of, plain_name
from ciforge.model.lock_path import lock_path
from ciforge.model.package_lock import PackageLock
from ciforge.model.project import Project
from ciforge.plan.cross_check import machine_of
from ciforge.plan.index_answers import Choice, ambiguous, choose, no_answer
from ciforge.plan.index_names import index_needs, wanted_names
from ciforge.render.index_question import IndexAnswer, can_ask, index_answers, index_script

Ask = Callable[["Questions"], Mapping[str, IndexAnswer]]
"""Asks the index of one release. Raises EngineError if it does not answer."""


@attrs.frozen(kw_only=True)
class Questions:
    """The names that one release is asked for."""

    catalogue: Catalogue
    distribution: Distribution
    release: Release
    names: tuple[str, ...]

    @property
    def id(self) -> str:
        """Returns `debian-13`."""
        return self.distribution.release_id(self.release)

    @property
    def asked(self) -> tuple[str, ...]:
        """Returns the names that its index can be asked for in a container."""
        manager = self.catalogue.managers[self.distribution.manager]
        return tuple(name for name in self.names if self.release.image and can_ask(manager, name))


@attrs.frozen(kw_only=True)
class LockQuestions:
    """A project without other flaws, and what its releases are asked."""

    file: Path
    document: Document
    project: Project
    releases: tuple[Questions, ...]


def lock_questions(file: Path) -> LockQuestions:
    """Returns what the releases of a project are asked. Raises InputError for mistakes that no index
    settles, UsageError for a lock that ciforge did not write."""
    refuse_foreign(file)
    problems, project, catalogue = check_project(file, read_catalogue(file), answered=False)
    if problems:
        raise InputError(problems)
    wanted = wanted_names(project, catalogue)
    canonical_names = [
        found for names in wanted.values() for name in names if (found := _canonical(name))
    ]
    catalogue = supplemented(catalogue, canonical_names)
    releases = []
    for release_id, names in wanted.items():
        distribution, release = machine_of(catalogue, release_id)
        releases.append(
            Questions(catalogue=catalogue, distribution=distribution, release=release, names=names)
        )
    return LockQuestions(
        file=file, document=load_project(file).document, project=project, releases=tuple(releases)
    )


def ask_index(questions: Questions, engine: DockerEngine, stop: Stop) -> dict[str, IndexAnswer]:
    """Returns the answers of a release's index, in its container. Raises EngineError if it does not answer."""
    catalogue, distribution = questions.catalogue, questions.distribution
    script = index_script(
        distribution, questions.release, catalogue.managers[distribution.manager], questions.asked
    )
    printed = ask_script(
        system_job(catalogue, distribution, questions.release), script, engine, stop
    )
    found, complete = index_answers(printed, questions.asked)
    if not complete or any(answer.lost for answer in found.values()):
        last = next((line for line in reversed(printed.splitlines()) if line.strip()), "no output")
        hint = "the lock of the project file is as it was; run again when the mirror answers"
        raise EngineError(f"{questions.id}: its package index did not answer: {last}", hint=hint)
    return found


def update_lock(questions: LockQuestions, ask: Ask) -> list[str]:
    """Writes `ciforge.lock`, and returns a sentence for each name that no package of a release has.

    Raises InputError, and writes nothing, if a name has no answer at all or more than one; EngineError."""
    answers: dict[str, dict[str, tuple[str, ...] | None]] = {}
    gaps: dict[str, list[str]] = {}
    flaws: dict[str, list[str]] = {}
    for release in questions.releases:
        found = ask(release) if release.asked else {}
        for name in release.names:
            choice, near = _choice(release, name, found.get(name))
            answers.setdefault(release.id, {})[name] = choice.packages
            if choice.candidates:
                here = release.distribution.distribution
                flaws.setdefault(name, []).append(
                    ambiguous(name, choice.candidates, release.id, here)
                )
            elif choice.packages is None:
                gaps.setdefault(name, []).append(no_answer(name, near, release.id))
    for name, sentences in gaps.items():
        if len(sentences) == sum(name in each for each in answers.values()):
            flaws.setdefault(name, []).extend(sentences)
    if flaws:
        raise InputError(list(_problems(questions, flaws)))
    _write(questions.file, PackageLock(packages=answers))
    return [sentence for each in gaps.values() for sentence in each]


def _problems(questions: LockQuestions, flaws: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """The flaws, each at the first place of its name in the project file."""
    places = {need.name: path for path, need in reversed(list(index_needs(questions.project)))}
    return questions.document.problems(
        Flaw(places[name], sentence) for name, each in flaws.items() for sentence in each
    )


def _choice(
    release: Questions, name: str, answer: IndexAnswer | None
) -> tuple[Choice, tuple[str, ...]]:
    """The packages for a name, and names that are spelled alike."""
    usual = _usual(release, name)
    if answer is None:
        return Choice(packages=usual), tuple(_tabled(name))
    return choose(answer.owners, usual or ()), (*answer.near, *_tabled(name))


def _usual(release: Questions, name: str) -> tuple[str, ...] | None:
    """The packages of the canonical dependency that ciforge's table has for a name."""
    dependency = release.distribution.packages.get(_canonical(name))
    provision = dependency.on(release.release.release) if dependency else None
    return None if provision is None or provision.missing else provision.packages


def _canonical(name: str) -> str:
    try:
        return dependency_of(name)
    except UsageError:
        return ""


def _tabled(name: str) -> Iterator[str]:
    """Names of ciforge's table that are spelled like one."""
    import difflib  # only for mistakes: it takes long to load

    kind, plain = kind_of(name), plain_name(name)
    for near in difflib.get_close_matches(plain, dependency_index().names_of(kind), n=3):
        if near != plain and not near.endswith("/"):
            yield f"{kind}:{near}"


def _write(file: Path, lock: PackageLock) -> None:
    place = lock_path(file)
    if lock.packages:
        write_generated(place.parent, place.name, lock_text(lock).encode())
    elif place.exists():
        remove_generated(place.parent, place.name)
