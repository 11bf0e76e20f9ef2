"""Runs a sample of cached answers without caches, and drops a cache that gave another answer."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

import attrs
import click

from ciforge.app.local_run import finished_run, is_proven
from ciforge.app.run_settings import RunOptions
from ciforge.app.session import Request, Session, open_session, print_progress
from ciforge.engines.docker import DockerEngine
from ciforge.errors import CiforgeError, UsageError
from ciforge.model.cache_audit import Audit, Cache
from ciforge.model.job import Job
from ciforge.model.result import Result, Status
from ciforge.model.trust_domain import cache_volume
from ciforge.run.clock import stamp
from ciforge.run.exit_status import INTERRUPTED
from ciforge.run.job_answer import JobAnswer, answer, answered, differences
from ciforge.store.audit_file import record_audit
from ciforge.store.documents import to_document
from ciforge.store.past_verdicts import remove_verdicts, verdicts_of
from ciforge.store.runs.run_folder import job_path, read_result, run_path
from ciforge.store.saved_step_files import saved_step_files

_OPTIONS = RunOptions(
    jobs=None, timeout=None, as_json=False, keep=False, fail_fast=False, ccache=True, notify=False,
    force=True, command=("audit",),
)  # fmt: skip
_LOST = (Status.INFRASTRUCTURE, Status.CANCELLED, Status.SKIPPED)
_STEPS = ("bootstrap", "configure")


def audit_request(request: Request, *, sample: int, as_json: bool, chance: random.Random) -> int:
    """Compares so many cached answers with cold ones; 0 if all were equal, 1 if one was not, 3 if
    one could not be compared. Raises UsageError, EngineError.
    """
    with open_session(request) as session:
        answers = cached_answers(session)
        if not answers:
            raise UsageError("no selected job has a cached answer", hint="`ciforge run` makes some")
        chosen = chance.sample(answers, min(sample, len(answers)))
        audits = list[Audit]()
        for job in session.jobs:
            caches = [cache for other, cache in chosen if other is job]
            if not caches:
                continue
            for audit in _audited(session, job, caches):
                audits.append(audit)
                _report(session.state, audit, as_json=as_json)
            if session.stop.asked:
                return INTERRUPTED
    if any(audit.differences for audit in audits):
        return 1
    return 0 if len(audits) >= len(chosen) else 3


def cached_answers(session: Session) -> list[tuple[Job, Cache]]:
    """Returns the jobs of a session with each cache that could answer for them."""
    found = list[tuple[Job, Cache]]()
    saved = any(saved_step_files(session.state))
    for job in session.jobs:
        if job.skipped:
            continue
        if _is_proven(session, job):
            found.append((job, Cache.PROVEN))
        if not (job.ccache and session.archives[job.repo].domain.shares):
            continue
        if saved and any(step.name in _STEPS for step in job.steps):
            found.append((job, Cache.STEPS))
        if _has_volume(session, job):
            found.append((job, Cache.COMPILERS))
    return found


def _is_proven(session: Session, job: Job) -> bool:
    """Whether a proof of the job as it is now exists, not only one of another revision."""
    if not any(verdict.passed for _, verdict in verdicts_of(session.state, job.id)):
        return False
    return is_proven(attrs.evolve(session, jobs=(job,)), attrs.evolve(_OPTIONS, force=False))


def _has_volume(session: Session, job: Job) -> bool:
    """Whether the job has a volume of caches, its own or that of the followed branch."""
    domain, engine = session.archives[job.repo].domain, cast("DockerEngine", session.engine)
    domains = (domain, domain.followed) if domain.followed else (domain,)
    return any(engine.has_cache(cache_volume(job, other)) for other in domains)


def _audited(session: Session, job: Job, caches: Sequence[Cache]) -> Iterator[Audit]:
    """Compares what these caches say of a job with a cold run. A cache that has no answer is left out."""
    inner = attrs.evolve(session, jobs=(job,))
    # The proof first: the other runs, and the cold one, record verdicts of their own.
    cached = {cache: _cached(inner, job, cache) for cache in Cache if cache in caches}
    cold = _run(inner, job, attrs.evolve(_OPTIONS, ccache=False))
    if cold is None:
        print_progress(f"{job.id}: the cold run did not end by itself: nothing is compared")
        return
    for cache, found in cached.items():
        part = found and answered(cache, found)
        differ = [] if found is None or part is False else differences(found, cold)
        if found is None or not (part or differ):
            print_progress(f"{job.id}: {cache.value} had no answer, or none that is seen")
            continue
        dropped = _drop(session, job, cache) if differ else ""
        yield Audit(
            time=stamp(), job=job.id, cache=cache, run=found.run, cold_run=cold.run,
            differences=tuple(differ), dropped=dropped,
        )  # fmt: skip
        if differ and cache is Cache.STEPS and Cache.COMPILERS not in caches:
            yield from _audited(session, job, [Cache.COMPILERS])  # compilers ran in both


def _cached(session: Session, job: Job, cache: Cache) -> JobAnswer | None:
    """What a cache says of a job; None if nothing."""
    if cache is Cache.PROVEN:
        return _proven(session, job)
    return _run(session, job, attrs.evolve(_OPTIONS, saved_steps=cache is Cache.STEPS))


def _proven(session: Session, job: Job) -> JobAnswer | None:
    finished = finished_run(session, attrs.evolve(_OPTIONS, force=False))
    (result,) = finished.results
    if not result.proven_by:
        return None
    folder = job_path(run_path(session.state, result.proven_by), job.id)
    return answer(result.proven_by, read_result(folder / "result.json"), folder)


def _run(session: Session, job: Job, options: RunOptions) -> JobAnswer | None:
    """What a run says of the only job of the session; None if it was not tried to its end."""
    finished = finished_run(session, options)
    result: Result = next(result for result in finished.results if result.job == job.id)
    if result.status in _LOST:
        return None
    folder = job_path(run_path(session.state, finished.record.id), job.id)
    return answer(finished.record.id, result, folder)


def _drop(session: Session, job: Job, cache: Cache) -> str:
    """Removes a cache that gave a wrong answer, and the proofs of the job, which may come from runs that
    used it; returns a sentence about what was removed.
    """
    proofs = _removed(
        (file for file, _ in verdicts_of(session.state, job.id)), "the proofs of the job"
    )
    if cache is Cache.PROVEN:
        return proofs
    if cache is Cache.STEPS:
        saved = saved_step_files(session.state)
        return f"{_removed(saved, 'all saved steps of the project')}, {proofs}"
    volume = cache_volume(job, session.archives[job.repo].domain)
    try:
        cast("DockerEngine", session.engine).discard_cache(volume)
    except CiforgeError as error:
        return f"not removed: {error}; {proofs}"
    return f"the volume {volume}, {proofs}"


def _removed(files: Iterable[Path], text: str) -> str:
    """Removes files; returns the text, or why they could not be removed."""
    try:
        remove_verdicts(files)
    except OSError as error:
        return f"not removed: {error}"
    return text


def _report(state: Path, audit: Audit, *, as_json: bool) -> None:
    """Records and prints what was compared."""
    record_audit(state, audit)
    if as_json:
        click.echo(json.dumps(to_document(audit)))
    elif audit.differences:
        click.echo(
            f"DIFFERS  {audit.job}  {audit.cache.value}  {'; '.join(audit.differences)}; removed: {audit.dropped}"
        )
    else:
        click.echo(f"same     {audit.job}  {audit.cache.value}")
