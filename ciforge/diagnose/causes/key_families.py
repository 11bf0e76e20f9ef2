"""Keys that mean one cause, though they differ: joined in families."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from ciforge.diagnose.causes.cascades import Keyed
from ciforge.diagnose.causes.fingerprint import base_name, symbol_name
from ciforge.diagnose.scan.header_names import NAMED
from ciforge.model.dependency_index import DependencyIndex
from ciforge.model.finding import Finding, FindingKind

_MANY = 2
"""Undefined functions of one library in one log, from which on the library itself is missing."""
_SEVERAL = 3
"""Undefined functions of one log, whatever their names, from which on a file is not linked."""
_TOKEN = 3
"""Letters that the first word of two functions must share to be of one piece."""
_PLACED = frozenset(
    {
        FindingKind.SYNTAX_ERROR,
        FindingKind.UNKNOWN_TYPE,
        FindingKind.UNDECLARED,
        FindingKind.IMPLICIT_DECLARATION,
    }
)
"""Kinds that compilers choose differently for the same stray word."""
_TYPES = frozenset({FindingKind.UNKNOWN_TYPE, FindingKind.INCOMPLETE_TYPE})
"""gcc names the variable of an incomplete type, clang the type."""


class Families:
    """Sets of keys that were joined; each is known by one of them."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def name(self, key: str) -> str:
        """The key that stands for all that `key` was joined with: the first of them."""
        while (above := self._above.get(key, key)) != key:
            key = above
        return key

    def join(self, keys: Iterable[str]) -> None:
        """Joins the keys into one family."""
        for key, other in pairwise(keys):
            first, second = sorted((self.name(key), self.name(other)), key=_rank)
            self._above[second] = first


def _rank(key: str) -> tuple[int, str]:
    """Sort key for the name of a family: keys about a subject before keys about a place."""
    order = ("dependency:", "symbol:", "type:")
    return next((at for at, head in enumerate(order) if key.startswith(head)), len(order)), key


def with_libraries(keyed: Sequence[Keyed], knowledge: DependencyIndex) -> list[Keyed]:
    """One log's findings, its undefined functions of one library as that library.

    A single one is enough where the linker itself says that a library has it.
    """
    compiled = {key for key, finding in keyed if finding.kind is not FindingKind.UNDEFINED_SYMBOL}
    sure = _dso(keyed)
    owners: dict[str, set[str]] = defaultdict(set)
    for key, finding in keyed:
        if finding.kind in _LINKED and key not in compiled - sure:
            owners[knowledge.symbol(symbol_name(finding.subject))].add(key)
    whole = {key: owner for owner, keys in owners.items()
             if owner and (len(keys) >= _MANY or keys & sure) for key in keys}  # fmt: skip
    return [
        (f"dependency:{whole[key]}" if key in whole else key, finding) for key, finding in keyed
    ]


_LINKED = frozenset({FindingKind.UNDEFINED_SYMBOL, FindingKind.MISSING_DSO})


def _dso(keyed: Sequence[Keyed]) -> set[str]:
    return {key for key, finding in keyed if finding.kind is FindingKind.MISSING_DSO}


def families(logs: Iterable[Sequence[Keyed]]) -> Families:
    """Groups findings within logs, and across logs by their place."""
    joined = Families()
    logs = list(logs)
    for keyed in logs:
        for keys in _by_token(keyed).values():
            joined.join(sorted(keys))
    for keys in _by_symbol(logs).values():
        joined.join(sorted(keys))
    for keys in _by_disagreement(logs):
        joined.join(sorted(keys))
    for keys in _by_header([pair for keyed in logs for pair in keyed]).values():
        joined.join(sorted(keys))
    for keys in _by_place([pair for keyed in logs for pair in keyed]).values():
        joined.join(sorted(keys))
    return joined


def _by_header(keyed: Iterable[Keyed]) -> Mapping[tuple[str, str], set[str]]:
    """Names that one `#include` in one file declares: all of them are one thing to fix."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, finding in keyed:
        if finding.header and finding.file and finding.kind in NAMED:
            found[base_name(finding.file), finding.header].add(key)
    return found


def _by_symbol(logs: Iterable[Sequence[Keyed]]) -> Mapping[str, set[str]]:
    """Groups what one linker reports as a missing function and another as its missing library."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, finding in (pair for keyed in logs for pair in keyed):
        if finding.kind in _LINKED:
            found[symbol_name(finding.subject)].add(key)
    return found


def _by_disagreement(logs: Sequence[Sequence[Keyed]]) -> list[set[str]]:
    """Syntax errors of one file that no log has together: compilers lose their way at other lines."""
    files: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, keyed in enumerate(logs):
        for key, finding in keyed:
            if finding.kind is FindingKind.SYNTAX_ERROR and finding.file:
                files[base_name(finding.file)][key].add(number)
    return [
        set(keys)
        for keys in files.values()
        if len(keys) > 1 and sum(map(len, keys.values())) == len(set().union(*keys.values()))
    ]


def _by_token(keyed: Sequence[Keyed]) -> Mapping[str, set[str]]:
    """Undefined functions of one log whose names begin with the same word: one file is not linked.

    So are several of whatever names; two may be of two.
    """
    compiled = {key for key, finding in keyed if finding.kind not in _LINKED}
    found: dict[str, set[str]] = defaultdict(set)
    for key, finding in keyed:
        if finding.kind in _LINKED and key.startswith("symbol:") and key not in compiled:
            token = symbol_name(finding.subject).partition("_")[0]
            found[token if len(token) >= _TOKEN else key].add(key)
            found[""].add(key)
    if len(found[""]) < _SEVERAL:
        del found[""]
    return found


def _by_place(keyed: Sequence[Keyed]) -> Mapping[tuple[object, ...], set[str]]:
    """Keys of findings at one line, if one is of syntax; and of one word in one file."""
    found: dict[tuple[object, ...], set[str]] = defaultdict(set)
    syntax = {_line(finding) for _, finding in keyed if finding.kind is FindingKind.SYNTAX_ERROR}
    for key, finding in keyed:
        if finding.file and finding.line and finding.kind in _TYPES:
            found[(*_line(finding), "type")].add(key)
        if finding.kind not in _PLACED or not finding.file:
            continue
        if finding.line and _line(finding) in syntax:
            found[_line(finding)].add(key)
        if finding.subject and finding.kind is not FindingKind.IMPLICIT_DECLARATION:
            found[base_name(finding.file), symbol_name(finding.subject)].add(key)
    return found


def _line(finding: Finding) -> tuple[object, ...]:
    return base_name(finding.file), finding.line
