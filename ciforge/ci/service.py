"""The protocol of a CI service: a folder of files, made from jobs.

Modules that write files are pure: they read no file, no environment and no clock. The caller hands in what
they need as a `GenerationInput`. tests/unit/ci/test_services.py checks it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs
import jinja2

from ciforge.ci.file_set import SetPlace
from ciforge.model.job import Job
from ciforge.model.project import Project


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GenerationInput:
    """The input that all files of one `ciforge generate` share."""

    project: Project
    templates: jinja2.Environment
    """The templates of `workflows/`, by `SERVICE/FILE.j2`; a project's own replace ours."""
    scripts: Mapping[str, str]
    """The scripts of `workflows/hosted/` and of the service's own folder there, which run on the hosted
    machine, by file name."""
    command: str
    """The command that writes the same files again."""
    place: SetPlace
    """The folder of the files, and the folder of the source that they build."""
    pins: str = ""
    """The text of the service's `pins_file`; empty where it has none."""
    project_file: str = ""
    """From the top of the repository; empty where the project's file is not in it."""


class CiService(Protocol):
    """A hosted CI service for which files are generated."""

    @property
    def name(self) -> str:
        """The value of `--target`, and the folder of its templates in `workflows/`."""

    @property
    def folder(self) -> str:
        """The folder of its files in a repository, for instance `.github`."""

    @property
    def single(self) -> str:
        """A pattern of the files of older versions, each with its own checksum; empty where there are none."""

    @property
    def template_file(self) -> type[attrs.AttrsInstance]:
        """The class of the only variable of its templates, `file`."""

    @property
    def pins_file(self) -> str:
        """The file in `workflows/` that pins its actions to commits; empty where it has none."""

    @property
    def carries_tarballs(self) -> bool:
        """Whether a job can be given the release tarball that another job of the same files makes."""

    @property
    def sends_mail(self) -> bool:
        """Whether its files can have a job that sends mail."""

    def files(
        self,
        given: GenerationInput,
        repos: Sequence[str],
        jobs: Sequence[Job],
        existing: Mapping[str, str],
    ) -> dict[str, str]:
        """Paths to texts, for the repositories of one working tree.

        `given.place.may_hold` is true for each path. `existing` has the files that are there now. Raises
        UsageError where no job can run.
        """
