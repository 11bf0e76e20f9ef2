"""Compares the diagnosis of each breakage with the table, and writes the page."""

from collections.abc import Sequence

import attrs
from breakages_mend import changes
from breakages_table import Breakage
from markdown_table import table_row

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.result import Result


@attrs.frozen(kw_only=True)
class Verdict:
    """One row of the page."""

    name: str
    broken: int
    jobs: tuple[str, ...]
    """In which it was built."""
    title: str
    shared: str
    advice: str
    mended: str
    """How many builds were green with what the advice says; empty where it names no change."""
    why: str = ""
    """What did not hold; empty where everything did."""

    @property
    def held(self) -> bool:
        return not self.why


def judge(
    one: Breakage, diagnosis: Diagnosis, results: Sequence[Result], after: Sequence[Result] = ()
) -> Verdict:
    """Whether the right jobs broke, with the right root, as one cause, which says what they share.

    `after` are the builds that were changed as the advice says: all of them have to be green.
    """
    broken = {result.job for result in results if not result.status.green}
    first = diagnosis.causes[0] if diagnosis.causes else None
    shown = next(iter(first.findings.values())) if first else None
    return Verdict(
        name=one.name,
        broken=len(broken),
        jobs=tuple(sorted(result.job for result in results)),
        title=first.title if first else "",
        shared=first.shared if first else "",
        advice=shown.advice if shown else "",
        mended=_mended(after),
        why="; ".join([*_flaws(one, diagnosis, broken, results), *_red(diagnosis, after)]),
    )


def _mended(after: Sequence[Result]) -> str:
    green = sum(result.status.green for result in after)
    return f"{green} of {len(after)} green" if after else ""


def _red(diagnosis: Diagnosis, after: Sequence[Result]) -> list[str]:
    """Builds that claim to become green, and did not, or were not tried."""
    tried = {result.job for result in after}
    claim = {job for job in diagnosis.findings if changes(diagnosis.causes, job)}
    red = [result for result in after if not result.status.green]
    return [
        *(f"{job}: its advice was not tried" for job in sorted(claim - tried)),
        *(f"{result.job}: with the advice {result.failed_step} fails" for result in red),
    ]


def _flaws(
    one: Breakage, diagnosis: Diagnosis, broken: set[str], results: Sequence[Result]
) -> list[str]:
    wanted = {result.job for result in results if one.hits(result.job)}
    flaws = []
    if broken != wanted:
        flaws.append(f"broke {sorted(broken)}, not {sorted(wanted)}")
    for job, found in diagnosis.findings.items():
        root = found[0] if found else None
        if root is None or root.kind.value not in one.kinds or root.subject not in one.subjects:
            said = (
                f"{root.kind.value} {root.subject!r} ({root.root_line[:100]})"
                if root
                else "nothing"
            )
            flaws.append(f"{job}: the root is {said}")
    if broken and len(diagnosis.causes) != one.causes:
        flaws.append(f"{[cause.key for cause in diagnosis.causes]} are not {one.causes}")
    flaws += [
        f"{cause.key} has {len(cause.jobs)} of {len(broken)} jobs"
        for cause in diagnosis.causes
        if set(cause.jobs) != broken
    ]
    green = len(results) > len(broken)
    shared = {cause.shared for cause in diagnosis.causes}
    if broken and green and shared != {one.shared}:
        flaws.append(f"what they share is {sorted(shared)}, not {one.shared!r}")
    if one.advice and broken:
        flaws += _advice(one, diagnosis)
    return flaws


def _advice(one: Breakage, diagnosis: Diagnosis) -> list[str]:
    """A box has five seconds to answer, and on a machine that is busy some do not."""
    shown = [finding for cause in diagnosis.causes for finding in cause.findings.values()]
    if any(one.advice in each.advice and each.basis.value == one.basis for each in shown):
        return []
    return [f"the advice is {sorted({each.advice for each in shown})}"]


_HEAD = """\
# Breakages

What came of breaking {source} on purpose and building it for real, by `tools/breakages.py`: each
patch of `tests/breakages` in a box of each job, from a copy of the tree as gcc has built it without
the patch; where the job's compiler is clang, make is told so. *Held* means that the right jobs
failed, that in each log the root cause was the right one, that the jobs were grouped into the right
causes, that what they share was said where some were green, and that, where
`tests/breakages/index.yml` names an advice, a box gave it. Where the advice that a box or an index gave
names a change (a header to include, a library to link, a package to add), it was made, mechanically,
in the same box, or for a package in another one like it, and the rest of the build had to be green:
the column *with the advice*. Where it is
empty, the advice claims no such thing.

{held} of {all} held, in {builds} builds: {jobs}.{left}

| patch | failed | cause | what they share | with the advice | held |
|---|---|---|---|---|---|
"""


def page(verdicts: Sequence[Verdict], source: str, names: Sequence[str]) -> str:
    """The page as Markdown."""
    built = {one.name for one in verdicts}
    left = [f"`{name}`" for name in names if name not in built]
    head = _HEAD.format(
        source=f"`{source}`",
        held=sum(one.held for one in verdicts),
        all=len(verdicts),
        left=f" Not built here yet: {', '.join(left)}." if left else "",
        builds=sum(len(one.jobs) for one in verdicts),
        jobs=", ".join(sorted({f"`{job}`" for one in verdicts for job in one.jobs})),
    )
    return head + "".join(map(_row, verdicts))


def _row(one: Verdict) -> str:
    cells = [f"`{one.name}`", f"{one.broken} of {len(one.jobs)}", one.title, one.shared, one.mended]
    cells.append("yes" if one.held else f"no: {one.why}")
    return table_row(cells) + "\n"
