"""The answers of an earlier configure: the scripts of a box, run for real in a folder that stands for it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from projects import EVERY_SHELL

from ciforge.render.configure_cache import CACHING
from ciforge.render.wrapper import SCRIPTS, SYSTEM_PATH
from tests.tables import mostly_slow

pytestmark = pytest.mark.slow

SHELLCHECK = shutil.which("shellcheck")
BUSYBOX = shutil.which("busybox")
APPLETS = (
    "cat", "comm", "cp", "cut", "date", "env", "find", "grep", "ls", "mkdir", "mktemp", "mv", "rm",
    "sed", "sha256sum", "sort", "stat", "touch", "tr", "uname", "wc", "xargs",
)  # fmt: skip
"""What the scripts call."""
CONFIGURE = r"""#!/bin/sh
# Like one that autoconf makes: its words, its sites, its cache, its questions, what it leaves.
prefix=NONE
ac_default_prefix=ROOT/usr
cache_file=/dev/null
for word; do
    case $word in
    --cache-file=*) cache_file=${word#*=} ;;
    --prefix=*) prefix=${word#*=} ;;
    esac
done
if test -n "$CONFIG_SITE"; then . "$CONFIG_SITE"; fi
echo "cache $cache_file"
if test -f "$cache_file"; then . "$cache_file"; fi
if test -n "$ac_cv_answer"; then
    echo cached
else
    echo asked
    ac_cv_answer=yes
    test ! -f probe/x.c || ac_cv_answer=$(eval "$PROBE")
fi
test ! -f lower/configure || (cd lower && sh ./configure "$@" "--cache-file=$cache_file")
test ! -f Makefile.in || sed s/@x@/y/ Makefile.in >Makefile
test ! -f broken || exit 77
echo "answer=$ac_cv_answer site=$site flavour=$flavour" >config.status
echo "made at $(date +%N)" >config.log
test "$cache_file" = /dev/null || echo "ac_cv_answer=\${ac_cv_answer=$ac_cv_answer}" >"$cache_file"
"""
READS = (
    "cat probe/x.c", "cat probe/x.c >conftest.c; cat conftest.c", "cp probe/x.c conftest.c; cat conftest.c",
    "sed s/a/a/ probe/x.c", "(cd probe; cat *.c)", "read -r line <probe/x.c; echo $line",
    "mv probe/x.c y.c; cat y.c", "ln probe/x.c y.c; cat y.c", "for n in x; do cp probe/$n.c y.c; done; cat y.c",
)  # fmt: skip
"""Ways to the content of a file of the source."""


FORGETFUL = CONFIGURE.replace("answer=yes\n", "answer=yes\n    flavour=only-when-asked\n")


@attrs.define
class Ended:
    """One configure step."""

    code: int
    said: list[str]
    status: str
    again: bool


class Box:
    """A folder with the folders of a box in it; `cache` stays when the box goes."""

    def __init__(self, root: Path) -> None:
        self.root, self.ciforge = root, root / "ciforge"
        self.cache = root / "cache"
        self.cache.mkdir(parents=True)
        self.source = self.ciforge / "src"
        self.files = {"configure": CONFIGURE, "main.c": "int x;\n", "Makefile.in": "all:\n"}
        self.outside: dict[str, str] = {}
        """Files that an earlier step made outside of the source."""
        self.programs: dict[str, str] = {}
        """Programs that come before the system's."""
        self.before = ""
        """What the step does first."""
        self.user = "ciforge"

    def configures(self, *words: str, shell: tuple[str, ...] = ("sh",), **env: str) -> Ended:
        """The step in a new box, with the files as they are now."""
        self._renewed()
        step = f"{self.before}\n./configure {' '.join(words)}\n"
        (self.ciforge / "steps/configure.sh").write_text(step)
        cached = {"CCACHE_DIR": str(self.cache), "CIFORGE_IMAGE": "sha256:1"}
        path = {"PATH": f"{self.root}/programs:/usr/bin:/bin:/usr/sbin:/sbin"}
        done = subprocess.run(
            [*shell, str(self.ciforge / "bin/step"), "configure"], env=path | cached | env,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        status = self.source / "config.status"
        return Ended(
            done.returncode, done.stdout.splitlines(),
            status.read_text().strip() if status.exists() else "",
            self.outcome == "again",
        )  # fmt: skip

    @property
    def outcome(self) -> str:
        file = self.ciforge / "home/answers/outcome"
        return file.read_text().strip() if file.exists() else ""

    def _renewed(self) -> None:
        shutil.rmtree(self.ciforge, ignore_errors=True)
        for name in (
            "bin",
            "steps",
            "records/ciforge",
            "records/root",
            "src",
            "home",
            "lib/ccache",
        ):
            (self.ciforge / name).mkdir(parents=True)
        for name, text in {**SCRIPTS, **CACHING}.items():
            here = text.replace("find / -xdev", "find /ciforge -xdev")
            here = here.replace("/ciforge/upstream", str(self.followed))
            here = here.replace("/ciforge", str(self.ciforge))
            here = here.replace(f"PATH={SYSTEM_PATH}", f"PATH={self.root}/programs:{SYSTEM_PATH}")
            self._write(self.ciforge / "bin" / name, here)
        for name, text in self.files.items():
            self._write(self.source / name, text.replace("ROOT", str(self.root)))
        self._write(self.ciforge / "records/began", "")
        for name, text in self.outside.items():
            self._write(self.ciforge / name, text)
        for name, text in self.programs.items():
            self._write(self.root / "programs" / name, f"#!/bin/sh\n{text}")
        self._write(self.root / "programs/id", f"#!/bin/sh\necho {self.user}\n")

    def _write(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    @property
    def followed(self) -> Path:
        """The cache of the followed branch, in a box of a working tree."""
        return self.root / "upstream"

    @property
    def notes(self) -> list[str]:
        """Files of the source that an earlier configure read, by the notes about it."""
        (notes,) = self.cache.glob("answers/*/inputs")
        places = (line.split("  ", 1)[1] for line in notes.read_text().splitlines())
        return sorted(str(Path(place).relative_to(self.source)) for place in places)

    @property
    def kept(self) -> int:
        """Configures whose answers are there."""
        return len(list(self.cache.glob("answers/*/made")))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "box")


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize("name", ("answers", "config.site"))
def test_configure_cache_scripts_have_no_syntax_error_in_any_shell(
    name: str, shell: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [*shell, "-n"], input=CACHING[name].encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
def test_shellcheck_accepts_the_configure_cache_scripts() -> None:
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "-"], input=CACHING["answers"].encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.stdout.decode() == ""


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_configure_cache_answers_the_second_configure(box: Box, shell: tuple[str, ...]) -> None:
    first, second = (box.configures("--x", "a b", shell=shell) for _ in range(2))
    assert "asked" in first.said
    assert "cached" in second.said
    assert (second.code, second.status, second.again) == (0, first.status, False)


def test_configure_cache_records_the_files_that_configure_reads(box: Box) -> None:
    box.configures()
    assert box.notes == ["Makefile.in", "configure"]


@pytest.mark.slow
@pytest.mark.skipif(BUSYBOX is None, reason="busybox is not installed")
@pytest.mark.parametrize("kind", ["answers", "inputs", "outside"])
def test_configure_cache_works_with_busybox(box: Box, kind: str) -> None:
    has = subprocess.run([str(BUSYBOX), "--list"], capture_output=True, text=True, check=True)
    names = {*APPLETS} & {*has.stdout.split()}
    box.programs = {name: f'exec {BUSYBOX} {name} "$@"' for name in names}
    box.outside["lib/libfoo.a"] = box.files["probe/x.c"] = "yes\n"
    first, second = (box.configures(PROBE="cat probe/x.c") for _ in range(2))
    assert ("asked" in first.said, "cached" in second.said) == (True, True)
    assert box.notes == ["Makefile.in", "configure", "probe/x.c"]
    if kind == "inputs":
        box.files["probe/x.c"] = "no\n"
    elif kind == "outside":
        box.outside["lib/libfoo.a"] = "no\n"
    third = box.configures(PROBE="cat probe/x.c")
    assert ("cached" in third.said) == (kind == "answers")


@pytest.mark.slow
def test_configure_cache_ignores_files_that_are_compiled_later(box: Box) -> None:
    box.configures()
    box.files["main.c"] = "int y;\n"
    assert "cached" in box.configures().said


@pytest.mark.slow
@pytest.mark.parametrize("file", ["configure", "Makefile.in"])
def test_configure_cache_is_dropped_if_a_file_read_by_configure_changed(
    box: Box, file: str
) -> None:
    box.configures()
    before = box.files[file]
    box.files[file] += "# changed\n"
    assert "asked" in box.configures().said
    box.files[file] = before
    assert "cached" in box.configures().said


@pytest.mark.slow
@pytest.mark.parametrize("way", mostly_slow(READS))
def test_configure_cache_input_is_a_source_file_that_configure_compiles_or_copies(
    box: Box, way: str
) -> None:
    box.files["probe/x.c"] = "yes\n"
    assert box.configures(PROBE=way).status == "answer=yes site= flavour="
    box.files["probe/x.c"] = "no\n"
    changed = box.configures(PROBE=way)
    assert "asked" in changed.said
    assert changed.status == "answer=no site= flavour="


@pytest.mark.slow
@pytest.mark.parametrize("place", ["lib/libfoo.a", "home/.foorc", "tmp/generated.h"])
def test_configure_cache_input_is_a_file_made_outside_of_the_source(box: Box, place: str) -> None:
    box.outside[place] = "foo_new\n"
    box.configures()
    assert "cached" in box.configures().said
    box.outside[place] = "foo_newer\n"
    assert "asked" in box.configures().said
    del box.outside[place]
    assert "asked" in box.configures().said


def _adds(box: Box) -> None:
    box.files["optional.h"] = ""


def _removes(box: Box) -> None:
    del box.files["main.c"]


def _empties(box: Box) -> None:
    box.files["main.c"] = ""


@pytest.mark.slow
@pytest.mark.parametrize("change", [_adds, _removes, _empties])
def test_configure_cache_input_is_a_file_tested_without_reading(
    box: Box, change: Callable[[Box], None]
) -> None:
    box.configures()
    change(box)
    assert "asked" in box.configures().said


@pytest.mark.slow
def test_configure_cache_depends_on_the_commit_if_the_source_names_it(box: Box) -> None:
    box.configures(CIFORGE_DESCRIBE="v1", SOURCE_DATE_EPOCH="1")
    assert "cached" in box.configures(CIFORGE_DESCRIBE="v2", SOURCE_DATE_EPOCH="2").said
    box.files["configure"] += 'echo "$CIFORGE_DESCRIBE" >>config.status\n'
    box.configures(CIFORGE_DESCRIBE="v1")
    changed = box.configures(CIFORGE_DESCRIBE="v2")
    assert "asked" in changed.said
    assert changed.status.endswith("v2")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other"),
    [("chmod 600 main.c", "chmod 644 main.c"), ("ln -s main.c to", "ln -s Makefile.in to")],
    ids=["mode", "link"],
)
def test_configure_cache_inputs_include_modes_and_link_targets(
    box: Box, one: str, other: str
) -> None:
    box.before = one
    box.configures()
    assert "cached" in box.configures().said
    box.before = other
    assert "asked" in box.configures().said


@pytest.mark.slow
def test_configure_cache_input_is_an_overwritten_file_as_it_was_before(box: Box) -> None:
    box.files["state"] = "old\n"
    box.files["configure"] += "echo new >state\n"
    box.configures()
    assert "cached" in box.configures().said
    box.files["state"] = "new\n"
    assert "asked" in box.configures().said


@pytest.mark.parametrize(
    "programs",
    mostly_slow(
        [
            {"touch": "exit 1"},
            {"touch": 'case $1 in -a) exit 0 ;; esac; exec /usr/bin/touch "$@"'},
            {"cat": '/bin/cat "$@"; test -t 0 || /usr/bin/touch -a -t 197001020000 "$1"'},
            {"cp": '/bin/cp "$@"; /usr/bin/touch -a -t 197001020000 "$1"'},
            *(
                {name: "exit 127"}
                for name in ("stat", "comm", "xargs", "sha256sum", "sort", "find")
            ),
        ],
        quick=2,
    ),
    ids=[
        "no touch",
        "no access times",
        "cat leaves no trace",
        "cp leaves no trace",
        "no stat",
        "no comm",
        "no xargs",
        "no sha256sum",
        "no sort",
        "no find",
    ],
)
def test_configure_cache_is_not_kept_if_reads_cannot_be_recorded(
    box: Box, programs: dict[str, str]
) -> None:
    box.programs = programs
    for _ in range(2):
        ended = box.configures()
        assert (ended.said, ended.code, box.kept) == (["cache /dev/null", "asked"], 0, 0)
    assert box.outcome == "unseen"


CODE = (
    "ac_cv_answer=`id`", "ac_cv_answer=$(id)", "id", "PATH=/tmp", "ac_cv_answer=yes; id",
    "ac_cv_answer=${ac_cv_answer=$(id)}", "ac_cv_answer='yes' id", 'ac_cv_answer="$(id)"',
    "test -f x && ac_cv_answer=yes", "ac_cv_answer=yes\\", "ac_cv_answer='", ". ./x",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("line", mostly_slow(CODE))
def test_configure_cache_leaves_out_answers_with_commands(box: Box, line: str) -> None:
    box.configures()
    for file in box.cache.glob("answers/*/config.cache"):
        file.write_text(line + "\n")
    ended = box.configures()
    assert ("asked" in ended.said, ended.again) == (True, False)


VALUES = (
    "ac_cv_answer=yes", "ac_cv_answer=${ac_cv_answer=yes}", "ac_cv_answer=${ac_cv_answer='yes'}",
    'test "${ac_cv_answer+set}" = set || ac_cv_answer=yes', "ac_cv_answer='yes'",
    "test ${ac_cv_answer+y} || ac_cv_answer=yes", "# yes\n\nac_cv_answer=yes",
    "ac_cv_answer=yes\nac_cv_env_CFLAGS_value='-g '\\''x'\\'' -O2'",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("text", mostly_slow(VALUES))
def test_configure_cache_reads_answers_as_every_autoconf_writes_them(box: Box, text: str) -> None:
    box.configures()
    for file in box.cache.glob("answers/*/config.cache"):
        file.write_text(text + "\n")
    ended = box.configures()
    assert ("cached" in ended.said, ended.again) == (True, False)


@pytest.mark.slow
def test_configure_cache_of_the_followed_branch_is_read_and_never_written(box: Box) -> None:
    box.configures()
    shutil.copytree(box.cache, box.followed)
    shutil.rmtree(box.cache / "answers")
    before = {file: file.stat().st_mtime_ns for file in box.followed.rglob("*")}
    assert "cached" in box.configures().said
    assert {file: file.stat().st_mtime_ns for file in box.followed.rglob("*")} == before
    assert box.kept == 0
    for file in box.followed.glob("answers/*/config.cache"):
        file.write_text("ac_cv_answer=no\n")
    assert box.configures().again
    assert "asked" in box.configures().said


def test_configure_cache_is_off_in_a_configured_folder(box: Box) -> None:
    box.outside["home/answers/made"] = ""
    for _ in range(2):
        assert box.configures().said == ["cache /dev/null", "asked"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "env"),
    [
        (["--with-y"], {}),
        (["--x", "''"], {}),
        ([], {"CC": "clang"}),
        ([], {"CFLAGS": "-O0"}),
        ([], {"PKG_CONFIG_PATH": "/x"}),
        ([], {"CIFORGE_IMAGE": "sha256:2"}),
    ],
)
def test_configure_cache_depends_on_arguments_environment_and_image(
    box: Box, words: list[str], env: dict[str, str]
) -> None:
    box.configures("--x")
    assert "asked" in box.configures(*(words or ["--x"]), **env).said
    assert "cached" in box.configures("--x").said


@pytest.mark.slow
def test_configure_cache_ignores_the_number_of_processors(box: Box) -> None:
    box.configures(CIFORGE_JOBS="2")
    assert "cached" in box.configures(CIFORGE_JOBS="3").said


@pytest.mark.slow
def test_configure_cache_is_not_kept_from_a_failed_configure(box: Box) -> None:
    box.files["broken"] = ""
    assert (box.configures().code, box.kept) == (77, 0)
    assert "asked" in box.configures().said


def test_configure_that_differs_with_a_cache_runs_without_one_from_then_on(
    box: Box,
) -> None:
    box.files["configure"] = FORGETFUL
    first, second, third = (box.configures() for _ in range(3))
    assert "flavour=only-when-asked" in first.status
    assert second.again
    assert (third.said, third.status, third.again) == (
        ["cache /dev/null", "asked"], first.status, False,
    )  # fmt: skip


@pytest.mark.slow
def test_configure_cache_that_failed_with_two_keys_is_not_tried_with_a_third(box: Box) -> None:
    box.files["configure"] = FORGETFUL
    for key in ("--one", "--one", "--two", "--two"):
        ended = box.configures(key)
    assert ended.again
    said = [box.configures("--three").said for _ in range(2)]
    assert said == [["cache /dev/null", "asked"]] * 2


@pytest.mark.slow
def test_configure_that_fails_with_a_cache_runs_without_one_from_then_on(box: Box) -> None:
    box.files["configure"] = CONFIGURE.replace("echo cached", "exit 3")
    assert box.configures().code == 0
    second = box.configures()
    assert (second.code, second.again) == (3, True)
    assert box.configures().code == 0


@pytest.mark.slow
def test_configure_cache_that_was_modified_is_detected(box: Box) -> None:
    box.configures()
    for file in box.cache.glob("answers/*/config.cache"):
        file.write_text("ac_cv_answer=no\n")
    assert box.configures().again


@pytest.mark.slow
def test_configure_cache_is_separate_for_a_nested_configure(box: Box) -> None:
    box.files["lower/configure"] = CONFIGURE
    for _ in range(2):
        said = box.configures().said
    assert [line for line in said if line.startswith("cache ")][1] == "cache /dev/null"
    assert said[-1] == "asked"


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--prefix=ROOT/opt",)])
def test_config_site_of_the_system_is_read_with_a_cache(box: Box, words: tuple[str, ...]) -> None:
    moved = [word.replace("ROOT", str(box.root)) for word in words]
    folder = box.root / ("opt" if words else "usr")
    for name in ("share", "etc"):
        (folder / name).mkdir(parents=True)
        (folder / name / "config.site").write_text(f"site=$site-{name}\n")
    assert "site=-share-etc" in box.configures(*moved).status


@pytest.mark.slow
def test_config_site_or_cache_of_the_project_wins(box: Box) -> None:
    own = box.root / "own.site"
    own.write_text("site=own\n")
    assert "site=own" in box.configures(CONFIG_SITE=str(own)).status
    assert "cache mine" in box.configures("--cache-file=mine").said
    assert box.kept == 0


@pytest.mark.parametrize("gone", [{"CCACHE_DIR": ""}, {"CCACHE_DIR": "/nonexistent"}])
def test_configure_without_a_cache_folder_is_unchanged(box: Box, gone: dict[str, str]) -> None:
    for _ in range(2):
        assert box.configures(**gone).said == ["cache /dev/null", "asked"]


def test_configure_cache_is_not_kept_by_root(box: Box) -> None:
    box.user = "root"
    assert (box.configures().said, box.kept) == (["cache /dev/null", "asked"], 0)


@pytest.mark.slow
def test_configure_cache_keeps_the_last_ten(box: Box) -> None:
    for number in range(13):
        box.configures(f"--n={number}")
    assert box.kept == 10
    assert "cached" in box.configures("--n=12").said
