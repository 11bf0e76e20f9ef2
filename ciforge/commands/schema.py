"""`ciforge schema`: prints the JSON Schema of a file."""

import click

from ciforge.load.file_schema import FILES
from ciforge.store.json_schema import DOCUMENTS, stored


@click.command("schema")
@click.argument(
    "name", type=click.Choice((*FILES, *DOCUMENTS)), default="project", metavar="[NAME]"
)
def command(name: str) -> None:
    """Print the JSON Schema of a file that people write, or of a JSON document of a run.

    \b
    NAME is one of
      project        ciforge.yml; the default
      descriptor     a distribution or package manager in distros/
      machines       machines.yml
      run, result, diagnosis, findings
                     JSON documents of a run

    An editor completes and checks ciforge.yml by its first line, if there is the file that it names:

    \b
      ciforge schema project >ciforge.schema.json
    """
    click.echo(stored(name), nl=False)
