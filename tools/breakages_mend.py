"""Does what the advice of a finding says, where it names a change, as a person would."""

import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

from ciforge.model.cause import Cause
from ciforge.model.job import Job


@attrs.frozen(kw_only=True)
class Change:
    """One thing to change; what does not apply is empty."""

    header: str = ""
    """To include in `file`."""
    file: str = ""
    """Its name without folders, as the advice has it."""
    define: str = ""
    """To define before everything else in it."""
    library: str = ""
    """To link with, without `-l`."""
    package: str = ""
    """To install."""


_CLAIMS = (
    r"`#include <(?P<header>[^>]+)>` in (?P<file>[\w.+-]+)"
    r"(?:, with `-D(?P<define>\w+)`)?:",
    r"Link with `-l(?P<library>[^`]+)`",
    r"Add `[^`]+` to `dependencies`: (?P<package>[\w.+-]+) owns ",
    r"Add what owns it to `dependencies`: (?P<package>[\w.+-]+) owns ",
)
"""Beginnings of advice that names a change."""


def claimed(advice: str) -> Change | None:
    """The change that an advice names; None where it names none."""
    for pattern in _CLAIMS:
        if match := re.match(pattern, advice):
            return Change(**{name: value or "" for name, value in match.groupdict().items()})
    return None


def changes(causes: Iterable[Cause], job: str) -> tuple[Change, ...]:
    """Returns the changes that would make a job green; empty unless the advice of each of its causes names one."""
    named = [claimed(one.findings[job].advice) for one in causes if job in one.findings]
    sure = tuple(dict.fromkeys(one for one in named if one is not None))
    return sure if named and None not in named else ()


def included(text: str, change: Change) -> str:
    """The text of a C file with the header after the first one that it includes."""
    line = re.search(r"^#[ \t]*include\b.*\n", text, re.MULTILINE)
    end = line.end() if line else 0
    define = f"#define {change.define}\n" if change.define else ""
    return f"{define}{text[:end]}#include <{change.header}>\n{text[end:]}"


def edited(tree: Path, folder: Path, change: Change) -> str:
    """Writes the changed file of `tree` to `folder`, which may have it already; its path there.

    Raises LookupError where no file, or more than one, is called so.
    """
    found = [one.relative_to(tree) for one in tree.rglob(change.file)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} files are called {change.file}")
    file = folder / found[0]
    source = file if file.exists() else tree / found[0]
    text = source.read_text()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(included(text, change))
    return str(found[0])


def adding(job: Job, packages: Sequence[str]) -> str:
    """A script for root that installs these, as the job's image installs its own."""
    manager = job.manager
    env = (f"export {name}={shlex.quote(value)}" for name, value in manager.env.items())
    install = manager.install.replace("{packages}", shlex.join(packages))
    return "\n".join(filter(None, (*env, manager.refresh, install))) + "\n"


def linking(libraries: Sequence[str]) -> str:
    """A script that has every program of the tree linked with these, too."""
    words = " ".join(f"-l{one}" for one in libraries)
    return f"find . -name Makefile -exec sed -i 's/^LIBS = .*/& {words}/' {{}} +\n"
