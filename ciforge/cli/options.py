"""Options that several commands share."""

import os
from pathlib import Path

import click

from ciforge.cli import completers


def count(value: object) -> int:
    """A whole number from 1. Raises click.BadParameter."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise click.BadParameter(f"{text!r} is not a positive whole number")
    return int(text)


def seconds(value: object) -> int:
    """Seconds, written as in `ciforge.yml`: `90`, `90s`, `10m` or `2h`, at most a day.

    Raises click.BadParameter.
    """
    from ciforge.load import durations

    try:
        return durations.seconds(str(value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def days(value: object) -> int:
    """Seconds, written as `12h`, `7d` or `2w`, at most a year. Raises click.BadParameter."""
    from ciforge.load import durations

    try:
        return durations.finite_days(str(value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


FILE = click.option(
    "--file", "-f", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The project file; default: ciforge.yml here or in the nearest folder above.",
)  # fmt: skip


class _Folder(click.Path):
    """A folder; an empty argument is an error and not the current folder."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        if not os.fspath(value):
            self.fail("the name of a folder must not be empty", param, ctx)
        return super().convert(value, param, ctx)


STATE = click.option(
    "--state-dir", type=_Folder(path_type=Path, file_okay=False), metavar="DIR",
    help="Where runs are kept, in one folder per project; default: $CIFORGE_STATE, "
    "$XDG_STATE_HOME/ciforge or ~/.local/state/ciforge.",
)  # fmt: skip
SOURCE = click.option(
    "--source", "sources", multiple=True, metavar="REPO=PATH|URL", shell_complete=completers.sources,
    help="Build this folder, archive or git address of REPO instead; once per repository.",
)  # fmt: skip
REV = click.option(
    "--rev", "revisions", multiple=True, metavar="[REPO=]REV", shell_complete=completers.revisions,
    help="Build this commit, branch, tag or ref (refs/pull/12/head) instead; REPO= is required if "
    "the jobs are of several repositories.",
)  # fmt: skip
PATCH = click.option(
    "--patch", default="", metavar="FILE|-", shell_complete=completers.files,
    help="Apply this diff, or a mail with a diff, before the build; - is standard input.",
)  # fmt: skip
ANY = click.option(
    "--any", "unlisted", is_flag=True,
    help="Where a SELECTOR matches no listed job, select others: any release in the catalogue, any platform.",
)  # fmt: skip
ANY_JOB = click.option(
    "--any", "unlisted", is_flag=True,
    help="If the project lists no such JOB, use another: any release in the catalogue, any platform.",
)  # fmt: skip
PARALLEL = click.option(
    "-j", "--jobs", type=count, metavar="N",
    help="Run at most N jobs at once; default: as many as processors and memory allow.",
)  # fmt: skip
TIMEOUT = click.option(
    "--timeout", type=seconds, metavar="TIME",
    help="Time limit of each job: 90s, 10m, 3h; at most 24h; default: its `timeout`, else 2h.",
)  # fmt: skip
ENGINE = click.option(
    "--engine", type=click.Choice(["docker", "ssh", "local"]), default="docker", show_default=True,
    help="Run jobs in containers, on machines of machines.yml over ssh, or on this machine itself.",
)  # fmt: skip
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON lines, for programs.")
JSON_OBJECT = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, for programs."
)

SELECTORS = click.argument(
    "selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=completers.jobs
)
JOB = click.argument("job", metavar="JOB", shell_complete=completers.jobs)
