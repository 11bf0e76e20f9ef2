"""What the benchmarks compute; how long anything takes is not a matter of unit tests."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from projects import plan

from ciforge.app.workspace import open_workspace
from ciforge.store.incidents.incident_database import Incidents

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.slow
def test_benchmark_of_a_long_history_uses_real_commands(tmp_path: Path) -> None:
    load("status_turns")
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
    load("status_turns")
    history = load("history")
    times = {"ciforge status": [0.1, 0.4, 0.4], "recording": [0.1], "taking in": [9.0]}
    assert history.over_bar(times) == ["ciforge status"]
    assert ["OVER" in line for line in history.lines(times)] == [True, False, False]


def test_benchmark_of_status_compares_neighbours_and_says_what_is_over_its_bar() -> None:
    turns = load("status_turns")
    slow = [(0.2, 0.1), (0.4, 0.28), (0.1, 0.07)]
    assert turns.compared(slow).endswith("ratio 0.70  bar 0.60  OVER")
    assert turns.compared([(0.2, 0.1), (0.9, 0.45), (0.1, 0.09)]).endswith("ratio 0.50  bar 0.60")


def test_benchmark_of_status_fills_a_state_folder_for_each_version(tmp_path: Path) -> None:
    turns = load("status_turns")
    (tmp_path / "other").symlink_to(ROOT)
    taken = turns.take_turns(tmp_path, tmp_path / "other", 11, 1)
    assert len(taken) == 1
    assert all(seconds > 0 for seconds in taken[0])
    for name in ("theirs", "ours"):
        with Incidents.open(tmp_path / name / "state" / "long") as incidents:
            assert len(incidents.ledger("long").job_states) == 40


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


def test_benchmark_of_diagnosis_says_which_ratio_is_over_its_bar(reading: ModuleType) -> None:
    pairs = {
        "a usual log": [(10.0, 6.0), (10.0, 7.0), (10.0, 9.0)],
        "a flood of errors": [(10.0, 3.1)],
    }
    table, over = reading.compared(pairs)
    assert over == ["a flood of errors"]
    assert [line.split()[-2:] for line in table[1:]] == [["0.70", "0.70"], ["0.31", "0.30"]]


def test_benchmark_of_diagnosis_measures_both_versions_on_the_same_logs(
    reading: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    log.write_bytes(reading.usual(50).readline())
    assert reading.read_by(ROOT, log) > 0
    measured: list[Path] = []
    monkeypatch.setattr(reading, "read_by", lambda tree, _: measured.append(tree) or 1.0)
    other = Path("/other")
    assert reading.take_turns({"a usual log": log}, other, 2) == {"a usual log": [(1.0, 1.0)] * 2}
    assert measured == [ROOT, other, other, ROOT]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return load("generate")


def test_benchmark_of_generate_says_which_ratio_is_over_its_bar(generate: ModuleType) -> None:
    def pair(processor: float, peak: int) -> tuple[object, object]:
        old = generate.Process(seconds=9.0, processor=1.0, peak=30_000_000)
        return old, generate.Process(seconds=1.0, processor=processor, peak=peak)

    pairs = {
        generate.WRITE: [pair(0.5, 30_000_000), pair(0.61, 30_000_000), pair(0.7, 30_000_000)],
        generate.COMPARE: [pair(0.6, 31_000_000), pair(0.6, 31_000_000), pair(0.1, 31_000_000)],
    }
    table, over = generate.compared(pairs)
    assert over == [
        "write all files, time: 0.61 is over 0.60",
        "all up to date, memory: 1.03 is over 1.00",
    ]
    assert [line.split()[-2:] for line in table[1:]] == [
        ["0.61", "0.60"], ["1.00", "1.00"], ["0.60", "0.60"], ["1.03", "1.00"],
    ]  # fmt: skip


def test_benchmark_of_generate_measures_both_versions_on_the_same_project(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[str, Path]] = []

    def measure(folder: Path, output: str, tree: Path) -> object:
        measured.append((output, tree))
        (folder / output).mkdir(exist_ok=True)
        return generate.Process(seconds=1.0, processor=1.0, peak=1)

    monkeypatch.setattr(generate, "measure", measure)
    pairs = generate.take_turns(tmp_path, Path("/other"), 2)
    assert {act: len(taken) for act, taken in pairs.items()} == {
        generate.WRITE: 2, generate.COMPARE: 2,
    }  # fmt: skip
    ours, theirs = ("ours", ROOT), ("theirs", Path("/other"))
    assert measured == [*(ours, theirs) * 2, *(theirs, ours) * 2, *(ours, theirs) * 2]


def test_benchmark_of_generate_fails_where_ciforge_fails(
    generate: ModuleType, tmp_path: Path
) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        generate.measure(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        generate.main(["--against", str(tmp_path)])


def test_project_of_the_benchmark_has_a_job_for_each_release_and_repository(
    generate: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "ciforge.yml").write_text(generate.project())
    (tmp_path / "distros").mkdir()
    (tmp_path / "distros" / "many.yml").write_text(generate.descriptor())
    opened = open_workspace(tmp_path / "ciforge.yml", tmp_path)
    assert len(opened.plan.jobs) == generate.RELEASES * generate.REPOSITORIES == 160
    assert not any(job.skipped for job in opened.plan.jobs)


@pytest.fixture(scope="module")
def planning() -> ModuleType:
    load("generate")
    return load("planning")


def test_planning_benchmark_plans_the_same_ten_thousand_jobs_twice(
    planning: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "distros").mkdir()
    (tmp_path / "distros" / "many.yml").write_text(planning.descriptor())
    (tmp_path / "ciforge.yml").write_text(planning.project())
    made = planning.planned(ROOT, tmp_path)
    assert made.jobs == planning.JOBS == 10_000
    assert made.seconds > 0


def test_planning_benchmark_compares_the_median_of_the_ratios(planning: ModuleType) -> None:
    slow, fast = planning.Planned(4.0, 10_000), planning.Planned(1.0, 10_000)
    lines, over = planning.compared([(slow, fast), (slow, fast), (slow, slow)])
    assert lines[1] == "theirs 400.0 us, ours 100.0 us, ratio 0.25, bar 0.50"
    assert not over
    assert planning.compared([(slow, slow)])[1]
