"""Options that several commands share, so that one idea has one spelling."""

from pathlib import Path

import click

from ciforge.errors import CiforgeError

FILE = click.option(
    "--file", "-f", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The project file; else ciforge.yml here or in the nearest folder above.",
)  # fmt: skip
STATE = click.option(
    "--state-dir", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Where runs are kept, in a folder for each project; else $CIFORGE_STATE, "
    "else $XDG_STATE_HOME/ciforge.",
)  # fmt: skip
SOURCE = click.option(
    "--source", "sources", multiple=True, metavar="REPO=PATH|URL",
    help="Build this folder, archive or git address instead.",
)  # fmt: skip
REV = click.option(
    "--rev", "revisions", multiple=True, metavar="[REPO=]REV",
    help="Build this commit, branch, tag or ref (refs/pull/12/head) instead.",
)  # fmt: skip
PATCH = click.option(
    "--patch", default="", metavar="FILE|-",
    help="Apply this diff, or mail with a diff, before the build.",
)  # fmt: skip
ANY = click.option(
    "--any", "unlisted", is_flag=True,
    help="Also take jobs that the project does not list: any release of the catalogue, any platform.",
)  # fmt: skip
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON lines, for programs.")


def _complete_jobs(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Job ids, distributions and releases for the shell; nothing where there is no project."""
    from ciforge.commands.opening import open_project

    try:
        plan = open_project(ctx.params.get("file"), Path.cwd()).plan
    except (CiforgeError, OSError):
        return []
    ids = [job.id for job in plan.jobs]
    words = [*ids, *dict.fromkeys(id_.split("/")[1] for id_ in ids), *plan.names.repos]
    return [word for word in words if word.startswith(incomplete)]


SELECTORS = click.argument(
    "selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=_complete_jobs
)
JOB = click.argument("job", metavar="JOB", shell_complete=_complete_jobs)
