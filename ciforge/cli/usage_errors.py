"""What is wrong with a command line, or with this machine, in one sentence and with a next step."""

import errno

import click

from ciforge.errors import did_you_mean

_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EIO}
"""What the machine lacks, whatever was typed."""
_PLACE = {
    errno.EACCES, errno.EEXIST, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR,
    errno.EPERM, errno.EROFS,
}  # fmt: skip
"""What another path would mend."""


def complaint(error: click.ClickException) -> tuple[str, str]:
    """A sentence, and a hint that may be empty."""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx else "ciforge"
    return _sentence(error, path, ctx), f"see `{path} --help`" if ctx else ""


def _sentence(error: click.ClickException, path: str, ctx: click.Context | None) -> str:
    match error:
        case click.NoSuchOption():
            return f"{path} has no option {error.option_name}{_near_option(error, ctx)}"
        case click.MissingParameter() if error.param is not None:
            return f"{path} needs {error.param.make_metavar(ctx or click.Context(_NONE))}"
        case click.BadParameter() if isinstance(getattr(error.param, "type", None), click.Choice):
            return _plain(error) + did_you_mean(_word(error), error.param.type.choices)  # type: ignore[union-attr]
    return _plain(error)


_NONE = click.Command("ciforge")


def _near_option(error: click.NoSuchOption, ctx: click.Context | None) -> str:
    """Of the command's own options, and of one that is a word short only the nearest."""
    if ctx is None:
        return ""
    return did_you_mean(error.option_name, [
        spelling
        for parameter in ctx.command.get_params(ctx)
        if isinstance(parameter, click.Option)
        for spelling in parameter.opts
    ])  # fmt: skip


def _plain(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]


def _word(error: click.BadParameter) -> str:
    """The value that click's own sentence begins with, in quotes."""
    return error.message.split("'")[1] if error.message.count("'") > 1 else ""


def trouble(error: Exception) -> tuple[int, str] | None:
    """The exit code and a sentence for what the machine refused; None for what only a bug does."""
    if not isinstance(error, OSError):
        return None
    where = f"{error.filename}: " if isinstance(error.filename, str) else ""
    said = f"{where}{error.strerror or error}"
    if error.errno in _ROOM:
        return 3, said
    return (2, said) if where and error.errno in _PLACE else None
