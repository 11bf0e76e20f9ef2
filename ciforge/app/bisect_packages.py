"""The search over versions of packages, for a commit that was green and is red."""

from collections.abc import Sequence

import attrs

from ciforge.app.bisect_build import Bisecting, SearchInterrupted, reason_of
from ciforge.app.package_check import ask_script
from ciforge.app.scratch import scratch_folder
from ciforge.app.session import open_engine, print_progress, stopping
from ciforge.bisect.judge import SoughtCause
from ciforge.bisect.search import VERDICT_TITLES, Build, Search, SearchResult, Verdict
from ciforge.bisect.version_chain import VersionChain, version_chain
from ciforge.engines.protocol import Stopped
from ciforge.errors import CiforgeError, EngineError
from ciforge.model.bisection import Outcome
from ciforge.model.change import PackageChange, VersionStep
from ciforge.model.identifiers import PACKAGE, VERSION
from ciforge.model.quantities import plural
from ciforge.render.version_question import versions_in, versions_script


@attrs.frozen(kw_only=True)
class VersionAnswer:
    """The change of versions that brought a cause, as `Bisection` keeps it."""

    steps: tuple[VersionStep, ...] = ()
    confirmed: bool = False
    note: str = ""


def search_versions(
    work: Bisecting, commit: str, changes: Sequence[PackageChange], sought: SoughtCause
) -> VersionAnswer:
    """Builds one commit with earlier versions of packages until one change of a version is left.

    The commit with the packages of now shows the cause. Raises nothing for what cannot be searched: the
    answer's note says why.
    """
    changes = [change for change in changes if _valid(change)]
    if not changes:
        return VersionAnswer()
    if not work.job.manager.available:
        name = work.job.manager.manager
        return VersionAnswer(note=f"ciforge installs no earlier versions of packages with {name}.")
    try:
        available = available_versions(work, [change.name for change in changes])
    except Stopped:
        work.interrupted = True
        return VersionAnswer(note="The search over versions of packages was interrupted.")
    except CiforgeError as error:
        return VersionAnswer(note=f"Earlier versions of packages were not searched: {error}.")
    chain = version_chain(changes, available)
    if not chain.steps:
        return VersionAnswer(note="The package index has no earlier version of them any more.")
    print_progress(f"{plural(len(chain.steps), 'change')} of versions, of packages that can be had")
    return _answer(chain, *_searched(work, commit, chain, sought))


def _valid(change: PackageChange) -> bool:
    """Whether both versions may be given to a package manager: a container has said them."""
    versions = VERSION.fullmatch(change.before) and VERSION.fullmatch(change.after)
    return bool(PACKAGE.fullmatch(change.name) and versions)


def available_versions(work: Bisecting, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Returns the versions that the index of the job's release has now, the oldest first.

    Raises EngineError, Stopped.
    """
    job = work.job
    script = versions_script(job.distribution, job.release, job.manager, names)
    with scratch_folder(work.state) as scratch, stopping() as stop:
        with open_engine(scratch, stop) as engine:
            printed = ask_script(job, script, engine, stop)
        stop.check()
    found, complete = versions_in(printed)
    if not complete:
        last = next((line for line in reversed(printed.splitlines()) if line.strip()), "no output")
        raise EngineError(f"the package index of {job.release_id} did not answer: {last}")
    return found


def _searched(
    work: Bisecting, commit: str, chain: VersionChain, sought: SoughtCause
) -> tuple[SearchResult, str]:
    """The result over the states of a chain, and why the search ended early.

    Every build is without caches: other packages make most of what they hold useless.
    """
    graph = chain.graph()
    search = Search(graph, {}, doubtful=True)
    search.record(Build(graph.bad, cold=True), Verdict.BAD)
    while isinstance(step := search.next(), Build):
        try:
            built = work.result(commit, cold=True, versions=chain.at(int(step.commit)))
        except (SearchInterrupted, CiforgeError) as error:
            return search.unfinished(), str(error)
        verdict = built.verdict(sought, work.steps)
        search.record(Build(step.commit, cold=True), verdict)
        reason = "" if verdict in (Verdict.GOOD, Verdict.BAD) else reason_of(built)
        left = plural(len(search.candidates), "change")
        print_progress(
            f"bisect: {_title(chain, step.commit)} {VERDICT_TITLES[verdict]}{reason}; {left} left"
        )
    return step, ""


def _title(chain: VersionChain, state: str) -> str:
    if state == "0":
        return "every earliest version"
    step = chain.steps[int(state) - 1]
    return f"{', '.join(step.packages)} {step.after}"


def _answer(chain: VersionChain, found: SearchResult, unfinished: str) -> VersionAnswer:
    if unfinished:
        return VersionAnswer(
            note=f"The search over versions of packages ended early: {unfinished}."
        )
    if found.outcome is Outcome.GOOD_SHOWS_IT:
        return VersionAnswer(
            note="With the earliest versions that can be had it shows it, too: "
            "what brought it is older, or no package that has another version."
        )
    steps = tuple(chain.steps[int(state) - 1] for state in found.commits)
    return VersionAnswer(steps=steps, confirmed=found.confirmed)
