"""Asks the machine and the package index why a step failed, for at most five seconds; the result of
the job does not change.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.diagnose.names.system_headers import system_of_header
from ciforge.diagnose.probes import FILE, answers, ending, left_out, questions, unanswered
from ciforge.diagnose.scan.findings import diagnose, read_lines
from ciforge.engines.protocol import Machine
from ciforge.errors import CiforgeError
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.job import Job
from ciforge.render.probe_script import ASK
from ciforge.sources.file_owners import find_owners
from ciforge.sources.left_out import not_copied

_SECONDS = 5.0
"""Seconds for all questions about one failure."""
_READ = 4 * 1024 * 1024
"""Bytes read from the end of the log."""
_ADDRESSES = 4


Clock = Callable[[], float]
"""A monotonic clock, in seconds."""


@attrs.frozen
class _Prober:
    """Runs commands on the machine of a job until a deadline."""

    machine: Machine
    job: Job
    clock: Clock
    until: float

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.until - self.clock()

    def output(self, command: Sequence[str]) -> str:
        """Complete lines of a command's output; empty if no time is left."""
        if self.left <= 0:
            return ""
        env = {name: self.job.env[name] for name in ("CC", "CPPFLAGS") if name in self.job.env}
        whole, end, _ = self.machine.ask(command, env, self.left).rpartition("\n")
        return whole + end


def ask(
    machine: Machine,
    job: Job,
    folder: Path,
    indexes: Path,
    step: str,
    tree: str = "",
    committed: bool = False,
    clock: Clock = time.monotonic,
) -> None:
    """Writes `artifacts/asked.txt` of the job's `folder`, if there is anything to ask.

    Errors are ignored. `tree` is the working tree or archive that the source was copied from, if it is one;
    `committed` if nothing in it differed from a commit.
    `indexes` is the folder with indexes of files. Questions without an answer after five seconds
    stay unanswered.
    """
    # An error in a rule, on the machine or in an index must not change the verdict.
    with suppress(Exception):
        findings = findings_of(folder, step)
        lines = [*_offline(findings, job), *_left_out(findings, tree, committed)]
        if asked := questions(_answerable(findings, job)):
            prober = _Prober(machine, job, clock, clock() + _SECONDS)
            text = prober.output(["sh", "-c", ASK, "ask", *asked])
            missing = unanswered(asked, answers(text))
            lines += [*text.splitlines(), *_owned(prober, missing, indexes)]
        kept = [line for line in lines if answers(line) or line.endswith(" not asked")]
        if kept or asked:
            (folder / "artifacts" / FILE).write_text("".join(f"{line}\n" for line in kept))


def _answerable(findings: Iterable[Finding], job: Job) -> list[Finding]:
    """The findings without those of a cross check that are about headers of other systems only.

    The machine has its own system's headers, and no package of it brings them to the target."""
    return [
        finding
        for finding in findings
        if not (
            job.cross
            and finding.kind is FindingKind.MISSING_HEADER
            and system_of_header(finding.subject)
        )
    ]


def findings_of(folder: Path, step: str) -> tuple[Finding, ...]:
    """The findings of a failed step in the log of a job's folder."""
    with (folder / "log.txt").open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _READ))
        return diagnose(read_lines(stream), failed=True, step=step)


def _offline(findings: Iterable[Finding], job: Job) -> list[str]:
    """A line for each step without network that asked for one."""
    steps = {finding.step for finding in findings if finding.kind is FindingKind.DEPS_NETWORK}
    return [
        f"step {step.name} offline" for step in job.steps if step.name in steps and not step.network
    ]


def _left_out(findings: Iterable[Finding], tree: str, committed: bool) -> list[str]:
    """A line for each file or macro that the tree has and the snapshot of it has not."""
    wanted = dict.fromkeys(filter(None, map(left_out, findings)))
    if not wanted or not tree:
        return []
    found = not_copied(
        Path(tree), [question.partition(" ")[2] for question in wanted], committed=committed
    )
    return [
        f"{question} {found[name]}"
        for question in wanted
        if (name := question.partition(" ")[2]) in found
    ]


def _owned(prober: _Prober, missing: Sequence[str], indexes: Path) -> list[str]:
    """A line for each question whose file a package owns; `not asked` if the index failed."""
    if not missing:
        return []
    try:
        wanted = [ending(path) for path in missing]
        found = find_owners(wanted, _addresses(prober), indexes, prober.left)
    except CiforgeError:
        return [f"{path} not asked" for path in missing]
    return [f"{path} owner {found[ending(path)]}" for path in missing if ending(path) in found]


def _addresses(prober: _Prober) -> list[str]:
    """Addresses of the file indexes of the machine's mirror; none if the manager has no index."""
    if not prober.job.manager.file_index:
        return []
    return prober.output(["sh", "-c", prober.job.manager.file_index]).split()[:_ADDRESSES]
