"""`ciforge certify`: builds the whole matrix of a release, and writes what was built."""

import hashlib
import os
from pathlib import Path

import attrs

from ciforge.app.local_run import finished_run
from ciforge.app.run_settings import RunOptions
from ciforge.app.session import Request, open_session
from ciforge.app.source_options import SourceOptions, current_checkout
from ciforge.app.workspace import open_workspace
from ciforge.errors import UsageError
from ciforge.generated_file import refuse_link, write_generated
from ciforge.private import shared_files
from ciforge.report.certificate import Certificate, certificate_text
from ciforge.run.exit_status import FAILED, worst
from ciforge.untrusted import open_file

TEXT, PAGE = "certificate.txt", "certificate.html"


@attrs.frozen(kw_only=True)
class CertifyOptions:
    """The arguments of `ciforge certify`."""

    tag: str
    """`TAG` or `REPO=TAG`."""
    tarball: Path | None
    folder: Path
    jobs: int | None = None
    file: Path | None = None
    state_dir: Path | None = None


def certify(options: CertifyOptions) -> tuple[Certificate, int]:
    """Builds and writes; the certificate and the exit status. Raises UsageError and EngineError."""
    repo, tag = _release(options)
    sources = (f"{repo}={options.tarball}",) if options.tarball else ()
    revisions = () if options.tarball else (f"{repo}=refs/tags/{tag}",)
    sha256 = _sha256(options.tarball) if options.tarball else ""
    _make_folder(options.folder)
    request = Request(
        selectors=(repo,), file=options.file, state_dir=options.state_dir,
        source_options=SourceOptions(sources=sources, revisions=revisions),
    )  # fmt: skip
    with open_session(request) as session:
        finished = finished_run(session, _run_options(options.jobs))
        jobs = tuple(session.jobs)
    certificate = Certificate(
        tag=tag, run=finished.record, jobs=jobs, results=tuple(finished.results), sha256=sha256,
        archive=options.tarball.name if options.tarball else "",
    )  # fmt: skip
    _write(certificate, options.folder)
    return certificate, worst(finished.code, 0 if certificate.complete else FAILED)


def _run_options(jobs: int | None) -> RunOptions:
    """Everything runs, without caches; nothing counts as proven."""
    return RunOptions(
        jobs=jobs, timeout=None, as_json=False, keep=False, fail_fast=False, ccache=False,
        notify=False, force=True,
    )  # fmt: skip


def _release(options: CertifyOptions) -> tuple[str, str]:
    """The repository and the tag. Raises UsageError."""
    here = Path.cwd().resolve()
    workspace = open_workspace(options.file, here)
    repos = tuple(workspace.project.repos)
    named, equals, tag = options.tag.partition("=")
    if equals and named not in repos:
        raise UsageError(
            f"there is no repository {named!r}", hint=f"the project has {', '.join(repos)}"
        )
    if not equals:
        checkout = current_checkout(workspace, here)
        repo_ids = checkout.repos if checkout else repos
        named, tag = repo_ids[0], options.tag
        if len(repo_ids) > 1:
            raise UsageError(
                f"{tag}: of which repository?",
                hint=f"use {repo_ids[0]}={tag}; there are {', '.join(repo_ids)}",
            )
    if not tag or tag.startswith("-"):
        raise UsageError(f"{options.tag!r} names no tag", hint="give a tag such as v1.2")
    return named, tag


def _sha256(file: Path) -> str:
    try:
        with os.fdopen(open_file(file), "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"--tarball {file}: {error.strerror}") from None


def _make_folder(folder: Path) -> None:
    """Makes the folder before anything is built. Raises UsageError if no file can be written there."""
    refuse_link(folder)
    try:
        with shared_files():
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--out {folder}: {error.strerror}", hint="name a folder that can be made"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            f"--out {folder}: no permission to write there", hint="name another folder"
        )


def _write(certificate: Certificate, folder: Path) -> None:
    """Raises UsageError where a file cannot be written."""
    from ciforge.report.html.page_writer import page_bytes

    page = page_bytes("certificate.html", certificate=certificate)
    write_generated(folder, TEXT, certificate_text(certificate).encode())
    write_generated(folder, PAGE, page)
