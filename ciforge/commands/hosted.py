"""Where hosted runs are collected from: a folder of artifacts, or GitHub."""

import datetime
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs

from ciforge import __version__
from ciforge.collect.files import ArtifactError, Piece, folders, of_archive, of_folder
from ciforge.collect.github import REPOSITORY, GitHub, HostedRun
from ciforge.commands.opening import Opened
from ciforge.commands.running import say
from ciforge.errors import UsageError
from ciforge.follow.collecting import Collected, Hosted, is_there, keep
from ciforge.history.store import read_result
from ciforge.sources import same_address

DAYS = 7
"""How far back GitHub is asked, unless somebody says otherwise."""
_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]*(?:/[A-Za-z0-9][A-Za-z0-9._+@-]*){2}")


def of_artifacts(
    opened: Opened, state: Path, top: Path, expected: Path | None
) -> Iterator[Collected]:
    if not top.is_dir():
        raise UsageError(f"{top}: there is no such folder")
    artifacts = [of_folder(folder) for folder in folders(top)]
    missing = dict.fromkeys(_expected(expected), "no artifact")
    if not artifacts and not missing:
        raise UsageError(f"{top}: no result.json in it, or in a folder of it")
    hosted = _here(opened, top, missing)
    if not is_there(state, hosted):
        yield keep(state, opened.project.project, __version__, hosted, artifacts)


def _expected(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}") from None
    try:
        ids = _of_outputs(json.loads(text)) if text.lstrip().startswith("{") else text.split()
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UsageError(
            f"{file}: neither ids of jobs nor the outputs of a workflow's job"
        ) from None
    wrong = [one for one in ids if not _JOB.fullmatch(one)]
    if wrong:
        raise UsageError(f"{file}: {wrong[0]!r} is no job's id")
    return ids


def _of_outputs(outputs: Mapping[str, str]) -> list[str]:
    """Outputs of a generated workflow's job `choose`: of each part the cells of its matrix."""
    return [str(cell["job"]) for part in outputs.values() for cell in json.loads(part)]


def _here(opened: Opened, top: Path, missing: dict[str, str]) -> Hosted:
    """A run by what the service says in the environment; elsewhere by what lies in the folder."""
    found = [read_result(folder / "result.json") for folder in folders(top)]
    times = [one.started for one in found if one.started]
    started = min(times, default=datetime.datetime.now(datetime.UTC).isoformat())
    digest = hashlib.sha256("".join(sorted(f"{one.job} {one.started}" for one in found)).encode())
    service = os.environ.get("GITHUB_RUN_ID", "")
    id_ = f"folder-{digest.hexdigest()[:16]}"
    if re.fullmatch("[0-9]{1,18}", service):
        attempt = os.environ.get("GITHUB_RUN_ATTEMPT", "1")
        id_ = github_id(int(service), int(attempt) if re.fullmatch("[0-9]{1,9}", attempt) else 1)
    revisions = {one.source.revision for one in found if one.source}
    repos = {id_.partition("/")[0] for id_ in (*missing, *(one.job for one in found))}
    return Hosted(
        id=id_, started=started,
        repos=tuple(repo for repo in opened.project.repos if repo in repos),
        origin=next((one.source.origin for one in found if one.source), str(top)),
        branch=os.environ.get("GITHUB_REF_NAME", "") if service else "",
        revision=os.environ.get("GITHUB_SHA", "") if service else next(iter(revisions), ""),
        missing=missing,
    )  # fmt: skip


def of_github(
    opened: Opened, state: Path, repository: str, since: str | None
) -> Iterator[Collected]:
    repos, day = _repos(opened, repository), _day(since)
    github = GitHub(
        repository, token=_token(), pages=state,
        api=os.environ.get("GITHUB_API_URL") or "https://api.github.com",
    )  # fmt: skip
    runs: list[HostedRun] = sorted(github.runs(day), key=lambda one: (one.started, one.id))
    for run in runs:
        hosted = Hosted(
            id=github_id(run.id, run.attempt), started=run.started, ended=run.ended, repos=repos,
            origin=f"https://github.com/{repository}", branch=run.branch, revision=run.revision,
        )  # fmt: skip
        if not is_there(state, hosted):
            say(f"{hosted.id}  {run.page}")
            yield _collected(opened, state, github, run, hosted)


def github_id(run: int, attempt: int) -> str:
    """The id of a run of GitHub here; its numbers are those of one server."""
    return f"github-{run}-{attempt}"


def _collected(
    opened: Opened, state: Path, github: GitHub, run: HostedRun, hosted: Hosted
) -> Collected:
    ran = [job for job in github.jobs(run) if _JOB.fullmatch(job.name)]
    missing = {
        job.name: job.conclusion or "it has not ended" for job in ran if job.conclusion != "skipped"
    }
    if not ran and run.conclusion != "success":
        missing = dict.fromkeys(
            _of_every_commit(opened, hosted.repos), f"the run: {run.conclusion}"
        )
    with ExitStack() as archives:
        pieces, told = _pieces(github, run, missing, archives)
        hosted = attrs.evolve(hosted, missing=missing)
        done = keep(state, opened.project.project, __version__, hosted, pieces)
    return attrs.evolve(done, told=(*told, *done.told))


def _pieces(
    github: GitHub, run: HostedRun, jobs: Iterable[str], archives: ExitStack
) -> tuple[list[list[Piece]], list[str]]:
    """What the jobs left, and what cannot be had of it. Raises HostedError."""
    names = {job.replace("/", ",") for job in jobs}
    told, pieces = list[str](), list[list[Piece]]()
    for artifact in github.artifacts(run):
        if artifact.name not in names:
            continue
        try:
            if artifact.expired:
                raise ArtifactError(f"{artifact.name}: expired")
            archive = archives.enter_context(github.download(artifact))
            pieces.append(of_archive(archive, artifact.name))
        except ArtifactError as problem:
            told.append(str(problem))
    return pieces, told


def _of_every_commit(opened: Opened, repos: Sequence[str]) -> list[str]:
    return [
        job.id
        for job in opened.plan.jobs
        if job.repo in repos and not job.schedule and not job.skipped
    ]


def check(opened: Opened, repository: str, since: str | None) -> None:
    """Whether that can be asked at all. Raises UsageError."""
    _repos(opened, repository)
    _day(since)


def _repos(opened: Opened, repository: str) -> tuple[str, ...]:
    """The project's repositories that live there; all of a project without addresses."""
    if not REPOSITORY.fullmatch(repository):
        raise UsageError(f"{repository!r} is no repository (like github:OWNER/REPO)")
    place = f"https://github.com/{repository}"
    repos = opened.project.repos
    found = tuple(name for name, repo in repos.items() if same_address(repo.git, place))
    if found:
        return found
    nameless = tuple(name for name, repo in repos.items() if not repo.git)
    if not nameless:
        known = ", ".join(repo.git for repo in repos.values())
        raise UsageError(f"no repository of the project is at {place} (there are {known})")
    return nameless


def _day(since: str | None) -> str:
    if since is None:
        return f"{datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=DAYS):%Y-%m-%d}"
    try:
        return datetime.date.fromisoformat(since).isoformat()
    except ValueError:
        raise UsageError(f"--since: {since!r} is no date (like 2026-11-22)") from None


def _token() -> str:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        if found := os.environ.get(name, "").strip():
            return found
    file = os.environ.get("CIFORGE_GITHUB_TOKEN_FILE", "")
    if not file:
        return ""
    try:
        return Path(file).expanduser().read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"CIFORGE_GITHUB_TOKEN_FILE: {error}") from None
