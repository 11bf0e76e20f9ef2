"""The answers of an earlier configure: the scripts of a box, run for real in a folder that stands for it."""

import shutil
import subprocess
from pathlib import Path

import attrs
import pytest
from projects import EVERY_SHELL

from ciforge.render.answers import ANSWERING
from ciforge.render.wrapper import SCRIPTS, SYSTEM_PATH

SHELLCHECK = shutil.which("shellcheck")
CONFIGURE = """\
#!/bin/sh
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
if test -n "$answer"; then
    echo cached
else
    echo asked
    answer=yes
fi
test ! -f lower/configure || (cd lower && sh ./configure "$@" "--cache-file=$cache_file")
test ! -f broken || exit 77
echo "answer=$answer site=$site flavour=$flavour" >config.status
echo "made at $(date +%N)" >config.log
test "$cache_file" = /dev/null || echo "answer=$answer" >"$cache_file"
"""
FORGETFUL = CONFIGURE.replace("answer=yes", "answer=yes\n    flavour=only-when-asked")


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
        self.user = "ciforge"

    def configures(self, *words: str, shell: tuple[str, ...] = ("sh",), **env: str) -> Ended:
        """The step in a new box, with the files as they are now."""
        self._renewed()
        step = f"./configure {' '.join(words)}\n"
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
            (self.ciforge / "home/answers.again").exists(),
        )  # fmt: skip

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
        for name, text in {**SCRIPTS, **ANSWERING}.items():
            own = text.replace("/ciforge", str(self.ciforge))
            own = own.replace(f"PATH={SYSTEM_PATH}", f"PATH={self.root}/programs:{SYSTEM_PATH}")
            self._write(self.ciforge / "bin" / name, own)
        for name, text in self.files.items():
            self._write(self.source / name, text.replace("ROOT", str(self.root)))
        self._write(self.root / "programs/id", f"#!/bin/sh\necho {self.user}\n")

    def _write(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    @property
    def kept(self) -> int:
        """Configures whose answers are there."""
        return len(list(self.cache.glob("answers/*/made")))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "box")


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize("name", ANSWERING)
def test_it_is_sh_for_every_shell(name: str, shell: tuple[str, ...]) -> None:
    done = subprocess.run(
        [*shell, "-n"], input=ANSWERING[name].encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "-"], input=ANSWERING["answers"].encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.stdout.decode() == ""


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_what_was_asked_once_is_not_asked_again(box: Box, shell: tuple[str, ...]) -> None:
    first, second = (box.configures("--x", "a b", shell=shell) for _ in range(2))
    assert "asked" in first.said
    assert "cached" in second.said
    assert (second.code, second.status, second.again) == (0, first.status, False)


def test_what_is_compiled_later_is_no_matter(box: Box) -> None:
    box.configures()
    box.files["main.c"] = "int y;\n"
    assert "cached" in box.configures().said


@pytest.mark.slow
@pytest.mark.parametrize("file", ["configure", "Makefile.in", "version.h", "VERSION", "sub/x.in"])
def test_every_other_file_that_changes_lets_it_ask_again(box: Box, file: str) -> None:
    box.configures()
    box.files[file] = box.files.get(file, "") + "# changed\n"
    assert "asked" in box.configures().said


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
def test_so_do_words_environment_and_image(box: Box, words: list[str], env: dict[str, str]) -> None:
    box.configures("--x")
    assert "asked" in box.configures(*(words or ["--x"]), **env).said
    assert "cached" in box.configures("--x").said


def test_how_many_processors_there_are_just_now_is_no_matter(box: Box) -> None:
    box.configures(CIFORGE_JOBS="2")
    assert "cached" in box.configures(CIFORGE_JOBS="3").said


def test_a_configure_that_fails_leaves_no_answers(box: Box) -> None:
    box.files["broken"] = ""
    assert (box.configures().code, box.kept) == (77, 0)
    assert "asked" in box.configures().said


def test_a_configure_that_makes_something_else_of_its_answers_begins_anew_for_good(
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
def test_what_went_wrong_with_two_keys_is_not_tried_with_a_third(box: Box) -> None:
    box.files["configure"] = FORGETFUL
    for key in ("--one", "--one", "--two", "--two"):
        ended = box.configures(key)
    assert ended.again
    said = [box.configures("--three").said for _ in range(2)]
    assert said == [["cache /dev/null", "asked"]] * 2


def test_so_does_one_that_fails_with_them(box: Box) -> None:
    box.files["configure"] = CONFIGURE.replace("echo cached", "exit 3")
    assert box.configures().code == 0
    second = box.configures()
    assert (second.code, second.again) == (3, True)
    assert box.configures().code == 0


def test_answers_that_somebody_spoiled_are_noticed(box: Box) -> None:
    box.configures()
    for file in box.cache.glob("answers/*/config.cache"):
        file.write_text("answer=no\n")
    assert box.configures().again


def test_a_configure_below_another_asks_for_itself(box: Box) -> None:
    box.files["lower/configure"] = CONFIGURE
    for _ in range(2):
        said = box.configures().said
    assert [line for line in said if line.startswith("cache ")][1] == "cache /dev/null"
    assert said[-1] == "asked"


@pytest.mark.parametrize("words", [(), ("--prefix=ROOT/opt",)])
def test_a_site_of_the_system_is_read_all_the_same(box: Box, words: tuple[str, ...]) -> None:
    moved = [word.replace("ROOT", str(box.root)) for word in words]
    folder = box.root / ("opt" if words else "usr")
    for name in ("share", "etc"):
        (folder / name).mkdir(parents=True)
        (folder / name / "config.site").write_text(f"site=$site-{name}\n")
    assert "site=-share-etc" in box.configures(*moved).status


def test_a_site_or_a_cache_of_the_project_comes_first(box: Box) -> None:
    own = box.root / "own.site"
    own.write_text("site=own\n")
    assert "site=own" in box.configures(CONFIG_SITE=str(own)).status
    assert "cache mine" in box.configures("--cache-file=mine").said
    assert box.kept == 0


@pytest.mark.parametrize("gone", [{"CCACHE_DIR": ""}, {"CCACHE_DIR": "/nonexistent"}])
def test_without_a_place_for_them_configure_is_as_it_is(box: Box, gone: dict[str, str]) -> None:
    for _ in range(2):
        assert box.configures(**gone).said == ["cache /dev/null", "asked"]


def test_root_keeps_none(box: Box) -> None:
    box.user = "root"
    assert (box.configures().said, box.kept) == (["cache /dev/null", "asked"], 0)


@pytest.mark.slow
def test_of_many_the_last_ten_stay(box: Box) -> None:
    for number in range(13):
        box.configures(f"--n={number}")
    assert box.kept == 10
    assert "cached" in box.configures("--n=12").said
