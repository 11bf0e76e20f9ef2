"""Cross checks of the example on real containers: what passes, what five faults give, what is said."""

import json
import re
from pathlib import Path

import pytest
from rig import Document, Ended, Person, compiled_hello, hello, together

TARGETS = ("freebsd-14", "netbsd-10", "openbsd-7.9", "alpine-3.23")
JOBS = [f"hello/{release}/cross" for release in TARGETS]
FAULTS: dict[str, tuple[str, str, str, set[str]]] = {
    "include": ("src/hello.c", "#include <err.h>\n", "", set(TARGETS)),
    "linux-header": ("src/hello.c", "#include <err.h>\n", "#include <err.h>\n#include <error.h>\n", set(TARGETS)),
    "linux-function": (
        "src/hello.c", "\tint ch;\n", "\tint ch;\n\n\tif (prctl(1, 0) == -1)\n\t\treturn 1;\n", set(TARGETS),
    ),
    "forgotten-library": (
        "src/hello.c", "\treturn 0;\n}", "\treturn (int)fmod(argc, 2.5);\n}",
        {"freebsd-14", "netbsd-10", "openbsd-7.9"},
    ),
    "random-header": (
        "src/hello.c", "#include <err.h>\n", "#include <err.h>\n#include <sys/random.h>\n", {"openbsd-7.9"},
    ),
}  # fmt: skip
"""Name to a file, what is replaced in it, by what, and the targets that refuse it."""
SAID = {
    "include": "call to undeclared function 'errx'",
    "linux-header": "'error.h' file not found",
    "linux-function": "call to undeclared function 'prctl'",
    "forgotten-library": "ld: error: undefined symbol: fmod",
    "random-header": "'sys/random.h' file not found",
}
KINDS = {
    "include": ("implicit-declaration", "errx"),
    "linux-header": ("missing-header", "error.h"),
    "linux-function": ("implicit-declaration", "prctl"),
    "forgotten-library": ("undefined-symbol", "fmod"),
    "random-header": ("missing-header", "sys/random.h"),
}

LOGINS = """\
for file in /var/log/wtmp /var/log/lastlog; do
\tAS_IF([test -f $file], [AC_MSG_ERROR([$file is of the machine])])
done
"""


def with_fault(folder: Path, name: str) -> Path:
    tree = compiled_hello(folder / name, installs=True)
    file, old, new, _ = FAULTS[name]
    text = (tree / file).read_text()
    assert old in text
    text = text.replace(old, new, 1)
    if name == "forgotten-library":
        text = text.replace("#include <err.h>\n", "#include <err.h>\n#include <math.h>\n")
    (tree / file).write_text(text)
    return tree


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cross")


@pytest.fixture(scope="module")
def checked(home: Path) -> Ended:
    """The example, whose configure also looks for a file that is not of the target; the first run makes the images."""
    tree = hello(home / "plain")
    text = (tree / "configure.ac").read_text()
    assert text.count("AC_OUTPUT") == 1
    (tree / "configure.ac").write_text(text.replace("AC_OUTPUT", f"{LOGINS}\nAC_OUTPUT"))
    return Person(tree, home).runs(*JOBS)


@pytest.fixture(scope="module")
def faulty(home: Path, checked: Ended) -> dict[str, Ended]:
    def check(name: str) -> Ended:
        return Person(with_fault(home, name), home).runs(*JOBS)

    return dict(zip(FAULTS, together(check, FAULTS), strict=True))


def cause_of(run: Ended, job: str) -> Document:
    """The first cause of a job."""
    why: Document = json.loads((run.folder / "diagnosis.json").read_text())
    return next(cause for cause in why["causes"] if job in cause["findings"])


def test_example_compiles_and_links_for_every_cross_target(checked: Ended) -> None:
    assert checked.code == 0, checked.told
    assert {job: one["status"] for job, one in checked.results.items()} == dict.fromkeys(
        JOBS, "compiled"
    )


def test_cross_check_never_says_that_the_job_passed_on_the_target(checked: Ended) -> None:
    for job, result in checked.results.items():
        assert re.match(
            r"compiles and links for (\w+) [\d.]+ \((its libc and headers|headers and symbol names of its libc) as in ziglang ",
            result["proves"],
        )
        assert f"compiled  {job}" in checked.out + checked.err
    assert not re.search(r"passed +hello/", checked.out + checked.err)
    assert "4 compiled" in checked.out + checked.err


@pytest.mark.parametrize("name", FAULTS)
def test_cross_fault_fails_only_where_the_system_refuses_it(
    faulty: dict[str, Ended], name: str
) -> None:
    run = faulty[name]
    refused = {job.split("/")[1] for job, one in run.results.items() if one["status"] == "failed"}
    assert refused == FAULTS[name][3], run.told
    assert run.code == 1
    for job, result in run.results.items():
        if result["status"] == "failed":
            assert result["failed_step"] == "build"
            assert SAID[name] in run.log(job)


@pytest.mark.parametrize("name", FAULTS)
def test_cause_of_a_cross_fault_is_named(faulty: dict[str, Ended], name: str) -> None:
    for job, result in faulty[name].results.items():
        if result["status"] == "failed":
            cause = cause_of(faulty[name], job)
            assert (cause["kind"], cause["subject"]) == KINDS[name]


def test_toolchain_with_another_digest_is_refused(
    checked: Ended, engine: object, tmp_path: Path
) -> None:
    """The pin of the real Dockerfile with one digit changed, as far as pip."""
    person = Person(hello(tmp_path / "hello"), tmp_path)
    text = person.types("script", JOBS[0], "--dockerfile").out
    pin = re.search(r"ziglang==\S+ --hash=sha256:[0-9a-f]{64}", text)
    assert pin
    other = pin[0][:-1] + ("0" if pin[0][-1] != "0" else "1")
    images = [one for one in engine.images.list("ciforge/toolchain") if one.tags]  # type: ignore[attr-defined]
    # With PIP_CERT, the one that has its certificates.
    image = max(images, key=lambda one: "certificates" in one.tags[0])
    command = (
        "apt-get update >/dev/null && apt-get install -y --no-install-recommends python3-pip >/dev/null && "
        f"echo '{other}' >/pin && pip3 download --no-deps --require-hashes -d /wheel -r /pin 2>&1; ls /wheel"
    )
    told = engine.containers.run(image.id, ["sh", "-c", command], remove=True)  # type: ignore[attr-defined]
    assert b"THESE PACKAGES DO NOT MATCH THE HASHES" in told
    assert b".whl\n" not in told.splitlines(keepends=True)[-1]


def test_toolchain_beside_the_project_is_not_read(tmp_path: Path) -> None:
    tree = hello(tmp_path / "hello")
    person = Person(tree, tmp_path / "home").at(tree)
    before = person.types("script", JOBS[0], "--dockerfile").out
    tables = tree / "distros" / "tables"
    tables.mkdir(parents=True)
    (tables / "toolchain.yml").write_text("machine: debian-13\nname: evil\nremove: touch /evil\n")
    (tree / "distros" / "mine.yml").write_text("distribution: mine\nlike: debian\ntitle: Mine\n")
    assert "--require-hashes" in before
    assert person.types("script", JOBS[0], "--dockerfile").out == before
