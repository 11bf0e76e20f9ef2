"""What is brought home from a box: regular files, and never more than was asked for."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from ciforge.engines import container
from ciforge.engines.client import Connection
from ciforge.engines.container import DockerContainer, _at_most, _only_file, laying_in
from ciforge.engines.protocol import MachineSpec, Stop
from ciforge.model.job import Step
from ciforge.model.log_marks import NOTHING_INSTALLED
from ciforge.render.configure_cache import BEGAN
from tests.tables import each


def packed(kind: bytes, data: bytes = b"", target: str = "") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        entry = tarfile.TarInfo("config.log")
        entry.type, entry.size, entry.linkname = kind, len(data), target
        tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def test_regular_file_is_copied_from_a_container_unchanged() -> None:
    assert _only_file(packed(tarfile.REGTYPE, b"text\0\xff"), 100) == b"text\0\xff"


def test_large_file_from_a_container_is_cut() -> None:
    assert _only_file(packed(tarfile.REGTYPE, b"x" * 5000), 100) == b"x" * 100


@pytest.mark.parametrize("length", [600, 1000])
def test_file_that_arrived_in_part_is_marked_as_cut(length: int) -> None:
    archive = packed(tarfile.REGTYPE, b"x" * 50000)[: 512 + length]
    assert _only_file(archive, 500) == b"x" * 500


@each(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "/etc/shadow"),
        (tarfile.LNKTYPE, "/etc/shadow"),
        (tarfile.DIRTYPE, ""),
        (tarfile.FIFOTYPE, ""),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
    ],
)
def test_only_regular_files_are_copied_from_a_container(kind: bytes, target: str) -> None:
    assert _only_file(packed(kind, target=target), 100) is None


@pytest.mark.parametrize("archive", [b"", b"nonsense", b"\0" * 1024])
def test_damaged_archive_from_the_engine_gives_no_file(archive: bytes) -> None:
    assert _only_file(archive, 100) is None


def test_endless_archive_from_the_engine_is_given_up() -> None:
    def endless() -> object:
        while True:
            yield b"x" * 1000

    assert len(_at_most(endless(), 5000)) <= 6000  # type: ignore[arg-type]


class Follow:
    """A step that is followed, and ends with that code and manifest."""

    code = 0
    manifest: bytes | None = None

    def __init__(self, *_: object) -> None:
        pass

    def run(self, *_: object, **__: object) -> int:
        return self.code


def started(*, setuid: bool = False, used: bool = False) -> DockerContainer:
    spec = MachineSpec(job="j", run="r", project="p", life=1, memory=1)
    return DockerContainer(Connection(), "box", spec, setuid=setuid, used=used)


def test_only_scripts_are_laid_in_again_before_the_step_after_one_of_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = started(setuid=True)
    written: list[set[str]] = []
    monkeypatch.setattr(box, "_write", lambda files: written.append(set(files)))
    monkeypatch.setattr(container, "StepExec", Follow)
    scripts = {"/ciforge/bin/step", "/ciforge/steps/build.sh"}
    box.script(dict.fromkeys(scripts, "true"))
    box.script({BEGAN: ""})
    build = Step(name="build", run="make")
    box.run(build, "root", lambda _: None, seconds=1, stop=Stop())
    assert written == [scripts, {BEGAN}]
    box.run(build, "root", lambda _: None, seconds=1, stop=Stop())
    assert written == [scripts, {BEGAN}, scripts]
    box.keep()
    box.observer()
    assert written == [scripts, {BEGAN}, scripts, scripts]


@each(("used", "roots"), [(True, 0), (False, 1)])
def test_no_shell_of_a_container_in_which_root_was_writes_scripts(used: bool, roots: int) -> None:
    class Shell:
        def ask(self, command: list[str], _until: float, _most: int) -> bytes:
            asked.append(command[-1])
            return b""

    asked: list[str] = []
    written: list[set[str]] = []
    box = started(used=used)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(box, "_shell", Shell())
        patched.setattr(box, "_write", lambda files: written.append(set(files)))
        patched.setattr(container, "StepExec", Follow)
        if not used:
            box.script({BEGAN: ""})
            assert [f">{BEGAN}" in text for text in asked] == [True]
        for _ in range(roots):
            box.run(Step(name="s", run="x"), "root", lambda _: None, seconds=1, stop=Stop())
        asked.clear()
        box.script({BEGAN: ""})
    assert not asked
    assert written == [{BEGAN}]


@pytest.mark.slow
def test_scripts_are_written_as_they_are_by_a_shell(tmp_path: Path) -> None:
    text = "#!/bin/sh\necho 'it''s' \"$HOME\" \\\\n %s\n\n"
    files = {f"{tmp_path}/new/a script": text, f"{tmp_path}/new/empty": ""}
    subprocess.run(["/bin/sh", "-c", laying_in(files)], check=True)
    for path, wanted in files.items():
        assert Path(path).read_text() == wanted
        assert Path(path).stat().st_mode & 0o777 == 0o755


@each(
    ("code", "manifest", "told"),
    [
        (0, b"file 755 root root /usr/local/bin/x\n", ""),
        (0, b"", f"{NOTHING_INSTALLED}\n"),
        (0, None, f"{NOTHING_INSTALLED}\n"),
        (1, b"", ""),
    ],
)
def test_install_that_changes_no_file_says_so_where_it_passed(
    code: int, manifest: bytes | None, told: str
) -> None:
    box = started()
    heard: list[bytes] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(container, "StepExec", Follow)
        patched.setattr(Follow, "code", code)
        patched.setattr(box, "read", lambda *_: manifest)
        patched.setattr(box, "_write", lambda _: None)
        step = Step(name="install", run="make install", root=True)
        assert box.run(step, "root", heard.append, seconds=1, stop=Stop()) == code
    assert b"".join(heard).decode() == told
