"""Lines of a log: decoded, bounded and safe to print; and without what others wrote around them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import IO

import attrs

from ciforge.diagnose.rules.rule import QUOTES
from ciforge.model.log_marks import PLACE
from ciforge.sanitize import END, LONGEST, is_plain_log, log_line

_CONTAINER = "/ciforge"
"""The folder of a job in a container."""
_PIECE = 4 * LONGEST
"""Bytes that are read at once."""
_BATCH = 128
"""Lines that are decoded and checked together: most have nothing to take out."""
_LEAST = 5
"""Lines, at least, that all begin with blanks where a whole log is indented."""
_MISREAD = re.compile("\u00e2\u20ac[\u02dc\u2122\u0153\u009d]")
"""UTF-8 quotes that were read as Windows-1252."""

_LEVEL_NAME = r"(?:(?:- )?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR(?! \d))(?: -)? )?"
_PREFIXES = re.compile(
    # Each with the service or tool that writes it.
    r"(?:[^\t]{1,200}\t[^\t]{1,200}\t)?\ufeff?"  # gh run view --log: job, step
    r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"(?: \d\d[OE][ +]?| )?(?:\| |:: )?"  # GitHub, Azure, GitLab, Jenkins, Go's log
    + _LEVEL_NAME  # Go's and Python's log, with a level
    + r"|##\[\w+\]|::(?:error|warning)[^:]*::"  # GitHub, Azure
    r"|#\d+ (?:\d+\.\d+ )?(?=\S| )(?!\[)"  # BuildKit
    r"|(?:\d\.\d{3}|\d\d\.\d\d|\d{3}\.\d) (?=\S| )"  # what BuildKit repeats of a failed step
    r"|\[ *\d+(?:\.\d+)?s?\] (?=\S| )"  # Open Build Service, kernel-like
    r"|\[\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\] ?"  # Jenkins
    r"|\[?\d\d:\d\d:\d\d(?:\.\d+)?\]?(?::\s+(?:\[Step \d+/\d+\] )?|  (?=[\S\t])| )(?=[\S\t ])"  # poudriere, Jenkins, TeamCity
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: [\w.-]{1,80} [\w.-]{1,80}\[\d+\]:)? ?"  # ts, syslog
    r"|\[#\d+\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d "  # SourceHut
    r"|\[[^\]\n]{1,120}\] +\| ?"  # act: workflow and job
    r"|\[[\w.-]{1,60} : [\w.-]{1,60}\] |\[[\w.-]{1,60}:L\d+:\d+s\] "  # Tekton, Woodpecker
    r"|:(?:debug|error|info|msg|notice|warn):\w{1,30} "  # MacPorts
    r"|DEBUG util\.py:\d+: +|DEBUG: (?=\S)"  # mock, copr
    r"|\|(?: |$)"  # BitBake
    r"|\[(?:exec|javac?)\] +"  # ant
    r"|\[(?:cmake|build|proc|main|ctest)\] ?"  # CMake Tools of an editor
    r"|> (?=\S| )|:: (?=[\w/.]+:\d)"  # nix, quoted in mails; snapcraft
    r"|[A-Za-z][\w.+-]{0,60}(?:> |\| | +\| )(?=\S| )"  # nix build -L, meson's subprojects, compose
    r"|(?:ERROR|INFO): +(?=\S+:\d+:\d+: |configure:|make\b)"  # loggers around a build
    r"|(?:Reading|Building) [a-z ]{1,40}\.\.\.(?=[EW]: )"  # apt's progress, where two pipes meet
)
_IN_PARENTHESES = re.compile(
    r"^([^\s():]+\.\w+)\((\d+)(?:,\d+)?\): ((?:fatal )?error|warning)(?: #\d+)?: "
)
"""A place as clang for Windows and the compiler of Intel write it; Microsoft's has a code behind the word."""
_SUGGESTED = re.compile(r"; did you mean '(?P<name>[\w:<>./+=-]{1,120})'\?")
_BLANKS = re.compile(r" *(?=(?:\[exec\] |> [\S ]))")


@attrs.frozen
class SafeLines:
    """Lines of a log without their ends: decoded with replacement, safe to print, bounded.

    Escape sequences and control characters are gone; of a line that was written over by `\\r` the
    last state stays. Memory is bounded by the longest line that is kept, not by the stream.
    """

    _stream: IO[bytes]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.batches())

    def batches(self) -> Iterator[list[str]]:
        """The same lines, some at a time; paths of a job are those of a container."""
        return _as_in_container(self._read())

    def _read(self) -> Iterator[list[str]]:
        pieces = iter(partial(self._stream.readline, _PIECE), b"")
        while batch := list(islice(pieces, _BATCH)):
            if max(map(len, batch)) > LONGEST:
                yield [log_line(data.decode("utf-8", "replace")) for data in _whole(batch, pieces)]
            else:
                yield _decoded(batch)


def read_lines(stream: IO[bytes]) -> SafeLines:
    """The lines of a stream, to be read once."""
    return SafeLines(stream)


def batches(lines: Iterable[str]) -> Iterator[list[str]]:
    """Any lines as safe ones, some at a time."""
    yield from _without_indent(lines.batches() if isinstance(lines, SafeLines) else _safe(lines))


def _safe(lines: Iterable[str]) -> Iterator[list[str]]:
    rest = map(log_line, lines)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _without_indent(batches: Iterator[list[str]]) -> Iterator[list[str]]:
    """The same lines without the blanks with which all of the first ones begin: a service or a report indents them."""
    first = next(batches, [])
    indent = _common_indent(first)
    if not indent:
        yield from chain(filter(None, [first]), batches)
        return
    for lines in chain([first], batches):
        yield [line.removeprefix(indent) for line in lines]


def _common_indent(lines: Sequence[str]) -> str:
    filled_lines = [line for line in lines if line.strip()]
    if len(filled_lines) < _LEAST or not all(line.startswith(" ") for line in filled_lines):
        return ""
    return " " * min(len(line) - len(line.lstrip(" ")) for line in filled_lines)


def _as_in_container(batches: Iterator[list[str]]) -> Iterator[list[str]]:
    """The same lines with the folder of a container where the first ones name another one."""
    first = next(batches, [])
    folders = {match["folder"] for line in first if (match := PLACE.match(line))}
    if not folders:
        yield from chain(filter(None, [first]), batches)
        return
    own = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(folders)))})(?![A-Za-z0-9._+-])")
    for lines in chain([first], batches):
        yield [own.sub(_CONTAINER, line) for line in lines]


def _decoded(batch: list[bytes]) -> list[str]:
    """Lines together if nothing is to be taken out of any, else one by one."""
    text = b"".join(batch).decode("utf-8", "replace")
    # Nothing that is to be taken out is printable, and asking for that is fast.
    printable = text.replace("\n", "").replace("\t", "").isprintable()
    if not (printable or is_plain_log(text)) or "m[K" in text or "[0m" in text:
        return [log_line(data.decode("utf-8", "replace")) for data in batch]
    return text.removesuffix("\n").split("\n")


def _whole(batch: list[bytes], pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a batch; of a long one the beginning and the end, which may be in later pieces."""
    rest = iter(batch)
    following = chain(rest, pieces)
    for data in rest:
        long = len(data) >= _PIECE and data[-1:] != b"\n"
        yield data + b" ... " + _end(following) if long else data


def _end(pieces: Iterator[bytes]) -> bytes:
    """Reads to the end of the line; its last bytes."""
    end = b""
    for piece in pieces:
        end = (end + piece)[-4 * END :]
        if piece[-1:] == b"\n":
            break
    return end


def bare(text: str) -> str:
    """A safe line as the tool wrote it: without the prefixes of services, quotes folded to `'`."""
    return unprefixed(folded_quotes(text))


def folded_quotes(text: str) -> str:
    """The line with every single quote as `'`."""
    if not text.isascii() or "`" in text:
        text = text.translate(QUOTES)
        if "\u00e2\u20ac" in text:
            text = _MISREAD.sub("'", text)
    return text


def unprefixed(text: str) -> str:
    """The line without what services and tools wrote before it; places as `file:line`, where a compiler writes `file(line)`."""
    for _ in range(4):
        match = _PREFIXES.match(text, blanks(text))
        if match is None or match.end() == match.start():
            break
        text = text[match.end() :]
    text = text.rstrip()
    return _IN_PARENTHESES.sub(r"\1:\2: \3: ", text) if "): " in text else text


def suggested(line: str) -> str:
    """` The compiler suggests X.` where a line ends in `did you mean 'X'?`, to end an advice with."""
    match = _SUGGESTED.search(bare(line))
    return f" The compiler suggests `{match['name']}`." if match else ""


def blanks(text: str) -> int:
    """The offset at which a prefix may begin: blanks may precede `[exec]` and `>`."""
    if text[:1] != " ":
        return 0
    match = _BLANKS.match(text)
    return match.end() if match else 0
