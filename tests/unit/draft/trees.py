"""Trees to look at, and what is drawn from them."""

from pathlib import Path

import yaml

from ciforge.draft.draft_project import propose
from ciforge.draft.project_writer import text
from ciforge.draft.proposal import Origin, Proposal
from ciforge.draft.tree_reader import TreeReader, walk
from ciforge.load.dependencies import dependency_table
from ciforge.load.package_table import supplemented
from tests.projects import real_catalogue

TABLE = dependency_table()
CATALOGUE = supplemented(real_catalogue(), [row.dependency for row in TABLE.dependencies])
"""As `ciforge init` reads it."""


def plant(root: Path, files: dict[str, str]) -> Path:
    """A tree with these files."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return root


def proposed(root: Path, files: dict[str, str], folder: str = "tree") -> Proposal:
    """What is concluded from a tree with these files."""
    found = propose(TreeReader(plant(root, files), walk(root)), CATALOGUE, TABLE, folder)
    assert found is not None
    return found


def needs(proposal: Proposal) -> list[str]:
    """Names of the dependencies of all jobs."""
    return [one.need.name for one in proposal.dependencies]


def evidence(proposal: Proposal, name: str) -> list[str]:
    """What points to a dependency."""
    (found,) = (one for one in proposal.dependencies if one.need.name == name)
    return [str(clue) for clue in found.clues]


def written(proposal: Proposal) -> dict[str, object]:
    """The file that it becomes, as another YAML parser reads it."""
    document: dict[str, object] = yaml.load(text(proposal, Origin(), "."), Loader=yaml.BaseLoader)
    return document


def repo(proposal: Proposal) -> dict[str, object]:
    """Its only repository."""
    repos = written(proposal)["repos"]
    assert isinstance(repos, dict)
    ((_, found),) = repos.items()
    assert isinstance(found, dict)
    return found


def changed_steps(proposal: Proposal) -> dict[str, object] | None:
    """The steps that differ from the recipe's; all drafts that install have `smoke` besides."""
    steps = repo(proposal).get("steps")
    assert isinstance(steps, dict)
    assert steps.pop("smoke", None) == (
        None if "install" in steps and steps["install"] == "false" else "installed"
    )
    return steps or None
