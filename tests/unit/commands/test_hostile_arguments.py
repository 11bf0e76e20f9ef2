"""What a command is given, or finds in its folders, never crashes it; a crash tells no secret."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_tests import Past, Types

from ciforge.app.scratch import begin_run, scratch_folder
from ciforge.cli.crash_report import masked
from ciforge.commands import diagnose
from ciforge.model.result import Status
from ciforge.store.runs.run_folder import RunFolder, read_run
from tests.tables import each, mostly_slow

sys.path.insert(0, str(Path(__file__).parent))
from test_clean import daemon  # noqa: F401 - an engine that answers

pytestmark = pytest.mark.slow

JOB = "daemon/debian-13/default"
CRASH = (
    "import ciforge.commands.history as history; history.Index = None; "
    "from ciforge.cli.main import main; main()"
)
FULL = """\
mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" || exit 99
"$2" -m ciforge history >/dev/null && "$2" -m ciforge notify >/dev/null || exit 98
: >"$1/mine/fill"; cat /dev/zero >"$1/mine/fill" 2>/dev/null
for command in history notify 'history --rebuild' 'collect found'; do
    "$2" -m ciforge $command; echo "exit $?"
done
"""


# Crash reports.


def crash(here: Path, *words: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, "history", *words], cwd=here, env=os.environ | env,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 70, done.stderr
    return done.stderr


def test_crash_report_is_in_the_state_folder_and_private(here: Path) -> None:
    said = crash(here)
    (report,) = (here.parent / "state" / ".crash-reports").iterdir()
    assert str(report) in said
    assert report.stat().st_mode & 0o777 == 0o600
    assert report.parent.stat().st_mode & 0o777 == 0o700
    assert "Traceback" in report.read_text()


@pytest.mark.slow
def test_crash_report_is_in_the_state_dir_of_the_command_line(here: Path, tmp_path: Path) -> None:
    crash(here, "--state-dir", str(tmp_path / "other"))
    assert list((tmp_path / "other" / ".crash-reports").iterdir())


@pytest.mark.slow
def test_crash_report_is_in_the_temporary_folder_if_the_state_folder_is_unwritable(
    here: Path, tmp_path: Path
) -> None:
    (tmp_path / "temp").mkdir()
    crash(here, CIFORGE_STATE="/dev/null/x", TMPDIR=str(tmp_path / "temp"))
    assert list((tmp_path / "temp").glob("ciforge-crash-*.txt"))


def test_crash_report_and_terminal_show_no_secret(here: Path) -> None:
    token = "tok-0123456789abcdef"
    words = ["--file", f"https://me:{token}@example.org/x", token]
    code = (
        "import os; from ciforge.cli.crash_report import first_line, write_report\n"
        "try: raise ValueError(f\"{os.environ['GITHUB_TOKEN']} {os.environ['CIFORGE_MAIL_PASSWORD']}\")\n"
        "except ValueError as error: print(first_line(error), write_report().read_text())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=here, capture_output=True, text=True, check=True,
        env=os.environ | {"GITHUB_TOKEN": token, "CIFORGE_MAIL_PASSWORD": "hunter22"},
    )  # fmt: skip
    assert "ValueError: *** ***" in done.stdout
    assert token not in done.stdout and "hunter22" not in done.stdout and "me:" not in done.stdout


@each(
    ("text", "shown"),
    [
        ("https://user:pass@host/x", "https://***@host/x"),
        ("https://ghp_0123456789@host/x", "https://***@host/x"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***"),
        ("ghs_0123456789abcdef", "***"),
        ("password=geheim,", "password=***,"),
        ("two\\nlines", "***"),
        ("https://example.org/a@b", "https://example.org/a@b"),
    ],
)
def test_crash_report_masks_secrets_anywhere(text: str, shown: str) -> None:
    assert masked(text, {"MY_SECRET": "two\nlines", "PATH": "/bin"}) == shown


# Folders.


@pytest.mark.parametrize("command", ["status", "history", "notify", "clean"])
def test_empty_state_dir_is_refused(types: Types, command: str) -> None:
    shown = types(command, "--state-dir", "")
    assert (shown.code, "the name of a folder must not be empty" in shown.err) == (2, True)


def test_history_shows_a_running_run_as_running(past: Past, types: Types) -> None:
    past.run("20261129T100000Z-000001", "2026-11-29T10:00:00Z", {JOB: Status.PASSED}, ended=False)
    past.run("20261129T100000Z-000002", "2026-11-29T10:00:00Z", {JOB: Status.PASSED}, ended=False)
    with scratch_folder(past.state) as scratch:
        begin_run(scratch, "20261129T100000Z-000002")
        lines = types("history").lines
        assert ["running" in line for line in lines] == [True, False]
        assert '"running": true' in types("history", "--json").lines[0]
    assert all("did not finish" in line for line in types("history").lines)


def test_clean_keeps_a_run_folder_that_is_a_link(
    past: Past, types: Types, tmp_path: Path, daemon: object  # noqa: F811
) -> None:  # fmt: skip
    for number in (1, 2):
        past.run(f"r{number}", "2020-01-01T00:00:00Z", {JOB: Status.FAILED})
    (past.state / "runs" / "r1").rename(tmp_path / "elsewhere")
    (past.state / "runs" / "r1").symlink_to(tmp_path / "elsewhere")
    shown = types("clean")
    assert shown.code == 2
    assert "removed run r2" in shown.out and "is a symbolic link, not removed" in shown.err
    assert (tmp_path / "elsewhere" / "run.json").is_file()


@pytest.mark.parametrize("age", ["99999w", "99999d", "0h"])
def test_clean_accepts_any_age(types: Types, daemon: object, age: str) -> None:  # noqa: F811
    assert types("clean", "--older-than", age).code == 0


@pytest.mark.parametrize(
    "started",
    mostly_slow(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x\x1b[31m"], quick=1),
)
def test_run_with_an_impossible_time_is_listed(
    past: Past, types: Types, daemon: object, started: str  # noqa: F811
) -> None:  # fmt: skip
    folder = past.run("r1", "2026-11-29T10:00:00Z", {JOB: Status.FAILED})
    record = read_run(folder)
    RunFolder(folder).finish(type(record)(**{**_fields(record), "started": started}))
    for words in (("history",), ("history", "--json"), ("status",), ("notify",), ("clean",)):
        shown = types(*words)
        assert shown.code == 0, shown.err
        assert "\x1b" not in shown.out


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__ if not name.startswith("__")}


@pytest.mark.slow
def test_full_disk_is_reported_and_no_database_is_blamed(
    past: Past, here: Path, tmp_path: Path
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL, "sh", full, sys.executable], cwd=here,
        env=os.environ | {"CIFORGE_STATE": str(full)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    assert done.stdout.splitlines()[:3] == ["exit 3"] * 3, done.stderr
    assert done.stderr.count("the disk is full") == 3
    assert "free some space" in done.stderr
    assert "remove" not in done.stderr and "move it away" not in done.stderr


# Logs.


def test_diagnose_refuses_a_device(types: Types) -> None:
    shown = types("diagnose", "/dev/zero")
    assert (shown.code, "is a device, not a file" in shown.err) == (2, True)
    shown = types("diagnose", "--config-log", "/dev/zero", "ciforge.yml")
    assert (shown.code, "is a device, not a file" in shown.err) == (2, True)


def test_diagnose_of_an_empty_pipe_finds_nothing(types: Types, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert types("diagnose", tmp_path / "pipe").code == 0


@pytest.mark.slow
def test_diagnose_reads_a_pipe(here: Path) -> None:
    line = "x.c:1:10: fatal error: event.h: No such file or directory"
    text = f'"{sys.executable}" -m ciforge diagnose <(sleep 0.3; echo "{line}")'
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", text], capture_output=True, text=True, check=True
    )
    assert "missing-header: event.h" in done.stdout


@pytest.mark.parametrize("piece", [b"\0", b"\n"])
def test_diagnose_refuses_a_log_that_unpacks_without_end(
    types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    monkeypatch.setattr(diagnose, "_LARGEST", 1 << 20)
    monkeypatch.setattr(diagnose, "_MOST_LINES", 1000)
    with gzip.open(tmp_path / "bomb.gz", "wb") as stream:
        stream.write(piece * (2 << 20))
    shown = types("diagnose", tmp_path / "bomb.gz")
    assert (shown.code, "has more than 1 MiB or 1000 lines" in shown.err) == (2, True)


# Mail.


@pytest.mark.parametrize("to", ["a@b\nc", "a@b\r\nBcc: x@y", "a", "-x@y", "a@b c", "\x1b[31m@b"])
def test_test_mail_to_an_invalid_address_is_refused(types: Types, to: str) -> None:
    shown = types("mail", "test", "--", to)
    assert (shown.code, "is not a mail address" in shown.err, "\x1b" in shown.err) == (
        2,
        True,
        False,
    )
