"""What tools/proof.py runs, believes, remembers and shows; the real builds are for `make proof`."""

import hashlib
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from ciforge.app.project_files import read_catalogue
from ciforge.app.workspace import check_project, open_workspace
from ciforge.plan.selection import select

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "proof.py"
JOB = "hello/debian-13/default"
FAKE = """\
import json, os, pathlib, signal, sys, time
def stop(*_):
    pathlib.Path("{home}/cleared").touch()
    sys.exit(130)
signal.signal(signal.SIGINT, stop)
pathlib.Path("{home}/calls").open("a").write(" ".join(sys.argv[1:]) + "\\n")
for status in pathlib.Path("{home}/status").read_text().split():
    print("no event, though it is on standard output", flush=True)
    if status == "hangs":
        time.sleep(60)
    print(json.dumps(dict(event="job_ended", job="{job}", status=status, failed_step=None,
                          reason="the mirror is away", log="{home}/log.txt")))
print("ciforge: last words", file=sys.stderr)
sys.exit({{"passed": 0, "infrastructure": 3}}.get(status, 1))
"""


@pytest.fixture(scope="module")
def proof() -> Iterator[ModuleType]:
    """The tool as a module, which finds its two neighbours as it does when it is called."""
    sys.path.insert(0, str(TOOL.parent))
    yield importlib.import_module("proof")
    sys.path.remove(str(TOOL.parent))


@pytest.fixture
def bench(proof: ModuleType, tmp_path: Path) -> Any:
    """A program that behaves like ciforge and says what the file `status` tells it to."""
    fake = tmp_path / "fake.py"
    fake.write_text(FAKE.format(home=tmp_path, job=JOB))
    tree = importlib.import_module("proof_bench").Tree("commit", "commit", dirty=False)
    return proof.Bench(
        state=tmp_path, sources=tmp_path, tree=tree, program=(sys.executable, str(fake)),
        emulators=tmp_path,
    )  # fmt: skip


def row(proof: ModuleType, **changes: Any) -> Any:
    given = {"name": "one", "words": ("run", JOB), "jobs": (JOB,)}
    return proof.Row(**(given | changes))


def outcome(proof: ModuleType, **changes: Any) -> Any:
    given = {
        "row": "one", "tree": "commit", "commit": "commit", "dirty": False,
        "date": "2026-11-22T15:00:00Z", "ciforge": "1.0", "engine": "Docker 20.10",
        "command": "ciforge run", "outcome": proof.HELD, "seconds": 61.2,
    }  # fmt: skip
    return proof.Outcome(**(given | changes))


def ended(status: str, step: str | None = None, **changes: Any) -> dict[str, Any]:
    given = {"event": "job_ended", "job": JOB, "status": status, "failed_step": step}
    return given | {"reason": "its reason", "log": "", **changes}


# -- the table


@pytest.mark.slow
def test_proof_rows_name_jobs_of_their_project(proof: ModuleType) -> None:
    for one in proof.rows():
        if one.drafted or one.library:
            continue
        file = ROOT / one.words[one.words.index("--file") + 1]
        found = select(open_workspace(file, ROOT).plan, one.jobs, unlisted="--any" in one.words)
        assert {job.id for job in found} == set(one.jobs), one.name
        assert [job.id for job in found if job.skipped] == [], one.name


@pytest.mark.slow
def test_proof_row_with_a_library_names_jobs_of_the_file_that_is_written(
    proof: ModuleType, tmp_path: Path
) -> None:
    tarball = tmp_path / "openssl.tar.gz"
    tarball.write_bytes(b"a library")
    found = [one for one in proof.rows() if one.library]
    assert {one.library for one in found} == {"openssl-1.1.1", "openssl-3.0", "openssl-3.5"}
    with proof.served(tarball, "127.0.0.1") as url:
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert answer.read() == b"a library"
        for one in found:
            file = tmp_path / "ciforge.yml"
            file.write_text(proof.with_library((ROOT / proof.WIDE).read_text(), one, url, tarball))
            plan = open_workspace(file, ROOT).plan
            (job,) = select(plan, one.jobs, unlisted=True)
            source = job.sources[one.library]
            assert (source.url, source.sha256) == (url, hashlib.sha256(b"a library").hexdigest())
            assert "linked" in [step.name for step in job.steps]


def test_drafted_proof_row_is_about_an_example_or_a_source_package(proof: ModuleType) -> None:
    found = [one for one in proof.rows() if one.drafted]
    assert len(found) >= 5
    for one in found:
        repo = one.jobs[0].partition("/")[0]
        assert one.words == ("run", *one.jobs, "--file", "{draft}", "--source", f"{repo}={{tree}}")
        ours = (ROOT / one.drafted / "configure.ac").is_file()
        assert ours or re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", one.drafted)


def test_drafted_proof_runs_a_draft_of_a_fresh_tree(proof: ModuleType, bench: Any) -> None:
    (bench.state / "status").write_text("passed")
    stale = bench.state / "trees" / "hello-portable" / "stale"
    stale.parent.mkdir(parents=True)
    stale.touch()
    words = ("run", JOB, "--file", "{draft}", "--source", "hello={tree}")
    made = row(proof, words=words, drafted="examples/hello-portable")
    shown, found, _ = proof.attempt(made, bench)
    assert (shown, found) == (
        f"ciforge run {JOB} --file drafts/hello-portable.yml --source hello=trees/hello-portable --no-cache",
        proof.HELD,
    )
    assert not stale.exists()
    assert (stale.parent / "configure.ac").is_file()
    assert not (stale.parent / "ciforge.yml").exists()
    draft = bench.state / "drafts" / "hello-portable.yml"
    first, second = (bench.state / "calls").read_text().splitlines()
    assert first == f"init {stale.parent} --force --output {draft}"
    assert second.startswith(f"run {JOB} --file {draft} ")


def test_proof_of_a_tree_without_a_draft_did_not_hold(proof: ModuleType, bench: Any) -> None:
    (bench.state / "status").write_text("failed")
    made = row(proof, words=("run", JOB, "--file", "{draft}"), drafted="examples/hello-portable")
    _, found, detail = proof.attempt(made, bench)
    assert (found, detail) == (proof.BROKEN, "ciforge init ended with 1: ciforge: last words")


def test_proof_rows_have_unique_names(proof: ModuleType) -> None:
    names = [one.name for one in proof.rows()]
    assert len(names) == len(set(names))


def test_example_patches_all_have_a_proof_row_with_their_step(proof: ModuleType) -> None:
    patches = sorted((ROOT / "examples/hello-portable/breaks").glob("*.patch"))
    ours = [one for one in proof.rows() if one.name.startswith("hello/breaks/")]
    steps = {one.name: one.failed_step for one in ours}
    assert list(steps) == [f"hello/breaks/{patch.stem}" for patch in patches]
    for patch in patches:
        assert patch.read_text().startswith(f"Breaks {steps['hello/breaks/' + patch.stem]}: ")


def test_rspamd_project_of_the_proof_has_no_problem() -> None:
    file = ROOT / "docs" / "proof" / "rspamd.yml"
    assert check_project(file, read_catalogue(file))[0] == []


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
