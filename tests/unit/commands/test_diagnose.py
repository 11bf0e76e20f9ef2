"""`ciforge diagnose`: any log, from anywhere, for people and for programs."""

import gzip
import json
import lzma
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ciforge.cli.main import cli, main

LOG = (
    "gcc -c x.c\n"
    "x.c:1:10: fatal error: event.h: No such file or directory\n"
    "    1 | #include <event.h>\n"
    "make: *** [Makefile:3: x.o] Error 1\n"
)
KEYS = {
    "kind", "subject", "file", "line", "log_line", "root_line", "severity", "advice", "basis",
    "step", "excerpt", "header",
}  # fmt: skip


def run(*words: object, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, ["diagnose", *map(str, words)], input=stdin)


def answers(shown: Result) -> list[dict[str, object]]:
    assert shown.exit_code == 0, shown.output
    return [json.loads(line) for line in shown.stdout.splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "build.log"
    file.write_text(LOG)
    return file


def test_diagnose_prints_place_kind_subject_excerpt_and_advice(log: Path) -> None:
    shown = run(log)
    assert shown.exit_code == 0
    head, *rest = shown.stdout.splitlines()
    assert head == f"{log}:2: missing-header: event.h  (x.c:1)"
    assert "  > x.c:1:10: fatal error: event.h: No such file or directory" in rest
    assert "libevent" in rest[-1]


def test_diagnose_json_has_one_object_per_file(log: Path) -> None:
    first, second = answers(run(log, log, "--json"))
    assert first == second
    assert first["v"] == 1
    assert first["file"] == str(log)
    (found,) = first["findings"]  # type: ignore[misc, attr-defined]
    assert set(found) == KEYS
    assert (found["kind"], found["subject"], found["severity"]) == (
        "missing-header", "event.h", "error",
    )  # fmt: skip
    assert (found["file"], found["line"], found["log_line"]) == ("x.c", 1, 2)
    assert found["root_line"] == LOG.splitlines()[1]


@pytest.mark.parametrize("words", [(), ("-",)])
def test_diagnose_reads_standard_input_without_a_file(words: tuple[str, ...]) -> None:
    (answer,) = answers(run(*words, "--json", stdin=LOG))
    assert answer["file"] == "-"
    assert len(answer["findings"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_diagnose_reads_compressed_logs(pack: object, tmp_path: Path) -> None:
    file = tmp_path / "log.packed"
    file.write_bytes(pack(LOG.encode()))  # type: ignore[operator]
    (answer,) = answers(run(file, "--json"))
    assert len(answer["findings"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_diagnose_refuses_a_truncated_compressed_log(pack: object, tmp_path: Path) -> None:
    file = tmp_path / "log.packed"
    file.write_bytes(pack(LOG.encode() * 100)[:-9])  # type: ignore[operator]
    with pytest.raises(SystemExit) as ended:
        main(["diagnose", str(file)])
    assert ended.value.code == 2


def test_diagnose_refuses_a_missing_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["diagnose", str(tmp_path / "nope.log")])
    assert ended.value.code == 2
    assert "nope.log: No such file or directory" in capsys.readouterr().err


def test_diagnose_of_a_log_without_a_cause_says_so(tmp_path: Path) -> None:
    file = tmp_path / "green.log"
    file.write_text("gcc -Werror -c error.c\nok\n")
    assert run(file).stdout == f"{file}: nothing found\n"
    assert answers(run(file, "--json"))[0]["findings"] == []


def test_diagnose_with_failed_always_prints_a_finding() -> None:
    (answer,) = answers(run("--failed", "--json", stdin="nothing to see\n"))
    assert [one["kind"] for one in answer["findings"]] == ["other"]  # type: ignore[attr-defined]


CONFIGURE = "configure: error: C compiler cannot create executables\n"
REASON = (
    "configure:3: checking whether the C compiler works\n"
    "/usr/bin/ld: cannot find crt1.o: No such file or directory\n"
    "configure:4: error: C compiler cannot create executables\n"
)


def test_diagnose_reads_the_reason_in_config_log(tmp_path: Path) -> None:
    why = tmp_path / "config.log"
    why.write_text(REASON)
    (answer,) = answers(run("--config-log", why, "--json", stdin=CONFIGURE))
    assert [one["subject"] for one in answer["findings"]] == ["crt1.o"]  # type: ignore[attr-defined]


def test_diagnose_finds_config_log_in_a_run_folder(tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "config.log").write_text(REASON)
    log = tmp_path / "log.txt"
    log.write_text(CONFIGURE)
    (answer,) = answers(run(log, "--json"))
    assert [one["subject"] for one in answer["findings"]] == ["crt1.o"]  # type: ignore[attr-defined]


def test_diagnose_prints_a_hostile_log_without_escape_sequences() -> None:
    line = "x.c:1:1: error: unknown type name '\x1b]0;title\x07\x1b[31m\u202ex'\n"
    shown = run(stdin=line).stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_diagnose_calls_a_warning_a_warning() -> None:
    shown = run(stdin="x.c:1:1: warning: implicit declaration of function 'f'\n").stdout
    assert shown.startswith("-:1: warning: implicit-declaration: f  (x.c:1)")


def test_diagnose_marks_advice_that_is_from_a_manual(log: Path) -> None:
    log.write_text("ar: libfrob.a: Permission denied\nmake: *** [Makefile:9: libfrob.a] Error 1\n")
    assert run(log).stdout.rstrip().endswith(" (from the manual)")
    log.write_text(
        "./gen.sh: Permission denied\nsh: ./gen.sh: Permission denied\nmake: *** [x] Error 126\n"
    )
    assert "from the manual" not in run(log).stdout
