"""Names of a project to a script that asks a release's package index which packages have them. Pure."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

import attrs

from ciforge.model.distro import Distribution, Manager, Release
from ciforge.model.identifiers import PACKAGE
from ciforge.model.index_name import (
    KINDS,
    every_pattern,
    kind_of,
    name_at,
    near_pattern,
    path_pattern,
    plain_name,
)
from ciforge.sanitize import without_colours

_MARK = "ciforge-index:"
_LINE = re.compile(rf"^{_MARK} (\S+) (has|near|lost) ?[.]?/?(\S*)[ \t]*(\S*)$", re.MULTILINE)
_DONE = f"{_MARK} all asked"
_MOST = 50
"""Lines of the index for one name."""

_ASK_LIST = """\
ask() {{
    found=$(grep -E "^[.]?/?($2)[[:blank:]]" "$list" | head -n {most})
    word=has
    [ -n "$found" ] || {{
        found=$(grep -E "^[.]?/?($3)[[:blank:]]" "$list" | head -n {most})
        word=near
    }}
    [ -z "$found" ] || printf '%s\\n' "$found" | sed "s|^|{mark} $1 $word |"
}}
list=$(mktemp)
{{ {command} && echo ciforge-end; }} | LC_ALL=C grep -E -e '^ciforge-end$' -e {every} >"$list"
grep -q '^ciforge-end$' "$list"
[ "$(head -n 2 "$list" | wc -l)" -eq 2 ]"""

_ASK_PROVIDES = """\
if said=$({command} 2>&1); then printf '%s\\n' "$said" | grep . | sort -u | head -n {most} | sed 's|^|{mark} {name} has - |'
else echo '{mark} {name} lost'; printf '%s\\n' "$said" | tail -n 1; fi"""


@attrs.frozen
class IndexAnswer:
    """What an index has of one name."""

    owners: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """Paths to the packages that have them; `-` where the index does not say the path."""
    near: tuple[str, ...] = ()
    """Names of the same kind that are spelled alike, if nothing has the name."""
    lost: bool = False
    """Whether the package manager failed to answer."""


def can_ask(manager: Manager, name: str) -> bool:
    """Returns whether the index of a package manager can be asked for a name of this kind."""
    return bool(_list_command(manager)) or kind_of(name) in manager.provides


def _list_command(manager: Manager) -> str:
    """The command that prints the list of files; empty if the manager has none."""
    if "{file_index}" in manager.file_list and not manager.file_index:
        return ""
    return manager.file_list.replace("{file_index}", manager.file_index)


def index_script(
    distribution: Distribution, release: Release, manager: Manager, names: Iterable[str]
) -> str:
    """Returns a script for `sh`, run as root on a system of that release, that prints lines for `index_answers`."""
    names = [name for name in names if can_ask(manager, name)]
    setup = [*distribution.setup, *release.setup, manager.refresh]
    exports = [f"export {key}={shlex.quote(value)}" for key, value in manager.env.items()]
    questions = _of_list(manager, names) if _list_command(manager) else _of_provides(manager, names)
    lines = ["set -e", *exports, *(line for line in setup if line), *questions]
    return "\n".join([*lines, f"echo '{_DONE}'"]) + "\n"


def _of_list(manager: Manager, names: Iterable[str]) -> Iterator[str]:
    every = "|".join(every_pattern(kind) for kind in KINDS if kind in set(map(kind_of, names)))
    yield _ASK_LIST.format(
        command=_list_command(manager), most=_MOST, mark=_MARK,
        every=shlex.quote(f"^[.]?/?({every})[[:blank:]]"),
    )  # fmt: skip
    for name in names:
        yield shlex.join(("ask", name, path_pattern(name), near_pattern(name)))


def _of_provides(manager: Manager, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        # `%{name}` is rpm's.
        command = re.sub(r"(?<!%)\{name\}", plain_name(name), manager.provides[kind_of(name)])
        yield _ASK_PROVIDES.format(command=command, name=name, most=_MOST, mark=_MARK)


def index_answers(output: str, names: Iterable[str]) -> tuple[dict[str, IndexAnswer], bool]:
    """Returns the answer for each of `names`, and whether all were asked.

    What is no name of a package is left out, since an index may have anything."""
    output = without_colours(output)
    owners: dict[str, dict[str, tuple[str, ...]]] = {}
    near: dict[str, dict[str, None]] = {}
    lost: set[str] = set()
    for name, word, path, packages in _LINE.findall(output):
        if word == "lost":
            lost.add(name)
        elif word == "near":
            near.setdefault(name, {})[name_at(kind_of(name), path)] = None
        elif found := tuple(_packages(packages)):
            owning = owners.setdefault(name, {}).get(path, ())
            owners[name][path] = tuple(dict.fromkeys((*owning, *found)))
    answers = {
        name: IndexAnswer(
            owners=owners.get(name, {}),
            near=tuple(filter(None, near.get(name, ()))),
            lost=name in lost,
        )
        for name in names
    }
    return answers, any(line.strip() == _DONE for line in output.splitlines())


def _packages(text: str) -> Iterator[str]:
    """`libdevel/libevent-dev,net/other` to the packages, without their sections."""
    for word in text.split(","):
        name = word.rpartition("/")[2] or word
        if PACKAGE.fullmatch(name):
            yield name
