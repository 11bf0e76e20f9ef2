"""Writes a proposal as the text of a ciforge.yml, with a comment for each conclusion."""

import json
import re
from collections.abc import Iterator, Sequence

from ciforge.draft.dependency_matcher import ResolvedDependency
from ciforge.draft.proposal import Origin, Proposal, SourcedValue
from ciforge.sanitize import short_line

_PLAIN = re.compile(r"(?:--)?[A-Za-z_/][A-Za-z0-9_./=+-]*|\.{1,2}(?:/[A-Za-z0-9_./+-]*)?")
_TRUTH = re.compile(r"(?i)(?:y|n|yes|no|on|off|true|false|null)")
_WIDTH = 34
"""The column of comments, unless the line is longer."""


def text(proposal: Proposal, origin: Origin, path: str) -> str:
    """The whole file; `path` is the tree relative to it, empty if it is elsewhere."""
    return "".join(f"{line}\n" for line in _lines(proposal, origin, path))


def _lines(proposal: Proposal, origin: Origin, path: str) -> Iterator[str]:
    name = value(proposal.name.value)
    yield "# Drafted by `ciforge init`. The comment beside a line names its source."
    yield "# yaml-language-server: $schema=ciforge.schema.json"
    yield "# The line above is for editors; the file is made by: ciforge schema >ciforge.schema.json"
    yield "# Keys: man ciforge.yml. Problems: ciforge lint. A first build: ciforge run debian-13"
    yield _with_comment(f"project: {name}", proposal.name.because)
    yield "repos:"
    yield f"  {name}:"
    if path:
        yield f"    path: {value(path)}"
    if origin.git:
        yield _with_comment(f"    git: {value(origin.git)}", f"git: remote {origin.remote}")
    if origin.git and origin.branch:
        yield _with_comment(f"    branches: [{value(origin.branch)}]", "git: its branch")
    yield _with_comment(f"    recipe: {value(proposal.recipe.value)}", proposal.recipe.because)
    yield from _dependencies(proposal.dependencies, "    ")
    yield from _listed("configure", proposal.configure)
    yield from _mapped("env", proposal.env)
    yield from _mapped("users", proposal.users)
    yield from _steps(proposal)
    yield from _where(proposal)
    yield from (f"    # {short_line(hint, 120)}" for hint in proposal.hints)
    yield "jobs:"
    for job in proposal.jobs:
        yield _with_comment(f"  - {value(job.value)}", job.because)


def value(text: str) -> str:
    """A scalar that YAML reads back as the same text; quoted if it could be read otherwise."""
    if _PLAIN.fullmatch(text) and not _TRUTH.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _with_comment(line: str, because: str) -> str:
    return f"{line:<{_WIDTH}}  # {short_line(because, 110)}" if because else line


def _dependencies(found: Sequence[ResolvedDependency], indent: str) -> Iterator[str]:
    if found:
        yield f"{indent}dependencies:"
    for dependency in found:
        rest = f" (and {len(dependency.clues) - 1} more)" if len(dependency.clues) > 1 else ""
        yield _with_comment(
            f"{indent}  - {_need(dependency)}", f"{short_line(str(dependency.clues[0]), 90)}{rest}"
        )


def _need(dependency: ResolvedDependency) -> str:
    if dependency.need.packages is None:
        return value(dependency.need.name)
    spelled = (
        f"{value(place)}: {_flow(names)}" for place, names in dependency.need.packages.items()
    )
    return f"{value(dependency.need.name)}: {{{', '.join(spelled)}}}"


def _flow(names: Sequence[str]) -> str:
    return value(names[0]) if len(names) == 1 else f"[{', '.join(map(value, names))}]"


def _listed(key: str, found: Sequence[SourcedValue]) -> Iterator[str]:
    if found:
        yield f"    {key}:"
    for dependency in found:
        yield _with_comment(f"      - {value(dependency.value)}", dependency.because)


def _mapped(key: str, found: Sequence[tuple[str, SourcedValue]]) -> Iterator[str]:
    if found:
        yield f"    {key}:"
    for name, sourced in found:
        yield _with_comment(f"      {value(name)}: {value(sourced.value)}", sourced.because)


def _steps(proposal: Proposal) -> Iterator[str]:
    installs = not any(step.name == "install" and not step.run for step in proposal.steps)
    if proposal.steps or installs:
        yield "    steps:"
    for step in proposal.steps:
        run = step.run.replace("{repo}", proposal.name.value)
        setting = f"{{run: {json.dumps(run)}}}" if step.run else "false"
        yield _with_comment(f"      {value(step.name)}: {setting}", step.because)
    if installs:
        yield _with_comment("      smoke: installed", "starts each installed program")


def _where(proposal: Proposal) -> Iterator[str]:
    if proposal.only:
        yield "    where:"
    for place, found in proposal.only:
        yield f"      {value(place)}:"
        yield from _dependencies(found, "        ")
