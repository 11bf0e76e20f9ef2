"""What the benchmarks compute; how long anything takes is not a matter of unit tests."""

import importlib.util
import io
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest
from projects import plan

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """\
# portable/debian-13/default: bootstrap
./bootstrap
# portable is what we build: not a step

# portable/debian-13/default: configure
./configure

# portable/debian-13/default: build
make

# portable/debian-13/default: install
make install

# portable/debian-13/default: expect
exit 1
"""


def load(name: str) -> ModuleType:
    """A benchmark as a module; it is no part of the package."""
    found = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def startup() -> ModuleType:
    return load("startup")


@pytest.fixture(scope="module")
def overhead() -> ModuleType:
    return load("overhead")


@pytest.fixture(scope="module")
def memory() -> ModuleType:
    return load("memory")


def test_benchmark_has_eight_jobs_with_much_output(memory: ModuleType) -> None:
    jobs = plan(memory.project()).jobs
    assert len(jobs) == memory.JOBS == 8
    for job in jobs:
        loud = next(step for step in job.steps if step.name == "loud")
        assert loud.run == memory.LOUD


def test_benchmark_does_not_measure_a_run_that_fails(memory: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "hello").mkdir()
    with memory.file(tmp_path) as output, pytest.raises(memory.Broken, match="0 jobs were heard"):
        memory.peak(tmp_path, output)


@pytest.mark.parametrize(
    ("times", "over"),
    [
        ([0.1, 0.12, 9.0], []),
        ([0.1, 0.125, 0.2], []),
        ([0.1, 0.126, 0.2], ["ciforge --help"]),
    ],
)
def test_benchmark_bar_of_a_command_is_a_multiple_of_importing_click(
    startup: ModuleType, tmp_path: Path, times: list[float], over: list[str]
) -> None:
    commands = startup.table("ciforge", startup.EXAMPLE, tmp_path)
    measured = {name: [0.1] for name in commands} | {"ciforge --help": times, startup.BARE: [0.02]}
    assert startup.over(commands, measured) == over
    table = startup.lines(commands, measured)
    assert [line.split("  ")[0] for line in table if "OVER" in line] == over
    assert "0.20" in table[1]


def test_another_version_is_measured_by_its_own_code(startup: ModuleType, tmp_path: Path) -> None:
    commands = startup.versions(tmp_path, tmp_path)
    assert commands[startup.OTHER].env["PYTHONPATH"] == str(tmp_path)
    assert {commands[name].env["PYTHONPATH"] for name in ("jobs", "systems")} == {str(startup.ROOT)}
    times = {startup.OTHER: [0.5], "jobs": [0.51], "jobs, no cache": [0.9], "systems": [1.4]}
    assert startup.over(commands, times, startup.OTHER) == ["jobs"]
    assert startup.lines(commands, times, startup.OTHER)[2].endswith("1.02  1.00  OVER THE BAR")


def test_benchmark_does_not_count_warm_ups(startup: ModuleType) -> None:
    commands = {startup.BARE: startup.Measured((sys.executable, "-c", "pass"))}
    assert len(startup.measure(commands, runs=3, warm_ups=1)[startup.BARE]) == 3


def test_benchmark_does_not_measure_a_command_that_fails(startup: ModuleType) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        startup.seconds(startup.Measured((sys.executable, "-c", "raise SystemExit(2)")))


def test_benchmark_example_exists(startup: ModuleType) -> None:
    assert startup.EXAMPLE.is_file()


def test_benchmark_steps_are_those_of_the_job_script(overhead: ModuleType) -> None:
    steps = overhead.steps_of(SCRIPT, "portable/debian-13/default")
    assert list(steps) == ["bootstrap", "configure", "build", "install"]
    assert steps["bootstrap"].splitlines()[0] == "./bootstrap"
    assert steps["install"].strip() == "make install"


def test_benchmark_names_a_missing_step(overhead: ModuleType) -> None:
    with pytest.raises(overhead.Broken, match="no step configure"):
        overhead.steps_of(SCRIPT.replace(": configure", ": konfigure"), overhead.JOB)


def source_tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("carried"))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("build", "code", "output"),
    [("echo build", 0, "/\nbuild\nno input\n"), ("false\necho build", 1, "/\n")],
)
def test_benchmark_of_plain_docker_stops_at_the_first_failed_step(
    overhead: ModuleType, tmp_path: Path, build: str, code: int, output: str
) -> None:
    steps = {
        "bootstrap": "cd /\npwd",
        "build": build,
        "install": "test -f carried\ncat\necho no input",
    }
    script = overhead.plain_script(steps).replace("/ciforge/src", str(tmp_path))
    done = subprocess.run(
        ["sh", "-c", script], input=source_tar(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (code, output, "")


@pytest.mark.parametrize(
    ("cold", "warm", "problems"),
    [
        ([44.0, 80.0, 33.0], [18.0, 50.0, 13.0], 0),
        ([45.0, 90.0, 30.0], [18.0, 50.0, 13.0], 1),
        ([45.0, 90.0, 30.0], [31.0, 61.0, 10.0], 2),
    ],
)
def test_benchmark_takes_the_median_of_the_ratios(
    overhead: ModuleType, cold: list[float], warm: list[float], problems: int
) -> None:
    times = {overhead.PLAIN: [40.0, 80.0, 30.0], overhead.COLD: cold, overhead.WARM: warm}
    assert len(overhead.verdict(times)) == problems


def test_benchmark_report_shows_every_round(overhead: ModuleType) -> None:
    times = {overhead.PLAIN: [40.0, 80.0], overhead.COLD: [44.0, 80.0], overhead.WARM: [20.0, 60.0]}
    head, plain, cold, warm, memory = overhead.report(times, 46_000_000)
    assert head.split() == ["seconds", "1", "2", "median", "ratio", "bar"]
    assert plain.split()[-3:] == ["40.0", "80.0", "60.0"]
    assert cold.split()[-5:] == ["44.0", "80.0", "62.0", "1.05", "1.10"]
    assert warm.split()[-5:] == ["20.0", "60.0", "40.0", "0.62", "0.45"]
    assert memory.endswith("46 MB")


def test_benchmark_measures_the_memory_of_the_process(overhead: ModuleType, tmp_path: Path) -> None:
    words = [sys.executable, "-c", "len(bytearray(150_000_000))"]
    assert 150e6 < overhead.timed(words, tmp_path / "log").peak < 900e6


def test_benchmark_shows_the_last_output_of_a_failed_command(
    overhead: ModuleType, tmp_path: Path
) -> None:
    words = ["sh", "-c", "echo first; echo no rule to make target; exit 2"]
    with pytest.raises(overhead.Broken, match=r"ended with 2:\nfirst\nno rule to make target"):
        overhead.timed(words, tmp_path / "log")


def test_benchmark_removes_configure_from_a_copy_of_the_source(
    overhead: ModuleType, tmp_path: Path
) -> None:
    given = tmp_path / "given" / "opensmtpd-7"
    given.mkdir(parents=True)
    for name in ("configure", "configure.ac"):
        (given / name).write_text(name)
    archive = tmp_path / "opensmtpd-7.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(given, "opensmtpd-7")
    for number, one in enumerate((given, archive)):
        scratch = tmp_path / str(number)
        scratch.mkdir()
        tree = overhead.source(one, scratch)
        assert [file.name for file in tree.iterdir()] == ["configure.ac"]
    assert sorted(file.name for file in given.iterdir()) == ["configure", "configure.ac"]


def test_benchmark_refuses_a_file_that_is_no_archive(overhead: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_text("no archive")
    with pytest.raises(overhead.Broken, match="tar"):
        overhead.source(tmp_path / "x.tar.gz", tmp_path)


@pytest.mark.slow
def test_benchmark_of_a_long_history_uses_real_commands(tmp_path: Path) -> None:
    history = load("history")
    file = tmp_path / "ciforge.yml"
    file.write_text(history.PROJECT)
    opened = history.open_workspace(file, tmp_path)
    jobs = [job.id for job in opened.plan.jobs]
    assert len(jobs) == 40
    state = tmp_path / "state" / "long"
    history.fill(state, jobs, 12)
    run, results = history.a_run(20, jobs)
    history.write(state, run, results)
    history.record(state, run, results)
    history.take(opened, state, run)
    with history.Incidents.open(state) as incidents:
        assert len(incidents.ledger("long").job_states) == 40
        assert [it.message.kind for it in incidents.outbox.all()] == ["broken"]


def test_benchmark_bars_of_the_history_are_met() -> None:
    history = load("history")
    times = {"ciforge status": [0.1, 0.4, 0.4], "recording": [0.1], "taking in": [9.0]}
    assert history.over_bar(times) == ["ciforge status"]
    assert ["OVER" in line for line in history.lines(times)] == [True, False, False]


@pytest.mark.parametrize("words", [["--pairs", "0"], ["--source", "no/such/file"], ["--fast"]])
def test_benchmark_with_wrong_options_exits_2(overhead: ModuleType, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        overhead.main(words)
    assert ended.value.code == 2


@pytest.fixture(scope="module")
def reading() -> ModuleType:
    return load("diagnosis_speed")


def test_benchmark_log_has_its_lines_and_one_cause(reading: ModuleType) -> None:
    (found,) = reading.diagnose(reading.read_lines(reading.usual(500)))
    assert (found.subject, found.log_line) == ("event.h", 499)


@pytest.mark.parametrize("size", [10, 20])
def test_benchmark_hostile_input_has_the_requested_size(reading: ModuleType, size: int) -> None:
    for make, _ in reading.HOSTILE.values():
        assert len(make(size).read()) >= size


def test_benchmark_growth_is_the_ratio_of_the_times(
    reading: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "seconds", lambda stream: len(stream.read()) / 10)
    make, _ = reading.HOSTILE["the same error"]
    assert reading.growth(make, 3)[1] == pytest.approx(2)


@pytest.mark.slow
def test_benchmark_memory_does_not_depend_on_the_log(reading: ModuleType) -> None:
    lines = 20_000
    assert sum(map(len, iter(reading.usual(lines).readline, b""))) > 1_000_000
    assert reading.memory(lines) < 500_000
