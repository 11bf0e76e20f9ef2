"""The current matrix as a page and badges for a project's site: files alone, no server and no scripts."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs

from ciforge.errors import UsageError
from ciforge.generated_file import refuse_link, remove_generated, write_generated
from ciforge.model.incident import Incident
from ciforge.model.open_cause import OpenCause, open_cause
from ciforge.report.current_matrix import BranchMatrix
from ciforge.report.formatting import BASES
from ciforge.report.html import views
from ciforge.report.html.badge import FOLDER, Badge, badge_image, badges
from ciforge.report.html.page_writer import page_bytes
from ciforge.report.priorities import extent, ranked
from ciforge.timestamp import minute_text

STATUS_MARK = ".ciforge-status"
"""The file that marks a folder as a status page, which may be overwritten."""
_MARK_TEXT = b"This folder is a status page of ciforge; ciforge may overwrite it.\n"
_CAUSES = 30
"""Causes that are listed for a branch."""


@attrs.frozen(kw_only=True)
class CurrentStatus:
    """The content of a status page."""

    project: str
    version: str
    now: float
    """In seconds since 1970."""
    matrices: tuple[BranchMatrix, ...]


def write_status_site(status: CurrentStatus, folder: Path) -> Path:
    """Write `index.html` and `badges/` into `folder`, over an older status page there; the page's path.

    Each file is replaced as a whole, and a badge of a job that is not listed any more is removed.
    Raises UsageError where the folder holds something else, or cannot be written.
    """
    _prepare(folder)
    files = status_files(status)
    for name, data in files.items():
        write_generated(folder, name, data)
    _remove_others(folder, files)
    return folder / "index.html"


def status_files(status: CurrentStatus) -> Mapping[str, bytes]:
    """The files of the site by their paths; the page comes last, after what it links to."""
    drawn = [(matrix, list(badges(matrix))) for matrix in status.matrices]
    images = {badge.path: badge_image(badge, status.now) for _, some in drawn for badge in some}
    sections = [_section(number, *pair, status.now) for number, pair in enumerate(drawn, 1)]
    page = page_bytes("status.html", status=status, sections=sections)
    return {STATUS_MARK: _MARK_TEXT, **images, "index.html": page}


def _section(
    number: int, matrix: BranchMatrix, images: Sequence[Badge], now: float
) -> dict[str, Any]:
    """A branch as the template shows it, its causes in the order of `ciforge status`."""
    incidents = {incident.id: incident for incident in matrix.incidents}
    causes = ranked(map(open_cause, matrix.incidents), now)
    cells = {result.job: result for result in matrix.results}
    (table,) = views.matrices(cells)
    verdicts = [result.word for result in matrix.results]
    return {
        "number": number,
        "branch": matrix.branch,
        "counts": [
            (verdicts.count(word), word, *views.LOOKS[word]) for word in dict.fromkeys(verdicts)
        ],
        "table": table,
        "looks": views.LOOKS,
        "causes": [_cause(cause, incidents[cause.id], now) for cause in causes[:_CAUSES]],
        "more": len(causes[_CAUSES:]),
        "badges": [
            (image, "/".join(map(views.address, image.path.split("/")))) for image in images
        ],
    }


def _cause(cause: OpenCause, incident: Incident, now: float) -> dict[str, Any]:
    """An open cause as the template shows it."""
    findings = incident.cause.findings.values() if incident.cause else ()
    advised = next((finding for finding in findings if finding.advice), None)
    return {
        "title": views.title(incident.cause) if incident.cause else incident.key,
        "extent": extent(cause, now),
        "since": cause.opened,
        "whose": cause.bisection or cause.whose,
        "advice": advised.advice if advised else "",
        "basis": BASES[advised.basis] if advised else "",
        # The page may be public: of a mail address it has the part before the @.
        "assignee": cause.assignee.partition("@")[0],
        "muted": minute_text(cause.muted_until) if cause.muted(now) else "",
        "why": cause.mute_reason,
    }


def _prepare(folder: Path) -> None:
    """Makes the folder. Raises UsageError where it is a link or holds something else."""
    refuse_link(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / STATUS_MARK).is_file():
            raise UsageError(
                f"{folder}: the folder is not empty and is not a status page of ciforge",
                hint="use a new or empty folder, or one with an older status page",
            )
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {error.strerror or error}") from None


def _remove_others(folder: Path, files: Mapping[str, bytes]) -> None:
    """Removes badges that are not written any more, and folders that are empty then; follows no link."""
    for top, folders, names in os.walk(folder / FOLDER, topdown=False):
        links = [name for name in folders if (Path(top) / name).is_symlink()]
        for name in (*names, *links):
            path = (Path(top) / name).relative_to(folder).as_posix()
            if path not in files:
                remove_generated(folder, path)
        with suppress(OSError):  # it is not empty
            Path(top).rmdir()
