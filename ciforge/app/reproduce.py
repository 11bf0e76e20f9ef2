"""The summary of a run, and the commands that repeat its jobs."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence

import click

from ciforge.masking import masked_word
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.event import RunEnded
from ciforge.model.result import Run
from ciforge.report.failures import Commands

_AGAIN = ("--source", "--rev", "--patch", "--engine")
"""Options of `ciforge run` that a repetition needs; each takes a value."""


def print_summary(
    ended: RunEnded,
    why: Diagnosis,
    commands: Commands,
    bisections: Mapping[str, str] | None = None,
) -> None:
    """Prints the summary to standard output, as wide and as coloured as the terminal."""
    from ciforge.report.summary import summary

    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(summary(ended, commands, why, color=color, width=width, bisections=bisections))


def command_line(verb: str, job: str, options: Sequence[str]) -> str:
    """A command for a shell: `ciforge run JOB …`."""
    return shlex.join(["ciforge", verb, job, *map(masked_word, options)])


def repetition(run: Run, job: str, project_options: Sequence[str]) -> str:
    """The command that runs a job again from the same sources."""
    return command_line("run", job, repeat_options_of(run, project_options))


def repeat_options_of(run: Run, project_options: Sequence[str]) -> list[str]:
    """The options that repeat an earlier run; `place` are the options of the project."""
    options = list(project_options)
    arguments = map(masked_word, run.command)
    for word in arguments:
        option, equals, _ = word.partition("=")
        if option in _AGAIN:
            options += [word] if equals else [word, next(arguments, "")]
        elif word == "--any":
            options.append(word)
    return options
