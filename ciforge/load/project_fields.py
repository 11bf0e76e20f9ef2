"""Readers of the keys of `ciforge.yml`, and their shorter forms."""

from collections.abc import Mapping
from typing import Any

from ciforge.load import durations, url_validators, validators
from ciforge.load.converter import closed
from ciforge.load.expectation_fields import expectations
from ciforge.load.shown_values import kind
from ciforge.load.value_readers import Reader, mapping, sequence, text, truth, whole_number
from ciforge.model import project
from ciforge.model.flaw import Flaw
from ciforge.model.smoke_script import SMOKE

FINDING_KINDS = (
    "missing-tool", "missing-macro", "autotools-version", "missing-package", "configure-check",
    "missing-header", "implicit-declaration", "type-conflict", "unknown-type", "incomplete-type",
    "undeclared", "redefinition", "werror", "undefined-symbol", "missing-library",
    "multiple-definition", "missing-dso", "relocation", "make-rule", "make-syntax", "yacc-lex",
    "install-error", "expectation", "out-of-memory", "internal-compiler-error", "disk-full",
    "timeout", "deps-not-found", "deps-network", "go-build", "go-module", "cmake-error",
    "meson-error", "syntax-error", "test-failure", "other",
)  # fmt: skip
"""The values of `kind:` in a mail route."""

MOST_RECIPIENTS = 100
"""Recipients of a mail route: a mail server may refuse more in one mail (RFC 5321, section 4.5.3.1.8)."""

NO_JOBS = "no jobs: write for example `jobs: [debian]`"
NO_REPOS = "no repositories: write for example `repos: {NAME: {git: https://…, recipe: autotools}}`"


def _some_jobs(value: Mapping[str, Any]) -> list[Flaw]:
    return [] if "jobs" in value else [Flaw(("jobs",), NO_JOBS)]


def _recipients(value: Mapping[str, Any]) -> list[Flaw]:
    """Checks that a route has a recipient besides `authors`, since some mail concerns no author, and not too many."""
    to = value.get("to")
    if to in ("authors", ["authors"]):
        return [Flaw(("to",), "authors may be unknown; add a fixed address")]
    if isinstance(to, list) and len(to) > MOST_RECIPIENTS:
        advice = "give them a mailing list, and name its address"
        return [Flaw(("to",), f"{len(to)} recipients; at most {MOST_RECIPIENTS}: {advice}")]
    return []


def _need(value: object) -> project.Need:
    if isinstance(value, dict) and len(value) == 1:
        ((name, packages),) = _SPELLED_OUT(value).items()
        return project.Need(name=name, packages=packages)
    if isinstance(value, str):
        return project.Need(name=text(validators.needed)(value))
    raise ValueError(f"expected a name or {{NAME: {{DISTRIBUTION: PACKAGE}}}}, found {kind(value)}")


_PACKAGES = sequence(text(validators.package), single=True)
_SPELLED_OUT = mapping(
    validators.needed,
    mapping(validators.identifier, _PACKAGES, empty="no packages: write {DISTRIBUTION: PACKAGE}"),
)


def _listed(model: Any, add: Reader, remove: Reader) -> Reader:
    """A list adds; a mapping can also remove."""
    whole = closed(model, {"add": add, "remove": remove})
    return lambda value: whole(value) if isinstance(value, dict) else model(add=add(value))


def _step(value: object) -> project.StepChange | bool:
    if isinstance(value, dict):
        return _STEP_CHANGE(value)  # type: ignore[no-any-return]
    if value in ("true", "false"):
        return value == "true"
    if value == "installed":
        return project.StepChange(run=SMOKE, after="install", timeout=600)
    message = f"expected true, false, installed or a mapping like {{run: …}}, found {kind(value)}"
    raise ValueError(message)


def _tries(value: object) -> int:
    count = whole_number(value)
    if not 2 <= count <= project.MOST_TRIES:
        raise ValueError(f"expected 2 to {project.MOST_TRIES} tries, found {count}")
    return count


def _job_entry(value: object) -> project.JobEntry:
    if isinstance(value, dict):
        return _JOB_ENTRY(value)  # type: ignore[no-any-return]
    return project.JobEntry(job=text(validators.line)(value))


_LINE = text(validators.line)
_ID = text(validators.identifier)
_ENV = mapping(validators.variable, text(empty=True))

_STEP_CHANGE = closed(
    project.StepChange,
    {
        "after": _ID,
        "user": text(validators.user_or_root),
        "env": _ENV,
        "timeout": durations.seconds,
        "locale": text(validators.locale),
        "privileges": text(validators.one_of(project.PRIVILEGES)),
    },
    names={"user": "as"},
)
_JOB_ENTRY = closed(
    project.JobEntry,
    {
        "job": _LINE,
        "schedule": text(durations.schedule, empty=True),
        "timeout": durations.seconds,
    },
)


def _server(value: Mapping[str, Any]) -> list[Flaw]:
    """Checks that a service has either an image or packages with a command."""
    if "image" in value:
        both = "dependencies" in value
        return [Flaw(("dependencies",), "the image has its own: omit one of both")] if both else []
    if "run" not in value:
        return [Flaw((), "a service needs `run` and `dependencies`, or `image`", True)]
    return []


_SERVICE = closed(
    project.Service,
    {
        "healthy": text(),
        "run": text(),
        "dependencies": sequence(_need),
        "image": text(validators.pinned_image),
    },
    across=_server,
)
_OVERLAY: dict[str, Reader] = {
    "dependencies": _listed(project.Needs, sequence(_need), sequence(text(validators.needed))),
    "replace": mapping(validators.needed, text(validators.replacement)),
    "configure": _listed(project.ArgumentChange, sequence(_LINE), sequence(_LINE)),
    "env": _ENV,
    "compiler": text(validators.compiler, empty=True),
    "builddir": text(validators.inner_path),
    "steps": mapping(validators.identifier, _step),
    "expect": expectations,
    "keep": sequence(text(validators.kept_pattern)),
    "users": mapping(validators.user, text(validators.absolute_path)),
    "services": mapping(validators.identifier, _SERVICE),
    "flaky": mapping(validators.identifier, _tries),
}
_REPO_KEYS = closed(
    project.Repo,
    _OVERLAY
    | {
        "recipe": _ID,
        "git": text(url_validators.git_address, empty=True),
        "path": text(validators.source_folder, empty=True),
        "folder": text(validators.inner_path, empty=True),
        "branches": sequence(text(validators.branch)),
        "needs": sequence(_ID),
        "where": mapping(validators.line, closed(project.Overlay, _OVERLAY)),
    },
    names={"folder": "in"},
)


def _repo(value: object) -> project.Repo:
    """A repository; `git: true` stands for `carry_git: true` without an address."""
    if isinstance(value, dict) and value.get("git") in ("true", "false"):
        carried = {"carry_git": value["git"]}
        value = {**carried, **{key: kept for key, kept in value.items() if key != "git"}}
    repo: project.Repo = _REPO_KEYS(value)
    return repo


def _one_origin(value: Mapping[str, Any]) -> list[Flaw]:
    """Checks that a source is a tarball with its checksum, or an address for git with a commit."""
    flaws = []
    for key, other in {"url": "sha256", "git": "revision"}.items():
        flaws += [
            Flaw((), f"{b!r} is missing", True)
            for a, b in ((key, other), (other, key))
            if a in value and b not in value
        ]
    if not flaws and ("url" in value) == ("git" in value):
        flaws = [Flaw((), "expected url: and sha256:, or git: and revision:", True)]
    return flaws


def _patch(value: object) -> project.Patch:
    return project.Patch(file=text(validators.inner_path)(value))


_SOURCE = closed(
    project.Source,
    {
        "url": text(url_validators.url),
        "sha256": text(validators.sha256),
        "git": text(url_validators.url),
        "revision": text(validators.commit_hash),
        "needs": sequence(_ID),
        "patches": sequence(_patch),
        "prefix": text(validators.prefix),
        "recipe": _ID,
        "configure": sequence(_LINE),
        "build": sequence(_LINE),
        "dependencies": sequence(_need),
    },
    across=_one_origin,
)
_ROUTE = closed(
    project.Route,
    {
        "job": _LINE,
        "to": sequence(text(url_validators.reader), single=True),
        "when": sequence(text(validators.one_of(project.INCIDENT_STATES))),
        "kind": sequence(text(validators.one_of(FINDING_KINDS))),
    },
    across=_recipients,
)
_MAIL = closed(
    project.Mail,
    {
        "sender": text(url_validators.address),
        "reply_to": text(url_validators.address, empty=True),
        "list_id": text(url_validators.list_id, empty=True),
        "tag": text(validators.tag, empty=True),
        "format": text(validators.one_of(("text", "html"))),
        "stale": durations.days,
        "routes": sequence(_ROUTE),
    },
    names={"sender": "from"},
)


def _cache_store(value: object) -> project.CacheStore:
    if value == project.CacheStore.REGISTRY.value:
        return project.CacheStore.REGISTRY
    try:
        return project.CacheStore.SERVICE if truth(value) else project.CacheStore.NONE
    except ValueError as error:
        raise ValueError(str(error).replace("true or false", "true, false or registry")) from None


_CIFORGE = closed(
    project.Ciforge,
    {
        "minimum": text(validators.version, empty=True),
        "install": text(validators.install_command, empty=True),
        "workflows": text(validators.one_of(("repository", "distribution"))),
        "ignore": sequence(text(validators.pattern)),
        "cache": _cache_store,
    },
)
PROJECT = closed(
    project.Project,
    {
        "project": _ID,
        "repos": mapping(validators.identifier, _repo, empty=NO_REPOS),
        "variants": mapping(validators.identifier, closed(project.Variant, _OVERLAY)),
        "sources": mapping(validators.identifier, _SOURCE),
        "jobs": sequence(_job_entry, empty=NO_JOBS),
        "mail": _MAIL,
        "ciforge": _CIFORGE,
    },
    across=_some_jobs,
)
