"""Reads folders of descriptors into a catalogue; later folders override earlier ones by id."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs

from ciforge.errors import InputError, UsageError, did_you_mean
from ciforge.load.converter import structure
from ciforge.load.descriptor_checks import distribution_flaws, manager_flaws
from ciforge.load.distro_fields import DISTRIBUTION, MANAGER
from ciforge.load.inheritance import BrokenParent, Family, Values
from ciforge.load.minimum_version import check_minimum
from ciforge.load.project_fields import PROJECT
from ciforge.load.proof_table import Proofs, read_proofs
from ciforge.load.toolchain_table import toolchain
from ciforge.load.value_readers import MANY, Reader
from ciforge.load.yaml_document import Document
from ciforge.model.distro import Catalogue, Distribution, Manager
from ciforge.model.flaw import Flaw
from ciforge.resources import data_folder

T = TypeVar("T")


@attrs.frozen(eq=False, repr=False)
class _Kind(Generic[T]):
    """A kind of descriptor; the value of `key` is the id, which is also the file's name."""

    key: str
    reader: Reader
    flaws: Callable[[T], Iterable[Flaw]]


@attrs.frozen(eq=False, repr=False)
class _Found(Generic[T]):
    """The descriptors of one kind; `broken` has the names of invalid files."""

    values: dict[str, T] = attrs.field(factory=dict)
    documents: dict[str, Document] = attrs.field(factory=dict)
    complete: dict[str, Values] = attrs.field(factory=dict)
    """The plain values, with inherited ones."""
    broken: set[str] = attrs.field(factory=set)

    @property
    def names(self) -> list[str]:
        return sorted({*self.values, *self.broken})


_DISTRIBUTION: _Kind[Distribution] = _Kind("distribution", DISTRIBUTION, distribution_flaws)
_MANAGER: _Kind[Manager] = _Kind("manager", MANAGER, manager_flaws)


def load_catalogue(folders: Sequence[Path], only: frozenset[str] | None = None) -> Catalogue:
    """The descriptors of all `folders`. Raises InputError with the problems of all files.

    `only` reads those of these distributions and managers from the first folder, whose descriptors are known
    to fit together, as ciforge's own are: their regular expressions are not compiled."""
    catalogue, problems = _read(folders, only)
    if problems:
        raise InputError(problems)
    return catalogue


def catalogue_problems(folders: Sequence[Path]) -> list[str]:
    """The problems that `load_catalogue` raises, file by file."""
    return _read(folders)[1]


def lint_file(file: Path) -> list[str]:
    """The problems of one project, distribution or manager file."""
    try:
        document = Document.read(file)
        _lint(document, document.value if isinstance(document.value, dict) else {})
    except UsageError as error:
        return _problems(error)
    except BrokenParent:
        return [f"{file}:1:1: the descriptor that this one is like has problems; lint that first"]
    return []


def _lint(document: Document, keys: Mapping[str, Any]) -> None:
    if "project" in keys:
        check_minimum(document)
        structure(document, PROJECT)
    elif "distribution" in keys:
        _described(document, _DISTRIBUTION, _on_its_own(document))
    elif "manager" in keys:
        _described(document, _MANAGER, document.value)
    else:
        message = "expected one of the keys 'project:', 'distribution:' and 'manager:'"
        raise InputError([document.problem(Flaw((), message))])


def _on_its_own(document: Document) -> Any:
    """Its values with inherited ones; parents are in the same folder, or in ciforge's."""
    if "like" not in document.value:
        return document.value
    shipped: _Found[Distribution] = _Found()
    folder = document.file.parent.resolve()
    if folder != data_folder("distros").resolve():
        list(_folder(data_folder("distros"), _DISTRIBUTION, shipped))
    siblings = {document.file.stem: document}
    unreadable = set()
    for file in _files(folder):
        try:
            sibling = Document.read(file)
            siblings.setdefault(file.stem, sibling)
            if sibling.mistakes and sibling is not document:
                unreadable.add(file.stem)
        except UsageError:
            unreadable.add(file.stem)
    return Family(siblings, shipped.complete, unreadable).complete(document)


def _read(
    folders: Sequence[Path], only: frozenset[str] | None = None
) -> tuple[Catalogue, list[str]]:
    problems: list[str] = []
    distributions: _Found[Distribution] = _Found()
    managers: _Found[Manager] = _Found()
    manager = _MANAGER if only is None else attrs.evolve(_MANAGER, flaws=lambda _: ())
    for folder in folders:
        problems += _folder(folder, _DISTRIBUTION, distributions, only)
        if (folder / "managers").is_dir():
            problems += _folder(folder / "managers", manager, managers, only)
        manager, only = _MANAGER, None
    if not distributions.names and not problems:
        where = ", ".join(map(str, folders)) or "no folder"
        problems.append(f"no descriptors of distributions (*.yml) in {where}")
    problems += _cross_problems(distributions, managers.names)
    found = Catalogue(
        distributions=distributions.values,
        managers=managers.values,
        proofs=_proofs(distributions),
        toolchain=toolchain(),
    )
    return found, problems


def _proofs(found: _Found[Distribution]) -> Proofs:
    """The proofs of ciforge's own descriptors, which say nothing about those of a project."""
    shipped = data_folder("distros").resolve()
    own = {
        proof.release_id(release)
        for name, proof in found.values.items()
        if found.documents[name].file.parent.resolve() == shipped
        for release in proof.releases
    }
    return {key: proof for key, proof in read_proofs(shipped).items() if key[0] in own}


def _folder(
    folder: Path, kind: _Kind[T], found: _Found[T], only: frozenset[str] | None = None
) -> Iterator[str]:
    documents: list[Document] = []
    problems: dict[Path, list[str]] = {}
    try:
        for file in _files(folder):
            if only is not None and file.stem not in only:
                continue
            try:
                documents.append(Document.read(file))
            except UsageError as error:
                problems[file] = _problems(error)
    except OSError as error:
        yield f"{folder}: {error.strerror or error}"
    siblings = {document.file.stem: document for document in documents}
    family = Family(siblings, dict(found.complete), {file.stem for file in problems})
    for document in sorted(documents, key=family.depth):
        problems[document.file] = _take(document, kind, found, family)
    found.broken.update(family.broken)
    yield from (problem for file in sorted(problems) for problem in problems[file])


def _files(folder: Path) -> list[Path]:
    """The files, without hidden ones, which editors leave behind."""
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix in (".yml", ".yaml") and not file.name.startswith(".")
    )


def _take(document: Document, kind: _Kind[T], found: _Found[T], family: Family) -> list[str]:
    name = document.file.stem
    try:
        complete = family.complete(document)
        found.values[name] = _described(document, kind, complete)
        found.documents[name], found.complete[name] = document, complete
    except BrokenParent:
        family.broken.add(name)
    except UsageError as error:
        family.broken.add(name)
        return _problems(error)
    return []


def _described(document: Document, kind: _Kind[T], complete: Any) -> T:
    value: T = structure(document, kind.reader, complete)
    flaws = [*_name_flaws(document.file, kind.key, value), *islice(kind.flaws(value), MANY)]
    if flaws:
        raise InputError(document.problems(flaws))
    return value


def _name_flaws(file: Path, key: str, value: object) -> Iterator[Flaw]:
    name = getattr(value, key)
    if file.name != f"{name}.yml":
        yield Flaw((key,), f"{name!r} must be in a file named '{name}.yml', not {file.name!r}")


def _cross_problems(found: _Found[Distribution], managers: Iterable[str]) -> list[str]:
    owners = {name: name for name in found.names}
    problems = []
    for name, distribution in sorted(found.values.items()):
        flaws = [*_manager_flaws(distribution, managers), *_id_flaws(distribution, owners)]
        problems += found.documents[name].problems(flaws)
        owners |= {distribution.release_id(release): name for release in distribution.releases}
    return problems


def _manager_flaws(distribution: Distribution, managers: Iterable[str]) -> Iterator[Flaw]:
    if distribution.manager not in managers:
        near = did_you_mean(distribution.manager, managers) or f" (known: {', '.join(managers)})"
        yield Flaw(("manager",), f"there is no manager {distribution.manager!r}{near}")


def _id_flaws(distribution: Distribution, owners: Mapping[str, str]) -> Iterator[Flaw]:
    for index, release in enumerate(distribution.releases):
        owner = owners.get(distribution.release_id(release))
        if owner:
            message = f"{distribution.release_id(release)!r} is already a name of {owner!r}"
            yield Flaw(("releases", index, "release"), message)


def _problems(error: UsageError) -> list[str]:
    return list(error.problems) if isinstance(error, InputError) else [str(error)]
