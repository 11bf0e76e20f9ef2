"""The content of a notice's mail: what broke and what to do come first."""

from collections.abc import Iterable, Iterator

from ciforge.mail.blocks import Command, Heading, Page, Paragraph, Part, Quote, Rows, Signature
from ciforge.mail.wording import headline
from ciforge.model.cause import Cause
from ciforge.model.change import Commit
from ciforge.model.cross_id import CROSS_NOTE, is_cross_check
from ciforge.model.finding import Basis, Finding
from ciforge.model.incident import Range, RunRef, TransitionKind
from ciforge.model.message import Notice
from ciforge.model.quantities import plural
from ciforge.timestamp import minute_text

_JOBS = 24
"""Job ids in one list; the rest is counted."""
_COMMITS = 20
_PACKAGES = 20
_ENDED = frozenset({TransitionKind.FIXED, TransitionKind.RETIRED, TransitionKind.PARTIAL})
"""Transitions after which the cause needs no action."""


def page(notice: Notice) -> Page:
    """The whole mail; a digest has each of its items in short."""
    if notice.change is None:
        return (*_digest(notice), *_ending(notice))
    return (
        *_first(notice),
        *_excerpt(notice),
        *_matrix(notice),
        *_range(notice),
        *_ending(notice),
    )


def _first(notice: Notice) -> Iterator[Part]:
    """The failure and its fix in one paragraph: a preview in a mail reader shows three lines."""
    match [*_to_do(notice)]:
        case [Paragraph(advice), *rest] if not notice.trouble:
            yield from (Paragraph(f"{headline(notice)} {advice}"), *rest)
        case parts:
            yield from (Paragraph(headline(notice)), *parts)


def _digest(notice: Notice) -> Iterator[Part]:
    yield Paragraph(headline(notice))
    for item in notice.items:
        yield Paragraph(f"* {headline(item)}")
        yield from _to_do(item)


def _turn(notice: Notice) -> TransitionKind | None:
    return notice.change.kind if notice.change else None


def _is_gone(notice: Notice) -> bool:
    """Whether no job shows the cause any more: then the mail has no advice and no excerpt."""
    pointer = notice.change is not None and bool(notice.change.successors)
    return _turn(notice) in _ENDED or (pointer and not notice.broken)


def _lead(notice: Notice) -> Finding | None:
    return next(iter(notice.cause.findings.values()), None) if notice.cause else None


def _to_do(notice: Notice) -> Iterator[Part]:
    if notice.trouble:
        yield Paragraph(notice.trouble)
    if _is_gone(notice):
        return
    lead = _lead(notice)
    if lead and lead.advice:
        yield Paragraph(f"{_sentence(lead.advice)}{_ORIGINS[lead.basis]}")
    elif notice.cause:
        yield Paragraph("The end of its log is below.")
    if notice.repeat:
        yield Command(notice.repeat)


_ORIGINS = {
    Basis.ASKED: " This was looked up on the job's machine, not tried.",
    Basis.MANUAL: " This is taken from manuals; it was not tried.",
    Basis.DEDUCED: "",
}
"""What a mail adds to advice about its origin."""


def _sentence(text: str) -> str:
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else whole + "."


def _excerpt(notice: Notice) -> Iterator[Part]:
    lead = _lead(notice)
    if lead is None or _is_gone(notice):
        return
    lines = lead.excerpt or ((lead.root_line,) if lead.root_line else ())
    if lines:
        step = f", step {lead.step}" if lead.step else ""
        yield Heading(f"From the log of {next(iter(_findings(notice.cause)))}{step}")
        yield Quote(lines, lead.root_line)


def _findings(cause: Cause | None) -> Iterable[str]:
    return cause.findings if cause else ()


def _matrix(notice: Notice) -> Iterator[Part]:
    shared = notice.cause.shared if notice.cause and not _is_gone(notice) else ""
    rows = (
        ("broken", _ids(notice.broken)),
        ("in common", (shared,) if shared else ()),
        ("broken by another cause", _ids(notice.elsewhere)),
        ("passed", _ids(tuple(job for job in notice.fine if not is_cross_check(job)))),
        ("compiled", _ids(tuple(filter(is_cross_check, notice.fine)))),
        ("not run", _ids(notice.untried)),
    )
    filled = tuple((word, values) for word, values in rows if values)
    if filled:
        yield Heading("Jobs")
        yield Rows(filled)
    if any(map(is_cross_check, (*notice.broken, *notice.fine, *notice.elsewhere))):
        yield Paragraph(CROSS_NOTE)


def _ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    rest = len(ids) - _JOBS
    return (*ids[:_JOBS], f"and {rest} more") if rest > 1 else ids


def _range(notice: Notice) -> Iterator[Part]:
    between = notice.range
    if (bisected := _bisected(notice)) and not _is_gone(notice):
        yield Heading("The commit that broke it")
        yield Paragraph(bisected)
    if between is None:
        yield from _built(notice)
        return
    yield Heading("What changed" if _turn(notice) is not TransitionKind.FIXED else "What fixed it")
    yield Paragraph(_span(between, fixed=_turn(notice) is TransitionKind.FIXED))
    if between.commits:
        yield Rows(tuple(_commit(commit) for commit in between.commits[:_COMMITS]))
    hidden = between.more + max(len(between.commits) - _COMMITS, 0)
    if hidden:
        yield Paragraph(f"and {plural(hidden, 'more commit')}")
    yield from _packages(between)


def _bisected(notice: Notice) -> str:
    """The answer of a search, if one was made for the incident; else empty."""
    bisection = notice.change.incident.bisection if notice.change else None
    return bisection.sentence if bisection else ""


def _built(notice: Notice) -> Iterator[Part]:
    """Commit, branch and run, where there is no good run to compare with."""
    change = notice.change
    if change is None or change.after is None or _is_gone(notice):
        return
    line, point = change.incident.branch_ref, change.after.point
    rows = (
        ("commit", point.revision),
        ("branch", line.branch),
        ("run", _run(point) if point.run else ""),
    )
    filled = tuple((word, (value,)) for word, value in rows if value)
    if filled:
        yield Heading("What was built")
        yield Rows(filled)
    if point.run:
        yield Command(f"ciforge log {change.after.job} --run {point.run}")


def _span(between: Range, *, fixed: bool) -> str:
    good, bad = ("last bad", "first good") if fixed else ("last good", "first bad")
    if between.same_source:
        return (
            f"The source did not change: the {good} run ({_run(between.before)}) and the {bad} run "
            f"({_run(between.after)}) built {_commit_id(between.after)}."
        )
    unlisted = f" The commits cannot be listed: {between.unknown}." if between.unknown else ""
    return (
        f"The {good} run was at {_commit_id(between.before)} ({_run(between.before)}), "
        f"the {bad} run at {_commit_id(between.after)} ({_run(between.after)}).{unlisted}"
    )


def _commit_id(point: RunRef) -> str:
    return point.revision[:12] or "an unknown commit"


def _run(point: RunRef) -> str:
    return f"{minute_text(point.at)}, run {point.run}" if point.run else minute_text(point.at)


def _commit(commit: Commit) -> tuple[str, tuple[str, ...]]:
    author = f" ({commit.author})" if commit.author else ""
    return commit.revision[:12], (f"{commit.subject}{author}",)


def _packages(between: Range) -> Iterator[Part]:
    if not between.packages:
        return
    yield Heading(f"Packages that differ in {between.packages_of}")
    shown = between.packages[:_PACKAGES]
    rows = tuple(
        (package.name, (f"{package.before or 'none'} -> {package.after or 'none'}",))
        for package in shown
    )
    yield Rows(rows)
    if len(between.packages) > len(shown):
        yield Paragraph(f"and {len(between.packages) - len(shown)} more")


def _ending(notice: Notice) -> Iterator[Part]:
    yield from (Paragraph(text) for text in notice.remarks)
    if notice.undelivered:
        yield Heading("Mails that could not be delivered")
        yield from (Paragraph(f"* {text}") for text in notice.undelivered)
    incident = f"; incident {notice.change.incident.id}" if notice.change else ""
    yield Signature(f"ciforge, project {notice.project}{incident}; `ciforge status` shows all jobs")
