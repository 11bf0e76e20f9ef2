"""The ends of a search: the bad commit and the good one, with the runs that say so."""

from collections.abc import Sequence

from ciforge.app.bisect_build import (
    Bisecting,
    BisectOptions,
    SearchInterrupted,
    check_machine,
    reason_of,
)
from ciforge.app.bisect_history import JudgedResult
from ciforge.app.session import print_progress
from ciforge.bisect.judge import SoughtCause
from ciforge.bisect.search import Verdict
from ciforge.errors import UsageError
from ciforge.sources.commit_parents import is_ancestor, named_commit


def bad_end(
    work: Bisecting, options: BisectOptions, past: Sequence[JudgedResult]
) -> tuple[str, JudgedResult]:
    """The bad commit, and a result that shows its causes: that of its last run, else of a build now."""
    own = [record for record in past if not record.by_search]
    newest = own[0] if own and own[0].failed else None
    revision = options.bad or (newest.revision if newest else "HEAD")
    bad = named_commit(work.repository, revision)
    earlier = next((record for record in past if record.revision == bad and record.failed), None)
    if earlier:
        return bad, earlier
    print_progress(f"building {bad[:12]}, the bad end, of which no failed run is known")
    try:
        built = work.result(bad, cold=True)
    except SearchInterrupted as error:
        if work.interrupted:
            raise KeyboardInterrupt from None
        raise UsageError(f"{bad[:12]} was not built: {error}", hint="give it more time") from None
    check_machine(built)
    if not built.failed:
        message = f"{work.job.id} does not fail at {bad[:12]}: {built.result.status.value}{reason_of(built)}"
        raise UsageError(message, hint="name a commit at which it fails with --bad REV")
    return bad, built


def good_end(
    work: Bisecting, options: BisectOptions, past: Sequence[JudgedResult], bad: str, sought: SoughtCause
) -> tuple[str, JudgedResult | None]:  # fmt: skip
    """The good commit, and its last result that lacks the cause, if a run is known. Raises UsageError."""
    fine = [record for record in past if record.verdict(sought, work.steps) is Verdict.GOOD]
    if options.good:
        good = named_commit(work.repository, options.good)
        if not is_ancestor(work.repository, good, bad):
            message = f"{good[:12]} is not part of the history of {bad[:12]}"
            raise UsageError(message, hint="--good REV must be an ancestor of the bad commit")
        return good, next((record for record in fine if record.revision == good), None)
    for record in fine:
        if not record.by_search and is_ancestor(work.repository, record.revision, bad):
            return record.revision, record
    message = f"no earlier run of {work.job.id} without this cause is known"
    raise UsageError(message, hint="name a commit at which it was good with --good REV")
