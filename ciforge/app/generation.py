"""A project's jobs to the texts of generated files, with the templates of ciforge and the project."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import attrs
import jinja2

from ciforge.app.project_templates import Workflows, own_workflows, shipped_workflows
from ciforge.app.workspace import Workspace
from ciforge.ci.checksum_header import has_mark
from ciforge.ci.file_set import SetPlace, sealed
from ciforge.ci.registry import DEFAULT, SERVICES, load_service
from ciforge.ci.service import CiService, GenerationInput
from ciforge.ci.templates import environment
from ciforge.errors import InputError
from ciforge.model.job import Job
from ciforge.plan.needed_repos import needs_only_tarballs, refuse_needs
from ciforge.resources import data_folder

T = TypeVar("T")


@attrs.frozen(eq=False, repr=False)
class ServiceWorkflows:
    """A project's own templates and scripts, and the shipped ones, read once for all repositories."""

    own: Workflows
    shipped: Workflows
    templates: jinja2.Environment

    @classmethod
    def read(cls, project_file: Path) -> "ServiceWorkflows":
        """Reads both folders. Raises InputError if a file of the project's cannot be used."""
        own, shipped = own_workflows(project_file), shipped_workflows()
        if own.problems:
            raise InputError(own.problems)
        return cls(own, shipped, environment(shipped.templates | own.templates))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Rendering:
    """The arguments for generating the files of one service."""

    workspace: Workspace
    workflows: ServiceWorkflows
    service: CiService
    selectors: tuple[str, ...] = ()
    root: Path | None = None
    """The checkout that the files are for; None for folders of a central repository."""
    place: SetPlace

    def texts(
        self, repos: Sequence[str], jobs: Sequence[Job], committed: Mapping[str, str]
    ) -> dict[str, str]:
        """Paths to texts. Raises InputError for an invalid template, and UsageError."""
        carried = self.service.carries_tarballs
        refuse_needs(
            (job for job in jobs if not (carried and needs_only_tarballs(job))), "a generated job",
            "`ciforge run` does it; leave the repository out here: '!{repo}'",
        )  # fmt: skip
        own, shipped = self.workflows.own, self.workflows.shipped
        name = self.service.name
        scripts = shipped.scripts_for(name) | own.scripts_for(name)
        given = GenerationInput(
            project=self.workspace.project,
            templates=self.workflows.templates,
            scripts=dict(sorted(scripts.items())),
            command=self._command(),
            pins=_pins(self.service),
            project_file=self._project_file(),
            place=self.place,
        )
        made = _limited(own, lambda: self.service.files(given, repos, jobs, committed))
        if all(map(has_mark, made.values())):
            return made
        return sealed(made, self.place, given.command)

    def _project_file(self) -> str:
        file = self.workspace.file.resolve()
        if self.root is None or not file.is_relative_to(self.root.resolve()):
            return ""
        return file.relative_to(self.root.resolve()).as_posix()

    def _command(self) -> str:
        name = self.service.name
        target = () if name == DEFAULT else ("--target", name)
        return shlex.join(("ciforge", "generate", *self.selectors, *target))


def _pins(service: CiService) -> str:
    if not service.pins_file:
        return ""
    return (data_folder("workflows") / service.pins_file).read_text(encoding="utf-8")


def template_problems(workspace: Workspace) -> list[str]:
    """The mistakes in a project's own templates, found without rendering them."""
    own = own_workflows(workspace.file)
    problems = list(own.problems)
    shipped = shipped_workflows().templates
    for name, template in own.templates.items():
        if name not in shipped:
            there = ", ".join(sorted(shipped))
            problems.append(
                f"{template.file}:1:1: ciforge has no template of this name (it has {there})"
            )
    return problems + _limited(own, lambda: list(_flaws(own)))


def _flaws(own: Workflows) -> Iterator[str]:
    from ciforge.ci.template_check import template_problems as problems_of

    made = environment(own.templates)
    for name, template in own.templates.items():
        service = name.partition("/")[0]
        model = load_service(service if service in SERVICES else DEFAULT).template_file
        fields = frozenset(attrs.fields_dict(model))
        yield from problems_of(made, name, template, fields)


def _limited(own: Workflows, work: Callable[[], T]) -> T:
    """The result of `work`, computed in a process with limits if a project has its own templates."""
    if not own.templates:
        return work()
    from ciforge.app.resource_limits import LimitExceeded, run_limited

    try:
        return run_limited(work)  # type: ignore[no-any-return]
    except LimitExceeded as error:
        files = [
            f"{template.file}:1:1: this template {error}" for template in own.templates.values()
        ]
        raise InputError(files[:1], hint="it may repeat, include or call itself") from None
