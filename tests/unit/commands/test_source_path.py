"""What a project file may name as a source: its own folder and those below it."""

from pathlib import Path

import pytest

from ciforge.app.source_options import SourceOptions, current_checkout, source_specs
from ciforge.app.workspace import Workspace, open_workspace
from ciforge.errors import InputError

PROJECT = "project: p\nrepos:\n  r:\n    path: daemon\n    recipe: make\njobs: [debian-13]\n"


def opened(here: Path, text: str = PROJECT) -> Workspace:
    (here / "ciforge.yml").write_text(text)
    return open_workspace(None, here)


def test_path_behind_a_link_out_of_the_project_is_refused_with_its_place(here: Path) -> None:
    outside = here.parent / "private"
    outside.mkdir()
    (here / "daemon").rmdir()
    (here / "daemon").symlink_to(outside)
    with pytest.raises(InputError) as caught:
        opened(here)
    assert caught.value.problems == (
        f"{here}/ciforge.yml:4:11: 'daemon' is a link that leads out of this folder; "
        "omit `path` and use --source REPO=PATH",
    )


def test_path_behind_a_link_into_the_git_directory_is_refused(here: Path) -> None:
    (here / ".git").mkdir()
    (here / "daemon").rmdir()
    (here / "daemon").symlink_to(".git")
    with pytest.raises(InputError, match="leads out"):
        opened(here)


def test_path_behind_a_link_within_the_project_is_accepted(here: Path) -> None:
    (here / "daemon").rmdir()
    (here / "daemon").symlink_to("filter")
    project = opened(here)
    (wanted,) = source_specs(
        project, project.plan.jobs, current_checkout(project, here), SourceOptions()
    )
    assert (wanted.place, wanted.project) == (str(here / "filter"), here)


def test_source_named_on_the_command_line_may_be_anywhere(here: Path) -> None:
    project = opened(here, PROJECT.replace("    path: daemon\n", ""))
    said = SourceOptions(sources=("r=/srv/x",))
    (wanted,) = source_specs(project, project.plan.jobs, None, said)
    assert (wanted.place, wanted.project) == ("/srv/x", None)
