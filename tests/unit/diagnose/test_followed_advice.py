"""Following the advice mechanically makes the build green: each failure is real, and the change is read from the advice."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import pytest

from ciforge.diagnose.probes import answered, answers, questions
from ciforge.diagnose.scan.findings import diagnose
from ciforge.load.dependencies import dependency_index
from ciforge.model.finding import Basis, Finding
from ciforge.render.probe_script import ASK, SECONDS

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


def _makes_static(files: Files, command: str, found: Finding) -> str:
    name = re.findall(r"define the function (\w+): .* make one `static`", found.advice)[0]
    files["b.c"] = f"static {files['b.c']}"
    assert name in files["b.c"]
    return command


def _makes_its_folder(files: Files, command: str, found: Finding) -> str:
    folder = found.subject.rpartition("/")[0]
    assert "make it first" in found.advice
    return f"mkdir -p {folder} && {command}"


def _guards(files: Files, command: str, found: Finding) -> str:
    assert "guard the header that is included twice" in found.advice
    files["t.h"] = f"#ifndef T_H\n#define T_H\n{files['t.h']}#endif\n"
    return command


def _names_library(files: Files, command: str, found: Finding) -> str:
    name = re.findall(r"Name the library that defines (\w+) on the command line", found.advice)[0]
    return f"{command} ./lib{name}.so"


def _adds_option(files: Files, command: str, found: Finding) -> str:
    return f"{command} {re.findall(r'or pass (-Wl,[a-z-]+)', found.advice)[0]}"


def _uses_plain_name(files: Files, command: str, found: Finding) -> str:
    name, option = re.findall(r"use (\w+) and build with (-D\w+=64)", found.advice)[0]
    files["o.c"] = files["o.c"].replace(found.subject, name)
    return command.replace("gcc", f"gcc {option}")


def _calls_with_folder(files: Files, command: str, found: Finding) -> str:
    path = re.findall(r"call it as (\./[\w.]+)", found.advice)[0]
    files["run.sh"] = files["run.sh"].replace(found.subject, f"sh {path}")
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
    "missing include of a structure": Broken(
        files={"s.c": "int main(void) { struct stat s; s.st_mode = 0; return s.st_mode; }\n"},
        command="gcc -o s s.c && ./s", advice=r"^`#include <sys/stat\.h>` in s\.c", change=_includes,
    ),
    "missing include of a type": Broken(
        files={"u.c": "uint32_t x;\nint main(void) { return x; }\n"},
        command="gcc -o u u.c && ./u", advice=r"^`#include <stdint\.h>` in u\.c", change=_includes,
    ),
    "function that two objects define": Broken(
        files={"a.c": f"int f(void) {{ return 0; }}\n{MAIN}", "b.c": "int f(void) { return 1; }\n"},
        command="gcc -o ab a.c b.c && ./ab", advice=r"^Two objects of this link define the function f", change=_makes_static,
    ),
    "header that is included twice": Broken(
        files={"t.h": "struct t { int a; };\n", "t.c": '#include "t.h"\n#include "t.h"\nint main(void) { return 0; }\n'},
        command="gcc -o t t.c && ./t", advice=r"^struct t is defined twice", change=_guards,
    ),
    "library that only another library names": Broken(
        files={"a.c": "int b(void); int a(void) { return b(); }\n", "b.c": "int b(void) { return 0; }\n",
               "m.c": "int a(void); int b(void);\nint main(void) { return a() + b(); }\n"},
        command="gcc -shared -fPIC -o libb.so b.c && gcc -shared -fPIC -o liba.so a.c -L. -lb && gcc -o m m.c ./liba.so -Wl,-rpath-link,.",
        advice=r"^Name the library that defines b", change=_names_library,
    ),
    "symbol of a version script that is gone": Broken(
        files={"v.map": "V1 { global: f; gone; local: *; };\n", "f.c": "int f(void) { return 0; }\n"},
        command="gcc -shared -fPIC -o f.so f.c -Wl,--no-undefined-version -Wl,--version-script=v.map",
        advice=r"^gone is bound to the version V1", change=_adds_option,
    ),
    "name of glibc for large files": Broken(
        files={"o.c": "#include <sys/types.h>\noff64_t x;\nint main(void) { return 0; }\n"},
        command="gcc -std=gnu11 -o o o.c && ./o", advice=r"^off64_t is a name of glibc", change=_uses_plain_name,
    ),
    "folder of an installed file": Broken(
        files={"f": "x\n"}, command="install -m 644 f out/share/f", advice=r"^The folder out/share is not there", change=_makes_its_folder,
    ),
    "folder of a file that the shell writes": Broken(
        files={"f": "x\n"}, command="dash -c 'echo x > out/x'", advice=r"^The folder of out/x does not exist", change=_makes_its_folder,
    ),
    "substitution of bash": Broken(
        files={"v.sh": 'v=1.2\ntest "${v//./_}" = 1_2\n'}, command="dash ./v.sh", advice=r"^This substitution is not POSIX sh", change=_runs_with_bash,
    ),
    "option of bash": Broken(
        files={"p.sh": "set -o pipefail\ntrue\n"}, command="dash ./p.sh", advice=r"^set -o pipefail is not known", change=_runs_with_bash,
    ),
    "script that is not in PATH": Broken(
        files={"run.sh": "gen.sh\n", "gen.sh": "exit 0\n"}, command="dash -e ./run.sh", advice=r"^gen\.sh is a script of the tree", change=_calls_with_folder,
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


def test_build_is_green_after_the_answer_of_the_machine_was_followed(tmp_path: Path) -> None:
    files = {"m.c": 'int main(void) { return memmem("ab", 2, "b", 1) == 0; }\n'}
    command = "gcc -std=gnu11 -Werror=implicit-function-declaration -o m m.c && ./m"
    _, log = built(tmp_path / "before", files, command)
    found = diagnose(log.splitlines(), failed=True)
    asked = subprocess.run(
        ["sh", "-c", ASK.replace(f"sleep {SECONDS}", "sleep 60"), "ask", *questions(found)], capture_output=True, text=True, check=False,
    )  # fmt: skip
    (checked,) = answered(found, answers(asked.stdout), dependency_index())
    assert checked.basis is Basis.ASKED
    header, option = re.findall(r"`#include <([\w./]+)>` in m\.c, with `(-D\w+)`", checked.advice)[
        0
    ]
    status, log = built(
        tmp_path / "after", {"m.c": f"#include <{header}>\n{files['m.c']}"}, command.replace("gcc", f"gcc {option}")
    )  # fmt: skip
    assert status == 0, log


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
