"""Measures what a diagnosis is worth where no rule knows the tool: leave one tool out.

For each family of rules (the tables of one tool), the family is switched off, and the logs whose root line one of its rows
explains are diagnosed by what remains. The score is how often kind, and kind and subject, of the first cause are still
right. Logs are all labelled ones in `tests`; those that all tables together get wrong are left out, for their family is not
known. Tables that are of no tool (`GENERAL`) stay.

    python tools/leave_one_out.py             # the table
    python tools/leave_one_out.py --misses    # also each miss; those that are held back stay hidden
    python tools/leave_one_out.py linkers     # some families alone
"""

import argparse
import importlib
import importlib.util
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parents[1]
RULES = "ciforge.diagnose.rules"
GENERAL = ("general_wordings", "error_numbers", "unknown_options")
"""Tables of words that no tool owns."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "gcc and clang": (
        "c_identifiers", "c_syntax", "c_types", "compiler_errors", "compiler_options", "missing_declarations", "old_gcc",
        "opaque_structures", "preprocessor", "type_mismatches", "warnings_as_errors",
    ),
    "autotools": ("autotools", "autotools_setup", "configure_probes"),
    "GNU and BSD make": ("make", "bsd_make"),
    "shells": ("posix_shell", "shells"),
}  # fmt: skip
"""Families with more than one table; every other table is a family."""
WORKERS = 2


@attrs.frozen
class Case:
    """A labelled log."""

    name: str
    lines: tuple[str, ...]
    kind: str
    subjects: tuple[str, ...]
    root: str
    held: bool = False


@attrs.frozen
class Outcome:
    """What remains of the diagnosis of a log without the rules of its tool."""

    family: str
    name: str
    expected: str
    got: str
    kind: bool
    subject: bool
    held: bool

    @property
    def right(self) -> bool:
        return self.kind and self.subject


def load_benchmark() -> Any:
    """The module `benchmarks/diagnosis.py`, which knows how labels are written."""
    spec = importlib.util.spec_from_file_location("diagnosis", ROOT / "benchmarks/diagnosis.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["diagnosis"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases(benchmark: Any) -> Iterator[Case]:
    """All labelled logs of failures."""
    for row in _rows(benchmark.ROOTS):
        yield Case(
            row["id"], (row["root_line"],), row["kind"], (row["subject"] or "",), row["root_line"]
        )
    for folder, apart in ((benchmark.LOGS, False), (benchmark.OUTSIDE, True)):
        for row in _rows(folder / "index.jsonl"):
            lines = (folder / row["log"]).read_text(errors="replace").split("\n")
            subjects = (row["subject"] or "", *row.get("also", ()))
            held = apart and benchmark.held(row["log"])
            yield Case(row["log"], tuple(lines), row["kind"], subjects, row["root_line"], held)
    yield from _formats(benchmark)
    for file in sorted((ROOT / "tests/unit/diagnose/classes").glob("*.jsonl")):
        for row in _rows(file):
            if row["kind"]:
                lines = tuple(row["log"].split("\n"))
                yield Case(
                    f"{file.stem}/{row['name']}",
                    lines,
                    row["kind"],
                    (row["subject"],),
                    row.get("root", ""),
                )


def _formats(benchmark: Any) -> Iterator[Case]:
    for file in sorted(benchmark.FORMATS.glob("formats*.txt")):
        for text in file.read_text().split("=== ")[1:]:
            row = benchmark._block(text)
            lines = tuple(row["log"].split("\n"))
            root = next(line for line in lines if row["root"] in line)
            held = benchmark.held(row["name"])
            yield Case(row["name"], lines, row["kind"], (row["subject"],), root, held)


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def families() -> dict[str, tuple[str, ...]]:
    """The tables of each family, without those of `GENERAL`."""
    grouped = {table for tables in GROUPS.values() for table in tables}
    package = importlib.import_module(RULES)
    found = dict(GROUPS)
    for module in pkgutil.iter_modules(package.__path__):
        has_rules = hasattr(importlib.import_module(f"{RULES}.{module.name}"), "RULES")
        if has_rules and module.name not in grouped and module.name not in GENERAL:
            found[module.name] = (module.name,)
    return found


def family_of(first: Any) -> str:
    """The family whose row explains the root line of a log; empty if none does."""
    from ciforge.diagnose.scan import ruleset
    from ciforge.diagnose.scan.log_lines import bare
    from ciforge.diagnose.scan.prefilter import words_of

    line = bare(first.root_line)
    rows = ruleset.candidate_rows(line, ruleset.WORDS.intersection(words_of(line)))[2]
    inside = [ruleset.match_inside(line, section.name) for section in ruleset.SECTIONS]
    tried = [ruleset.match(line, rows), *inside, ruleset.match(line, ruleset.ALONE)]
    rules = [found.rule for found in tried if found]
    fitting = [rule for rule in rules if rule.kind is first.kind] or rules
    for family, tables in families().items():
        for table in tables:
            if any(
                rule in fitting[:1] for rule in importlib.import_module(f"{RULES}.{table}").RULES
            ):
                return family
    return ""


def first_cause(lines: Sequence[str]) -> Any:
    from ciforge.diagnose.scan.findings import diagnose
    from ciforge.model.finding import Severity

    found = diagnose(lines, failed=True)
    return next((one for one in found if one.severity is Severity.ERROR), None)


def attribute() -> dict[str, str]:
    """The family of each log that all tables together get right."""
    found = {}
    for case in cases(load_benchmark()):
        one = first_cause(case.lines)
        if one and one.kind.value == case.kind and one.subject in case.subjects:
            found[case.name] = family_of(one)
    return found


def without(family: str, names: Sequence[str]) -> list[Outcome]:
    """The logs of these names, diagnosed without the family; for a process that imported no table yet."""
    for table in families()[family]:
        module: Any = importlib.import_module(f"{RULES}.{table}")
        module.RULES = ()
        module.SECTIONS = ()
    wanted = set(names)
    outcomes = []
    for case in cases(load_benchmark()):
        if case.name in wanted:
            one = first_cause(case.lines)
            got = f"{one.kind.value} {one.subject} | {one.root_line}" if one else "nothing"
            outcomes.append(
                Outcome(
                    family, case.name, f"{case.kind} {case.subjects[0]} | {case.root}", got,
                    kind=bool(one) and one.kind.value == case.kind,
                    subject=bool(one) and one.subject in case.subjects, held=case.held,
                )
            )  # fmt: skip
    return outcomes


def _in_process(arguments: Sequence[str], given: str = "") -> Any:
    """What this program, called with these arguments in a process of its own, prints as JSON."""
    command = [sys.executable, __file__, *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, input=given, env=env, check=True, text=True, stdout=subprocess.PIPE
    )
    return json.loads(run.stdout)


def measure(chosen: Sequence[str]) -> list[Outcome]:
    """All logs of the chosen families, each without the rules of its family."""
    by_family: dict[str, list[str]] = {}
    for name, family in _in_process(["--attribute"]).items():
        if family and (not chosen or family in chosen):
            by_family.setdefault(family, []).append(name)

    def one(family: str) -> list[Outcome]:
        rows = _in_process(["--without", family], json.dumps(by_family[family]))
        return [Outcome(**row) for row in rows]

    with ThreadPoolExecutor(WORKERS) as pool:
        return [outcome for found in pool.map(one, sorted(by_family)) for outcome in found]


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """A row for each family, then the sums."""
    rows = {
        family: [o for o in outcomes if o.family == family]
        for family in sorted({o.family for o in outcomes})
    }
    rows["held back"] = [outcome for outcome in outcomes if outcome.held]
    rows["all"] = list(outcomes)
    lines = [
        "| rules switched off | logs | kind and subject right | kind right |",
        "|---|---|---|---|",
    ]
    for name, found in rows.items():
        right, kind = sum(one.right for one in found), sum(one.kind for one in found)
        share = [f"{100 * count // max(len(found), 1)} %" for count in (right, kind)]
        lines.append(f"| {name} | {len(found)} | {right} ({share[0]}) | {kind} ({share[1]}) |")
    return lines


def main(words: Sequence[str] | None = None) -> int:
    """Prints the table; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("families", nargs="*", help="families alone; default: all")
    parser.add_argument(
        "--misses", action="store_true", help="also print misses that are not held back"
    )
    parser.add_argument("--attribute", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--without", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.attribute:
        print(json.dumps(attribute()))
    elif options.without:
        print(
            json.dumps(
                [attrs.asdict(one) for one in without(options.without, json.load(sys.stdin))]
            )
        )
    else:
        outcomes = measure(options.families)
        for one in outcomes:
            if options.misses and not one.right and not one.held:
                print(f"{one.family}: {one.name}\n  expected {one.expected}\n  got      {one.got}")
        print("\n".join(table(outcomes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
