"""GitHub Markdown, for a comment or a step summary.

Text from outside is written as code, where `<b>`, `@name`, `#12` and `*` have no effect.
"""

import re
from collections.abc import Iterator

from ciforge.model.cause import Cause, Trouble
from ciforge.model.cross_id import CROSS_NOTE, is_cross_check
from ciforge.model.finding import ORIGINS
from ciforge.model.quantities import duration, plural
from ciforge.model.result import Result
from ciforge.report.formatting import PROVEN, marked, source_line
from ciforge.report.run_report import RunReport, became, counted, proofs, warning_words
from ciforge.sanitize import safe_line

LIMIT = 60_000
"""Characters; a comment on GitHub may have 65536."""

_FEW = 12
"""Jobs that are named with a cause; more are counted."""
_LINES = 12
"""Lines of an excerpt."""
_WIDTH = 300
"""Characters of a line of an excerpt."""

_SIGNS = {
    "passed": "✅",
    PROVEN: "✅",
    "compiled": "🧩",
    "flaky": "🎲",
    "skipped": "⏭️",
    "cancelled": "⏹️",
    "infrastructure": "⚠️",
    "unknown": "❔",
}


def markdown(report: RunReport, limit: int = LIMIT) -> str:
    """The report, at most `limit` characters, with a final line end; omitted blocks are counted."""
    head = "\n".join(_head(report))
    blocks = [*_causes(report), *map(_unexplained, report.unexplained)]
    blocks += [*_notes(report), *_proofs(report)]
    table = "\n".join(_table(report))
    end = f"\n\n{table}\n"
    if len(head) + len(end) > limit // 2:
        end = ""
    return _fitted(head, blocks, limit - len(end)) + end


def _fitted(head: str, blocks: list[str], room: int) -> str:
    text = head
    for at, block in enumerate(blocks):
        rest = f"\n\n…and {len(blocks) - at} more."
        if len(text) + len(block) + len(rest) + 3 > room:
            return text + rest
        text += f"\n\n{block}"
    return text


def _head(report: RunReport) -> Iterator[str]:
    run = report.run
    yield f"## {_sign(report)} ciforge: {counted(report)}"
    yield ""
    took = f", {duration(run.seconds)}" if run.ended else ", did not finish"
    yield f"Run {code(run.id)} of {code(run.project)}{took}"
    for source in run.sources:
        yield f"- {code(source_line(source))}"


def _sign(report: RunReport) -> str:
    green = ("passed", "compiled", PROVEN, "skipped")
    bad = [result for result in report.results if became(result) not in green]
    outcomes = [became(result) for result in bad]
    if report.unknown or any("(allowed)" not in word and word != "flaky" for word in outcomes):
        return "❌"
    return "✅" if not bad else "⚠️"


def _causes(report: RunReport) -> Iterator[str]:
    for number, cause in enumerate(report.causes, 1):
        yield "\n".join(_cause(report, number, cause))


def _cause(report: RunReport, number: int, cause: Cause) -> Iterator[str]:
    jobs = cause.jobs
    yield f"### {number}. {code(cause.title or cause.kind.value)}"
    yield ""
    rest = f" and {len(jobs) - _FEW} more" if len(jobs) > _FEW else ""
    shared = f" — {_text(cause.shared)}" if cause.shared else ""
    yield f"{plural(len(jobs), 'job')}{shared}: {', '.join(map(code, jobs[:_FEW]))}{rest}"
    if cause.trouble is Trouble.DISTRIBUTION:
        yield "\nThe distribution or the machine is at fault, not the source."
    if brought := report.bisections.get(cause.key):
        yield f"\n**Bisect**: {_text(brought)}"
    first = cause.findings[jobs[0]] if jobs else None
    if first is None:
        return
    yield f"\n{fenced(first.excerpt[:_LINES] or (first.root_line,))}"
    if first.advice:
        yield f"\n**What to do**{ORIGINS[first.basis]}: {_prose(first.advice)}"
    if again := report.repeats.get(jobs[0]):
        yield f"\nRepeat: {code(again)}"


def _unexplained(result: Result) -> str:
    where = f" in {code(result.failed_step)}" if result.failed_step else ""
    reason = f": {code(result.reason)}" if result.reason else ""
    head = f"### {code(result.job)}: {became(result)}{where}{reason}"
    return f"{head}\n\n{fenced(result.tail[-_LINES:])}" if result.tail else head


def _notes(report: RunReport) -> Iterator[str]:
    """Warnings, each once, future errors first; then drift of jobs that passed, and wrong caches."""
    warned = {warning.key: warning for all_ in report.why.warnings.values() for warning in all_}
    if warned:
        first = sorted(warned.values(), key=lambda warning: not warning.fatal)[:_FEW]
        lines = [f"- {code(warning.text)}: {_text(warning_words(warning))}" for warning in first]
        yield "\n".join(["### Warnings", "", *lines, *_more(len(warned))])
    drift = [(job, text) for job in report.why.drift for text in report.drifted(job)]
    if drift:
        lines = [f"- {code(job)}: {code(text)}" for job, text in drift[:_FEW]]
        yield "\n".join(["### Passed, with differences", "", *lines, *_more(len(drift))])
    wrong = [(result.job, text) for result in report.results for text in result.cache_problems]
    if wrong:
        lines = [f"- {code(job)}: {_text(text)}" for job, text in wrong[:_FEW]]
        yield "\n".join(["### A cache was wrong", "", *lines, *_more(len(wrong))])


def _proofs(report: RunReport) -> Iterator[str]:
    """A section on cross checks: what they have shown, and that nothing was run there."""
    if found := proofs(report):
        lines = [f"- {code(job)}: {_text(text)}" for job, text in found]
        yield "\n".join(["### Compiled and linked; nothing ran there", "", *lines])
    elif any(is_cross_check(result.job) for result in report.results):
        yield CROSS_NOTE


def _more(many: int) -> list[str]:
    return [f"- …and {many - _FEW} more"] if many > _FEW else []


def _table(report: RunReport) -> Iterator[str]:
    """A row for every job, in a section that can be folded."""
    yield "<details><summary>All jobs</summary>\n"
    yield "| | job | | step | time |"
    yield "|---|---|---|---|---:|"
    for result in report.results:
        word = became(result)
        sign = _SIGNS.get(word, "❌" if "(allowed)" not in word else "⚠️")
        step = _cell(result.failed_step) if result.failed_step else ""
        time = f"{result.seconds:.1f} s"
        if result.proven_by:
            word, time = _text(result.reason), ""
        yield f"| {sign} | {_cell(result.job)} | {word} | {step} | {time} |"
    for job in report.unknown:
        yield f"| {_SIGNS['unknown']} | {_cell(job)} | unknown | | |"
    yield "\n</details>"


def code(text: str) -> str:
    """Text as code, with a fence longer than any inside."""
    line = safe_line(text, _WIDTH).strip() or "-"
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _cell(text: str) -> str:
    """Code in a table, where `|` ends a cell even in code."""
    return code(text).replace("|", "\\|")


def fenced(lines: tuple[str, ...]) -> str:
    """Lines as a block of code that none of them can end."""
    text = "\n".join(safe_line(line, _WIDTH) for line in lines)
    fence = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _prose(sentence: str) -> str:
    """A sentence in which backquotes mark code."""
    return "".join(code(part) if is_code else _text(part) for part, is_code in marked(sentence))


def _text(text: str) -> str:
    """Plain text with all Markdown characters escaped."""
    plain = safe_line(text, _WIDTH).replace("@", "@\u2060").replace("#", "#\u2060")
    return re.sub(r"([\\`*_{}\[\]<>()|~!&])", r"\\\1", plain)
