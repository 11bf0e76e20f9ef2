"""`ciforge incident`: lists open incidents, shows one, mutes it or assigns it."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import click

from ciforge.app.incident_changes import change_incidents
from ciforge.app.incident_search import matching_incidents
from ciforge.app.job_cache import cached_jobs
from ciforge.app.workspace import state_root
from ciforge.cli import completers, options
from ciforge.errors import UsageError
from ciforge.model.cross_id import is_cross_check
from ciforge.model.incident import Incident, IncidentKind, IncidentLedger
from ciforge.model.open_cause import open_cause
from ciforge.report.priorities import extent, priority_lines, ranked, state_lines
from ciforge.sanitize import safe_line
from ciforge.store.incidents.read_only import present
from ciforge.timestamp import minute_text, rfc3339

NOBODY = "nobody"


@click.command("incident")
@click.argument("number", required=False, metavar="[N]", shell_complete=completers.incidents)
@click.option("--mute", type=options.days, metavar="TIME",
              help="Mail only its end for TIME: 12h, 7d or 2w; with --why.")  # fmt: skip
@click.option(
    "--why", default="", metavar="TEXT", help="The reason, which is shown while it is muted."
)
@click.option("--unmute", is_flag=True, help="End the mute now.")
@click.option("--assign", default="", metavar="ADDRESS",
              help="Mail this person every change, too; `nobody` ends that.")  # fmt: skip
@options.JSON
@options.FILE
@options.STATE
def command(
    number: str | None,
    mute: int | None,
    why: str,
    unmute: bool,
    assign: str,
    as_json: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Show the story of incident N, or list the open ones in the order in which to work on them.

    An incident is a cause of failure on a branch, from the run that broke it to the run that fixed it.
    N is its number in the list, which `ciforge status` also shows, the beginning of its id, or a part
    of its title, its branch or a job that shows it; if several match, they are listed.

    \b
      ciforge incident
      ciforge incident 1
      ciforge incident grp.h
      ciforge incident 1 --mute 7d --why 'fixed in the next libc'
      ciforge incident 1 --assign ann@example.org

    A mute ends by itself, with a reminder, and so does an assignment when the incident ends. The end
    of an incident is always mailed.
    """
    changes = _Changes(mute=mute, why=why.strip(), unmute=unmute, assign=assign)
    changes.check(number)
    root, now = state_root(state_dir), time.time()
    project = cached_jobs(file, Path.cwd().resolve(), root).project
    state = root / project
    found = _ranked(present(state, project), now)
    every = range(1, len(found) + 1)
    numbers = every if number is None else matching_incidents(found, number)
    chosen = {at: found[at - 1] for at in numbers}
    if number is not None and changes.any:
        chosen = {numbers[0]: _changed(chosen, number, changes, (state, project), now)}
    _print(chosen, now, whole=number is not None and len(chosen) == 1, as_json=as_json)
    if number is not None and len(chosen) > 1:
        click.echo(f"{number!r} matches these; give one of the numbers", err=True)


def _changed(
    chosen: Mapping[int, Incident],
    text: str,
    changes: "_Changes",
    place: tuple[Path, str],
    now: float,
) -> Incident:
    """The incident with the changes, which are stored. Raises UsageError if `text` does not mean one open incident."""
    if len(chosen) > 1:
        message = f"{text!r} matches incidents {', '.join(map(str, chosen))}: nothing was changed"
        raise UsageError(message, hint="give one of the numbers")
    (old,) = chosen.values()
    changed = change_incidents(*place, lambda incident: changes.made(incident, old, now))
    if not changed:
        message = f"{text!r} was closed meanwhile: nothing was changed"
        raise UsageError(message, hint="`ciforge incident` lists the open ones")
    if old.assignee and old.assignee != changed[0].assignee:
        click.echo(safe_line(f"it was assigned to {old.assignee} before"), err=True)
    return changed[0]


def _ranked(ledger: IncidentLedger, now: float) -> tuple[Incident, ...]:
    """The open causes, the one to work on first at the top."""
    causes = [
        open_cause(incident)
        for incident in ledger.incidents.values()
        if incident.open and incident.kind is IncidentKind.CAUSE
    ]
    return tuple(ledger.incidents[cause.id] for cause in ranked(causes, now))


def _print(chosen: Mapping[int, Incident], now: float, *, whole: bool, as_json: bool) -> None:
    if not chosen:
        click.echo("no cause of failure is open", err=True)
    for at, incident in chosen.items():
        if as_json:
            click.echo(json.dumps(_as_json(incident, now)))
        else:
            for line in (
                _story(incident, now) if whole else priority_lines(at, open_cause(incident), now)
            ):
                click.echo(safe_line(line))


@attrs.frozen(kw_only=True)
class _Changes:
    """The changes that the options ask for."""

    mute: int | None
    why: str
    unmute: bool
    assign: str

    @property
    def any(self) -> bool:
        return bool(self.mute is not None or self.unmute or self.assign)

    def check(self, number: str | None) -> None:
        """Raises UsageError for options that do not fit together."""
        if number is None and (self.any or self.why):
            raise UsageError("--mute and --assign need the N of an incident", hint="`ciforge incident` lists them")  # fmt: skip
        if self.mute is not None and not self.why:
            raise UsageError("--mute: a reason is required", hint="add --why TEXT")
        if self.why and self.mute is None:
            raise UsageError("--why is the reason of --mute", hint="add --mute 7d")
        if self.mute is not None and self.unmute:
            raise UsageError("--mute and --unmute exclude each other", hint="use one of them")
        if self.assign and self.assign != NOBODY:
            _check_address(self.assign)

    def made(self, incident: Incident, chosen: Incident, now: float) -> Incident:
        """The incident with these changes, if it is the chosen one."""
        if incident.id != chosen.id:
            return incident
        if self.mute is not None:
            reason = safe_line(self.why, 200)
            incident = attrs.evolve(incident, muted_until=now + self.mute, mute_reason=reason)
        if self.unmute:
            incident = attrs.evolve(incident, muted_until=0.0, mute_reason="")
        if self.assign:
            assignee = "" if self.assign == NOBODY else self.assign
            incident = attrs.evolve(incident, assignee=assignee)
        return incident


def _check_address(text: str) -> None:
    from ciforge.load.url_validators import address

    try:
        address(text)
    except ValueError as error:
        raise UsageError(f"--assign: {error}", hint="give one mail address, or nobody") from None


def _story(incident: Incident, now: float) -> Iterator[str]:
    """Everything that is known of an incident, one fact a line."""
    yield f"incident {incident.id}: {open_cause(incident).title}"
    yield from (f"  {name:9}  {text}" for name, text in _facts(incident, now) if text)


def _facts(incident: Incident, now: float) -> Iterator[tuple[str, str]]:
    line, good, bad = incident.branch_ref, incident.good, incident.bad
    cause = open_cause(incident)
    yield "extent", extent(cause, now)
    yield "branch", f"{line.repo} {line.branch}".strip()
    yield "opened", f"{minute_text(incident.opened.at)}, run {incident.opened.run}"
    yield "last good", f"{good.revision[:12]} run {good.run}".strip() if good else "never"
    yield "first bad", f"{bad.revision[:12]} run {bad.run}".strip()
    yield "whose", cause.whose
    yield "bisect", cause.bisection
    for job in incident.broken:
        yield "broken", job
    for job in incident.jobs:
        if job not in incident.broken:
            yield ("compiled" if is_cross_check(job) else "passes"), job
    finding = next(iter(incident.cause.findings.values()), None) if incident.cause else None
    if finding:
        place = f"{finding.file}:{finding.line}" if finding.line else finding.file
        yield "place", place
        yield "log", finding.root_line
        yield "advice", finding.marked_advice
    if good and good.revision and bad.revision and good.revision != bad.revision:
        yield "commits", f"git log {good.revision[:12]}..{bad.revision[:12]}"
    yield (
        "returned",
        f"it was fixed before as incident {incident.previous}" if incident.previous else "",
    )
    yield "mails", _mails(incident)
    yield from (("state", text) for text in state_lines(cause, now))
    if incident.broken:
        run = f" --run {incident.newest.run}" if incident.newest.run else ""
        yield "whole log", f"ciforge log {incident.broken[0]}{run}"
        yield "repeat", f"ciforge run {incident.broken[0]} --rev {line.repo}={bad.revision}" if bad.revision else ""  # fmt: skip
        yield "next", "" if incident.bisection else f"ciforge bisect {incident.broken[0]}"


def _mails(incident: Incident) -> str:
    if not incident.mailed:
        return "none was sent"
    return f"the last one {minute_text(incident.mailed)}; reminders: {incident.reminders}"


def _as_json(incident: Incident, now: float) -> dict[str, object]:
    bisection, cause = incident.bisection, open_cause(incident)
    return {
        "v": 1, "incident": incident.id, "title": cause.title, "cause": incident.key,
        "repo": incident.branch_ref.repo, "branch": incident.branch_ref.branch,
        "opened": rfc3339(incident.opened.at), "broken": list(incident.broken),
        "systems": list(cause.systems), "whose": cause.whose,
        "good": incident.good.revision if incident.good else "", "bad": incident.bad.revision,
        "bisection": cause.bisection,
        "commits": [commit.revision for commit in bisection.commits] if bisection else [],
        "muted_until": rfc3339(incident.muted_until) if incident.muted(now) else None,
        "why": incident.mute_reason if incident.muted(now) else "", "assignee": incident.assignee,
    }  # fmt: skip
