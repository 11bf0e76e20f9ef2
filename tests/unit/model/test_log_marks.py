"""The marks that ciforge writes into logs are those that it reads."""

import io
import re
from pathlib import Path

import pytest

from ciforge.diagnose.scan.findings import diagnose, read_lines
from ciforge.model.finding import FindingKind
from ciforge.model.log_marks import (
    LIMIT,
    NOTHING_INSTALLED,
    PREFIX,
    RETRY,
    STEP,
    STEP_IN_BYTES,
    built_with,
    gap_mark,
    limit_mark,
    mark,
    place_mark,
    retry_mark,
    step_mark,
)

ROOT = Path(__file__).parents[3]
HOSTED = ROOT / "workflows" / "hosted"
ERROR = "x.c:1:1: error: expected ';' before 'y'"


def test_step_mark_is_read_as_the_beginning_of_a_step() -> None:
    for name in ("build", "a" * 64, "0.9+x_y-z"):
        found = STEP.match(step_mark(name))
        assert found is not None and found["step"] == name
        in_bytes = STEP_IN_BYTES.fullmatch(f"{step_mark(name)}\r\n".encode())
        assert in_bytes is not None and in_bytes[1].decode() == name


def test_limit_mark_is_read_as_a_timeout_of_its_step() -> None:
    for name in ("build", "0.9+x_y-z"):
        found = re.search(LIMIT, limit_mark(name))
        assert found is not None and found["subject"] == name
        (finding, *_) = diagnose([step_mark(name), "sleep 99", limit_mark(name)], failed=True)
        assert (finding.kind, finding.subject) == (FindingKind.TIMEOUT, name)


@pytest.mark.parametrize("reason", ["the mirror failed", "two\nlines\r\n", "a; once more in 3 s"])
def test_retry_mark_is_one_line_that_takes_back_earlier_findings(reason: str) -> None:
    line = retry_mark(reason, 3)
    assert "\n" not in line and RETRY.match(line)
    log = [step_mark("prepare"), "E: Unable to locate package x", line, "Setting up x"]
    assert [found.kind for found in diagnose(log[:2], failed=False)] == [FindingKind.DEPS_NOT_FOUND]
    assert diagnose(log, failed=False) == ()


def test_files_of_a_machine_are_named_from_the_top_of_the_source() -> None:
    folder = "/var/tmp/me/ciforge/job"
    lines = [
        "machine box, debian-13; it does not promise: clean",
        place_mark(folder),
        step_mark("build"),
        f"make[1]: Entering directory '{folder}/src/lib'",
        "f.c:3:1: error: unknown type name 'x'",
        f"{folder}/src/g.c:3:1: error: unknown type name 'y'",
        f"{folder}s/src/h.c:3:1: error: unknown type name 'z'",
    ]
    log = io.BytesIO("\n".join(lines).encode())
    found = {
        one.subject: (one.file, one.root_line) for one in diagnose(read_lines(log), failed=True)
    }
    assert found["x"] == ("lib/f.c", lines[4])
    assert found["y"] == ("g.c", "/ciforge/src/g.c:3:1: error: unknown type name 'y'")
    assert found["z"] == (f"{folder}s/src/h.c", lines[6])


def test_other_marks_are_read_as_none_of_these() -> None:
    for line in (gap_mark(7), mark("two words"), mark(f"{PREFIX}x")):
        assert not (STEP.match(line) or RETRY.match(line) or re.search(LIMIT, line))


def test_scripts_of_hosted_jobs_write_the_same_marks() -> None:
    texts = "".join(file.read_text() for file in sorted(HOSTED.glob("*.sh")))
    formats = {
        line.removeprefix("\\n").removesuffix("\\n")
        for line in re.findall(rf"'((?:\\n)?{PREFIX}[^']*)'", texts)
    }
    notes = re.findall(r"""\bnote (['"])(.+?)\1""", texts)
    formats |= {mark(re.sub(r"\$\w+", "%s", text)) for _, text in notes}
    expected = {
        step_mark("%s"),
        limit_mark("%s"),
        retry_mark("%s", 3),
        gap_mark(7).replace("7", "%d"),
        NOTHING_INSTALLED,
        mark("the image is from the cache"),
        mark("processes that %s left running: %s; they were ended"),
    }
    assert formats == expected


def test_no_other_module_writes_a_mark() -> None:
    here = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "ciforge").rglob("*.py"))
        if re.search(rf"^(?!\s*(?:example|counterexample)=).*{PREFIX}", file.read_text(), re.M)
    ]
    assert here == ["ciforge/model/log_marks.py"]


@pytest.mark.parametrize(
    ("step", "line", "fact"),
    [
        ("build", "compiled: by tcc: tcc version 0.9.27", "by tcc: tcc version 0.9.27"),
        ("build", "compiled: with musl", "with musl"),
        ("build", "compiled: /usr/bin/gcc was called, not gcc-12 of this job: call $CC", ""),
        ("check", "compiled: with musl", ""),
        (
            "linked",
            "linked: /usr/sbin/a b: /opt/x/lib/liby.so.3",
            "/usr/sbin/a b: /opt/x/lib/liby.so.3",
        ),
        ("linked", "linked: /usr/sbin/a loads /lib/liby.so.3, not the library of sources/x", ""),
    ],
)
def test_lines_of_checks_say_what_a_job_was_built_with(step: str, line: str, fact: str) -> None:
    assert built_with(step, line) == fact
