"""The stages of a cross check's Dockerfile, and its scripts run by real shells and tools."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from projects import EVERY_SHELL, plan, real_catalogue

from ciforge.model.cross import STAGES, TOOLS
from ciforge.model.job import Job
from ciforge.plan.selection import select
from ciforge.render.cross_scripts import CHECK_LINK, COMPILER, CROSS_SCRIPTS, FLAGS
from ciforge.render.dockerfile import dockerfile
from ciforge.render.job_script import job_script

PLAN = plan(
    "project: p\nrepos: {d: {path: ., recipe: autotools, dependencies: [libevent]}}\njobs: [debian-13]\n",
    real_catalogue(),
)


def one(text: str) -> Job:
    (job,) = select(PLAN, [text])
    return job


TEXT = dockerfile(one("freebsd-14"))
ZIG = """\
#!/bin/sh
for word; do printf '%s\\n' "$word"; done >"$(dirname "$0")/words"
[ -z "${OUT:-}" ] || : >"$OUT"
"""


def stage(text: str, name: str) -> str:
    """What one stage runs."""
    return text.partition(f" AS {name}\n")[2].partition("\nFROM ")[0]


def test_toolchain_stages_share_the_compiler_between_targets_and_the_target_between_projects() -> (
    None
):
    other = dockerfile(one("openbsd-7.8"))
    assert stage(other, STAGES[0]) == stage(TEXT, STAGES[0])
    assert stage(other, STAGES[1]) != stage(TEXT, STAGES[1])
    assert "libevent" not in stage(TEXT, STAGES[0]) + stage(TEXT, STAGES[1])
    assert re.findall(r"^FROM .*$", TEXT, re.MULTILINE) == [
        "FROM ${BASE} AS toolchain", "FROM toolchain AS target", "FROM target",
    ]  # fmt: skip


def test_toolchain_wheel_is_checked_before_it_is_unpacked() -> None:
    compiler = stage(TEXT, STAGES[0])
    pin = re.search(r"echo 'ziglang==\S+ --hash=sha256:([0-9a-f]{64})' >(\S+)", compiler)
    assert pin
    fetch = re.search(r"pip3 download .*--require-hashes.* -r (\S+)", compiler)
    assert fetch and fetch[1] == pin[2]
    assert "--no-deps" in fetch[0]
    assert compiler.index("--require-hashes") < compiler.index("zipfile -e")


def test_toolchain_has_a_digest_for_every_platform() -> None:
    tools = real_catalogue().toolchain
    assert tools is not None
    digests = [machine.sha256 for machine in tools.machines.values()]
    assert len(set(digests)) == len(digests)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)


def test_toolchain_stages_are_the_same_in_a_job_script() -> None:
    assert TEXT in job_script(one("freebsd-14"))


def test_toolchain_scripts_in_the_dockerfile_are_those_of_the_table() -> None:
    commands = stage(TEXT, STAGES[1]).partition("RUN ")[2].split(" \\\n && ")
    for name, text in CROSS_SCRIPTS.items():
        (written,) = [one for one in commands if one.endswith(f">{TOOLS}/bin/{name}")]
        words = shlex.split(written.replace("\\\n", ""))
        assert words[:2] == ["printf", "%s\\n"]
        assert "\n".join(words[2:-1]) + "\n" == text


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("x.c -lm -l util -pthread -o out", " m util pthread "),
        ("x.o -o out", " "),
        ("-c x.c -o out", None),
        ("-shared x.o -lm -o out", None),
    ],
)
def test_linker_wrapper_checks_the_libraries_named_by_its_arguments(
    tmp_path: Path, shell: tuple[str, ...], words: str, named: str | None
) -> None:
    tools = tmp_path / "tools"
    for folder in ("bin", "zig"):
        (tools / folder).mkdir(parents=True)
    (tools / "target").write_text("target=x86_64-freebsd.14.0\nhost=x86_64-unknown-freebsd14.0\n")
    for name, text in (("zig/zig", ZIG), ("bin/check-link", '#!/bin/sh\nprintf "%s" "$2"\n')):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    script = tmp_path / "cc"
    script.write_text(COMPILER.replace(TOOLS, str(tools)))
    done = subprocess.run(
        [*shell, str(script), *words.split()], cwd=tmp_path, env={"OUT": "out", "PATH": "/usr/bin:/bin", "CIFORGE_ZIG_CACHE": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == (named or "")
    given = (tools / "zig" / "words").read_text().splitlines()
    assert given[:3] == ["cc", "-target", "x86_64-freebsd.14.0"]
    assert given[-1] == f"-L{tools}/sysroot/lib"


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_linker_option_that_zig_refuses_and_lld_has_is_left_out_with_its_file(
    tmp_path: Path, shell: tuple[str, ...]
) -> None:
    zig = tmp_path / "zig" / "zig"
    zig.parent.mkdir()
    zig.write_text(ZIG)
    zig.chmod(0o755)
    (tmp_path / "target").write_text("target=t\nhost=h\n")
    words = (
        "-shared a.o -Wl,-retain-symbols-file -Wl,a.exp -Wl,--retain-symbols-file=b.exp -o a b.so"
    )
    script = COMPILER.replace(TOOLS, str(tmp_path))
    subprocess.run(
        [*shell, "-c", script, "cc", *words.split()], check=True,
        env={"PATH": "/usr/bin:/bin", "CIFORGE_ZIG_CACHE": str(tmp_path)},
    )  # fmt: skip
    given = (zig.parent / "words").read_text().splitlines()
    assert given[-6:-1] == ["-shared", "a.o", "-o", "a", "b.so"]


def test_object_of_a_library_has_a_size_so_that_programs_can_copy_it() -> None:
    assert re.search(r"\.size %s,16", CROSS_SCRIPTS["names"])


VERBOSE = (
    "/t/zig/zig clang flags.c --no-default-config -target x86_64-unknown-freebsd14.0.0-unknown -fno-PIC -gdwarf-4 -MD -MV"
    " -MF /c/tmp/1-flags.o.d -nostdinc -DNDEBUG -D__FreeBSD_version=1400500 -isystem /t/zig/lib/include -UNDEBUG"
    " -O2 --param ssp-buffer-size=4 -Xclang -target-feature -Xclang -gfni -c -o /c/tmp/1-flags.o\nmore zig clang\n"
)


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_flags_of_the_compiler_are_those_of_every_file(shell: tuple[str, ...]) -> None:
    done = subprocess.run(
        [*shell, "-c", FLAGS], input=VERBOSE, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "--no-default-config -target x86_64-unknown-freebsd14.0.0-unknown -fno-PIC -nostdinc -DNDEBUG -D__FreeBSD_version=1400500"
        " -isystem /t/zig/lib/include -UNDEBUG --param ssp-buffer-size=4 -Xclang -target-feature -Xclang -gfni\n"
    )
    silent = subprocess.run([*shell, "-c", FLAGS], input="error: no\n", text=True, check=False)
    assert silent.returncode == 1


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("words", "direct"),
    [
        ("-c x.c -o out -lfoo", True),
        ("-E x.c", True),
        ("x.c -o out", False),
        ("-shared -fPIC x.c", False),
        ("--version", False),
    ],
)
def test_compiler_wrapper_calls_clang_with_the_flags_unless_it_links(
    tmp_path: Path, shell: tuple[str, ...], words: str, direct: bool
) -> None:
    (tmp_path / "zig").mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "target").write_text("target=x86_64-freebsd.14.0\nhost=h\n")
    (tmp_path / "flags-cc").write_text("-nostdinc -isystem /t/include\n")
    zig = tmp_path / "zig" / "zig"
    zig.write_text('#!/bin/sh\nprintf "%s " "$@"\n')
    zig.chmod(0o755)
    script = tmp_path / "cc"
    script.write_text(COMPILER.replace(TOOLS, str(tmp_path)))
    done = subprocess.run(
        [*shell, str(script), *words.split()], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "CIFORGE_ZIG_CACHE": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    flags = "-nostdinc -isystem /t/include -Wno-unused-command-line-argument"
    if direct:
        assert done.stdout == f"clang {flags} -isystem {tmp_path}/sysroot/include {words} "
    else:
        zig_only = "-fno-sanitize=undefined -UNDEBUG -Wno-error=date-time -Wno-date-time"
        assert done.stdout.startswith(f"cc -target x86_64-freebsd.14.0 {zig_only} ")


@pytest.mark.parametrize("words", ["-D_FORTIFY_SOURCE=2 -c x.c", "-D_FORTIFY_SOURCE=2 x.c"])
def test_options_of_a_target_come_after_those_of_the_project(tmp_path: Path, words: str) -> None:
    text = stage(dockerfile(one("netbsd-10")), STAGES[1])
    assert "options=-U_FORTIFY_SOURCE" in text
    (tmp_path / "zig").mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "target").write_text("target=t\nhost=h\noptions=-U_FORTIFY_SOURCE\n")
    (tmp_path / "flags-cc").write_text("-nostdinc\n")
    zig = tmp_path / "zig" / "zig"
    zig.write_text('#!/bin/sh\nprintf "%s " "$@"\n')
    zig.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", COMPILER.replace(TOOLS, str(tmp_path)), "cc", *words.split()], cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "CIFORGE_ZIG_CACHE": str(tmp_path)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert f"{words} -U_FORTIFY_SOURCE " in done.stdout


def test_machine_of_a_cross_check_has_no_records_of_logins() -> None:
    # Their places are those of real files on Debian, which the integration test of cross checks looks for.
    assert "rm -f /var/log/wtmp /var/log/btmp /var/log/lastlog" in stage(TEXT, STAGES[1])


def test_compiler_cache_of_the_image_is_copied_once_and_everybody_may_write_it(
    tmp_path: Path,
) -> None:
    tools, cache = tmp_path / "tools", tmp_path / "cache"
    for folder in ("zig", "cache/h"):
        (tools / folder).mkdir(parents=True)
    (tools / "target").write_text("target=t\nhost=h\n")
    (tools / "cache" / "h" / "manifest").write_text("known")
    zig = tools / "zig" / "zig"
    zig.write_text(
        '#!/bin/sh\ncat "$ZIG_GLOBAL_CACHE_DIR/h/manifest"\necho new >"$ZIG_LOCAL_CACHE_DIR/h/manifest"\n'
    )
    zig.chmod(0o755)
    script = COMPILER.replace(TOOLS, str(tools)).replace("/var/tmp/ciforge-zig", str(cache))
    for expected in ("known", "new\n"):
        done = subprocess.run(
            ["sh", "-c", script, "cc", "-c", "x.c"], capture_output=True, text=True, check=True, cwd=tmp_path,
        )  # fmt: skip
        assert done.stdout == expected
    assert (cache / "h").stat().st_mode & 0o777 == 0o777
    assert (tools / "cache" / "h" / "manifest").read_text() == "known"
    assert [one.name for one in tmp_path.iterdir()].count("cache") == 1 and not list(
        tmp_path.glob("cache.*")
    )


def test_toolchain_target_is_derived_without_running_the_compiler(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("target=t\nhost=x86_64-unknown-openbsd7.8\n")
    script = COMPILER.replace(TOOLS, str(tmp_path))
    done = subprocess.run(
        ["sh", "-c", script, "cc", "-dumpmachine"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "x86_64-unknown-openbsd7.8\n"


@pytest.mark.parametrize(
    ("named", "code", "said"),
    [
        (" util m ", 0, ""),
        (" m ", 1, "ld: error: undefined symbol: forkpty\n>>> libutil has it, and -lutil is not on the command line\n"),
        (" util pthread m ", 0, ""),
    ],
)  # fmt: skip
def test_linker_wrapper_names_a_forgotten_library(
    tmp_path: Path, named: str, code: int, said: str
) -> None:
    symbols = (
        "     1: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND forkpty@FBSD_1.0 (2)\n"
        "     2: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND puts@FBSD_1.0 (2)\n"
        "     3: 0000000000000000     0 FUNC    WEAK   DEFAULT  UND pthread_create\n"
        "     4: 0000000000201234     0 FUNC    GLOBAL DEFAULT   11 sin\n"
    )
    (tmp_path / "readelf").write_text(f"#!/bin/sh\ncat <<'END'\n{symbols}END\n")
    (tmp_path / "readelf").chmod(0o755)
    (tmp_path / "libraries").write_text("forkpty util\npthread_create pthread,thr\nsin m\n")
    program = tmp_path / "program"
    program.write_text("ELF")
    script = CHECK_LINK.replace(TOOLS, str(tmp_path))
    done = subprocess.run(
        ["sh", "-c", script, "check-link", str(program), named],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (code, said)
    assert program.exists() is (code == 0)


def test_library_of_the_target_has_what_only_its_system_adds() -> None:
    assert "event_asr_run" in dockerfile(one("openbsd-7.9")).rpartition("bin/sysroot")[2]
    assert "event_asr_run" not in TEXT
    without = plan(
        "project: p\nrepos: {d: {path: ., recipe: autotools}}\njobs: [debian-13]\n",
        real_catalogue(),
    )
    (job,) = select(without, ["openbsd-7.9"])
    assert "event_asr_run" not in dockerfile(job)


def test_header_of_a_target_library_compiles_and_has_the_values_of_the_manual(
    tmp_path: Path,
) -> None:
    (job,) = select(
        plan(
            "project: p\nrepos: {d: {path: ., recipe: autotools, dependencies: [fts]}}\njobs: [debian-13]\n",
            real_catalogue(),
        ),
        ["alpine-3.23/cross"],
    )
    assert job.cross
    lines = job.cross.system.libraries["fts"].declarations
    assert all(shlex.quote(line) in dockerfile(job) for line in lines)
    (tmp_path / "fts.h").write_text("\n".join(lines) + "\n")
    (tmp_path / "walk.c").write_text(
        '#include "fts.h"\n#include "fts.h"\n'
        "#if FTS_PHYSICAL != 16 || FTS_D != 1 || FTS_F != 8 || FTS_SL != 12 || FTS_SKIP != 4\n#error\n#endif\n"
        "int walk(char *const *paths) {\n"
        "\tFTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, 0);\n\tFTSENT *e;\n"
        "\twhile (fts && (e = fts_read(fts)))\n"
        "\t\tif (e->fts_info == FTS_F && e->fts_statp->st_size && e->fts_namelen && *e->fts_path)\n"
        "\t\t\tfts_set(fts, e, FTS_SKIP);\n\treturn fts_close(fts);\n}\n"
    )
    subprocess.run(
        ["cc", "-Wall", "-Werror", "-fsyntax-only", tmp_path / "walk.c"], check=True, timeout=60
    )
