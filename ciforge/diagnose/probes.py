"""Questions to a container about findings, and findings with its answers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from ciforge.diagnose.causes.fingerprint import base_name, header_name, library_name, symbol_name
from ciforge.diagnose.names.standard_headers import header_elsewhere
from ciforge.diagnose.scan.header_names import NAMED, listed
from ciforge.diagnose.scan.log_lines import suggested
from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.finding import Basis, Finding, FindingKind

FILE = "asked.txt"
"""The file of answers among the artifacts of a job, a line for each."""
MOST = 24
"""Questions about one log."""
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,120}")
_ANSWER = re.compile(
    r"(?P<what>function|name|type|complete|struct|symbol|header|library|tool|module|step|file|macro) (?P<name>[\w.+/-]{1,121})"
    r" (?:(?P<bare>undeclared|nowhere|absent|libc|offline)"
    r"|(?P<how>in|gnu|macro|library|source|at|owner|ignored|outside|uncommitted|submodule|archive) (?P<where>[\w.+/:-]{1,300}))"
)

_GENERATORS = frozenset({"bison", "byacc", "yacc", "flex", "lex", "gperf"})


def _generator(subject: str) -> str:
    """The tool itself; what else such findings are about are words of a grammar."""
    name = base_name(subject)
    return name if name in _GENERATORS else ""


def _type(subject: str) -> str:
    """The tag of a structure, or the name of a type."""
    return subject.removeprefix(_STRUCT).strip()


def _identifier(subject: str) -> str:
    """A name as the source has it; `_exit` keeps its underscore, which is not the one that macOS puts before symbols."""
    return subject.strip().strip("\"'`").partition("(")[0]


_STRUCT = "struct "
_ASKED: Mapping[FindingKind, tuple[str, Callable[[str], str]]] = {
    FindingKind.UNKNOWN_TYPE: ("type", _type),
    FindingKind.INCOMPLETE_TYPE: ("complete", _type),
    FindingKind.IMPLICIT_DECLARATION: ("function", _identifier),
    FindingKind.UNDECLARED: ("name", _identifier),
    FindingKind.UNDEFINED_SYMBOL: ("symbol", symbol_name),
    FindingKind.MISSING_DSO: ("symbol", symbol_name),
    FindingKind.MISSING_HEADER: ("header", header_name),
    FindingKind.MISSING_LIBRARY: ("library", library_name),
    FindingKind.MISSING_PACKAGE: ("module", str.strip),
    FindingKind.MISSING_TOOL: ("tool", base_name),
    FindingKind.YACC_LEX: ("tool", _generator),
}
"""Questions about findings of each kind."""
_FILES = {
    "header": "include/{}", "library": "lib{}.so", "tool": "bin/{}", "module": "pkgconfig/{}.pc",
}  # fmt: skip
"""Endings of files that packages own."""


@attrs.frozen
class ProbeAnswer:
    """One line of an answer: `function setgroups in grp.h`."""

    what: str
    name: str
    how: str
    where: str = ""

    @property
    def question(self) -> str:
        """The question that it answers."""
        return f"{self.what} {self.name}"


def question(finding: Finding) -> str:
    """`function setgroups`; empty if the container knows nothing about such a finding."""
    if finding.kind not in _ASKED:
        return ""
    what, plain = _ASKED[finding.kind]
    name = plain(finding.subject)
    if what in ("type", "complete") and finding.subject.startswith(_STRUCT):
        what = "struct"
    return f"{what} {name}" if _SAFE.fullmatch(name) and ".." not in name else ""


def questions(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Questions about these findings, each once, at most `MOST`; the header to try first is the last word."""
    asked = {text: finding.header for finding in findings if (text := question(finding))}
    hinted = (
        f"{text} {header}" if _SAFE.fullmatch(header) else text for text, header in asked.items()
    )
    return tuple(hinted)[:MOST]


def unanswered(
    asked: Sequence[str], replies: Mapping[str, Sequence[ProbeAnswer]]
) -> tuple[str, ...]:
    """Questions about files that the container does not have."""
    return tuple(
        asked_question
        for asked_question in asked
        if ending(asked_question)
        and all(answer.how == "nowhere" for answer in replies.get(asked_question, ()))
    )


def ending(asked: str) -> str:
    """The end of the path whose package is wanted, such as `include/event.h`; empty if none is."""
    what, _, name = asked.partition(" ")
    return _FILES[what].format(name) if what in _FILES else ""


def answers(text: str) -> dict[str, tuple[ProbeAnswer, ...]]:
    """Lines of a container, or of `asked.txt`, by their question; other lines are ignored."""
    found: dict[str, tuple[ProbeAnswer, ...]] = {}
    for line in text.splitlines():
        if match := _ANSWER.fullmatch(line.strip()):
            answer = ProbeAnswer(
                match["what"], match["name"], match["bare"] or match["how"], match["where"] or ""
            )
            found[answer.question] = (*found.get(answer.question, ()), answer)
    return found


def answered(
    findings: Sequence[Finding],
    replies: Mapping[str, Sequence[ProbeAnswer]],
    knowledge: DependencyIndex,
) -> tuple[Finding, ...]:
    """The findings, with advice that is checked if the container or the index had an answer."""
    found = (_known_better(_answered(finding, replies, knowledge), replies) for finding in findings)
    return tuple(_together(list(found)))


def _known_better(finding: Finding, replies: Mapping[str, Sequence[ProbeAnswer]]) -> Finding:
    """The finding with facts that are not in the log: a step has no network, a file was not copied."""
    if finding.kind is FindingKind.DEPS_NETWORK and f"step {finding.step}" in replies:
        advice = _OFFLINE.format(step=finding.step)
        return attrs.evolve(finding, kind=FindingKind.OTHER, advice=advice, basis=Basis.ASKED)
    for answer in replies.get(left_out(finding), ()):
        if answer.how in _LEFT_OUT and (answer.how != "archive" or _of_source(finding, replies)):
            advice = _LEFT_OUT[answer.how].format(where=answer.where, name=answer.name)
            return attrs.evolve(finding, advice=advice, basis=Basis.ASKED)
    return finding


def _of_source(finding: Finding, replies: Mapping[str, Sequence[ProbeAnswer]]) -> bool:
    """Whether a file that is missing should be in the source, and is in no other place that is known."""
    if any(
        answer.how in ("source", "at", "owner") for answer in replies.get(question(finding), ())
    ):
        return False
    if finding.kind is FindingKind.MISSING_HEADER:
        return any(f'#include "{finding.subject}"' in line for line in finding.excerpt)
    return finding.kind is not FindingKind.MISSING_TOOL or "/" in finding.subject


def left_out(finding: Finding) -> str:
    """`file config.h.in`, `macro AX_FROB`: what may be in the tree and not in the container; empty for other findings."""
    if finding.kind is FindingKind.MISSING_MACRO:
        what, name = "macro", finding.subject
    elif finding.kind in _FILES_OF_TREE:
        what, name = "file", header_name(finding.subject)
    else:
        return ""
    return f"{what} {name}" if _SAFE.fullmatch(name) and ".." not in name else ""


_FILES_OF_TREE = (
    FindingKind.MISSING_HEADER,
    FindingKind.MAKE_RULE,
    FindingKind.INSTALL_ERROR,
    FindingKind.MISSING_TOOL,
)
_OFFLINE = (
    "The step {step} has no network: write `steps: {{{step}: {{network: true}}}}`, or carry what it fetches in the tree, "
    "in `dependencies` or in `sources`."
)
_LEFT_OUT = {
    "ignored": "{where} is in the working tree, but git ignores it, so it is not copied: if it is source, track it with `git add -f`; else see what should generate it.",
    "outside": "{where} is in the repository, but outside of `path`, so it is not copied: name a folder above both as `path`, and the one to build in by `in`.",
    "uncommitted": "{where} is in the working tree, but not in the commit that is built: `git add` and commit it, or build the working tree.",
    "submodule": "{name} seems to belong to the submodule {where}, which is left empty because of `update = none` in .gitmodules: remove that line, or build without it.",
    "archive": "The source is the archive {where}, which does not have {name} there. If the repository has it: archives that `make dist` makes have only what EXTRA_DIST, _SOURCES and _HEADERS name, those of a git service have no submodules. Else see what should generate it.",
}
"""Advice about files that the container does not have, and the tree has."""


def _answered(
    finding: Finding, replies: Mapping[str, Sequence[ProbeAnswer]], knowledge: DependencyIndex
) -> Finding:
    for answer in replies.get(question(finding), ()):
        if (answer.what, answer.how) in _LESS_THAN_DEDUCED and finding.basis is Basis.DEDUCED:
            continue
        if advice := _advice(finding, answer, knowledge):
            header = answer.where if answer.how in _HEADERS else finding.header
            return attrs.evolve(finding, advice=advice, basis=Basis.ASKED, header=header)
    return finding


_LESS_THAN_DEDUCED = (("symbol", "nowhere"), ("module", "at"))
"""Answers that say less than what was deduced from the log or config.log."""
_HEADERS = ("in", "gnu", "macro")
"""Answers that name a header."""


def _together(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Names that the same header declares for the same file, with one advice for all of them."""
    names: dict[tuple[str, ...], list[str]] = {}
    for finding in findings:
        if finding.basis is Basis.ASKED and finding.kind in NAMED and finding.header:
            names.setdefault(_place(finding), []).append(finding.subject)
    for finding in findings:
        of = dict.fromkeys(names.get(_place(finding), ()))
        if finding.basis is Basis.ASKED and finding.kind in NAMED and len(of) > 1:
            declares = f"it declares {listed(list(of))}."
            yield attrs.evolve(
                finding, advice=_DECLARES.sub(declares.replace("\\", ""), finding.advice)
            )
        else:
            yield finding


def _place(finding: Finding) -> tuple[str, ...]:
    return finding.file, finding.header, "gnu" if "-D_GNU_SOURCE" in finding.advice else ""


_DECLARES = re.compile(r"it (?:then )?(?:declares|defines) \S+\.")


def _advice(finding: Finding, answer: ProbeAnswer, knowledge: DependencyIndex) -> str:
    template = _TEMPLATES.get((answer.what, answer.how), "")
    if answer.how == "at" and _SEARCHED.fullmatch(answer.where):
        template = _IN_PLACE.get(answer.what, template)
    dependency = knowledge.anything(answer.name)
    # A place on the system is a fact; without one the compiler's guess helps.
    guess = suggested(finding.root_line) if template and answer.how in ("nowhere", "absent") else ""
    text = template.format(
        name=answer.name,
        where=answer.where,
        file=base_name(finding.file) or "the file that uses it",
        dependency=f"`{dependency}`" if dependency else "its package",
        folder=answer.where.rpartition("/")[0] or ".",
    )
    if answer.where == "sys/sysmacros.h":
        text = text.replace(":", f"{header_elsewhere(answer.name)}:", 1)
    return text + guess + (_STRICT_ALREADY if answer.how == "in" and _strict(finding) else "")


def _strict(finding: Finding) -> bool:
    """Whether the command that is shown asks for a standard, which hides what it does not have."""
    return any(_STRICT.search(line) for line in finding.excerpt)


_STRICT = re.compile(
    r"\s-(?:std=(?:c|iso9899:)\w+|ansi|D ?_(?:POSIX_C_SOURCE|POSIX_SOURCE|XOPEN_SOURCE)\b)"
)
_STRICT_ALREADY = (
    " If it is there already, the standard that the command asks for hides it: build with -std=gnu17 or the like, or with "
    "-D_DEFAULT_SOURCE."
)


_NOWHERE = (
    "No header of this system declares {name}, and its libc does not have it: it needs a "
    "replacement, or a check in configure."
)
_ABSENT = "No header of this system has {name}: leave out what needs it where it is missing, by #ifdef or a check in configure."
_TEMPLATES = {
    ("function", "in"): "`#include <{where}>` in {file}: it declares {name}.",
    ("function", "gnu"): "`#include <{where}>` in {file}, with `-D_GNU_SOURCE`: it then declares {name}.",
    ("function", "undeclared"): "The libc of this system has {name}, but no header declares it: declare it in {file}.",
    ("function", "nowhere"): _NOWHERE,
    ("type", "in"): "`#include <{where}>` in {file}: it defines {name}.",
    ("type", "gnu"): "`#include <{where}>` in {file}, with `-D_GNU_SOURCE`: it then defines {name}.",
    ("complete", "in"): "`#include <{where}>` in {file}: it defines {name}.",
    ("complete", "gnu"): "`#include <{where}>` in {file}, with `-D_GNU_SOURCE`: it then defines {name}.",
    ("struct", "in"): "`#include <{where}>` in {file}: it defines struct {name}.",
    ("struct", "gnu"): "`#include <{where}>` in {file}, with `-D_GNU_SOURCE`: it then defines struct {name}.",
    ("name", "in"): "`#include <{where}>` in {file}: it defines {name}.",
    ("name", "gnu"): "`#include <{where}>` in {file}, with `-D_GNU_SOURCE`: it then defines {name}.",
    ("type", "absent"): _ABSENT,
    ("complete", "absent"): _ABSENT,
    ("struct", "absent"): _ABSENT,
    ("name", "absent"): _ABSENT,
    ("symbol", "library"): "Link with `-l{where}`, which has {name}.",
    ("symbol", "macro"): "`#include <{where}>` in {file}: {name} is a macro there, and no library has it.",
    ("symbol", "nowhere"): "No shared library of this system has {name}: either it belongs to the source and is not linked, or it needs a replacement.",
    ("header", "source"): "{name} is in the source, as {where}: fix the `#include` in {file}, or add `-I{folder}`.",
    ("header", "at"): "{name} is installed, as {where}: add its folder to CPPFLAGS.",
    ("header", "owner"): "Add {dependency} to `dependencies`: {where} owns {name}.",
    ("library", "at"): "The library {name} is installed, as {where}: add its folder to LDFLAGS, or install the file without a version in its name.",
    ("library", "owner"): "Add {dependency} to `dependencies`: {where} owns lib{name}.",
    ("module", "at"): "{name}.pc is installed, as {where}: the check failed for another reason, see config.log. If pkg-config does not look in {folder}, set PKG_CONFIG_PATH.",
    ("module", "owner"): "Add {dependency} to `dependencies`: {where} owns {name}.pc.",
    ("tool", "at"): "{name} is installed, as {where}: it is not in PATH.",
    ("tool", "owner"): "Add {dependency} to `dependencies`: {where} owns {name}.",
}  # fmt: skip
"""Advice by question and answer; none for an answer that does not help."""
_SEARCHED = re.compile(
    r"/usr/include/[^.].*|/(?:usr/)?lib(?:32|64)?/(?:[\w-]+-linux-[\w-]+/)?lib[^/]+\.(?:so|a|dylib)"
)
"""Files in folders that compilers and linkers search without an option."""
_IN_PLACE = {
    "header": "{name} is installed, as {where}, where compilers look: see config.log, and the command for another target, -nostdinc or --sysroot.",
    "library": "The library {name} is installed, as {where}, where linkers look: a static link needs lib{name}.a, and another architecture a library of its own.",
}
"""Advice about such files, for which no folder has to be added."""
