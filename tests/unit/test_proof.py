"""What tools/proof.py runs, believes, remembers and shows; the real builds are for `make proof`."""

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from proof_tool import JOB, TOOL, ended, fake_bench, outcome, proof_module, row


@pytest.fixture(scope="module")
def proof() -> Iterator[ModuleType]:
    with proof_module() as module:
        yield module


@pytest.fixture
def bench(proof: ModuleType, tmp_path: Path) -> Any:
    return fake_bench(proof, tmp_path)


# -- what is believed


@pytest.mark.parametrize(
    ("step", "code", "events", "found", "detail"),
    [
        ("", 0, [ended("passed")], "held", ""),
        ("check", 1, [ended("failed", "check")], "held", ""),
        ("check", 1, [ended("failed", "build")], "did not hold", "failed in build: its reason"),
        ("check", 0, [ended("passed")], "did not hold", "passed"),
        ("", 1, [ended("failed", "check")], "did not hold", "failed in check"),
        ("", 1, [ended("passed")], "did not hold", "exit code 1"),
        ("", 0, [ended("skipped")], "did not hold", "skipped: its reason"),
        ("", 1, [ended("timed-out", "build")], "did not hold", "timed-out in build"),
        ("", 3, [ended("infrastructure", "prepare")], "not possible here", "its reason"),
        ("check", 1, [ended("infrastructure", "prepare")], "not possible here", "its reason"),
        ("", 3, [], "not possible here", "last words"),
        ("", 2, [], "did not hold", "exit code 2: last words"),
        ("", 70, [], "did not hold", "exit code 70"),
        ("", -9, [], "did not hold", "exit code -9"),
        ("", 0, [], "did not hold", "exit code 0"),
        ("", 0, [ended("passed"), ended("passed", job="another")], "did not hold", "another ran, too"),
        ("", 0, [ended("passed", job="another")], "did not hold", "did not run"),
    ],
)  # fmt: skip
def test_proof_holds_only_if_every_result_is_certain(
    proof: ModuleType, step: str, code: int, events: list[Any], found: str, detail: str
) -> None:
    said = proof.judge(row(proof, failed_step=step), code, events, "last words")
    assert said[0] == found
    assert detail in said[1]


@pytest.mark.parametrize(
    ("manifest", "found"),
    [
        ("file 2555 root _smtpq /usr/local/sbin/smtpctl\n", "held"),
        ("file 2555 root root /usr/local/sbin/smtpctl\n", "did not hold"),
        ("file 555 root _smtpq /usr/local/sbin/smtpctl\n", "did not hold"),
        (None, "did not hold"),
    ],
)
def test_proof_checks_the_install_manifest(
    proof: ModuleType, tmp_path: Path, manifest: str | None, found: str
) -> None:
    (tmp_path / "artifacts").mkdir()
    if manifest is not None:
        (tmp_path / "artifacts" / "manifest.txt").write_text(manifest)
    events = [ended("passed", log=str(tmp_path / "log.txt"))]
    wanted = row(proof, installed="file 2555 root _smtpq /usr/local/sbin/smtpctl")
    assert proof.judge(wanted, 0, events, "")[0] == found


@pytest.mark.parametrize(
    ("failed_step", "gate", "step", "files", "found"),
    [
        ("", "Success", "Success", ("result.json", "log.txt", "artifacts/config.log"), ""),
        ("build", "Failure", "Failure", ("result.json", "log.txt", "artifacts/config.log"), ""),
        ("build", "Success", "Failure", ("result.json", "log.txt", "artifacts/config.log"),
         "the gate said Success"),
        ("", "", "Success", ("result.json", "log.txt", "artifacts/config.log"),
         "the gate said nothing"),
        ("build", "Failure", "Success", ("result.json", "log.txt", "artifacts/config.log"),
         f"{JOB} failed in nothing"),
        ("", "Success", "Success", ("result.json",), f"{JOB} left no log.txt artifacts/config.log"),
    ],
)  # fmt: skip
def test_proof_of_a_workflow_holds_if_gate_steps_and_artifacts_agree(
    proof: ModuleType,
    tmp_path: Path,
    failed_step: str,
    gate: str,
    step: str,
    files: tuple[str, ...],
    found: str,
) -> None:
    hosted, acting = importlib.import_module("proof_hosted"), importlib.import_module("acting")
    out = f"[ciforge hello/{JOB}   ]   ✅  {step} - Main build [1.5s]\n"
    out += (
        f"[ciforge hello/gate    ]   ✅  {gate} - Main Look at all results [3ms]\n" if gate else ""
    )
    for name in files:
        file = tmp_path / JOB.replace("/", ",") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    acted = acting.Acted(0, out, tmp_path)
    assert "; ".join(hosted.differs(row(proof, failed_step=failed_step), acted)) == found


def test_proof_of_a_workflow_without_act_is_not_possible(
    proof: ModuleType, bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "can_act", lambda: False)
    shown, found, detail = proof.attempt(row(proof, hosted="opensmtpd"), bench)
    assert (shown, found) == (f"act workflow_dispatch --input job={JOB}", proof.IMPOSSIBLE)
    assert detail.startswith("act is not here")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines", "two lines"),
        ("/srv/x/log.txt is away", "(checkout)/log.txt is away"),
        ("/srv/xylophone is no place of ours", "/srv/xylophone is no place of ours"),
        ("in box.example.org, on box-2 and on box", "in (host).example.org, on box-2 and on (host)"),
        ('Get "https://registry.example/v2/": dial tcp: lookup registry.example on 10.0.0.1:53: no',
         'Get "(address)": dial tcp: lookup: no'),
        ("connect to 192.0.2.7:443 and [2001:db8::1]:80", "connect to (address) and (address)"),
        ("/usr/local/sbin/smtpctl has mode=555", "/usr/local/sbin/smtpctl has mode=555"),
        ("docker.io/library/debian:13 7.6.0p1", "docker.io/library/debian:13 7.6.0p1"),
    ],
)  # fmt: skip
def test_proof_reason_does_not_reveal_the_host(proof: ModuleType, text: str, shown: str) -> None:
    assert proof.clean(text, {"/srv/x": "(checkout)", "box": "(host)", "/": "~"}) == shown


# -- what is remembered


def test_proof_outcome_is_the_last_one_for_the_same_files(
    proof: ModuleType, tmp_path: Path
) -> None:
    file = tmp_path / "proof.jsonl"
    assert proof.known(file, "commit") == {}
    for changes in (
        {"outcome": proof.IMPOSSIBLE}, {}, {"tree": "later", "outcome": proof.BROKEN},
    ):  # fmt: skip
        proof.keep(file, outcome(proof, **changes))
    assert proof.known(file, "commit") == {"one": outcome(proof)}


@pytest.mark.parametrize("rest", ['{"row": "two", "tr', '{"row": "two"}', "[]", "\0"])
def test_truncated_proof_record_is_no_outcome(proof: ModuleType, tmp_path: Path, rest: str) -> None:
    file = tmp_path / "proof.jsonl"
    proof.keep(file, outcome(proof))
    with file.open("a") as stream:
        stream.write(rest)
    proof.keep(file, outcome(proof, row="three"))
    assert set(proof.known(file, "commit")) == {"one", "three"}


def calls(bench: Any) -> int:
    file = bench.state / "calls"
    return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.mark.parametrize(
    ("status", "again", "ran"),
    [("passed", False, 1), ("passed", True, 2), ("failed", False, 1), ("infrastructure", False, 2)],
)
def test_proof_resumes_where_it_stopped(
    proof: ModuleType, bench: Any, status: str, again: bool, ran: int
) -> None:
    (bench.state / "status").write_text(status)
    proof.prove([row(proof)], bench, "Docker", again=False)
    proof.prove([row(proof)], bench, "Docker", again=again)
    assert calls(bench) == ran


def test_proof_runs_without_caches_and_with_its_own_state(proof: ModuleType, bench: Any) -> None:
    (bench.state / "status").write_text("passed")
    assert proof.attempt(row(proof), bench) == (f"ciforge run {JOB} --no-cache", proof.HELD, "")
    words = (bench.state / "calls").read_text().split()
    assert words[:3] == ["run", JOB, "--no-cache"]
    assert words[-2:] == ["--state-dir", str(bench.state / "runs")]


def test_proof_row_without_its_emulator_is_not_possible(proof: ModuleType, bench: Any) -> None:
    found = proof.attempt(row(proof, emulator="qemu-s390x"), bench)
    assert found[1:] == (proof.IMPOSSIBLE, "the kernel has no qemu-s390x (binfmt_misc)")
    assert calls(bench) == 0


def test_proof_shows_a_source_by_its_name(proof: ModuleType, bench: Any) -> None:
    (bench.sources / "opensmtpd-7.9.0p0.tar.gz").touch()
    words = ("run", "portable/debian-{12,13}", "--source", "portable={opensmtpd}")
    run, shown = proof.filled(row(proof, words=words), bench.sources)
    assert run[-1] == f"portable={bench.sources.resolve()}/opensmtpd-7.9.0p0.tar.gz"
    assert shown == [*words[:3], "portable=opensmtpd-7.9.0p0.tar.gz"]


def test_proof_interruption_waits_for_the_cleanup_of_ciforge(proof: ModuleType, bench: Any) -> None:
    (bench.state / "status").write_text("hangs")

    def interrupt() -> None:
        while not calls(bench):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        proof.prove([row(proof)], bench, "Docker", again=False)
    thread.join()
    assert (bench.state / "cleared").exists()
    assert proof.known(bench.file, "commit") == {}


# -- what is shown


def test_proof_page_has_a_line_for_every_row(proof: ModuleType, tmp_path: Path) -> None:
    table = [row(proof), row(proof, name="two", failed_step="check")]
    later = {"date": "2026-11-23T00:00:00Z", "dirty": True, "detail": "a|b"}
    two = outcome(proof, row="two", outcome=proof.IMPOSSIBLE, **later)
    proof.write_page(tmp_path / "README.md", table, {"one": outcome(proof), "two": two})
    text = (tmp_path / "README.md").read_text()
    assert "- date: 2026-11-22 to 2026-11-23\n- commit: commit, with changes" in text
    assert "- results: 1 held, 1 not possible here\n- time: 2 minutes\n" in text
    assert text.splitlines()[-2:] == [
        "| one | `ciforge run` | pass | held | 61 |",
        r"| two | `ciforge run` | fail in check | not possible here: a\|b | 61 |",
    ]


def test_proof_of_some_rows_does_not_replace_the_whole_page(
    proof: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text("all rows")
    table = [row(proof), row(proof, name="two")]
    proof.write_page(tmp_path / "README.md", table, {"one": outcome(proof)})
    assert (tmp_path / "README.md").read_text() == "all rows"


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["held"], 0),
        (["held", "not possible here"], 3),
        (["did not hold", "not possible here"], 1),
    ],
)
def test_proof_exit_code_reflects_the_outcome(
    proof: ModuleType, outcomes: list[str], code: int
) -> None:
    assert proof.conclude([outcome(proof, outcome=one) for one in outcomes]) == code


def test_proof_row_that_is_optional_and_impossible_is_accepted(proof: ModuleType) -> None:
    assert proof.conclude([outcome(proof, outcome=proof.IMPOSSIBLE, optional=True)]) == 0
    assert proof.conclude([outcome(proof, outcome=proof.BROKEN, optional=True)]) == 1


def call(tmp_path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, str(TOOL), "--state", str(tmp_path / "state"), *words]
    return subprocess.run(line, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_proof_list_names_every_row_and_runs_none(proof: ModuleType, tmp_path: Path) -> None:
    done = call(tmp_path, "--list")
    assert done.returncode == 0
    assert [text.split()[0] for text in done.stdout.splitlines()] == [r.name for r in proof.rows()]
    assert not (tmp_path / "state").exists()


@pytest.mark.slow
def test_proof_list_can_be_narrowed(tmp_path: Path) -> None:
    assert len(call(tmp_path, "--list", "--only", "portable/*/clang").stdout.splitlines()) == 5


def test_proof_pattern_without_a_row_exits_2(tmp_path: Path) -> None:
    done = call(tmp_path, "--only", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing" in done.stderr


def test_proof_outcome_is_one_line_of_json(proof: ModuleType, tmp_path: Path) -> None:
    proof.keep(tmp_path / "proof.jsonl", outcome(proof, detail="two\nlines"))
    (line,) = (tmp_path / "proof.jsonl").read_text().splitlines()
    assert json.loads(line)["detail"] == "two\nlines"


# -- a search over releases


@pytest.mark.slow
def test_proof_searches_the_releases_of_a_source_package(proof: ModuleType, bench: Any) -> None:
    kept = bench.sources / "releases"
    kept.mkdir()
    for version in ("1.10", "1.9", "1.2"):
        top = bench.state / f"thing-{version}"
        top.mkdir()
        (top / f"only-{version}").write_text(version)
        tarball = kept / f"thing-{version}.tar.gz"
        subprocess.run(["tar", "-czf", tarball, "-C", bench.state, top.name], check=True)
    answer = {
        "outcome": "found",
        "commits": [{"subject": "Release 1.9"}],
        "confirmed": True,
        "builds": 3,
    }
    fake = bench.state / "answers.py"
    fake.write_text(
        f"import sys; open({str(bench.state / 'calls')!r}, 'w').write(' '.join(sys.argv[1:])); print({json.dumps(answer)!r})"
    )
    made = row(
        proof, words=("bisect", JOB, "--source", "hello={tree}"), released="thing", brought="1.9"
    )
    told = attrs.evolve(bench, program=(sys.executable, str(fake)))
    assert proof.attempt(made, told)[1:] == (proof.HELD, "")
    tree = bench.state / "trees" / "thing-releases"
    log = subprocess.run(
        ["git", "-C", tree, "log", "--format=%s", "--reverse"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert log.stdout.splitlines() == ["Release 1.2", "Release 1.9", "Release 1.10"]
    assert [path.name for path in tree.iterdir() if path.name != ".git"] == ["only-1.10"]
    other = attrs.evolve(made, brought="1.10")
    assert proof.attempt(other, told)[1:] == (proof.BROKEN, "found: Release 1.9; 3 builds")
    (kept / "thing-1.2.tar.gz").unlink()
    detail = "three releases of thing are not to be had"
    assert proof.attempt(made, told)[1:] == (proof.IMPOSSIBLE, detail)
