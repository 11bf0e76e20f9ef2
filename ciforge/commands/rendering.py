"""A project's jobs to the texts of generated files, by our templates and its own."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.commands.opening import Opened
from ciforge.errors import InputError, UsageError
from ciforge.model.job import Job
from ciforge.places import data_folder
from ciforge.render.workflow import github, sourcehut
from ciforge.render.workflow.github import Writer
from ciforge.render.workflow.pins import read_pins
from ciforge.render.workflow.sourcehut import SourcehutWriter
from ciforge.render.workflow.templates import environment, problems

FOLDERS = {"github": github.FOLDER, "sourcehut": sourcehut.FOLDER}
"""Services, and where in a repository their files lie."""


@attrs.frozen(kw_only=True)
class Rendering:
    """What is to be written: for which service, and what brings the same about again."""

    opened: Opened
    target: str = "github"
    selectors: tuple[str, ...] = ()
    root: Path | None = None
    """The checkout that the files are for; None for folders of a central repository."""

    def texts(self, repo: str, jobs: Sequence[Job], committed: Mapping[str, str]) -> dict[str, str]:
        """Paths to texts. Raises InputError where a template is wrong, UsageError."""
        folders = list(self._folders())
        if self.target == "sourcehut":
            return SourcehutWriter(
                project=self.opened.project, templates=environment(folders),
                scripts=_scripts(folders), command=self._command(),
            ).files(repo, jobs)  # fmt: skip
        pins = data_folder("workflows") / "github" / "actions.json"
        return Writer(
            project=self.opened.project, templates=environment(folders),
            scripts=_scripts(folders), command=self._command(),
            pins=read_pins(pins.read_text(encoding="utf-8")), project_file=self._project_file(),
        ).files(repo, jobs, committed)  # fmt: skip

    def _folders(self) -> Iterator[Path]:
        own = self.opened.file.parent / "workflows"
        shipped = data_folder("workflows")
        if own.is_dir() and not own.samefile(shipped):
            yield own
        yield shipped

    def _project_file(self) -> str:
        file = self.opened.file.resolve()
        if self.root is None or not file.is_relative_to(self.root.resolve()):
            return ""
        return file.relative_to(self.root.resolve()).as_posix()

    def _command(self) -> str:
        words = ["ciforge", "generate", *self.selectors]
        return shlex.join(words + (["--target", self.target] if self.target != "github" else []))


def _scripts(folders: Sequence[Path]) -> dict[str, str]:
    """Those that run on the hosted machine, by name; the first folder's win."""
    found: dict[str, Path] = {}
    for folder in reversed(folders):
        found |= {path.name: path for path in folder.glob("hosted/*")}
    return {name: _read(path) for name, path in sorted(found.items())}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None


def template_problems(opened: Opened) -> Iterator[str]:
    """What is wrong with a project's own templates: as they stand, else in what they make."""
    own = opened.file.parent / "workflows"
    shipped = data_folder("workflows")
    if not own.is_dir() or own.samefile(shipped):
        return
    names = {path.relative_to(shipped) for path in shipped.rglob("*")}
    for path in sorted(own.rglob("*.j2")):
        if path.relative_to(own) not in names:
            known = ", ".join(sorted(str(name) for name in names if name.suffix == ".j2"))
            yield f"{path}:1:1: ciforge has no template of this name (it has {known})"
    found = list(problems(own))
    yield from found or _in_use(opened)


def _in_use(opened: Opened) -> Iterator[str]:
    """Names that a template asks of what it is given only show when it is used."""
    for target in FOLDERS:
        for repo in dict.fromkeys(job.repo for job in opened.plan.jobs):
            jobs = [job for job in opened.plan.jobs if job.repo == repo]
            try:
                Rendering(opened=opened, target=target, root=opened.file.parent).texts(
                    repo, jobs, {}
                )
            except InputError as error:
                yield from error.problems
                break
