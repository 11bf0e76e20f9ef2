"""Diagnoses a run from its folder, for summaries, reports and mails alike."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import attrs

from ciforge.diagnose.causes.common_factors import is_newer_libc
from ciforge.diagnose.drift import Artifacts, beside, since
from ciforge.diagnose.warnings import worth_telling
from ciforge.load.dependencies import dependency_index
from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis, Drift, Warned
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.job import Job
from ciforge.model.job_traits import Traits
from ciforge.model.result import Limit, Result, Run, Status
from ciforge.notify.run_files import GREEN, RunFiles
from ciforge.notify.run_traits import traits

T = TypeVar("T")


def diagnose_run(
    state: Path, run: Run, results: Sequence[Result], jobs: Sequence[Job] | None = None
) -> Diagnosis:
    """Causes, findings, warnings and drift of a run whose files lie in `state`.

    `jobs` are the plan's, where it is at hand; without it, ids and installed packages say what
    jobs have in common. What cannot be read is noted in the value, never raised.
    """
    bench = RunFiles(state, run.id)
    job_traits = traits(results, jobs or ())
    passed = [result.job for result in results if result.status.green]
    found = {
        result.job: _findings(bench, result) for result in results if result.status not in GREEN
    }
    ran = [result.job for result in results if result.job in passed and not result.proven_by]
    before = bench.last_green([result.job for result in results if result.steps])
    return Diagnosis(
        run=run.id,
        causes=_causes(found, job_traits, passed),
        findings=found,
        warnings=_filled({result.job: _warnings(bench, result.job, before) for result in results}),
        drift=_filled(_drift(bench, ran, job_traits, before)),
        problems=tuple(bench.problems),
    )


def _causes(
    found: Mapping[str, tuple[Finding, ...]],
    job_traits: Mapping[str, Traits],
    passed: Sequence[str],
) -> tuple[Cause, ...]:
    if not found:
        return ()
    from ciforge.diagnose.causes.grouping import causes  # slow to import, and only failures need it

    return causes(found, job_traits, passed, dependency_index())


def _filled(of: Mapping[str, tuple[T, ...]]) -> dict[str, tuple[T, ...]]:
    return {job: some for job, some in of.items() if some}


def _findings(bench: RunFiles, result: Result) -> tuple[Finding, ...]:
    """Findings of the log and the result; what the result records comes first."""
    found = bench.findings(result)
    own = _of_result(result)
    if own and (own.kind is not FindingKind.OTHER or not found):
        return (own, *(finding for finding in found if finding.kind is not own.kind))
    return found


_OF_LIMIT = {
    Limit.MEMORY: FindingKind.OUT_OF_MEMORY,
    Limit.ENGINE_MEMORY: FindingKind.OUT_OF_MEMORY,
    Limit.ENGINE_DISK: FindingKind.DISK_FULL,
}
"""Limits that a log does not show; for the others the log has the better finding."""


def _of_result(result: Result) -> Finding | None:
    """A finding from the result alone: a limit, an engine that was lost."""
    step, reason = result.failed_step or "", result.reason
    if result.status is Status.TIMED_OUT:
        return Finding(kind=FindingKind.TIMEOUT, subject=step, root_line=reason, step=step)
    if result.limit in _OF_LIMIT:
        return Finding(kind=_OF_LIMIT[result.limit], root_line=reason, step=step)
    if result.status is Status.INFRASTRUCTURE:
        # Before there is a machine, what is not reached is a registry or a mirror.
        kind = FindingKind.DEPS_NETWORK if step == "prepare" else FindingKind.OTHER
        return Finding(kind=kind, root_line=reason, step=step)
    return None


def _warnings(bench: RunFiles, job: str, before: Mapping[str, str]) -> tuple[Warned, ...]:
    green = None
    if job in before:
        green = {warning.key for warning in bench.warnings(job, before[job])}
    return worth_telling(bench.warnings(job), green)


def _drift(
    bench: RunFiles,
    passed: Sequence[str],
    job_traits: Mapping[str, Traits],
    before: Mapping[str, str],
) -> dict[str, tuple[Drift, ...]]:
    """The drift of each green job: since its last green run, then compared with its siblings."""
    here = {job: bench.artifacts(job) for job in passed}
    found = {}
    for job, now in here.items():
        lost: tuple[Drift, ...] = ()
        if job in before:
            lost = since(now, bench.artifacts(job, before[job]), before[job])
        reported = {drift.name for drift in lost}
        siblings = {other: here[other] for other in passed if _are_siblings(job, other, job_traits)}
        found[job] = lost + tuple(
            drift for drift in _beside(job, now, siblings, job_traits) if drift.name not in reported
        )
    return found


def _beside(
    job: str, now: Artifacts, siblings: Mapping[str, Artifacts], job_traits: Mapping[str, Traits]
) -> tuple[Drift, ...]:
    names = {job_traits[other].release: artifacts for other, artifacts in siblings.items()}
    own = job_traits[job].distribution
    elders = [
        job_traits[other].release for other in siblings if job_traits[other].distribution == own
    ]
    return beside(now, names, elders)


def _are_siblings(job: str, other: str, job_traits: Mapping[str, Traits]) -> bool:
    """Other releases of the same job, with a libc that is not newer."""
    first, second = job_traits[job], job_traits[other]
    alike = attrs.evolve(
        second, release=first.release, distribution=first.distribution, manager=first.manager,
        packages=first.packages,
    )  # fmt: skip
    return first.release != second.release and alike == first and not is_newer_libc(second, first)
