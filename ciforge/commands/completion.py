"""`ciforge completion`: prints a script for tab completion."""

import click
from click.shell_completion import get_completion_class

from ciforge.cli import completion_scripts

SHELLS = tuple(
    shell.name
    for shell in (completion_scripts.Bash, completion_scripts.Zsh, completion_scripts.Fish)
)


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script for tab completion: commands, options, jobs, releases, steps, repositories.

    \b
    Try it:    eval "$(ciforge completion bash)"
               eval "$(ciforge completion zsh)"           (after compinit)
               ciforge completion fish | source
    Keep it:   ciforge completion bash >~/.local/share/bash-completion/completions/ciforge
               ciforge completion zsh  >DIR/_ciforge      (a folder in $fpath)
               ciforge completion fish >~/.config/fish/completions/ciforge.fish
    """
    shell_class = get_completion_class(shell)
    assert shell_class is not None
    click.echo(
        shell_class(ctx.find_root().command, {}, "ciforge", "_CIFORGE_COMPLETE").source(), nl=False
    )
