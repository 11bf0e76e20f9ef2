#!/usr/bin/env python3
"""Bad merges of twelve portable projects of Debian, built for real: resumable.

    python tools/debian_merges.py FOLDER [NAME...]

FOLDER is that of tools/debian_projects.py, whose tarballs are used. Each merge of debian_merges_table.py is made in a
drafted tree, and `ciforge run` builds it. What the advice of its only cause says is then done mechanically, and the
build has to be green. A result that is there is not made again; the page docs/proof/debian-projects.md is written from
all of them. Exit statuses: 0; 1: a row does not hold; 2: wrong arguments.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml
from breakages_mend import claimed, included
from debian_merges_table import INCLUDE, LINUX, PROJECTS, BadMerge
from debian_projects import PAGE, built, prepared
from markdown_table import table_row

BEGIN, END = "<!-- written by tools/debian_merges.py -->", "<!-- end of the merges -->"
_GUARDS = (
    (r"(?P<name>\S+) is a header of .*check for it in configure, and build \S+ without it",
     "#if __has_include(<{name}>)"),
    (r"No header of this system has (?P<name>\w+): leave out what needs it .* by #ifdef", "#ifdef {name}"),
    (r"No header of this system declares (?P<name>\w+), .*or a check in configure", "#ifdef __linux__"),
)  # fmt: skip
"""Advice to leave something out, and the condition of the preprocessor that does so."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of one merge: two builds, and the finding of the only cause of the first."""

    before: Mapping[str, Any]
    finding: Mapping[str, Any]
    after: Mapping[str, Any]
    """Empty: the advice names no change, or another place than that of the merge."""


def with_settings(draft: str, name: str) -> str:
    """The drafted file with what the table says of the project."""
    document = yaml.safe_load(draft)
    (repo,) = document["repos"].values()
    repo["configure"] = [*repo.get("configure", []), *PROJECTS[name].configure]
    repo["where"] = {**repo.get("where", {}), **PROJECTS[name].where}
    return str(yaml.safe_dump(document, sort_keys=False))


def only_finding(causes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The finding of the only cause; empty if there is none, or more than one."""
    found: list[Mapping[str, Any]] = [one for cause in causes for one in cause["findings"].values()]
    return found[0] if len(found) == 1 else {}


def followed(merge: BadMerge, original: str, broken: str, finding: Mapping[str, Any]) -> str:
    """The text of the broken file after its advice was followed; empty if that names no change to this file."""
    if Path(finding["file"]).name != Path(merge.file).name:
        return ""
    if merge.sort == INCLUDE:
        change = claimed(finding["advice"])
        return included(broken, change) if change and change.header else ""
    if merge.sort == LINUX:
        return guarded(merge, original, finding["advice"])
    # The advice says what is wrong with the conditional; the line says where, and there it is put right.
    return original if at_line(broken, finding["line"]) == merge.at else ""


def at_line(text: str, line: int | None) -> str:
    """A line of the text without blanks around it; empty if there is none."""
    lines = text.splitlines()
    return lines[line - 1].strip() if line and line <= len(lines) else ""


def guarded(merge: BadMerge, original: str, advice: str) -> str:
    """The file with the merged lines between `#if` and `#endif`."""
    for pattern, condition in _GUARDS:
        if match := re.match(pattern, advice):
            return f"{original}\n{condition.format(**match.groupdict())}\n{merge.new}#endif\n"
    return ""


def tried(merge: BadMerge, tree: Path, state: Path) -> Outcome:
    """Builds the tree with the merge, and with what the advice says."""
    file = tree / merge.file
    original = file.read_text()
    try:
        broken = merge.broken(original)
        file.write_text(broken)
        before = built(tree, state, merge.job)
        finding = only_finding(before["causes"])
        text = followed(merge, original, broken, finding) if finding else ""
        file.write_text(text or original)
        after = built(tree, state, merge.job) if text else {}
    finally:
        file.write_text(original)
    return Outcome(before=before, finding=finding, after=after)


def flaw(merge: BadMerge, outcome: Outcome) -> str:
    """What does not hold; empty if everything does."""
    before, finding, after = outcome.before, outcome.finding, outcome.after
    if before["status"] != "failed":
        return f"the build is {before['status']}: {before.get('reason', '')}"
    if len(before["causes"]) != 1:
        return (
            f"{len(before['causes'])} causes: {'; '.join(one['title'] for one in before['causes'])}"
        )
    if (finding["kind"], finding["subject"]) != (merge.kind, merge.subject):
        return f"the cause is {finding['kind']} {finding['subject']!r}"
    if not after:
        return (
            f"the advice names no change: {finding['file']}:{finding['line']}: {finding['advice']}"
        )
    return (
        ""
        if after["status"] in ("passed", "compiled")
        else f"with the advice: {after['status']} in {after['step']}"
    )


def row(name: str, merge: BadMerge, outcome: Outcome) -> str:
    """A row of the table."""
    causes = outcome.before["causes"]
    green = "green" if outcome.after and not flaw(merge, outcome) else ""
    title = causes[0]["title"] if len(causes) == 1 else ""
    why = flaw(merge, outcome)
    cells = (name, merge.sort, f"`{merge.file}`", f"`{merge.job}`", title, green)
    return table_row((*cells, f"no: {why}" if why else "yes"))


def table(outcomes: Sequence[tuple[str, BadMerge, Outcome]]) -> str:
    """The part of the page between the marks."""
    good = sum(not flaw(merge, outcome) for _, merge, outcome in outcomes)
    head = ("project", "bad merge", "file", "job", "the only cause", "with the advice", "held")
    planned = sum(len(project.merges) for project in PROJECTS.values())
    left = f" Not built yet: {planned - len(outcomes)}." * (planned > len(outcomes))
    lines = [f"{good} of {planned} held.{left}", "", table_row(head), "|---" * len(head) + "|"]
    return "\n".join([*lines, *(row(*one) for one in outcomes)])


def kept(folder: Path, name: str, merge: BadMerge) -> Path:
    """The file with the outcome of a merge."""
    return folder / "merges" / f"{name},{merge.sort.replace(' ', '-')}.json"


def build(name: str, folder: Path) -> None:
    """Builds what is missing of a project."""
    left = [one for one in PROJECTS[name].merges if not kept(folder, name, one).exists()]
    if not left:
        return
    tree = prepared(name, folder)
    file = tree / "ciforge.yml"
    file.write_text(with_settings(file.read_text(), name))
    for merge in left:
        outcome = tried(merge, tree, folder / "state")
        kept(folder, name, merge).write_text(json.dumps(attrs.asdict(outcome), indent=1))
        print(
            f"{name}: {merge.sort}: {flaw(merge, outcome) or 'held'}", file=sys.stderr, flush=True
        )


def main(arguments: Sequence[str]) -> int:
    """Builds what is missing, and writes the page."""
    if not arguments or not set(arguments[1:]) <= set(PROJECTS):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0]).resolve()
    (folder / "merges").mkdir(parents=True, exist_ok=True)
    for name in arguments[1:] or PROJECTS:
        build(name, folder)
    outcomes = [
        (name, merge, Outcome(**json.loads(file.read_text())))
        for name, project in PROJECTS.items()
        for merge in project.merges
        if (file := kept(folder, name, merge)).exists()
    ]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(outcomes)}\n\n{END}{rest.partition(END)[2]}")
    return 1 if any(flaw(merge, outcome) for _, merge, outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
