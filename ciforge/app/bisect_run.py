"""`ciforge bisect`: searches with real builds for the commit that brought a cause."""

from collections.abc import Sequence

import attrs

from ciforge.app.bisect_answer import Bisected, bisected_of, bisection_of
from ciforge.app.bisect_build import (
    Bisecting,
    BisectOptions,
    SearchInterrupted,
    check_machine,
    reason_of,
)
from ciforge.app.bisect_ends import bad_end, good_end
from ciforge.app.bisect_history import JudgedResult, past_results
from ciforge.app.bisect_packages import search_versions
from ciforge.app.session import print_progress
from ciforge.bisect.commit_graph import CommitGraph
from ciforge.bisect.judge import SoughtCause
from ciforge.bisect.search import VERDICT_TITLES, Build, Search, SearchResult, Verdict
from ciforge.errors import UsageError
from ciforge.model.bisection import Bisection, Outcome
from ciforge.model.change import package_changes, same_packages
from ciforge.model.quantities import plural
from ciforge.model.result import Result
from ciforge.sources.commit_parents import commit_parents


def bisect(options: BisectOptions) -> Bisected:
    """Searches. Raises UsageError where its ends are not known, and EngineError."""
    work = Bisecting(options)
    past = past_results(work.state, work.job.id)
    bad, at_bad = bad_end(work, options, past)
    sought = at_bad.sought(options.cause)
    good, at_good = good_end(work, options, past, bad, sought)
    print_progress(f"searching for the commit that brought {sought.title}")
    if good == bad:
        return _of_one_commit(work, good, (at_good, at_bad), sought)
    search = _search(work, past, good, bad, (at_good, at_bad), sought)
    if at_bad not in past:
        search.record(Build(bad, cold=True), Verdict.BAD)
    last: dict[str, Result] = {}
    answer, unfinished = _searched(work, search, sought, last)
    bisection = attrs.evolve(bisection_of(work, answer), unfinished=unfinished)
    if answer.outcome is Outcome.GOOD_SHOWS_IT:
        bisection = _with_packages(work, bisection, (at_good, last.get(good)), sought)
    if answer.outcome is Outcome.BAD_LACKS_IT:
        bisection = _compared(bisection, at_bad, last.get(bad))
    return bisected_of(work, sought, (good, bad), bisection, answer)


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
    for record in past:
        if (verdict := record.verdict(sought, work.steps)) is not Verdict.UNCLEAR:
            verdicts.setdefault(record.revision, verdict)
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
        except SearchInterrupted as error:
            return search.unfinished(), str(error)
        search.record(step, verdict)
        left = plural(len(search.candidates), "commit")
        print_progress(f"bisect: {step.commit[:12]} {VERDICT_TITLES[verdict]}{why}; {left} left")
    return step, ""


def _built(
    work: Bisecting, step: Build, sought: SoughtCause, last: dict[str, Result]
) -> tuple[Verdict, str]:
    """The verdict of one build, and in words why there is no clear one."""
    try:
        record = work.result(step.commit, cold=step.cold)
    except UsageError as error:  # the commit lacks the folder, or cannot be read
        return Verdict.OTHER, f" ({error})"
    last[step.commit] = record.result
    verdict = record.verdict(sought, work.steps)
    return verdict, "" if verdict in (Verdict.GOOD, Verdict.BAD) else reason_of(record)


def _with_packages(
    work: Bisecting,
    bisection: Bisection,
    ends: tuple[JudgedResult | None, Result | None],
    sought: SoughtCause,
) -> Bisection:
    """The answer for a commit that was green and shows the cause now, with the packages that brought it.

    `ends` are its green result and the one of now, as far as they are known."""
    bisection = _compared(bisection, *ends)
    found = search_versions(work, bisection.commits[0].revision, bisection.packages, sought)
    return attrs.evolve(
        bisection, steps=found.steps, steps_confirmed=found.confirmed, versions_note=found.note
    )


def _compared(bisection: Bisection, then: JudgedResult | None, now: Result | None) -> Bisection:
    """The answer with the packages that a commit had in two results, as far as they are known."""
    before, after = then.result.packages if then else {}, now.packages if now else {}
    return attrs.evolve(
        bisection, packages=package_changes(before, after), same_packages=same_packages(before, after)
    )  # fmt: skip


def _of_one_commit(
    work: Bisecting,
    commit: str,
    ends: tuple[JudgedResult | None, JudgedResult],
    sought: SoughtCause,
) -> Bisected:
    """The answer where the same commit was green and is red: builds it now, without caches."""
    print_progress(f"{commit[:12]} was green and is red: the source did not change")
    try:
        built = work.result(commit, cold=True)
    except SearchInterrupted as error:
        answer = SearchResult(outcome=Outcome.RANGE, commits=(commit,))
        bisection = attrs.evolve(bisection_of(work, answer), unfinished=str(error))
        return bisected_of(work, sought, (commit, commit), bisection, answer)
    check_machine(built)
    verdict = built.verdict(sought, work.steps)
    outcome = _OF_ONE.get(verdict, Outcome.RANGE)
    answer = SearchResult(
        outcome=outcome, commits=(commit,), skipped=(commit,) if outcome is Outcome.RANGE else ()
    )
    unclear = f"its build {VERDICT_TITLES[verdict]}{reason_of(built)}"
    bisection = attrs.evolve(
        bisection_of(work, answer), unfinished=unclear if outcome is Outcome.RANGE else ""
    )
    at_good, at_bad = ends
    if verdict is Verdict.BAD:
        bisection = _with_packages(work, bisection, (at_good, built.result), sought)
    if verdict is Verdict.GOOD:
        bisection = _compared(bisection, at_bad, built.result)
    return bisected_of(work, sought, (commit, commit), bisection, answer)


_OF_ONE = {Verdict.BAD: Outcome.GOOD_SHOWS_IT, Verdict.GOOD: Outcome.BAD_LACKS_IT}
"""What a build of a commit that was green and is red says; any other verdict leaves it open."""
