"""Badges as SVG images: one for a repository, a distribution or a job on a branch; no server draws them."""

import hashlib
import re
from collections.abc import Iterator, Sequence

import attrs

from ciforge.model.identifiers import file_name
from ciforge.report.current_matrix import BranchMatrix, CurrentResult, by_distribution, overall
from ciforge.report.html.page_writer import page_bytes
from ciforge.report.html.palette import LIGHT
from ciforge.report.html.views import LOOKS
from ciforge.sanitize import safe_line
from ciforge.timestamp import minute_text

FOLDER = "badges"
LABEL, TEXT = "#3b3f45", "#ffffff"
"""The left half, and the text on both; a badge has its own ground on any page."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LONGEST = 100
_NARROW, _WIDE = "fijlrtI.,:;|'!()[]/ -", "mwMW@%"


@attrs.frozen(kw_only=True)
class Badge:
    """One image: its path below the site, and what it shows."""

    path: str
    subject: str
    """The full subject: `portable master debian`."""
    label: str
    word: str
    """A key of LOOKS."""
    message: str


def branch_folder(branch: str) -> str:
    """A branch as the name of a folder: `feature,x` for `feature/x`; others get a hash, so that no two
    branches share a name and none has characters that a file system or an address treats specially."""
    if len(branch) <= _LONGEST and _PLAIN.fullmatch(branch):
        return branch.replace("/", ",")
    digest = hashlib.sha256(branch.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    slug = re.sub(r"[^A-Za-z0-9]+", "-", branch)[:40].strip("-")
    return f"{slug or 'branch'}~{digest}"


def badges(matrix: BranchMatrix) -> Iterator[Badge]:
    """Badges of the repository, of each distribution and of each job, on one branch."""
    repo, branch = matrix.branch.repo, matrix.branch.branch
    place = f"{FOLDER}/{repo}/{branch_folder(branch)}"
    subject = f"{repo} {branch}" if branch else repo
    yield _badge(f"{place}/repository.svg", subject, repo, matrix.results)
    for name, results in by_distribution(matrix.results).items():
        path = f"{place}/distributions/{name}.svg"
        yield _badge(path, f"{subject} {name}", name, results)
    for result in matrix.results:
        job = result.job.partition("/")[2]
        path = f"{place}/jobs/{file_name(job)}.svg"
        yield _badge(path, f"{subject} {job}", job, [result])


def _badge(path: str, subject: str, label: str, results: Sequence[CurrentResult]) -> Badge:
    word, message = overall([result.word for result in results])
    return Badge(path=path, subject=subject, label=label, word=word, message=message)


def badge_image(badge: Badge, now: float) -> bytes:
    """The SVG image; its title names the time at which this was the state."""
    label, message = safe_line(badge.label, 80), safe_line(badge.message, 80)
    left, right = _width(label), _width(message)
    return page_bytes(
        "badge.svg", label=label, message=message, left=left, right=right, ground=LABEL, text=TEXT,
        color=LIGHT[LOOKS[badge.word][0]],
        title=f"{badge.subject}: {badge.message} ({minute_text(now)})",
    )  # fmt: skip


def _width(text: str) -> int:
    """Pixels that a text of 11 pixels takes; the image stretches the text to exactly this width."""
    sizes = (4.2 if c in _NARROW else 10.0 if c in _WIDE else 7.0 for c in text)
    return round(sum(sizes)) or 1
