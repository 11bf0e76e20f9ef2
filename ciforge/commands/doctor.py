"""`ciforge doctor`: checks what jobs need on this machine, and prints how to fix it."""

import json
import subprocess
from pathlib import Path

import click

from ciforge.cli import options
from ciforge.doctor.checks import Check, CheckStatus, run_checks
from ciforge.private import shared_umask
from ciforge.sanitize import safe_text


@click.command("doctor")
@click.option(
    "--fix", is_flag=True, help="Run the fixes that only install a package or start a service."
)
@options.JSON
@options.STATE
@click.pass_context
def command(ctx: click.Context, state_dir: Path | None, fix: bool, as_json: bool) -> None:
    """Check what jobs need on this machine: engine, disk, control groups, clock, emulators and more.

    Each line begins with ok, warn (jobs run, but not as they should) or FAIL (jobs cannot run). The
    command that fixes a problem is printed below its line. --fix runs those that only install a
    Debian or Ubuntu package or start a service, if you are root; all others are only printed.

    Each machine of machines.yml is asked for its system. In a project, releases that are past their end
    of life, or near it, are named.

    Exits 3 if jobs cannot run on this machine, else 0.
    """
    checks = list(run_checks(state_dir, Path.cwd()))
    if fix and [check for check in checks if _fix(check)]:
        checks = list(run_checks(state_dir, Path.cwd()))
    for check in checks:
        click.echo(json.dumps(_as_json(check)) if as_json else safe_text(_as_text(check)))
    ctx.exit(3 if any(check.verdict is CheckStatus.FAIL for check in checks) else 0)


def _as_text(check: Check) -> str:
    word = "optional" if check.verdict is CheckStatus.OK else "fix"
    fix = f"\n        {word}: {check.fix}" if check.fix else ""
    return f"{check.verdict.value:<5} {check.name}: {check.found}{fix}"


def _as_json(check: Check) -> dict[str, object]:
    verdict = {"check": check.name, "verdict": check.verdict.value.lower()}
    return {"v": 1, **verdict, "found": check.found, "mend": check.fix}


def _fix(check: Check) -> bool:
    """Whether the command that fixes a check was run; its output goes to standard error."""
    if check.verdict is CheckStatus.OK or not check.safe or not check.fix:
        return False
    click.echo(f"+ {check.fix}", err=True)
    subprocess.run(["sh", "-c", f"exec >&2; {check.fix}"], stdin=subprocess.DEVNULL, check=False,
                   umask=shared_umask())  # fmt: skip
    return True
