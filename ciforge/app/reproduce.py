"""What a person is told of a run when it has ended, and later: causes, commands, the table."""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence

import click

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.event import RunEnded
from ciforge.model.result import Run
from ciforge.private import masked_word
from ciforge.report.failures import Commands

_AGAIN = ("--source", "--rev", "--patch")
"""Options of `ciforge run` that a repetition needs, each with a value."""


def print_summary(ended: RunEnded, why: Diagnosis, commands: Commands) -> None:
    """To standard output, as wide and as coloured as that is."""
    from ciforge.report.summary import summary

    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(summary(ended, commands, why, color=color, width=width))


def command_line(verb: str, job: str, words: Sequence[str]) -> str:
    """`ciforge run JOB …`, to be pasted into a shell."""
    return shlex.join(["ciforge", verb, job, *map(masked_word, words)])


def repetition(run: Run, job: str, place: Sequence[str]) -> str:
    """The command that runs a job again from what this run was told to build."""
    return command_line("run", job, words_of(run, place))


def words_of(run: Run, place: Sequence[str]) -> list[str]:
    """The options that a repetition of an earlier run needs; `place` are those of the project."""
    words = list(place)
    said = map(masked_word, run.command)
    for word in said:
        option, equals, _ = word.partition("=")
        if option in _AGAIN:
            words += [word] if equals else [word, next(said, "")]
        elif word == "--any":
            words.append(word)
    return words
