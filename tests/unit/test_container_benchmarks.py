"""What benchmarks/overhead.py, cross.py, processors.py and speed.py compute; nothing here judges a time."""

import importlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from projects import plan

from ciforge.load.project_file import load_project

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
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


def load(name: str) -> Iterator[ModuleType]:
    """A benchmark as a module, which finds its neighbours as it does when it is called."""
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module(name)
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def overhead() -> Iterator[ModuleType]:
    yield from load("overhead")


@pytest.fixture(scope="module")
def cross() -> Iterator[ModuleType]:
    yield from load("cross")


@pytest.fixture(scope="module")
def steps() -> Iterator[ModuleType]:
    yield from load("container_steps")


@pytest.fixture(scope="module")
def processors() -> Iterator[ModuleType]:
    yield from load("processors")


@pytest.fixture(scope="module")
def speed() -> Iterator[ModuleType]:
    yield from load("speed")


@pytest.fixture(scope="module")
def around() -> Iterator[ModuleType]:
    yield from load("around_steps")


@pytest.fixture(scope="module")
def edits() -> Iterator[ModuleType]:
    yield from load("edits")


@pytest.fixture(scope="module")
def process() -> Iterator[ModuleType]:
    yield from load("timed_process")


def test_benchmark_steps_are_those_of_the_job_script(steps: ModuleType) -> None:
    found = steps.steps_of(SCRIPT, "portable/debian-13/default")
    assert list(found) == ["bootstrap", "configure", "build", "install"]
    assert found["bootstrap"].splitlines()[0] == "./bootstrap"
    assert found["install"].strip() == "make install"


def test_benchmark_names_a_missing_step(steps: ModuleType) -> None:
    with pytest.raises(steps.Broken, match="no step configure"):
        steps.steps_of(SCRIPT.replace(": configure", ": konfigure"), steps.JOB)


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
    steps: ModuleType, tmp_path: Path, build: str, code: int, output: str
) -> None:
    scripts = {
        "bootstrap": "cd /\npwd",
        "build": build,
        "install": "test -f carried\ncat\necho no input",
    }
    script = steps.plain_script(scripts).replace("/ciforge/src", str(tmp_path))
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
    assert len(overhead.verdict(times, overhead.BARS)) == problems


def test_benchmark_report_shows_every_round(overhead: ModuleType) -> None:
    times = {overhead.PLAIN: [40.0, 80.0], overhead.COLD: [44.0, 80.0], overhead.WARM: [20.0, 60.0]}
    head, plain, cold, warm = overhead.report(times, overhead.BARS)
    assert head.split() == ["seconds", "1", "2", "median", "ratio", "bar"]
    assert plain.split()[-3:] == ["40.0", "80.0", "60.0"]
    assert cold.split()[-5:] == ["44.0", "80.0", "62.0", "1.05", "1.10"]
    assert warm.split()[-5:] == ["20.0", "60.0", "40.0", "0.62", "0.45"]


def test_benchmark_measures_the_memory_of_the_process(process: ModuleType, tmp_path: Path) -> None:
    words = [sys.executable, "-c", "len(bytearray(150_000_000))"]
    assert 150e6 < process.timed(words, tmp_path / "log").peak < 900e6


def test_benchmark_shows_the_last_output_of_a_failed_command(
    process: ModuleType, tmp_path: Path
) -> None:
    words = ["sh", "-c", "echo first; echo no rule to make target; exit 2"]
    with pytest.raises(process.Broken, match=r"ended with 2:\nfirst\nno rule to make target"):
        process.timed(words, tmp_path / "log")


def test_benchmark_removes_configure_from_a_copy_of_the_source(
    steps: ModuleType, tmp_path: Path
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
        tree = steps.source(one, scratch)
        assert [file.name for file in tree.iterdir()] == ["configure.ac"]
    assert sorted(file.name for file in given.iterdir()) == ["configure", "configure.ac"]


def test_benchmark_refuses_a_file_that_is_no_archive(steps: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_text("no archive")
    with pytest.raises(steps.Broken, match="tar"):
        steps.source(tmp_path / "x.tar.gz", tmp_path)


@pytest.mark.parametrize(
    ("netbsd", "together", "over"),
    [
        (44.0, 104.0, []),
        (57.0, 104.0, ["netbsd-10"]),
        (44.0, 105.0, ["all three at once"]),
    ],
)
def test_benchmark_of_cross_checks_has_a_bar_for_each_target_and_for_all(
    cross: ModuleType, netbsd: float, together: float, over: list[str]
) -> None:
    times = {
        cross.PLAIN: [40.0], "freebsd-14": [42.0], "netbsd-10": [netbsd], "openbsd-7.9": [30.0],
        cross.TOGETHER: [together],
    }  # fmt: skip
    assert [line.partition(":")[0] for line in cross.problems(times)] == over


def test_benchmark_of_cross_checks_has_a_bar_for_the_median(cross: ModuleType) -> None:
    times = {
        cross.PLAIN: [40.0], "freebsd-14": [45.0], "netbsd-10": [50.0], "openbsd-7.9": [30.0],
        cross.TOGETHER: [100.0],
    }  # fmt: skip
    assert cross.problems(times) == ["median of the three: 1.12 is over 1.10"]


def test_benchmark_table_has_the_roads_that_were_measured(speed: ModuleType) -> None:
    times = {
        speed.PLAIN: [40.0, 44.0, 36.0],
        speed.EDIT: [8.0, 6.0, 7.0],
        speed.ACT: [70.0, 70.0, 70.0],
    }
    head, _, plain, edit, act = speed.table(times)
    assert head == "| same work | seconds | beside | ratio | at most | / act |"
    assert plain == "| docker run | 40.00 |  |  |  |  |"
    assert edit == "| one .c edited | 7.00 | docker run | 0.175 | 0.18 | 0.10 |"
    assert act.startswith("| act | 70.00 |")
    assert speed.problems(times) == []


def test_benchmark_names_each_row_over_its_bar(speed: ModuleType) -> None:
    times = {
        speed.PLAIN: [40.0], speed.EDIT: [8.0], speed.PROVEN: [0.6], speed.OLD: [7.0],
        speed.CROSS_COLD: [100.0], speed.CROSS_EDIT: [31.0],
    }  # fmt: skip
    assert speed.problems(times) == [
        "one .c edited / docker run: 0.200 is over 0.18",
        "one .c edited / a70595a: 1.143 is over 1",
        "three BSDs, one .c edited / three BSDs, cold: 0.310 is over 0.3",
    ]


def test_benchmark_edit_is_another_one_each_time_and_is_undone(
    edits: ModuleType, tmp_path: Path
) -> None:
    file = tmp_path / "sub" / "util.c"
    file.parent.mkdir()
    file.write_text("int x;\n")
    before, seen = file.stat(), set()
    assert edits.found(tmp_path, "sub/util.c") == file
    for _ in range(2):
        with edits.edited(file, edits.LINE):
            seen.add(file.read_text())
    assert len(seen) == 2
    assert file.read_text() == "int x;\n"
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    with pytest.raises(edits.Broken, match=r"no file none\.c"):
        edits.found(tmp_path, "none.c")


@pytest.mark.parametrize("words", [["--pairs", "0"], ["--source", "no/such/file"], ["--fast"]])
def test_benchmark_with_wrong_options_exits_2(
    overhead: ModuleType, cross: ModuleType, speed: ModuleType, words: list[str]
) -> None:
    for benchmark in (overhead, cross, speed):
        with pytest.raises(SystemExit) as ended:
            benchmark.main(words)
        assert ended.value.code == 2


def test_benchmark_around_steps_has_ratios_of_medians_and_bars(around: ModuleType) -> None:
    def taken(*times: float) -> list[object]:
        return [around.Taken(time=time, own=time / 2, machine=1.0) for time in times]

    turns = {
        (around.FEW, around.THEIRS): taken(2.0, 9.0, 1.0),
        (around.FEW, around.OURS): taken(1.0, 0.9, 9.0),
        (around.MANY, around.THEIRS): taken(20.0),
        (around.MANY, around.OURS): taken(7.0),
    }
    table, over = around.compared(turns)
    assert over == [
        "three files, processor, with the engine: 1.00 is over 0.50",
        "50,000 files, time: 0.35 is over 0.30",
    ]
    assert [line.split()[-4:] for line in table[1:3]] == [
        ["2.00", "1.00", "0.50", "0.50"], ["itself", "1.00", "0.50", "0.50"],
    ]  # fmt: skip


def test_benchmark_around_steps_takes_turns_after_one_that_does_not_count(
    around: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[Path] = []

    def run(tree: Path, source: Path, state: Path) -> object:
        order.append(tree)
        return around.Taken(time=1.0, own=1.0, machine=1.0)

    monkeypatch.setattr(around, "run", run)
    other = Path("/other")
    turns = around.take_turns(tmp_path, other, 2, [around.FEW])
    assert {version: len(taken) for (_, version), taken in turns.items()} == {
        "ours": 2,
        "theirs": 2,
    }
    ours, theirs = around.ROOT, other
    assert order == [ours, theirs, theirs, ours, ours, theirs]


def test_benchmark_around_steps_has_a_job_whose_steps_do_nothing(around: ModuleType) -> None:
    (job,) = plan(around.project()).jobs
    assert job.id == around.JOB
    assert {step.run for step in job.steps} == {"true"}


def test_benchmark_around_steps_fills_a_source(around: ModuleType, tmp_path: Path) -> None:
    around.fill(tmp_path / "tree", 3, 4)
    files = [file.read_bytes() for file in (tmp_path / "tree").glob("*/*")]
    assert len(files) == len(set(files)) == 12


def test_processor_benchmark_names_runs_that_reach_less_of_the_ideal_than_the_bar(
    processors: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "step_seconds", lambda _: 9.0)
    slow = {(1, 8): 90.0}
    monkeypatch.setattr(
        processors.Bench,
        "run",
        lambda _, cores, jobs: slow.get((cores, jobs), jobs * 9.5 / cores),
    )
    table, under = processors.measure(1, [])
    assert (len(table), under) == (7, ["8 jobs on 1: 0.80 is under 0.90"])


def test_processor_benchmark_has_a_job_for_each_of_its_ids(
    processors: ModuleType, tmp_path: Path
) -> None:
    processors.write(tmp_path / "tree", 5)
    project = load_project(tmp_path / "tree" / "ciforge.yml").value
    assert {name.rpartition("/")[2] for name in processors.names(8)} == set(project.variants)
