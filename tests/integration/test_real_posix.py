"""The variant `posix` in a real container: the example as it is, and with one extension of each tool."""

import json
from pathlib import Path

import pytest
from rig import Ended, Person, hello

JOB = "hello/debian-13/posix"
MAKEFILE = """\
FOUND = $(wildcard src/*.c)

version.txt:
	sed -i s/a/b/ $@
	install -D -m 644 version.txt out/version.txt
"""
SCRIPT = """\
#!/bin/sh
if [[ -n $1 ]]; then
	exit 1
fi
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("posix")


@pytest.fixture(scope="module")
def checked(home: Path) -> Ended:
    return Person(hello(home / "plain"), home).runs(JOB)


@pytest.fixture(scope="module")
def broken(home: Path, checked: Ended) -> Ended:
    tree = hello(home / "broken")
    with (tree / "Makefile.am").open("a") as makefile:
        makefile.write(MAKEFILE)
    (tree / "tests" / "planted.sh").write_text(SCRIPT)
    return Person(tree, home).runs(JOB)


def test_posix_build_of_the_example_passes_with_other_tools(checked: Ended) -> None:
    assert checked.code == 0, checked.told
    log = checked.log(JOB)
    for name in ("dash", "busybox sh"):
        assert f"configure finds the same under {name} as under mksh." in log
    assert "need GNU" not in log


def test_posix_build_reports_an_extension_of_each_tool_with_its_line(broken: Ended) -> None:
    result = broken.results[JOB]
    assert (result["status"], result["failed_step"]) == ("failed", "portability"), broken.told
    log = broken.log(JOB)
    last = len(
        (Path(__file__).parents[2] / "examples/hello-portable/Makefile.am").read_text().splitlines()
    )
    for line, tool in ((1, "make"), (4, "sed"), (5, "install")):
        (found,) = [
            one
            for one in log.splitlines()
            if one.startswith(f"Makefile.am:{last + line}:1: error: ")
        ]
        assert found.endswith(f"[{tool}]")
    assert "tests/planted.sh:2:" in log
    assert "lines that need GNU's tools or bash: 4" in log


def test_posix_build_names_the_place_of_an_extension_as_the_cause(broken: Ended) -> None:
    why = json.loads((broken.folder / "diagnosis.json").read_text())
    files = {cause["findings"][JOB]["file"] for cause in why["causes"] if JOB in cause["findings"]}
    assert files & {"Makefile.am", "tests/planted.sh"}
