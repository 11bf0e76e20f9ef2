"""`ciforge help`: prints what `--help` prints."""

import click


@click.command("help", hidden=True)
@click.argument("name", required=False, metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    """Show the help of a command."""
    root = ctx.find_root()
    if name is None:
        click.echo(root.get_help())
        return
    assert isinstance(root.command, click.Group)
    _, found, _ = root.command.resolve_command(root, [name])
    assert found is not None
    with click.Context(found, info_name=name, parent=root) as inner:
        click.echo(inner.get_help())
