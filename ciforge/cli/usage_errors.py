"""Messages and hints for errors of usage and of the system."""

import errno

import click

from ciforge.errors import did_you_mean

_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EIO}
"""Errors of this machine, independent of the arguments."""
_PLACE = {
    errno.EACCES, errno.EEXIST, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR,
    errno.EPERM, errno.EROFS,
}  # fmt: skip
"""Errors that another path would avoid."""


def usage_message(error: click.ClickException) -> tuple[str, str]:
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
    """The nearest option of this command, or of another one if only a letter differs."""
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
    """The value in quotes at the beginning of click's message."""
    return error.message.split("'")[1] if error.message.count("'") > 1 else ""


def system_error(error: Exception) -> tuple[int, str] | None:
    """The exit status and message for an error of the system; None for anything that is a bug."""
    if not isinstance(error, OSError):
        return None
    where = f"{error.filename}: " if isinstance(error.filename, str) else ""
    message = f"{where}{error.strerror or error}"
    if error.errno in _ROOM:
        return 3, message
    return (2, message) if where and error.errno in _PLACE else None
