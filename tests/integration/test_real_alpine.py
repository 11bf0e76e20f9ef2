"""Jobs on a real Alpine Linux: busybox, apk 3 and musl, with another toolchain (see tools/alpine_base.py)."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from alpine_base import alpine_image
from manager_images import names_of
from manager_matrix import APK_3
from rig import EXAMPLES, HELLO_13, ROOT, Document, Ended, Person, hello, locked, manifest, together

JOB, CROSS = "hello/alpine-3.23/default", "hello/alpine-3.23/cross"
BASE = "CIFORGE_BASE_ALPINE_3_23"
BREAKS = EXAMPLES / "hello-portable" / "breaks"
STEPS = {
    "configure-ac-syntax": "bootstrap", "failing-check": "check", "missing-include": "build",
    "wrong-group": "expect",
}  # fmt: skip
"""What each patch breaks, the same step as on Debian."""
CAUSES = {
    "configure-ac-syntax": "end of file in argument list", "failing-check": "tests/refuses.sh",
    "missing-include": "errx",
}  # fmt: skip
"""A part of the kind or subject of the cause, which is read in words of another compiler."""
TYPO = "zlib-dev-nope"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("alpine")


@pytest.fixture(scope="module")
def base(engine: Any, common: Path, hello_run: Ended, home: Path) -> str:
    """The base image; it is made once for all sessions that have the same engine."""

    def parts() -> tuple[str, str]:
        crossed = Person(hello(home / "crossed"), home).runs(CROSS)
        assert crossed.code == 0, crossed.told
        return hello_run.results[HELLO_13]["image"], crossed.result["image"]

    with locked(common / "alpine.lock"):
        return alpine_image(engine, names_of(APK_3), home, parts)


@pytest.fixture(scope="module")
def built(home: Path, base: str) -> Ended:
    """The example, on Alpine."""
    return Person(hello(home / "plain"), home).runs(JOB, **{BASE: base})


@pytest.fixture(scope="module")
def broken(home: Path, base: str, built: Ended) -> dict[str, Ended]:
    """Each patch, on Alpine."""

    def build(name: str) -> Ended:
        person = Person(home / "plain", home)
        return person.runs(JOB, "--patch", BREAKS / f"{name}.patch", **{BASE: base})

    return dict(zip(STEPS, together(build, STEPS), strict=True))


def inside(engine: Any, image: str, *words: str) -> str:
    """What a command prints in a container."""
    told: bytes = engine.containers.run(image, list(words), remove=True, network_disabled=True)
    return told.decode()


def causes(run: Ended) -> Sequence[Document]:
    found: Sequence[Document] = json.loads((run.folder / "diagnosis.json").read_text())["causes"]
    return found


def test_the_base_image_is_a_real_alpine(engine: Any, base: str) -> None:
    told = inside(
        engine,
        base,
        "sh",
        "-c",
        "cat /etc/alpine-release; apk --version; readlink /bin/sh; ls /lib/ld-*",
    )
    release, apk, shell, loader = told.splitlines()
    assert release.startswith("3.23.")
    assert apk.startswith("apk-tools 3.")
    assert (shell, loader) == ("/bin/busybox", "/lib/ld-musl-x86_64.so.1")


def test_the_example_builds_and_passes_its_tests_on_alpine(built: Ended) -> None:
    assert built.code == 0, built.told
    steps = {step["name"]: step["exit_code"] for step in built.result["steps"]}
    assert {"bootstrap", "configure", "build", "check", "install", "expect"} <= set(steps)
    assert set(steps.values()) == {0}


def test_versions_of_packages_of_alpine_are_read(built: Ended) -> None:
    packages = built.result["packages"]
    assert packages["busybox"].startswith("1.37.0-r")
    assert packages["musl"].startswith("1.2.5-r")
    assert packages["apk-tools"].startswith("3.")
    assert packages["gcc"] == "1-r0"


def test_the_program_is_linked_with_the_libc_of_alpine(engine: Any, built: Ended) -> None:
    """The binary is not kept, so it is built once more, in the image of the job."""
    command = "cd /tmp && echo 'int main(void) { return 0; }' >a.c && cc a.c -o a.out && ./a.out && strings a.out"
    told = inside(engine, built.result["image"], "sh", "-c", command)
    assert "/lib/ld-musl-x86_64.so.1" in told


def test_users_are_made_by_the_commands_of_busybox(engine: Any, built: Ended) -> None:
    image = built.result["image"]
    told = inside(
        engine, image, "sh", "-c", "grep -E '^(_hello|ciforge):' /etc/passwd; id -gn _hello"
    )
    lines = told.splitlines()
    assert lines[-1] == "_hello"
    fields = [line.split(":") for line in lines[:-1]]
    assert {row[0]: (row[5], row[6]) for row in fields} == {
        "ciforge": ("/ciforge/home", "/sbin/nologin"), "_hello": ("/var/empty", "/sbin/nologin"),
    }  # fmt: skip


def test_the_install_manifest_is_complete_with_the_tools_of_busybox(built: Ended) -> None:
    rows = manifest((built.job(JOB) / "artifacts" / "manifest.txt").read_text())
    assert rows["/usr/local/bin/hello"] == ["file", "2555", "root", "_hello"]
    assert rows["/usr/local/share/man/man1/hello.1"][:2] == ["file", "644"]
    assert {path for path in rows if not path.startswith("/usr/local/")} == set()


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_patch_breaks_the_same_step_on_alpine(broken: dict[str, Ended], name: str) -> None:
    run = broken[name]
    assert run.code == 1, run.told
    assert (run.result["status"], run.result["failed_step"]) == ("failed", STEPS[name]), run.told


@pytest.mark.parametrize("name", sorted(CAUSES))
def test_the_cause_is_named_on_alpine(broken: dict[str, Ended], name: str) -> None:
    (cause, *_) = causes(broken[name])
    assert CAUSES[name] in f"{cause['kind']} {cause['subject']}", cause


def test_a_misspelled_package_is_found_on_alpine_with_its_line(home: Path, base: str) -> None:
    tree = hello(home / "typo")
    (tree / "distros").mkdir()
    file = tree / "distros" / "alpine.yml"
    shutil.copy(ROOT / "distros" / "alpine.yml", file)
    text = file.read_text()
    line = text[: text.index("[zlib-dev]")].count("\n") + 1
    person = Person(tree, home)
    assert person.types("packages", "--check", "alpine-3.23", **{BASE: base}).out == ""
    file.write_text(text.replace("[zlib-dev]", f"[{TYPO}]"))
    checked = person.types("packages", "--check", "alpine-3.23", **{BASE: base})
    assert checked.code == 1, checked.told
    (told,) = checked.out.splitlines()
    assert told.startswith(f"{file}:{line}:"), told
    assert f"{TYPO!r} (zlib) does not install" in told
