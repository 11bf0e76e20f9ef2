"""What tools/breakages.py makes of an advice; the real builds are for `make proof`."""

import sys
from pathlib import Path

import attrs
import pytest

from ciforge.diagnose.probes import answered, answers
from ciforge.load.dependencies import dependency_index
from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.result import Result, Status
from tests.tables import each

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from breakages_judge import judge  # noqa: E402
from breakages_mend import Change, changes, edited, included, linking  # noqa: E402
from breakages_table import breakages  # noqa: E402

JOB = "portable/debian-13/default"


def said(kind: FindingKind, subject: str, answer: str, file: str = "../a/ca.c") -> Finding:
    """A finding with the advice that an answer of a box gives it."""
    (one,) = answered(
        [Finding(kind=kind, subject=subject, file=file)], answers(answer), dependency_index()
    )
    return one


def caused(*found: Finding) -> tuple[Cause, ...]:
    """A cause of the job for each."""
    return tuple(
        Cause(key=str(at), kind=one.kind, findings={JOB: one}) for at, one in enumerate(found)
    )


@each(
    ("kind", "subject", "answer", "change"),
    [
        (
            FindingKind.IMPLICIT_DECLARATION,
            "setgroups",
            "function setgroups in grp.h",
            Change(header="grp.h", file="ca.c"),
        ),
        (
            FindingKind.IMPLICIT_DECLARATION,
            "memmem",
            "function memmem gnu string.h",
            Change(header="string.h", file="ca.c", define="_GNU_SOURCE"),
        ),
        (
            FindingKind.UNDECLARED,
            "WNOHANG",
            "name WNOHANG in sys/wait.h",
            Change(header="sys/wait.h", file="ca.c"),
        ),
        (FindingKind.UNDEFINED_SYMBOL, "cbrt", "symbol cbrt library m", Change(library="m")),
        (
            FindingKind.MISSING_HEADER,
            "lmdb.h",
            "header lmdb.h owner liblmdb-dev",
            Change(package="liblmdb-dev"),
        ),
        (
            FindingKind.MISSING_HEADER,
            "event.h",
            "header event.h owner libevent-dev",
            Change(package="libevent-dev"),
        ),
        (FindingKind.MISSING_TOOL, "mandoc", "tool mandoc owner mandoc", Change(package="mandoc")),
        (FindingKind.MISSING_PACKAGE, "lmdb", "module lmdb owner liblmdb-dev", Change(package="liblmdb-dev")),
    ],
)  # fmt: skip
def test_advice_that_names_a_change_claims_to_fix(
    kind: FindingKind, subject: str, answer: str, change: Change
) -> None:
    assert changes(caused(said(kind, subject, answer)), JOB) == (change,)


@each(
    ("kind", "subject", "answer"),
    [
        (FindingKind.IMPLICIT_DECLARATION, "pledge", "function pledge nowhere"),
        (FindingKind.UNDEFINED_SYMBOL, "dict_xget", "symbol dict_xget nowhere"),
        (
            FindingKind.MISSING_HEADER,
            "x/rfc5322.h",
            "header x/rfc5322.h source usr.sbin/x/rfc5322.h",
        ),
        (FindingKind.MISSING_TOOL, "mandoc", "tool mandoc at /opt/bin/mandoc"),
        (FindingKind.SYNTAX_ERROR, "do", ""),
    ],
)
def test_advice_without_a_change_claims_nothing(
    kind: FindingKind, subject: str, answer: str
) -> None:
    assert changes(caused(said(kind, subject, answer)), JOB) == ()


def test_job_is_fixed_only_if_each_of_its_causes_has_a_change() -> None:
    mendable = said(FindingKind.MISSING_HEADER, "lmdb.h", "header lmdb.h owner liblmdb-dev")
    other = Finding(kind=FindingKind.UNKNOWN_TYPE, subject="waiter_id_t")
    assert changes(caused(mendable, other), JOB) == ()
    assert changes(caused(mendable, mendable), JOB) == (Change(package="liblmdb-dev"),)
    assert changes(caused(mendable), "portable/debian-12/default") == ()


SOURCE = '/* a file */\n#include "config.h"\n\n#include <stdio.h>\nint x;\n'


def test_advice_adds_a_header_after_the_first_one() -> None:
    assert included(SOURCE, Change(header="grp.h", file="a.c")) == SOURCE.replace(
        '"config.h"\n', '"config.h"\n#include <grp.h>\n'
    )


def test_advice_defines_a_macro_before_all_headers() -> None:
    text = included(SOURCE, Change(header="string.h", file="a.c", define="_GNU_SOURCE"))
    assert text.startswith("#define _GNU_SOURCE\n")
    assert text.index("_GNU_SOURCE") < text.index("config.h") < text.index("<string.h>")


def test_advice_changes_the_file_that_the_patch_left(tmp_path: Path) -> None:
    tree, folder = tmp_path / "tree", tmp_path / "patched"
    for root, text in ((tree, SOURCE), (folder, SOURCE + "int patched;\n")):
        (root / "src").mkdir(parents=True)
        (root / "src" / "a.c").write_text(text)
    assert edited(tree, folder, Change(header="grp.h", file="a.c")) == "src/a.c"
    assert "#include <grp.h>" in (folder / "src" / "a.c").read_text()
    assert "int patched;" in (folder / "src" / "a.c").read_text()
    assert (tree / "src" / "a.c").read_text() == SOURCE


@pytest.mark.parametrize("names", [(), ("x/a.c", "y/a.c")])
def test_advice_for_an_ambiguous_file_changes_nothing(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(SOURCE)
    with pytest.raises(LookupError):
        edited(tmp_path, tmp_path / "out", Change(header="grp.h", file="a.c"))


def test_advice_adds_libraries_to_those_of_every_program() -> None:
    assert "s/^LIBS = .*/& -lz -lm/" in linking(["z", "m"])


TABLE = {one.name: one for one in breakages(ROOT / "tests" / "breakages")}


ONE = attrs.evolve(
    TABLE["header-not-installed"], kinds=("missing-header",), subjects=("lmdb.h",), advice=""
)
FOUND = said(FindingKind.MISSING_HEADER, "lmdb.h", "header lmdb.h owner liblmdb-dev")
RED = Result(job=JOB, status=Status.FAILED, failed_step="build")
GREEN = Result(job=JOB, status=Status.PASSED)


@pytest.mark.parametrize(
    ("after", "words", "flaw"),
    [
        ([GREEN], "1 of 1 green", ""),
        ([RED], "0 of 1 green", f"{JOB}: with the advice build fails"),
        ([], "", f"{JOB}: its advice was not tried"),
    ],
)
def test_advice_that_claims_to_fix_must_fix(after: list[Result], words: str, flaw: str) -> None:
    why = Diagnosis(run="1", findings={JOB: (FOUND,)}, causes=caused(FOUND))
    verdict = judge(ONE, why, [RED], after)
    assert (verdict.mended, verdict.why) == (words, flaw)
