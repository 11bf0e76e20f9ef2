"""`ciforge diagnose`: finds the reason of a failed build in any log."""

import gzip
import json
import lzma
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast

import attrs
import click

from ciforge.app.input_file import Bounded, open_input
from ciforge.cli import options
from ciforge.errors import UsageError
from ciforge.model.finding import Finding, Severity

VERSION = 1
"""The version of the printed JSON."""
_MAGIC = {b"\x1f\x8b": gzip.open, b"\xfd7": lzma.open}
"""The first bytes of compressed logs, and the functions that open them."""
_LARGEST = 512 * 1024 * 1024
"""Maximum size of a log after decompression, in bytes; logs of `ciforge run` have at most 68 MiB."""
_MOST_LINES = 20_000_000
"""Maximum number of lines; about 1,000,000 lines are read in 7 s."""


@click.command("diagnose")
@click.argument("files", nargs=-1, metavar="[FILE|-]...",
                type=click.Path(path_type=Path, dir_okay=False))  # fmt: skip
@click.option("--failed", is_flag=True,
              help="The build is known to have failed: report something even if no known error matches.")  # fmt: skip
@click.option("--config-log", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The config.log of configure, which has the reason if a check failed; default: "
              "artifacts/config.log next to a FILE named log.txt.")  # fmt: skip
@options.JSON
def command(files: tuple[Path, ...], failed: bool, config_log: Path | None, as_json: bool) -> None:
    """Find out why a build failed, from the log of any service, plain or compressed (gzip, xz).

    Without FILE, or with -, standard input is read. The first finding is the root cause. Exits 0
    whatever is found.

    \b
      ciforge diagnose build.log
      make 2>&1 | ciforge diagnose
      ciforge diagnose "$(ciforge log debian-13 --path)" --json | jq .findings[0]
    """
    from ciforge.diagnose.dependency_advice import with_dependencies
    from ciforge.load.dependencies import dependency_index

    for file in files or (Path("-"),):
        with _opened(file) as stream:
            findings = _diagnose(stream, failed, config_log or _beside(file))
        findings = with_dependencies(findings, dependency_index()) if findings else ()
        click.echo(json.dumps(as_object(file, findings)) if as_json else as_text(file, findings))


def _diagnose(stream: IO[bytes], failed: bool, config_log: Path | None) -> tuple[Finding, ...]:
    from ciforge.diagnose.scan.findings import diagnose, read_lines

    lines = read_lines(_bounded(stream, "the log"))
    try:
        if config_log is None:
            return diagnose(lines, failed=failed)
        with _opened(config_log) as why:
            reasons = read_lines(_bounded(why, str(config_log)))
            return diagnose(lines, failed=failed, config_log=reasons)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise UsageError(f"the log is truncated, or not a valid archive: {error}") from None


def _bounded(stream: IO[bytes], name: str) -> IO[bytes]:
    """A stream with limits, because the size of a terminal, a pipe or an archive is unknown."""
    return cast(IO[bytes], Bounded(stream, name, _LARGEST, _MOST_LINES))


def _beside(file: Path) -> Path | None:
    """The config.log that `ciforge run` saves with a log."""
    place = file.parent / "artifacts" / "config.log"
    return place if file.name == "log.txt" and place.is_file() else None


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The contents of a log, decompressed. Raises UsageError."""
    if file == Path("-"):
        if sys.stdin.isatty():
            click.echo("reading the log from the terminal; end it with Ctrl-D", err=True)
        yield sys.stdin.buffer
        return
    try:
        with open_input(file) as raw:
            opens: Any = _MAGIC.get(cast(BufferedReader, raw).peek(2)[:2])
            yield cast(IO[bytes], opens(raw, "rb") if opens else raw)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile) or error.filename is None:
            raise
        hint = (
            f'for a job\'s log: ciforge diagnose "$(ciforge log {shlex.quote(str(file))} --path)"'
        )
        lost = isinstance(error, FileNotFoundError)
        raise UsageError(f"{file}: {error.strerror or error}", hint=hint if lost else "") from None


def as_object(file: Path, findings: tuple[Finding, ...]) -> dict[str, object]:
    """The findings of one log for `--json`."""
    rows = [attrs.asdict(finding, value_serializer=_plain) for finding in findings]
    return {"v": VERSION, "file": str(file), "findings": rows}


def _plain(_one: object, _field: object, value: object) -> object:
    return getattr(value, "value", value)


def as_text(file: Path, findings: tuple[Finding, ...]) -> str:
    """The findings of one log as text."""
    if not findings:
        return f"{file}: nothing found"
    return "\n".join(line for finding in findings for line in _block(file, finding))


def _block(file: Path, finding: Finding) -> list[str]:
    place = f"{file}:{finding.log_line}" if finding.log_line else str(file)
    where = (
        f"  ({finding.file}{f':{finding.line}' if finding.line else ''})" if finding.file else ""
    )
    word = "warning: " if finding.severity is Severity.WARNING else ""
    subject = f": {finding.subject}" if finding.subject else ""
    head = f"{place}: {word}{finding.kind.value}{subject}{where}"
    shown = [f"  {'>' if line == finding.root_line else '|'} {line}" for line in finding.excerpt]
    return [head, *shown, *([f"  {finding.marked_advice}"] if finding.advice else [])]
