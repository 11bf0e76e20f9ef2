"""The CI services, one row each. A service is loaded when its files are generated."""

import importlib
from collections.abc import Mapping

import attrs

from ciforge.ci.service import CiService


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ServiceRow:
    """A row of the registry: a service, described without loading its module."""

    title: str
    files: str
    """The files that are written, for `--help`."""


SERVICES: Mapping[str, ServiceRow] = {
    "github": ServiceRow(title="GitHub Actions", files=".github/workflows/ciforge.yml"),
    "gitlab": ServiceRow(title="GitLab CI", files=".gitlab/ciforge.yml"),
    "forgejo": ServiceRow(title="Forgejo Actions", files=".forgejo/workflows/ciforge*.yml"),
    "sourcehut": ServiceRow(title="builds.sr.ht", files=".builds/ciforge-*.yml"),
}
"""By the name that `--target` takes; each is `SERVICE` of `ciforge.ci.NAME.workflow`."""

DEFAULT = "github"


def load_service(name: str) -> CiService:
    """The service of a row."""
    if name not in SERVICES:
        raise KeyError(name)
    module = importlib.import_module(f"ciforge.ci.{name}.workflow")
    service: CiService = module.SERVICE
    return service
