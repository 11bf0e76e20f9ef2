"""Lines of a log: decoded, bounded and safe to print; and without what others wrote around them."""

import re
from collections.abc import Iterator
from typing import IO

from ciforge.diagnose.rules.rule import QUOTES
from ciforge.sanitize import END, LONGEST, log_line

_MISREAD = re.compile("\u00e2\u20ac[\u02dc\u2122\u0153\u009d]")
"""UTF-8 quotes that were read as Windows-1252."""

_PREFIXES = re.compile(
    # Each with the service or tool that writes it.
    r"(?:[^\t]{1,200}\t[^\t]{1,200}\t)?\ufeff?"  # gh run view --log: job, step
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"(?: \d\d[OE][ +]?)? ?(?:\| |:: )?"  # GitHub, Azure, GitLab, Jenkins
    r"|##\[\w+\]|::(?:error|warning)[^:]*::"  # GitHub, Azure
    r"|#\d+ (?:\d+\.\d+ )?(?=\S)(?!\[)"  # buildkit
    r"|\[ *\d+(?:\.\d+)?s?\] (?=\S| )"  # Open Build Service, kernel-like
    r"|\[\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\] ?"  # Jenkins
    r"|\[?\d\d:\d\d:\d\d(?:\.\d+)?\]? (?=\S| )"  # poudriere, Jenkins, Autopkgtest
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: [\w.-]{1,80} [\w.-]{1,80}\[\d+\]:)? ?"  # ts, syslog
    r"|\[#\d+\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d "  # SourceHut
    r"|DEBUG util\.py:\d+: +|DEBUG: (?=\S)"  # mock, copr
    r"|\|(?: |$)"  # BitBake
    r"|\[(?:exec|javac?)\] +"  # ant
    r"|> (?=\S)|:: (?=[\w/.]+:\d)"  # quoted in mails; snapcraft
    r"|[A-Za-z][\w.+-]{0,60}(?:> |\| | +\| )(?=\S| )"  # nix build -L, meson's subprojects, compose
    r"|(?:ERROR|INFO): +(?=\S+:\d+:\d+: |configure:|make\b)"  # loggers around a build
)
_SUGGESTED = re.compile(r"; did you mean '(?P<name>[\w:<>./+=-]{1,120})'\?")
_BLANKS = re.compile(r" *(?=(?:\[exec\] |> \S))")


def read_lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines of a log without their ends: decoded with replacement, safe to print, bounded.

    Escape sequences and control characters are gone; of a line that was written over by `\\r` the
    last state stays. Memory is bounded by the longest line that is kept, not by the stream.
    """
    while data := stream.readline(4 * LONGEST):
        if data[-1:] != b"\n" and len(data) >= 4 * LONGEST:
            data += b" ... " + _skip(stream)
        yield log_line(data.decode("utf-8", "replace"))


def _skip(stream: IO[bytes]) -> bytes:
    """Reads to the end of the line; its last bytes."""
    end = b""
    while piece := stream.readline(1 << 16):
        end = (end + piece)[-4 * END :]
        if piece[-1:] == b"\n":
            break
    return end


def bare(text: str) -> str:
    """A safe line as the tool wrote it: without the prefixes of services, quotes folded to `'`."""
    if not text.isascii() or "`" in text:
        text = text.translate(QUOTES)
        if "\u00e2\u20ac" in text:
            text = _MISREAD.sub("'", text)
    for _ in range(4):
        found = _PREFIXES.match(text, blanks(text))
        if found is None or found.end() == found.start():
            break
        text = text[found.end() :]
    return text


def suggested(line: str) -> str:
    """` The compiler suggests X.` where a line ends in `did you mean 'X'?`, to end an advice with."""
    found = _SUGGESTED.search(bare(line))
    return f" The compiler suggests `{found['name']}`." if found else ""


def blanks(text: str) -> int:
    """Where a prefix may begin: before `[exec]` and `>` there may be blanks."""
    if text[:1] != " ":
        return 0
    found = _BLANKS.match(text)
    return found.end() if found else 0
