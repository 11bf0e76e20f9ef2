"""Splits a handwritten GitHub workflow into its jobs: where each runs, and its commands.

Read by lines and indentation, not as YAML, so that a workflow with a mistake can be read too, and each
word keeps its place in the file.
"""

import itertools
import re
from collections.abc import Iterator

import attrs

from ciforge.draft.evidence import TextFile

FOLDERS = (".github/workflows/", ".forgejo/workflows/", ".gitea/workflows/")
_JOBS = re.compile(r"(?m)^jobs:[ \t]*(?:#[^\n]*)?\n")
_KEY = re.compile(r"([ ]*)((?:- +)*)[\"']?([A-Za-z_][\w-]*)[\"']?[ ]*:(?=[ \n]|$)")
_EXPRESSION = re.compile(r"\$\{\{[^{}\n]{0,300}\}\}")
_MATRIX = re.compile(r"\$\{\{[^{}\n]*?\bmatrix\.([A-Za-z_][\w-]*)[^{}\n]*\}\}")
_PLACES = ("runs-on", "container")
_VIRTUAL = re.compile(r"(?m)^[ -]*uses:[ \t]*[\"']?((?:vmactions|cross-platform-actions)/[\w./-]+)")
_BUILDS = re.compile(
    r"\b(?:make|gmake|bmake|cmake|ctest|meson|ninja|configure|autoreconf|bootstrap|autogen|gcc|clang|cc"
    r"|go (?:build|test)|dpkg-buildpackage|debuild|rpmbuild|abuild|makepkg)\b|\.sh\b|(?<!\S)\./\w"
)
_DELIVERS = re.compile(
    r"(?i)(?:^|[-_ ])(?:deploy|publish|release|pages|upload|announce)(?:$|[-_ ])"
)
_MANY_JOBS = 200
_MANY_VALUES = 100


@attrs.frozen
class Span:
    """A part of the file's text."""

    begin: int
    end: int


@attrs.frozen(kw_only=True)
class WorkflowJob:
    """One job of a workflow. All spans are offsets in the text of the file."""

    name: str
    begin: int
    places: tuple[Span, ...]
    """The words after `runs-on` and `container`, and those of the matrix that these name."""
    commands: tuple[Span, ...]
    """Returns the commands of its steps, with the words of the matrix that they name."""
    inserted: tuple[tuple[int, Span], ...] = ()
    """The offset of each expression in a command, and a word of the matrix that it stands for."""
    virtual: str = ""
    """The action that runs its steps in a virtual machine, if any."""
    builds: bool
    """Whether it seems to build something; a job that only delivers needs other packages."""
    delivers: bool
    """Whether its name is that of a job that delivers what others built."""


def is_workflow(file: TextFile) -> bool:
    """Whether a file is a workflow of GitHub's kind, with jobs in block style."""
    return file.name.startswith(FOLDERS) and _JOBS.search(file.text) is not None


def workflow_jobs(file: TextFile) -> Iterator[WorkflowJob]:
    """Its jobs, in the order of the file; if none seems to build anything, all may."""
    begin = _JOBS.search(file.text)
    blocks = _children(file.text, Span(begin.end(), len(file.text))) if begin else ()
    jobs = [_job(file.text, key, block) for key, block in itertools.islice(blocks, _MANY_JOBS)]
    if any(job.builds for job in jobs):
        yield from jobs
    else:
        yield from (attrs.evolve(job, builds=not job.delivers) for job in jobs)


def blanked(text: str, spans: tuple[Span, ...]) -> str:
    """The text with everything outside of the spans, and all expressions, as spaces; same offsets."""
    kept = [" " if char != "\n" else char for char in text]
    for span in spans:
        kept[span.begin : span.end] = text[span.begin : span.end]
    return _EXPRESSION.sub(lambda found: " " * len(found[0]), "".join(kept))


def _job(text: str, name: str, block: Span) -> WorkflowJob:
    parts = dict(_children(text, block))
    matrix = parts.get("strategy", Span(block.begin, block.begin))
    steps = parts.get("steps", Span(block.begin, block.begin))
    places = [parts[key] for key in _PLACES if key in parts]
    commands = list(_values(text, steps, "run"))
    inserted = [
        (match.start(), value)
        for span in commands
        for match in _MATRIX.finditer(text, span.begin, span.end)
        for value in _matrix_values(text, matrix, match[1])
    ]
    named = [
        value
        for span in places
        for match in _MATRIX.finditer(text, span.begin, span.end)
        for value in _matrix_values(text, matrix, match[1])
    ]
    virtual = _VIRTUAL.search(text, steps.begin, steps.end)
    run = " ".join(text[span.begin : span.end] for span in commands)
    title = text[parts["name"].begin : parts["name"].end].strip() if "name" in parts else ""
    delivers = bool(_DELIVERS.search(name) or _DELIVERS.search(title))
    return WorkflowJob(
        name=name,
        begin=block.begin,
        places=(*places, *named),
        commands=(*commands, *(value for _, value in inserted)),
        inserted=tuple(inserted),
        virtual=virtual[1] if virtual else "",
        builds=bool(_BUILDS.search(run)) and not delivers,
        delivers=delivers,
    )


def _children(text: str, block: Span) -> Iterator[tuple[str, Span]]:
    """The keys of the mapping in a block, with what follows each."""
    found = [
        (key[3], key.start(), key.end(), len(key[1]))
        for start in _line_starts(text, block)
        if (key := _KEY.match(text, start, block.end)) and not key[2]
    ]
    if not found:
        return
    indent = found[0][3]
    own: list[tuple[str, int, int]] = []
    end = block.end
    for name, start, after, depth in found:
        if depth < indent:
            end = start
            break
        if depth == indent:
            own.append((name, start, after + 1))
    for place, (name, _, after) in enumerate(own):
        following = own[place + 1][1] if place + 1 < len(own) else end
        yield name, Span(min(after, following), following)


def _line_starts(text: str, block: Span) -> Iterator[int]:
    start = text.rfind("\n", 0, block.begin) + 1
    start = start if start == block.begin else text.find("\n", block.begin, block.end) + 1
    while 0 < start < block.end or (start == 0 and block.begin == 0):
        yield start
        start = text.find("\n", start, block.end) + 1
        if start == 0:
            return


def _values(text: str, block: Span, name: str) -> Iterator[Span]:
    """The value of each key of that name in a block, at any depth."""
    end = block.begin
    for start in _line_starts(text, block):
        key = _KEY.match(text, start, block.end) if start >= end else None
        if key and key[3] == name:
            end = _end_of_value(text, key, block)
            yield Span(key.end(), end)


def _end_of_value(text: str, key: "re.Match[str]", block: Span) -> int:
    """The offset after the value of a key: its line, and the lines that are deeper than the key."""
    depth = len(key[1]) + len(key[2])
    end = text.find("\n", key.end(), block.end)
    while 0 <= end < block.end:
        line = re.compile(r"([ ]*)(\S?)").match(text, end + 1, block.end)
        if line is None or (line[2] and len(line[1]) <= depth):
            break
        following = text.find("\n", end + 1, block.end)
        if following < 0:
            return block.end
        end = following
    return end if end >= 0 else block.end


def _matrix_values(text: str, matrix: Span, name: str) -> list[Span]:
    """The words that a name of the matrix stands for, in lists and in rows of `include`."""
    spans = [*_values(text, matrix, name)]
    row = re.compile(
        rf"[{{,][ ]*{re.escape(name)}[ ]*:[ ]*(\"[^\"\n]*\"|'[^'\n]*'|\[[^\]\n]*\]|[^,}}\n]+)"
    )
    spans += [Span(*match.span(1)) for match in row.finditer(text, matrix.begin, matrix.end)]
    return spans[:_MANY_VALUES]
