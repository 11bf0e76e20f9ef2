"""The command line: subcommands, loaded when they are used; errors to exit statuses."""

import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from ciforge import __version__
from ciforge.cli.usage_errors import system_error, usage_message
from ciforge.errors import CiforgeError, did_you_mean
from ciforge.private import private_files

COMMANDS = {
    "init": "Write a ciforge.yml for a source tree.",
    "run": "Run jobs in local containers.",
    "retry": "Repeat what failed last, from the failed step.",
    "try": "Run jobs of the working tree on a hosted service.",
    "jobs": "List the jobs of a project.",
    "shell": "Open a shell in the container of a job.",
    "script": "Print a job as a shell script that needs only Docker.",
    "schema": "Print the JSON Schema of a file, for editors.",
    "systems": "List the systems of the catalogue and their properties.",
    "packages": "List the packages of a system, and check that they exist.",
    "generate": "Write workflow files for a hosted service.",
    "lint": "List errors in project files and descriptors.",
    "status": "Show the current state of all jobs.",
    "incident": "Show, mute or assign an open cause of failure.",
    "notify": "Send mail and reminders that are due.",
    "collect": "Import runs of a hosted service.",
    "mail": "Manage the outbox of mail.",
    "history": "List past runs.",
    "log": "Print the log of a job.",
    "diagnose": "Find out why a build failed, from its log.",
    "bisect": "Find the commit that broke a job.",
    "certify": "Build a release everywhere, and write what was built.",
    "watch": "Build new commits of followed branches as they come.",
    "report": "Write reports of a run: HTML, JUnit, SARIF, Markdown.",
    "audit": "Compare cached answers with those of cold runs.",
    "clean": "Remove old runs, containers, images and caches.",
    "doctor": "Check what jobs need on this machine.",
    "completion": "Print a script for tab completion.",
}
"""In the order of `--help`; each is `ciforge.commands.NAME:command`, except for those in _MODULES."""

_MODULES = {"incident": "incident_command", "retry": "retry_command", "try": "try_command"}
"""Commands whose module has another name, because theirs is that of a module of `model/`, or is reserved."""

HIDDEN = ("help",)
"""Commands that `--help` does not list."""

_MEANT = {
    "list": "jobs", "ls": "jobs", "build": "run", "test": "run", "rerun": "retry", "again": "retry", "exec": "shell",
    "enter": "shell", "show": "log", "blame": "bisect", "follow": "watch", "daemon": "watch", "runs": "history", "why": "diagnose", "check": "lint",
    "validate": "lint", "workflow": "generate", "new": "init", "prune": "clean", "rm": "clean",
    "ps": "status", "distros": "systems", "platforms": "systems", "targets": "systems", "send": "notify", "outbox": "mail", "html": "report",
}  # fmt: skip
"""Names of commands in other tools."""

_COMPLETING = "_CIFORGE_COMPLETE"

_END = """
\b
Get started:
  ciforge init                write a ciforge.yml for this source tree
  ciforge doctor              check what jobs need on this machine
  ciforge jobs                list the jobs of the project
  ciforge run debian-13       build the working tree on Debian 13
  ciforge COMMAND --help      show the help of a command

\b
Exit status: 0 success; 1 failure (a job failed, lint found an error, generate --check a
difference); 2 wrong usage or input; 3 engine or network failed; 4 mail was not delivered;
70 bug in ciforge; 130 interrupted; 141 output closed.

See also: man ciforge, man ciforge.yml
"""


class _Commands(click.Group):
    """The group of subcommands; names and short help are known without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in (*COMMANDS, *HIDDEN):
            return None
        name = _MODULES.get(cmd_name, cmd_name)
        module = importlib.import_module(f"ciforge.commands.{name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in (*COMMANDS, *HIDDEN):
            meant = _MEANT.get(args[0])
            near = f" (did you mean {meant!r}?)" if meant else did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command {args[0]!r}{near}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_END,
    invoke_without_command=True,
)
@click.version_option(
    __version__, "-V", "--version", prog_name="ciforge", message="%(prog)s %(version)s"
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Portable-build CI: one ciforge.yml, the same jobs here and on hosted runners.

    `ciforge run debian` builds the working tree on every Debian release that the project lists,
    each in a clean container, before you merge.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs a command and exits with its exit status."""
    _escape_unencodable()
    with private_files():
        code = _ended(arguments)
    sys.exit(code if isinstance(code, int) else 0)


def _ended(arguments: Sequence[str] | None) -> object:
    """The exit status of a command; errors are printed."""
    try:
        code = _run(arguments)
    except CiforgeError as error:
        _print_error(str(error), error.hint)
        code = error.exit_code
    except click.ClickException as error:
        _print_error(*usage_message(error))
        code = 2
    except (click.Abort, KeyboardInterrupt):
        _print_error("interrupted", "")
        code = 130
    except BrokenPipeError:
        # The reader of the output is gone; print nothing more, not even at exit.
        _close_output()
        code = 141
    except Exception as error:
        code = 70
        if refused := system_error(error):
            code = _refuse(*refused, output=getattr(error, "filename", None) is None)
        else:
            _report(error)
    return code


def _run(arguments: Sequence[str] | None) -> object:
    """The exit status of a command; unlike in click, a closed pipe is not an error of the command."""
    if _COMPLETING in os.environ:
        importlib.import_module("ciforge.cli.completion_scripts")
        return cli.main(args=[], prog_name="ciforge", complete_var=_COMPLETING)
    code: object
    try:
        with cli.make_context(
            "ciforge", list(sys.argv[1:] if arguments is None else arguments)
        ) as ctx:
            code = cli.invoke(ctx)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    if sys.stdout:
        sys.stdout.flush()
    return code


def _escape_unencodable() -> None:
    """Characters that the terminal's encoding lacks are printed as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _close_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(code: int, message: str, *, output: bool) -> int:
    """Prints an error of the system; if standard output failed, the rest of the output is dropped."""
    if output:
        _close_output()
    _print_error(message, "")
    return code


def _report(error: Exception) -> None:
    from ciforge.cli.crash_report import first_line, write_report

    _print_error(f"this is a bug: {first_line(error)}", f"a report is in {write_report()}")


def _print_error(message: str, hint: str) -> None:
    # Only for errors: their patterns take long to compile.
    from ciforge.masking import masked
    from ciforge.sanitize import safe_text

    with suppress(OSError):  # standard error may be closed
        click.echo(safe_text(f"ciforge: {masked(message)}"), err=True)
        if hint:
            click.echo(safe_text(f"hint: {hint}"), err=True)
