"""A notice to the parts of its mail: what broke and what to do come first."""

from collections.abc import Iterable, Iterator

from ciforge.mail.blocks import Command, Heading, Page, Paragraph, Part, Quote, Rows, Signature
from ciforge.mail.wording import day, headline
from ciforge.model.cause import Cause
from ciforge.model.finding import Basis, Finding
from ciforge.model.incident import Commit, Range, RunRef, TransitionKind
from ciforge.model.message import Notice

_JOBS = 24
"""Ids that are listed by name."""
_COMMITS = 20
_PACKAGES = 20
_MENDED = frozenset({TransitionKind.FIXED, TransitionKind.RETIRED, TransitionKind.PARTIAL})
"""Turns after which nothing is to be done about the cause."""


def page(notice: Notice) -> Page:
    """All of it; of a digest each item in short."""
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
    """What broke and what to do in one paragraph: a reader's preview shows three lines."""
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
    return notice.change.turn if notice.change else None


def _is_gone(notice: Notice) -> bool:
    """Whether no job shows the cause any more: there is nothing to do about it, nor to quote."""
    pointer = notice.change is not None and bool(notice.change.successors)
    return _turn(notice) in _MENDED or (pointer and not notice.broken)


def _lead(notice: Notice) -> Finding | None:
    return next(iter(notice.cause.findings.values()), None) if notice.cause else None


def _to_do(notice: Notice) -> Iterator[Part]:
    if notice.trouble:
        yield Paragraph(notice.trouble)
    if _is_gone(notice):
        return
    lead = _lead(notice)
    if lead and lead.advice:
        known = " The box in which it failed says so." if lead.basis is Basis.ASKED else ""
        yield Paragraph(f"{_sentence(lead.advice)}{known}")
    elif notice.cause:
        yield Paragraph("Its log, the end of which is below, says more.")
    if notice.repeat:
        yield Command(notice.repeat)


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
    rows = (
        ("broken", _ids(notice.broken)),
        ("shared", (notice.cause.shared,) if notice.cause and notice.cause.shared else ()),
        ("otherwise", _ids(notice.elsewhere)),
        ("fine", _ids(notice.fine)),
        ("not tried", _ids(notice.untried)),
    )
    filled = tuple((word, values) for word, values in rows if values)
    if filled:
        yield Heading("Jobs")
        yield Rows(filled)


def _ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    rest = len(ids) - _JOBS
    return (*ids[:_JOBS], f"and {rest} more") if rest > 1 else ids


def _range(notice: Notice) -> Iterator[Part]:
    between = notice.range
    if between is None:
        yield from _built(notice)
        return
    yield Heading("What changed" if _turn(notice) is not TransitionKind.FIXED else "What mended it")
    yield Paragraph(_span(between, mended=_turn(notice) is TransitionKind.FIXED))
    if between.commits:
        yield Rows(tuple(_commit(one) for one in between.commits[:_COMMITS]))
    hidden = between.more + max(len(between.commits) - _COMMITS, 0)
    if hidden:
        yield Paragraph(f"and {hidden} more commits")
    yield from _packages(between)


def _built(notice: Notice) -> Iterator[Part]:
    """What one can look up where there is no good run to compare with."""
    change = notice.change
    if change is None or change.after is None or _is_gone(notice):
        return
    line, point = change.incident.line, change.after.point
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


def _span(between: Range, *, mended: bool) -> str:
    good, bad = ("last bad", "first good") if mended else ("last good", "first bad")
    if between.same_source:
        return (
            f"The source did not change: it is at {_commit_id(between.after)} in the {good} run "
            f"({_run(between.before)}) and the {bad} one ({_run(between.after)})."
        )
    told = f" The commits cannot be listed: {between.unknown}." if between.unknown else ""
    return (
        f"The {good} run was at {_commit_id(between.before)} ({_run(between.before)}), "
        f"the {bad} one at {_commit_id(between.after)} ({_run(between.after)}).{told}"
    )


def _commit_id(point: RunRef) -> str:
    return point.revision[:12] or "no known commit"


def _run(point: RunRef) -> str:
    return f"{day(point.at)}, run {point.run}" if point.run else day(point.at)


def _commit(one: Commit) -> tuple[str, tuple[str, ...]]:
    author = f" ({one.author})" if one.author else ""
    return one.revision[:12], (f"{one.subject}{author}",)


def _packages(between: Range) -> Iterator[Part]:
    if not between.packages:
        return
    yield Heading(f"Packages of {between.packages_of} that differ")
    shown = between.packages[:_PACKAGES]
    rows = tuple((one.name, (f"{one.before or 'none'} -> {one.after or 'none'}",)) for one in shown)
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
