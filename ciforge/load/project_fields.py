"""How the keys of `ciforge.yml` are read, and where they may be written shorter."""

from collections.abc import Mapping
from typing import Any

from ciforge.load import addresses, checks, times
from ciforge.load.convert import closed
from ciforge.load.expect import expectations
from ciforge.load.shapes import Reader, kind, mapping, sequence, text
from ciforge.model import project
from ciforge.model.flaw import Flaw

FINDING_KINDS = (
    "missing-tool", "missing-macro", "autotools-version", "missing-package", "configure-check",
    "missing-header", "implicit-declaration", "type-conflict", "unknown-type", "incomplete-type",
    "undeclared", "redefinition", "werror", "undefined-symbol", "missing-library",
    "multiple-definition", "missing-dso", "relocation", "make-rule", "make-syntax", "yacc-lex",
    "install-error", "expectation", "out-of-memory", "internal-compiler-error", "disk-full",
    "timeout", "deps-not-found", "deps-network", "go-build", "go-module", "cmake-error",
    "meson-error", "syntax-error", "test-failure", "other",
)  # fmt: skip
"""What a mail route may name in `kind:`."""

NO_JOBS = "no jobs: write for example `jobs: [debian]`"
NO_REPOS = "no repositories: write for example `repos: {NAME: {git: https://…, recipe: autotools}}`"


def _some_jobs(value: Mapping[str, Any]) -> list[Flaw]:
    return [] if "jobs" in value else [Flaw(("jobs",), NO_JOBS)]


def _somebody(value: Mapping[str, Any]) -> list[Flaw]:
    """Of a job's first run nobody is an author, and still somebody has to hear of it."""
    alone = value.get("to") in ("authors", ["authors"])
    return [Flaw(("to",), "authors alone: name an address beside them")] if alone else []


def _need(value: object, _: object = None) -> project.Need:
    if isinstance(value, dict) and len(value) == 1:
        ((name, packages),) = _SPELLED_OUT(value).items()
        return project.Need(name=name, packages=packages)
    if isinstance(value, str):
        return project.Need(name=text(checks.dependency)(value))
    raise ValueError(f"expected a name or {{NAME: {{DISTRIBUTION: PACKAGE}}}}, found {kind(value)}")


_PACKAGES = sequence(text(checks.package), single=True)
_SPELLED_OUT = mapping(
    checks.dependency,
    mapping(checks.identifier, _PACKAGES, empty="no packages: write {DISTRIBUTION: PACKAGE}"),
)


def _listed(model: Any, add: Reader, remove: Reader) -> Reader:
    """A list adds; a mapping may also remove."""
    whole = closed(model, {"add": add, "remove": remove})
    return lambda value, _=None: whole(value) if isinstance(value, dict) else model(add=add(value))


def _step(value: object, _: object = None) -> project.StepChange | bool:
    if isinstance(value, dict):
        return _STEP_CHANGE(value)  # type: ignore[no-any-return]
    if value in ("true", "false"):
        return value == "true"
    told = f"expected true, false or a mapping like {{run: …}}, found {kind(value)}"
    raise ValueError(told)


def _job_entry(value: object, _: object = None) -> project.JobEntry:
    if isinstance(value, dict):
        return _JOB_ENTRY(value)  # type: ignore[no-any-return]
    return project.JobEntry(job=text(checks.line)(value))


_LINE = text(checks.line)
_ID = text(checks.identifier)
_ENV = mapping(checks.variable, text(empty=True))

_STEP_CHANGE = closed(
    project.StepChange,
    {"after": _ID, "user": text(checks.user_or_root), "env": _ENV, "timeout": times.seconds},
    names={"user": "as"},
)
_JOB_ENTRY = closed(project.JobEntry, {"job": _LINE, "schedule": text(times.schedule, empty=True)})
_OVERLAY: dict[str, Reader] = {
    "dependencies": _listed(project.Needs, sequence(_need), sequence(text(checks.dependency))),
    "replace": mapping(checks.dependency, text(checks.replacement)),
    "configure": _listed(project.Words, sequence(_LINE), sequence(_LINE)),
    "env": _ENV,
    "builddir": text(checks.inner_path),
    "steps": mapping(checks.identifier, _step),
    "expect": expectations,
    "users": mapping(checks.user, text(checks.absolute_path)),
}
_REPO = closed(
    project.Repo,
    _OVERLAY
    | {
        "recipe": _ID,
        "git": text(addresses.git_address, empty=True),
        "path": text(checks.source_folder, empty=True),
        "branches": sequence(text(checks.branch)),
        "where": mapping(checks.line, closed(project.Overlay, _OVERLAY)),
    },
)
_SOURCE = closed(
    project.Source,
    {
        "url": text(addresses.url),
        "sha256": text(checks.sha256),
        "prefix": text(checks.prefix),
        "configure": sequence(_LINE),
    },
)
_ROUTE = closed(
    project.Route,
    {
        "job": _LINE,
        "to": sequence(text(addresses.reader), single=True),
        "when": sequence(text(checks.one_of(project.INCIDENT_STATES))),
        "kind": sequence(text(checks.one_of(FINDING_KINDS))),
    },
    across=_somebody,
)
_MAIL = closed(
    project.Mail,
    {
        "sender": text(addresses.address),
        "reply_to": text(addresses.address, empty=True),
        "list_id": text(addresses.list_id, empty=True),
        "tag": text(checks.tag, empty=True),
        "format": text(checks.one_of(("text", "html"))),
        "stale": times.days,
        "routes": sequence(_ROUTE),
    },
    names={"sender": "from"},
)
_CIFORGE = closed(
    project.Ciforge,
    {
        "install": text(checks.install_command, empty=True),
        "workflows": text(checks.one_of(("repository", "distribution"))),
        "ignore": sequence(text(checks.pattern)),
    },
)
PROJECT = closed(
    project.Project,
    {
        "project": _ID,
        "repos": mapping(checks.identifier, _REPO, empty=NO_REPOS),
        "variants": mapping(checks.identifier, closed(project.Variant, _OVERLAY)),
        "sources": mapping(checks.identifier, _SOURCE),
        "jobs": sequence(_job_entry, empty=NO_JOBS),
        "mail": _MAIL,
        "ciforge": _CIFORGE,
    },
    across=_some_jobs,
)
