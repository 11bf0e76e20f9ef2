"""A project with followed runs: real files, a real database, real mails, a simulated clock."""

import datetime
import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs
from projects import SMALL, plan

from ciforge.model.message import Message
from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.notify.deadlines import expected
from ciforge.notify.mail_settings import mailing
from ciforge.notify.pipeline import PipelineContext, PipelineResult, import_run, process_due
from ciforge.plan.planner import Plan
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.run_folder import RunFolder

PROJECT = """\
project: mine
repos:
  portable: {git: "https://example.org/portable.git", branches: [BRANCHES], recipe: autotools}
variants:
  clang: {dependencies: [clang]}
jobs:
JOBS
mail:
  from: ci@example.org
  routes:
    - {job: "*", when: [infrastructure], to: operators@example.org}
    - {job: "*", to: team@example.org}
"""
_WORDS = {
    "ok": Status.PASSED, "infra": Status.INFRASTRUCTURE, "cancelled": Status.CANCELLED,
    "skipped": Status.SKIPPED, "timeout": Status.TIMED_OUT,
}  # fmt: skip


@attrs.define
class World:
    """Time and runs of one project; `jobs` are selectors for its `jobs:`."""

    state: Path
    jobs: tuple[str, ...]
    now: float = datetime.datetime(2026, 11, 2, 3, 0, tzinfo=datetime.UTC).timestamp()
    runs: int = 0
    origin: str = "https://example.org/portable.git"
    branch: str = "master"
    """Of the next runs."""
    branches: str = "master"
    """Those that the project names."""
    changes: int = 0
    """How many files of the next runs are edited."""

    @property
    def flow(self) -> PipelineContext:
        made = _plan(self.jobs, self.branches)
        return PipelineContext(
            state=self.state, project=made.project, jobs=made.jobs,
            post=mailing(made.project, made.names),
        )  # fmt: skip

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(job.id for job in self.flow.jobs)

    def record(
        self, commit: str, words: Mapping[str, str] | None = None, packages: str = "1",
        ended: bool = True,
    ) -> str:  # fmt: skip
        """The files of one run: all jobs pass but those in `words`, by id. Its own id."""
        self.runs += 1
        when = datetime.datetime.fromtimestamp(self.now, datetime.UTC)
        started = when.isoformat().replace("+00:00", "Z")
        words = dict.fromkeys(self.ids, "ok") if words is None else words
        source = SourceUsed(
            repo="portable", origin=self.origin, branch=self.branch, changes=self.changes,
            revision=commit if len(commit) == 40 else (commit * 40)[:40],
        )  # fmt: skip
        run = Run(
            id=f"{when:%Y%m%dT%H%M%SZ}-{self.runs:06x}", project="mine", started=started,
            version="1", jobs=tuple(words), sources=(source,), ended=started if ended else "",
        )  # fmt: skip
        folder = RunFolder.create(self.state, run)
        for job, word in words.items():
            _write(folder, _result(job, word, source, packages))
        return run.id

    def take(self, run: str) -> PipelineResult:
        """Imports the run, an hour after its start."""
        with Incidents.open(self.state) as incidents:
            return import_run(self.flow, incidents, run, self.now + 3600)

    def run(
        self, commit: str, words: Mapping[str, str] | None = None, packages: str = "1"
    ) -> list[str]:
        """Imports a run of all jobs, with the outcomes in `words`; its mails, a line each."""
        whole = dict.fromkeys(self.ids, "ok") | dict(words or {})
        return lines(self.take(self.record(commit, whole, packages)).messages)

    def tick(self, hours: float) -> list[str]:
        """Advances the clock and runs `ciforge notify`; its mails, a line each."""
        self.now += hours * 3600
        with Incidents.open(self.state) as incidents:
            flow = self.flow
            late = expected(flow.project, flow.jobs, incidents.ledger("mine"))
            return lines(process_due(flow, incidents, late, self.now).messages)

    def messages(self) -> list[Message]:
        """All mails in the outbox, the oldest first."""
        with Incidents.open(self.state) as incidents:
            return [one.message for one in reversed(incidents.outbox.all())]


@functools.cache
def _plan(jobs: tuple[str, ...], branches: str) -> Plan:
    text = PROJECT.replace("BRANCHES", branches)
    return plan(text.replace("JOBS", "\n".join(f"  - {one}" for one in jobs)), SMALL)


def _result(job: str, word: str, source: SourceUsed, packages: str) -> Result:
    """`build:undefined reference` fails in that step with that line at the end of its log."""
    step, _, text = word.partition(":")
    status = _WORDS.get(word, Status.FAILED)
    failed = status in (Status.FAILED, Status.TIMED_OUT)
    ran = StepResult(name=step, exit_code=2, seconds=1.0, started="")
    return Result(
        job=job, status=status, failed_step=step if failed else None, source=source,
        steps=(ran,) if failed else (), tail=(text,) if failed else (), started="",
        packages={"gcc": packages} if status in (Status.PASSED, Status.FAILED) else {},
        reason="the mirror did not answer" if word == "infra" else "",
    )  # fmt: skip


def _write(folder: RunFolder, result: Result) -> None:
    place = folder.job_folder(result.job)
    step = result.failed_step or "build"
    (place / "log.txt").write_text("\n".join((f"==> {step}", *result.tail, "")))
    folder.write_result(result)


def lines(messages: Iterable[Message]) -> list[str]:
    """`broken > team`, `re spread > team`, `digest > team: flaky 1`."""
    return [_line(message) for message in messages]


def _line(message: Message) -> str:
    to = ",".join(address.partition("@")[0] for address in message.to)
    subject = message.subject.partition("digest: ")[2]
    return " ".join(
        word
        for word in ("re" if message.in_reply_to else "", message.kind, ">", to, subject)
        if word
    )
