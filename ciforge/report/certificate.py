"""What was built of a release, and how far each system is proven: a text to put beside the release."""

import re
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.model.cross_id import is_cross_check
from ciforge.model.job import Job
from ciforge.model.quantities import duration, plural
from ciforge.model.result import Result, Run
from ciforge.report.formatting import counts_text, outcome_counts, result_outcome
from ciforge.sanitize import safe_line

_TOOLS = re.compile(r"(gcc|g\+\+|clang|tcc|binutils|libc6|glibc|musl|make)(-[0-9.]+)?")
"""Packages that are named for every job, besides its own: compilers and the C library."""
_HOW = (
    "without ccache, saved steps and answers of configure; no job was taken from an earlier run; "
    "images with the installed packages may be those of earlier runs"
)
_MEANING = {
    "tested": "whole jobs ran on this system before",
    "userland": "jobs ran on its real userland, with another toolchain",
    "cross": "the source was compiled and linked for it, and nothing ran there",
    "rendered": "only the texts of its jobs were made before",
}


@attrs.frozen(kw_only=True)
class Certificate:
    """One run of the whole matrix at a release."""

    tag: str
    run: Run
    jobs: tuple[Job, ...]
    results: tuple[Result, ...]
    archive: str = ""
    """The name of the archive that was built; empty if the tag's tree was."""
    sha256: str = ""
    """The digest of that archive."""

    @property
    def missing(self) -> tuple[Result, ...]:
        """Results of required jobs that did not pass, whatever the reason."""
        return tuple(r for r in self.results if not r.allow_failure and not r.status.green)

    @property
    def complete(self) -> bool:
        """Whether every required job passed, and at least one of them is no cross check."""
        return not self.missing and any(not is_cross_check(result.job) for result in self._required)

    @property
    def _required(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if not result.allow_failure)

    @property
    def verdict(self) -> str:
        """`complete` with the number of required jobs, or why the certificate is not."""
        many = len(self._required)
        compiled = sum(is_cross_check(result.job) for result in self._required)
        also = f", {compiled} compiled" if compiled else ""
        if self.missing:
            return f"INCOMPLETE: {len(self.missing)} of {plural(many, 'required job')} did not pass"
        if not self.complete:
            return f"INCOMPLETE: no required job ran{also}"
        return f"complete: {plural(many - compiled, 'required job')} passed{also}"

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What was built, when and by what, as names and values."""
        sources = [
            (
                f"source {used.repo}",
                f"{used.revision or 'no commit'}, sha256 of all files {used.digest}",
            )
            for used in self.run.sources
        ]
        archive = [("archive", f"{self.archive}, sha256 {self.sha256}")] if self.archive else []
        return (
            *archive, *sources,
            ("built", f"{self.run.started}, in {duration(self.run.seconds)}, by ciforge {self.run.version}"),
            ("how", _HOW),
            ("run", self.run.id), ("verdict", self.verdict),
        )  # fmt: skip

    @property
    def counts(self) -> str:
        """`4 passed, 1 compiled`."""
        return counts_text(outcome_counts([result_outcome(result) for result in self.results]))

    @property
    def rows(self) -> tuple["CertifiedJob", ...]:
        """A row for each job, in the order of the project."""
        jobs = {job.id: job for job in self.jobs}
        return tuple(_row(result, jobs[result.job]) for result in self.results)


@attrs.frozen(kw_only=True)
class CertifiedJob:
    """One job of a certificate."""

    job: str
    outcome: str
    required: bool
    proof: str
    detail: str
    """Why it did not pass, or what a cross check has shown; may be empty."""
    versions: tuple[str, ...]
    """Compilers and libraries with their versions."""
    base: str
    """The image with its digest; empty outside of containers."""


def _row(result: Result, job: Job) -> CertifiedJob:
    return CertifiedJob(
        job=result.job, outcome=result_outcome(result), required=not result.allow_failure,
        proof=result.proof or job.proof.value, detail=result.reason or result.proves,
        versions=tuple(_versions(result.packages, job.packages)), base=result.base,
    )  # fmt: skip


def _versions(packages: Mapping[str, str], own: Sequence[str]) -> Iterator[str]:
    for name, version in sorted(packages.items()):
        if name in own or _TOOLS.fullmatch(name):
            yield f"{name} {version}"


def certificate_text(certificate: Certificate) -> str:
    """The certificate as text, in ASCII where the project's names are, with a final line end."""
    return "".join(f"{safe_line(line)}\n" for line in _lines(certificate))


def _lines(certificate: Certificate) -> Iterator[str]:
    yield f"{certificate.run.project} {certificate.tag}: {certificate.counts}"
    yield ""
    yield from (f"{name + ':':18}{value}" for name, value in certificate.facts)
    for row in certificate.rows:
        yield ""
        yield f"{row.job}: {row.outcome}" + ("" if row.required else " (not required)")
        yield f"    proven: {row.proof}, {_MEANING.get(row.proof, 'not known')}"
        yield from (
            f"    {text}" for text in (row.detail, ", ".join(row.versions), row.base) if text
        )
