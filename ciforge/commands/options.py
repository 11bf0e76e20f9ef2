"""Options that several commands share, so that one idea has one spelling."""

from pathlib import Path

import click

FILE = click.option(
    "--file", "-f", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The project file; else ciforge.yml here or in the nearest folder above.",
)  # fmt: skip
STATE = click.option(
    "--state-dir", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Where runs are kept, in a folder for each project; else $CIFORGE_STATE, "
    "else $XDG_STATE_HOME/ciforge.",
)  # fmt: skip
ANY = click.option(
    "--any", "unlisted", is_flag=True,
    help="Also take jobs that the project does not list: any release of the catalogue, any platform.",
)  # fmt: skip
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON lines, for programs.")
SELECTORS = click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
