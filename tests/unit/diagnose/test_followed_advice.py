"""Following the advice mechanically makes the build green: each failure is real, and the change is read from the advice."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import pytest

from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Basis, Finding

pytestmark = pytest.mark.slow

Files = dict[str, str]
Change = Callable[[Files, str, Finding], str]
"""Changes the files as the advice says; gives the command to run then."""
STRICT = "gcc -std=gnu11 -Werror=implicit-function-declaration"


@attrs.frozen(kw_only=True)
class Broken:
    """Files that a command fails with, and what the advice must match; its groups say what to change."""

    files: Mapping[str, str]
    command: str
    advice: str
    change: Change


def _includes(files: Files, command: str, found: Finding) -> str:
    for header, file in re.findall(r"`#include <([^>]+)>` in ([\w.]+)", found.advice):
        files[file] = f"#include <{header}>\n{files[file]}"
    return command


def _makes_executable(files: Files, command: str, found: Finding) -> str:
    name = re.findall(r"Make (\S+) executable", found.advice)[0]
    return f"chmod +x {name} && {command}"


def _converts(files: Files, command: str, found: Finding) -> str:
    assert "that line ends in a carriage return" in found.advice
    name = found.subject.removeprefix("./")
    files[name] = files[name].replace("\r\n", "\n")
    return command


def _runs_with_bash(files: Files, command: str, found: Finding) -> str:
    assert "run it with bash by name" in found.advice
    return command.replace("dash", "bash")


def _writes_one_equals_sign(files: Files, command: str, found: Finding) -> str:
    assert "write = instead" in found.advice
    files[Path(found.file).name] = files[Path(found.file).name].replace("==", "=")
    return command


def _declares_extern(files: Files, command: str, found: Finding) -> str:
    name = re.findall(r"Define (\w+) once, and declare it `extern` in the header", found.advice)[0]
    files["c.h"] = files["c.h"].replace(f"int {name}", f"extern int {name}")
    files["a.c"] += f"int {name};\n"
    return command


def _compiles_with_fpic(files: Files, command: str, found: Finding) -> str:
    assert "-fPIC" in found.advice
    return command.replace("-fno-pic", "-fPIC")


def _indexes(files: Files, command: str, found: Finding) -> str:
    assert "run ranlib on it" in found.advice
    return command.replace(" && gcc -o", f" && ranlib {found.subject} && gcc -o")


def _drops_option(files: Files, command: str, found: Finding) -> str:
    return command.replace(f" {found.subject}", "")


def _drops_werror(files: Files, command: str, found: Finding) -> str:
    assert "do not build with -Werror" in found.advice
    return command.replace(" -Werror", "")


def _sets_variable(files: Files, command: str, found: Finding) -> str:
    name = re.findall(r"^(\w+) is not set: set it in the environment", found.advice)[0]
    return f"{name}=x {command}"


def _makes_folder(files: Files, command: str, found: Finding) -> str:
    folder = re.findall(r"The folder of (\S+)/\S+ does not exist", found.advice)[0]
    return f"mkdir {folder} && {command}"


def _begins_with_tab(files: Files, command: str, found: Finding) -> str:
    files["Makefile"] = files["Makefile"].replace("        ", "\t")
    return command


MAIN = "int main(void) { return f(); }\n"
ROWS = {
    "missing include of several names": Broken(
        files={"net.c": "int main(void) { return open(\"/dev/null\", O_RDONLY) < 0; }\n"},
        command=f"{STRICT} -o net net.c && ./net", advice=r"^`#include <fcntl\.h>` in net\.c", change=_includes,
    ),
    "macro taken for a function": Broken(
        files={"m.c": "int main(void) { return S_ISSOCK(0); }\n"},
        command="gcc -std=gnu89 -w -o m m.c && ./m", advice=r"^`#include <sys/stat\.h>` in m\.c", change=_includes,
    ),
    "script that may not be run": Broken(
        files={"gen.sh": "#!/bin/sh\nexit 0\n"}, command="./gen.sh", advice=r"^Make \./gen\.sh executable", change=_makes_executable,
    ),
    "script with CR LF": Broken(
        files={"gen.sh": "#!/bin/sh\r\nexit 0\r\n"}, command="chmod +x gen.sh; bash -c ./gen.sh", advice=r"first line of \./gen\.sh", change=_converts,
    ),
    "script for bash": Broken(
        files={"gen.sh": "[[ a = a ]] || exit 1\n"}, command="dash ./gen.sh", advice=r"^\[\[ is not POSIX sh", change=_runs_with_bash,
    ),
    "operator of bash": Broken(
        files={"gen.sh": 'test a == a || exit 1\n'}, command="dash ./gen.sh", advice=r"== in test is not POSIX sh", change=_writes_one_equals_sign,
    ),
    "variable defined in a header": Broken(
        files={"c.h": "int shared;\n", "a.c": '#include "c.h"\nint main(void) { return shared; }\n', "b.c": '#include "c.h"\n'},
        command="gcc -o c a.c b.c && ./c", advice=r"^Define shared once", change=_declares_extern,
    ),
    "object without -fPIC": Broken(
        files={"p.c": "int data; int *f(void) { return &data; }\n"},
        command="gcc -fno-pic -c p.c && gcc -shared -o p.so p.o", advice=r"-fPIC", change=_compiles_with_fpic,
    ),
    "archive without an index": Broken(
        files={"f.c": "int f(void) { return 0; }\n", "main.c": f"int f(void);\n{MAIN}"},
        command="gcc -c f.c && ar qcS libf.a f.o && gcc -o main main.c libf.a && ./main", advice=r"ranlib", change=_indexes,
    ),
    "option that the compiler does not know": Broken(
        files={"o.c": "int main(void) { return 0; }\n"}, command="gcc -fno-such-option -o o o.c && ./o",
        advice=r"does not know -fno-such-option", change=_drops_option,
    ),
    "warning made an error": Broken(
        files={"w.c": "int main(void) { int x; return 0; }\n"}, command="gcc -Wall -Werror -o w w.c && ./w",
        advice=r"-Wunused-variable", change=_drops_werror,
    ),
    "variable that is not set": Broken(
        files={"i.sh": 'test -n "$PREFIX"\n'}, command="dash -u ./i.sh", advice=r"^PREFIX is not set", change=_sets_variable,
    ),
    "folder that no rule makes": Broken(
        files={"d.c": "int main(void) { return 0; }\n"}, command="gcc -c -o obj/d.o d.c", advice=r"^The folder of obj/d\.o", change=_makes_folder,
    ),
    "spaces instead of a tab": Broken(
        files={"Makefile": "all:\n        true\n"}, command="make", advice=r"^Begin Makefile:2 with a tab", change=_begins_with_tab,
    ),
}  # fmt: skip


def built(folder: Path, files: Mapping[str, str], command: str) -> tuple[int, str]:
    """The exit status of a build in the folder, and its output."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    done = subprocess.run(
        ["sh", "-ec", command], cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ROWS)
def test_build_is_green_after_its_advice_was_followed(name: str, tmp_path: Path) -> None:
    row = ROWS[name]
    status, log = built(tmp_path / "before", row.files, row.command)
    assert status != 0, log
    found = diagnose(log.splitlines(), failed=True)[0]
    assert re.search(row.advice, found.advice), found
    assert found.basis is Basis.DEDUCED
    files = dict(row.files)
    command = row.change(files, row.command, found)
    status, log = built(tmp_path / "after", files, command)
    assert status == 0, log
