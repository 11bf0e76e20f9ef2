"""`ciforge bisect`: searches with real builds for the commit that brought a cause."""

import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from ciforge.app.bisect_history import JudgedResult, judged, past_results
from ciforge.app.local_run import RunOptions, finished_run
from ciforge.app.resolve import resolve_job
from ciforge.app.session import Request, open_session, print_progress
from ciforge.app.source_options import (
    SourceOptions,
    current_checkout,
    jobs_of_checkout,
    source_specs,
)
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.bisect.commit_graph import CommitGraph
from ciforge.bisect.judge import SoughtCause
from ciforge.bisect.search import Build, Search, SearchResult, Verdict
from ciforge.errors import EngineError, UsageError
from ciforge.model.bisection import Bisection, Outcome
from ciforge.model.change import Commit, package_changes
from ciforge.model.job import Job
from ciforge.model.quantities import duration, plural
from ciforge.model.result import Result, Status
from ciforge.run.exit_status import INTERRUPTED
from ciforge.sources.commit_parents import (
    commit_parents,
    is_ancestor,
    named_commit,
    searched_repository,
)
from ciforge.sources.commit_range import described
from ciforge.sources.git import Repository

_LISTED = 20
"""Commits of a range that an answer names."""


@attrs.frozen(kw_only=True)
class BisectOptions:
    """The arguments of `ciforge bisect`."""

    job: str
    good: str = ""
    bad: str = ""
    cause: int = 1
    file: Path | None = None
    state_dir: Path | None = None
    sources: tuple[str, ...] = ()
    unlisted: bool = False
    budget: int | None = None
    """Seconds for the whole search; None: no limit."""


@attrs.frozen(kw_only=True)
class Bisected:
    """A search that ended, as it is printed."""

    job: Job
    project: str
    state: Path
    repository: Repository
    sought: SoughtCause
    good: str
    bad: str
    bisection: Bisection
    builds: int
    skipped: int
    flaky: int
    interrupted: bool


class _Interrupted(Exception):
    """A build was stopped: by a signal, or by the end of the time for the search."""


class Bisecting:
    """One search: its job, its repository and its builds."""

    def __init__(self, options: BisectOptions) -> None:
        here = Path.cwd().resolve()
        self._options = options
        self._until = time.monotonic() + options.budget if options.budget else None
        workspace = open_workspace(options.file, here)
        self.project = workspace.project.project
        self.state = state_folder(self.project, options.state_dir)
        found = resolve_job(workspace.plan, options.job, self.state, unlisted=options.unlisted)
        checkout = current_checkout(workspace, here)
        sources = SourceOptions(sources=options.sources)
        (self.job,) = jobs_of_checkout((found,), checkout, sources)
        if self.job.skipped:
            raise UsageError(f"{self.job.id} cannot run here: {self.job.skipped}")
        (spec,) = source_specs(workspace, (self.job,), checkout, sources)
        revisions = tuple(filter(None, (options.good, options.bad)))
        self.repository = searched_repository(
            spec.place, revisions, self.state / "mirrors", print_progress
        )
        self.steps = [step.name for step in self.job.steps]
        self.builds = 0
        self.interrupted = False

    def result(self, revision: str, *, cold: bool) -> JudgedResult:
        """Builds one commit. Raises UsageError, EngineError, and _Interrupted if it was stopped."""
        left = None if self._until is None else int(self._until - time.monotonic())
        if left is not None and left <= 0:
            raise _Interrupted(self._used_up())
        options = SourceOptions(
            sources=self._options.sources, revisions=(f"{self.job.repo}={revision}",)
        )
        request = Request(
            selectors=(self.job.id,), file=self._options.file, state_dir=self._options.state_dir,
            source_options=options, unlisted=True,
        )  # fmt: skip
        self.builds += 1
        with open_session(request) as session:
            finished = finished_run(session, _run_options(request, self.job.id, left, cold=cold))
            self.interrupted = session.stop.signal is not None
        result = own_result(finished.results, self.job.id)
        if result.status is Status.CANCELLED and not result.not_tried_for:
            raise _Interrupted(result.reason if self.interrupted else self._used_up())
        return judged(revision, result, finished.diagnosis, by_search=True)

    def _used_up(self) -> str:
        return f"the budget of {duration(self._options.budget or 0)} was used up"


def own_result(results: Sequence[Result], job: str) -> Result:
    """Returns the result of a job among those of the jobs that it needs.

    If it was not tried because of one of them, it says of a machine that failed, or a run that was
    stopped, the same as that one.
    """
    ended = {result.job: result for result in results}
    result = ended[job]
    needed = ended.get(result.not_tried_for)
    if needed is None:
        return result
    if needed.status is Status.CANCELLED:
        return attrs.evolve(own_result(results, needed.job), job=job)
    machine = needed.status is Status.INFRASTRUCTURE
    return attrs.evolve(result, status=needed.status) if machine else result


def _run_options(request: Request, job: str, budget: int | None, *, cold: bool) -> RunOptions:
    return RunOptions(
        jobs=1, timeout=None, as_json=False, keep=False, fail_fast=False, ccache=not cold,
        notify=False, force=cold, budget=budget,
        command=("bisect", job, *request.repeat_options()),
    )  # fmt: skip


def bisect(options: BisectOptions) -> Bisected:
    """Searches. Raises UsageError where its ends are not known, and EngineError."""
    work = Bisecting(options)
    past = past_results(work.state, work.job.id)
    bad, at_bad = _bad_end(work, options, past)
    sought = at_bad.sought(options.cause)
    good, at_good = _good_end(work, options, past, bad, sought)
    print_progress(f"searching for the commit that brought {sought.title}")
    if good == bad:
        return _of_one_commit(work, good, at_good, sought)
    search = _search(work, past, good, bad, (at_good, at_bad), sought)
    if at_bad not in past:
        search.record(Build(bad, cold=True), Verdict.BAD)
    last: dict[str, Result] = {}
    answer, unfinished = _searched(work, search, sought, last)
    packages = package_changes(
        at_good.result.packages if at_good else {}, last[good].packages if good in last else {}
    )
    moved = answer.outcome is Outcome.GOOD_SHOWS_IT
    bisection = attrs.evolve(
        _bisection(work, answer), unfinished=unfinished, packages=packages if moved else ()
    )
    return _bisected(work, sought, (good, bad), bisection, answer)


def _bad_end(
    work: Bisecting, options: BisectOptions, past: Sequence[JudgedResult]
) -> tuple[str, JudgedResult]:
    """The bad commit, and a result that shows its causes: that of its last run, else of a build now."""
    own = [one for one in past if not one.by_search]
    newest = own[0] if own and own[0].failed else None
    revision = options.bad or (newest.revision if newest else "HEAD")
    bad = named_commit(work.repository, revision)
    known = next((one for one in past if one.revision == bad and one.failed), None)
    if known:
        return bad, known
    print_progress(f"building {bad[:12]}, the bad end, of which no failed run is known")
    try:
        built = work.result(bad, cold=True)
    except _Interrupted as error:
        if work.interrupted:
            raise KeyboardInterrupt from None
        raise UsageError(f"{bad[:12]} was not built: {error}", hint="give it more time") from None
    _check_machine(built)
    if not built.failed:
        message = f"{work.job.id} does not fail at {bad[:12]}: {built.result.status.value}{_reason(built)}"
        raise UsageError(message, hint="name a commit at which it fails with --bad REV")
    return bad, built


def _check_machine(built: JudgedResult) -> None:
    """Raises EngineError if the machine, and not the source, ended a build."""
    if built.result.status is Status.INFRASTRUCTURE:
        raise EngineError(
            f"{built.revision[:12]} could not be built: {built.result.reason or 'the engine failed'}",
            hint="`ciforge doctor` checks what jobs need; run the search again",
        )


def _good_end(
    work: Bisecting, options: BisectOptions, past: Sequence[JudgedResult], bad: str, sought: SoughtCause
) -> tuple[str, JudgedResult | None]:  # fmt: skip
    """The good commit, and its last result that lacks the cause, if a run is known. Raises UsageError."""
    fine = [one for one in past if one.verdict(sought, work.steps) is Verdict.GOOD]
    if options.good:
        good = named_commit(work.repository, options.good)
        if not is_ancestor(work.repository, good, bad):
            message = f"{good[:12]} is not part of the history of {bad[:12]}"
            raise UsageError(message, hint="--good REV must be an ancestor of the bad commit")
        return good, next((one for one in fine if one.revision == good), None)
    for one in fine:
        if not one.by_search and is_ancestor(work.repository, one.revision, bad):
            return one.revision, one
    message = f"no earlier run of {work.job.id} without this cause is known"
    raise UsageError(message, hint="name a commit at which it was good with --good REV")


def _search(
    work: Bisecting,
    past: Sequence[JudgedResult],
    good: str,
    bad: str,
    ends: tuple[JudgedResult | None, JudgedResult],
    sought: SoughtCause,
) -> Search:
    """The search, with what earlier runs say; if packages changed between its ends, they are doubtful."""
    graph = CommitGraph(good=good, bad=bad, parents=commit_parents(work.repository, good, bad))
    verdicts: dict[str, Verdict] = {}
    for one in past:
        if (verdict := one.verdict(sought, work.steps)) is not Verdict.UNCLEAR:
            verdicts.setdefault(one.revision, verdict)
    at_good, at_bad = ends
    moved = bool(at_good and package_changes(at_good.result.packages, at_bad.result.packages))
    print_progress(f"{plural(len(graph.parents), 'commit')} from {good[:12]} to {bad[:12]}")
    return Search(graph, verdicts, doubtful=moved)


def _searched(
    work: Bisecting, search: Search, sought: SoughtCause, last: dict[str, Result]
) -> tuple[SearchResult, str]:
    """The answer, and why the search ended early; `last` takes the last result of each commit."""
    while isinstance(step := search.next(), Build):
        try:
            verdict, why = _built(work, step, sought, last)
        except _Interrupted as error:
            return search.unfinished(), str(error)
        search.record(step, verdict)
        left = plural(len(search.candidates), "commit")
        print_progress(f"bisect: {step.commit[:12]} {_WORDS[verdict]}{why}; {left} left")
    return step, ""


_WORDS = {
    Verdict.GOOD: "does not show it",
    Verdict.BAD: "shows it",
    Verdict.OTHER: "fails for another reason",
    Verdict.UNCLEAR: "ended without a verdict",
}


def _built(
    work: Bisecting, step: Build, sought: SoughtCause, last: dict[str, Result]
) -> tuple[Verdict, str]:
    """The verdict of one build, and in words why there is no clear one."""
    try:
        one = work.result(step.commit, cold=step.cold)
    except UsageError as error:  # the commit lacks the folder, or cannot be read
        return Verdict.OTHER, f" ({error})"
    last[step.commit] = one.result
    verdict = one.verdict(sought, work.steps)
    return verdict, "" if verdict in (Verdict.GOOD, Verdict.BAD) else _reason(one)


def _reason(built: JudgedResult) -> str:
    """` (grp.h not found)`: why a build failed, or nothing."""
    reason = built.causes[0].title if built.causes else built.result.reason
    return f" ({reason})" if reason else ""


def _of_one_commit(
    work: Bisecting, commit: str, at_good: JudgedResult | None, sought: SoughtCause
) -> Bisected:
    """The answer where the same commit was green and is red: builds it now, without caches."""
    print_progress(f"{commit[:12]} was green and is red: the source did not change")
    try:
        built = work.result(commit, cold=True)
    except _Interrupted as error:
        answer = SearchResult(outcome=Outcome.RANGE, commits=(commit,))
        bisection = attrs.evolve(_bisection(work, answer), unfinished=str(error))
        return _bisected(work, sought, (commit, commit), bisection, answer)
    _check_machine(built)
    verdict = built.verdict(sought, work.steps)
    outcome = _OF_ONE.get(verdict, Outcome.RANGE)
    shows = verdict is Verdict.BAD
    answer = SearchResult(
        outcome=outcome, commits=(commit,), skipped=(commit,) if outcome is Outcome.RANGE else ()
    )
    packages = package_changes(at_good.result.packages if at_good else {}, built.result.packages)
    bisection = attrs.evolve(
        _bisection(work, answer), packages=packages if shows else (),
        unfinished=f"its build {_WORDS[verdict]}{_reason(built)}" if outcome is Outcome.RANGE else "",
    )  # fmt: skip
    return _bisected(work, sought, (commit, commit), bisection, answer)


_OF_ONE = {Verdict.BAD: Outcome.GOOD_SHOWS_IT, Verdict.GOOD: Outcome.BAD_LACKS_IT}
"""What a build of a commit that was green and is red says; any other verdict leaves it open."""


def _bisection(work: Bisecting, answer: SearchResult) -> Bisection:
    commits = answer.commits[:_LISTED]
    known = {one.revision: one for one in described(work.repository, commits)}
    return Bisection(
        outcome=answer.outcome, job=work.job.id, at=time.time(),
        commits=tuple(known.get(one, Commit(revision=one, subject="")) for one in commits),
        more=len(answer.commits) - len(commits), parent=answer.parent, confirmed=answer.confirmed,
    )  # fmt: skip


def _bisected(
    work: Bisecting, sought: SoughtCause, ends: tuple[str, str], bisection: Bisection, answer: SearchResult
) -> Bisected:  # fmt: skip
    return Bisected(
        job=work.job, project=work.project, state=work.state, repository=work.repository, sought=sought,
        good=ends[0], bad=ends[1], bisection=bisection, builds=work.builds, skipped=len(answer.skipped),
        flaky=len(answer.flaky), interrupted=work.interrupted,
    )  # fmt: skip


def exit_code_of(bisected: Bisected) -> int:
    """0 for a certain answer, 1 for one that was not confirmed, a range or none, 130 if interrupted."""
    if bisected.interrupted:
        return INTERRUPTED
    found = bisected.bisection
    certain = (
        found.confirmed
        if found.outcome is Outcome.FOUND
        else found.outcome is Outcome.GOOD_SHOWS_IT
    )
    return 0 if certain else 1
