"""Reads `ciforge.yml`; checks that need the catalogue are done elsewhere."""

from pathlib import Path

import attrs

from ciforge.errors import InputError
from ciforge.load.converter import structure
from ciforge.load.minimum_version import check_minimum
from ciforge.load.project_fields import PROJECT
from ciforge.load.source_patches import with_patches
from ciforge.load.validators import identifier
from ciforge.load.yaml_document import Document
from ciforge.model.project import Project


@attrs.frozen(eq=False, repr=False)
class Loaded:
    """A project and its document, for the places of later problems."""

    value: Project
    document: Document


def load_project(file: Path) -> Loaded:
    """Raises InputError with all problems, UsageError if the file cannot be read.

    If the file requires a newer ciforge, that is the only problem.
    """
    document = Document.read(file, hint="name another file with --file")
    check_minimum(document)
    project: Project = structure(document, PROJECT)
    if any(source.patches for source in project.sources.values()):
        project, flaws = with_patches(project, file.parent)
        if flaws:
            raise InputError(document.problems(flaws))
    return Loaded(project, document)


def project_name(file: Path) -> str:
    """Returns the name of a project whose file may have mistakes elsewhere.

    Raises InputError if the file is no YAML or has no valid name, UsageError if it cannot be read.
    """
    document = Document.read(file, hint="name another file with --file")
    named = document.value.get("project") if isinstance(document.value, dict) else None
    try:
        identifier(named if isinstance(named, str) else "")
    except ValueError as error:
        raise InputError([f"{document.place(('project',))}: project: {error}"]) from None
    return str(named)
