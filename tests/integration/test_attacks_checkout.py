"""A stranger's checkout and stray arguments, against whole commands on the machine of the person who reads.

The traps leave a mark in a file outside the checkout, which is looked for at the end.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import attrs
import pytest
from rig import HELLO_13, Document, Ended, Person, commit, git, trial

SECRET = "of-the-reader-7c41"
ESCAPE = "\x1b]0;gotcha\x07\x1b[2J"
BUILD = {"see": {"run": "ls -laR .; cat * 2>/dev/null || :; echo whole"}}
PROJECT = "project: p\nrepos: {tree: {path: ., recipe: make}}\njobs: [tree/debian-13]\n"
READS = (("lint",), ("jobs",), ("script", "tree/debian-13", "--steps"), ("generate", "--force"))
"""Commands that run nothing of a checkout, with their arguments."""


@attrs.frozen
class Trapped:
    """A checkout that belongs to somebody else, and what lies beside it."""

    reader: Person
    mark: Path
    """Exists as soon as anything of the checkout was run."""
    secret: Path
    """A file outside."""

    @property
    def tree(self) -> Path:
        """The checkout."""
        return self.reader.here

    def holds(self, *ended: Ended) -> None:
        """Nothing was run, nothing of the reader is shown, and no command crashed."""
        assert not self.mark.exists(), self.mark.read_text()
        for done in ended:
            assert done.code in (0, 1, 2, 3, 4), done.told
            assert SECRET not in done.told
            assert "Traceback" not in done.told
            assert "\x1b]" not in done.told

    def reads(self) -> list[Ended]:
        """Every command that only reads."""
        return [self.reader.types(*words) for words in READS]


@pytest.fixture
def trapped(tmp_path: Path) -> Trapped:
    tree = tmp_path / "checkout"
    tree.mkdir()
    git(tree, "init", "--quiet")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    return Trapped(Person(tree, tmp_path / "home"), tmp_path / "mark", tmp_path / "secret")


def program(trapped: Trapped, name: str = "trap") -> Path:
    """A program that leaves the mark."""
    file = trapped.tree / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho $0 $* >>{trapped.mark}\ncat\n")
    file.chmod(0o755)
    return file


def built(trapped: Trapped, **more: object) -> Person:
    """The checkout with a project whose one step shows the tree."""
    document: Document = dict(more)
    trial(trapped.tree, BUILD, **document)
    return trapped.reader


# The person at the keyboard.


def test_no_command_line_crashes_a_command_or_sends_escape_sequences(trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(PROJECT)
    lines = (
        ("run", ESCAPE), ("jobs", "--file", f"{ESCAPE}/x"), ("log", "--state-dir", "/dev/null"),
        ("diagnose", "/dev/zero"), ("diagnose", str(trapped.tree)), ("history", "--state-dir", ""),
        ("mail", "test", "a@b\nc"), ("run", "--jobs", "9" * 400), ("collect", "github:../../x"),
        ("report", "--html", "/proc/x"), ("run", "--source", "tree=https://u:p@h=x/y"),
        ("nothing", "--" + "x" * 100000),
    )  # fmt: skip
    done = [trapped.reader.types(*words) for words in lines]
    trapped.holds(*done)
    assert {ended.code for ended in done} <= {1, 2}


def test_mail_password_is_shown_nowhere_and_never_sent_in_the_clear(
    trapped: Trapped,
) -> None:
    (trapped.tree / "ciforge.yml").write_text(
        PROJECT + 'mail: {from: ci@example.org, routes: [{job: "*", to: team@example.org}]}\n'
    )
    for way in (
        f"smtp://u:{SECRET}@127.0.0.1:1",
        "smtp+plain://u@192.0.2.1:1",
        "smtp://u@127.0.0.1:1",
    ):
        done = trapped.reader.types(
            "mail", "test", "team@example.org", CIFORGE_MAIL=way, CIFORGE_MAIL_PASSWORD=SECRET
        )
        trapped.holds(done)
        assert done.code != 0, done.told


def test_password_in_an_address_is_in_no_record(trapped: Trapped) -> None:
    person = built(trapped)
    done = person.runs("--source", f"tree=https://me:{SECRET}@127.0.0.1:1/x.git")
    trapped.holds(done)
    assert done.code != 0
    kept = [file for file in person.home.rglob("*") if file.is_file()]
    assert kept
    assert [file for file in kept if SECRET.encode() in file.read_bytes()] == []


def test_run_folders_are_readable_by_their_owner_only(trapped: Trapped) -> None:
    done = built(trapped).runs()
    assert done.code == 0, done.told
    assert [
        path for path in (done.folder, *done.folder.rglob("*")) if path.stat().st_mode & 0o077
    ] == []


def test_crash_report_is_readable_by_its_owner_only(trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(PROJECT)
    code = (
        "import ciforge.commands.history as history; history.Index = None; "
        "from ciforge.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "history", f"*{SECRET}*"],
        cwd=trapped.tree, env=trapped.reader.env(GITHUB_TOKEN=SECRET), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 70, done.stderr
    (report,) = (trapped.reader.state / ".crash-reports").iterdir()
    assert report.stat().st_mode & 0o777 == 0o600
    assert SECRET not in report.read_text() + done.stderr


def test_container_of_another_user_is_not_removed(
    trapped: Trapped, engine: Any, hello_run: Ended
) -> None:
    base = hello_run.results[HELLO_13]["base"].partition("@")[0]
    ago = str(int(time.time()) + 3600)
    marks = {
        "box": "1",
        "host": "another",
        "owner": "1:1",
        "expires": ago,
        "run": "none",
        "job": "x",
    }
    theirs = engine.containers.run(
        base,
        ["sleep", "600"],
        detach=True,
        labels={f"org.ciforge.{key}": marks[key] for key in marks},
    )
    try:
        done = built(trapped).runs()
        assert done.code == 0, done.told
        theirs.reload()
        assert theirs.status == "running"
    finally:
        theirs.remove(force=True)


# The project file, and what lies beside it.

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
FILES = {
    "aliases": BOMB,
    "brackets": "[" * 5000,
    "a tag": "!!python/object/apply:os.system ['touch gotcha']\n",
    "no text": "\x00\x01",
    "long": f"project: {'x' * 5_000_000}\n",
    "escape": f'project: "{ESCAPE!r}"\n',
}


@pytest.mark.parametrize("name", FILES)
def test_any_project_file_is_read_or_refused(name: str, trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(FILES[name])
    done = trapped.reads()
    trapped.holds(*done)
    assert {ended.code for ended in done} == {2} or {ended.code for ended in done} == {1, 2}


@pytest.mark.parametrize("name", ("aliases", "a tag", "escape"))
def test_any_descriptor_is_read_or_refused(name: str, trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(PROJECT)
    (trapped.tree / "distros").mkdir()
    (trapped.tree / "distros" / "debian.yml").write_text(FILES[name])
    trapped.holds(trapped.reader.types("lint"), trapped.reader.types("generate"))


def test_project_values_stay_quoted_and_on_their_line_in_workflows(
    trapped: Trapped,
) -> None:
    command = (
        f"echo '\"$(touch {trapped.mark})`touch {trapped.mark}`' \\\nEOF\n: ${{{{ github.token }}}}"
    )
    trial(trapped.tree, {"see": {"run": command}})
    shown = trapped.reader.types("script", "tree/debian-13", "--steps")
    generated = trapped.reader.types("generate")
    trapped.holds(shown, generated)
    for file in trapped.tree.glob(".github/**/*"):
        assert not file.is_file() or ": ${{ github.token }}" not in file.read_text()
    done = trapped.reader.runs()
    trapped.holds(done)


@pytest.mark.parametrize(
    "address", ["ext::sh -c 'touch {mark}'", "--upload-pack=touch {mark}", "file://{secret}"]
)
def test_project_address_is_never_an_option_or_a_program(address: str, trapped: Trapped) -> None:
    word = address.format(mark=trapped.mark, secret=trapped.secret)
    document = {
        "project": "p",
        "repos": {"tree": {"git": word, "recipe": "make"}},
        "jobs": ["tree/debian-13"],
    }
    (trapped.tree / "ciforge.yml").write_text(json.dumps(document))
    done = [trapped.reader.types("lint"), trapped.reader.runs()]
    trapped.holds(*done)
    assert done[1].code != 0


@pytest.mark.parametrize("path", ["../outside", "/etc", "link", "a/../../outside"])
def test_folder_outside_of_the_checkout_is_not_built(path: str, trapped: Trapped) -> None:
    outside = trapped.tree.parent / "outside"
    outside.mkdir()
    (outside / "file").write_text(SECRET)
    (trapped.tree / "link").symlink_to(outside)
    trial(trapped.tree, BUILD, repo={"path": path})
    done = trapped.reader.runs()
    trapped.holds(done)
    assert done.code == 2, done.told


def test_checkout_that_checks_nothing_is_not_green(trapped: Trapped) -> None:
    none = dict.fromkeys(("build", "install"), False)
    trial(trapped.tree, {**none, "see": False})
    done = trapped.reader.runs()
    trapped.holds(done)
    assert done.code == 2, done.told
    trial(trapped.tree, BUILD, jobs=["tree/debain-13"])
    assert trapped.reader.runs().code == 2


TEMPLATES = {
    "code": "[= ''.__class__.__mro__[1].__subclasses__() =]",
    "globals": "[= lipsum.__globals__['os'].system('touch {mark}') =]",
    "file": "[% include '{secret}' %]",
    "memory": "[= 'a' * 10000000000 =]",
    "time": "[% for a in 'aaaaaaaaaaaaaaaaaaaa' %][% for b in 'aaaaaaaaaaaaaaaaaaaa' %][% for c in"
    " 'aaaaaaaaaaaaaaaaaaaa' %][% for d in 'aaaaaaaaaaaaaaaaaaaa' %][% for e in 'aaaaaaaaaaaaaaaaaaaa' %]"
    "[% for f in 'aaaaaaaaaaaaaaaaaaaa' %].[% endfor %][% endfor %][% endfor %][% endfor %][% endfor %][% endfor %]",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_workflow_template_only_computes_text(name: str, trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(PROJECT)
    file = trapped.tree / "workflows" / "github" / "workflow.yml.j2"
    file.parent.mkdir(parents=True)
    text = (
        TEMPLATES[name]
        .replace("{mark}", str(trapped.mark))
        .replace("{secret}", str(trapped.secret))
    )
    file.write_text(f"{text}\n")
    linted, generated = trapped.reader.types("lint"), trapped.reader.types("generate")
    trapped.holds(linted, generated)
    assert generated.code in (1, 2), generated.told
    assert not (trapped.tree / ".github").exists()


def test_link_brings_no_private_file_into_a_generated_file(trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(PROJECT)
    for folder in ("workflows/hosted", "workflows/github", "distros/managers"):
        (trapped.tree / folder).mkdir(parents=True)
    (trapped.tree / "workflows" / "hosted" / "build.sh").symlink_to(trapped.secret)
    os.mkfifo(trapped.tree / "workflows" / "hosted" / "carry.sh")
    (trapped.tree / "distros" / "mine.yml").symlink_to(trapped.secret)
    trapped.holds(*trapped.reads())
    for file in trapped.tree.glob(".github/**/*"):
        assert not file.is_file() or SECRET not in file.read_text()


@pytest.mark.parametrize("link", [".github", ".github/workflows", ".github/workflows/ciforge.yml"])
def test_generated_file_is_not_written_through_a_link(link: str, trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(PROJECT)
    outside = trapped.tree.parent / "outside"
    outside.mkdir()
    (trapped.tree / link).parent.mkdir(parents=True, exist_ok=True)
    (trapped.tree / link).symlink_to(trapped.secret if link.endswith("yml") else outside)
    done = trapped.reader.types("generate", "--force")
    trapped.holds(done)
    assert list(outside.iterdir()) == []
    assert trapped.secret.read_text() == f"{SECRET}\n"


@pytest.mark.parametrize(
    ("key", "value"),
    [("suite", "--setup-hook=touch {mark}"), ("suite", "bookworm"), ("bootstrap", "touch {mark}")],
)
def test_descriptor_of_a_checkout_runs_nothing_on_this_host(
    key: str, value: str, trapped: Trapped
) -> None:
    data = Path(__file__).resolve().parents[2] / "distros" / "debian.yml"
    text, value = data.read_text(), value.format(mark=trapped.mark)
    changed = text.replace("suite: trixie", f'suite: "{value}"')
    if key == "bootstrap":
        changed = text.replace("bootstrap:", f'bootstrap: ["{value}"]\nbefore:', 1)
    assert changed != text
    (trapped.tree / "distros").mkdir()
    (trapped.tree / "distros" / "debian.yml").write_text(changed)
    person = built(trapped)
    done = [person.types("lint"), person.runs()]
    trapped.holds(*done)
    assert done[1].code == 2, done[1].told


def test_version_probe_of_a_checkout_is_in_no_image_of_another(trapped: Trapped) -> None:
    data = Path(__file__).resolve().parents[2] / "distros" / "managers" / "apt.yml"
    text = re.sub("(?m)^versions: .*$", "versions: echo forged 1", data.read_text())
    managers = trapped.tree / "distros" / "managers"
    managers.mkdir(parents=True)
    (managers / "apt.yml").write_text(re.sub("(?m)^file_index:.*\n(?:[ \t]+.*\n)*", "", text))
    bare = {"dependencies": [], "users": {}}
    trial(trapped.tree, BUILD, repo=bare)
    forged = trapped.reader.runs()
    assert forged.code == 0, forged.told
    assert forged.result["packages"] == {"forged": "1"}
    (managers / "apt.yml").unlink()
    trial(trapped.tree, BUILD, repo=bare)
    honest = trapped.reader.runs()
    assert "forged" not in honest.result["packages"]


LOCKED = PROJECT.replace("recipe: make", "recipe: make, dependencies: ['header:a.h']")


def test_lock_of_a_checkout_holds_only_names_of_packages(trapped: Trapped) -> None:
    (trapped.tree / "ciforge.yml").write_text(LOCKED)
    lock = trapped.tree / "ciforge.lock"
    texts = (
        "--help",
        f"a; touch {trapped.mark}",
        f"$(touch {trapped.mark})",
        "a\\nRUN id",
        "bash-",
        "@core",
    )
    lock.write_text(f'lock: 1\npackages: {{debian-13: {{"header:a.h": {json.dumps(texts)}}}}}\n')
    done = [*trapped.reads(), trapped.reader.runs()]
    trapped.holds(*done)
    for one in done:
        assert one.told.count("is not the plain name of a package") == len(texts), one.told
    lock.unlink()
    lock.symlink_to(trapped.secret)
    done = [trapped.reader.types("lint"), trapped.reader.runs()]
    trapped.holds(*done)
    assert all("symbolic link" in one.told for one in done)


# The source tree.

HOOKS = ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman")
KEYS = ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external", "diff.x.textconv",
        "filter.x.clean", "filter.x.smudge", "filter.x.process", "credential.helper")  # fmt: skip


def test_git_configuration_of_a_repository_runs_nothing(trapped: Trapped) -> None:
    (trapped.tree / "a").write_text("1\n")
    (trapped.tree / ".gitattributes").write_text("* filter=x diff=x\n")
    person = built(trapped)
    commit(trapped.tree, "everything")
    trap = program(trapped, ".git/trap")
    for key in KEYS:
        git(trapped.tree, "config", key, str(trap))
    for name in HOOKS:
        program(trapped, f".git/hooks/{name}")
    os.utime(trapped.tree / "a", (1, 1))
    done = [
        person.types("init", "--print"),
        person.types("lint"),
        person.runs(),
        person.runs("--rev", "HEAD"),
    ]
    trapped.holds(*done)
    assert done[2].code == 0, done[2].told
    git(trapped.tree, "status")
    assert trapped.mark.exists(), "the trap is none: git itself does not obey"


def test_git_directory_of_a_container_is_a_new_one(trapped: Trapped) -> None:
    """Steps, those of root too, use git; nothing of the reader's own directory is there or was run."""
    look = {
        "run": "git describe --tags --dirty; test ! -e .git/config; test ! -e .git/hooks; "
        'test "$(git describe --tags --dirty)" = "$CIFORGE_DESCRIBE"; git remote'
    }
    steps = {"look": look, "again": {**look, "as": "root"}}
    trial(trapped.tree, steps, repo={"path": ".", "git": "true"})
    git(trapped.tree, "init", "--quiet")
    commit(trapped.tree, "everything")
    git(trapped.tree, "tag", "v1.0")
    git(trapped.tree, "remote", "add", "origin", f"https://u:{SECRET}@example.org/x.git")
    git(trapped.tree, "config", "core.fsmonitor", str(program(trapped, ".git/trap")))
    for name in HOOKS:
        program(trapped, f".git/hooks/{name}")
    done = trapped.reader.runs()
    trapped.holds(done)
    assert done.code == 0, done.told
    job = "tree/debian-13/default"
    assert done.step(job, "look") == done.step(job, "again") == ["v1.0"]


def test_bare_repository_in_a_tree_is_not_read(trapped: Trapped) -> None:
    person = built(trapped)
    inner = trapped.tree / "tree"
    git(trapped.tree, "init", "--quiet", "--bare", str(inner))
    git(inner, "config", "core.worktree", ".")
    git(inner, "config", "core.bare", "false")
    git(inner, "config", "core.fsmonitor", str(program(trapped, "tree/trap")))
    trapped.holds(person.types("lint"), person.runs())


def test_link_out_of_a_tree_is_not_followed(trapped: Trapped) -> None:
    person = built(trapped)
    (trapped.tree / "tree" / "link").symlink_to(trapped.secret)
    (trapped.tree / "tree" / "folder").symlink_to(trapped.secret.parent)
    done = person.runs()
    assert done.code == 0, done.told
    assert SECRET not in done.log("tree/debian-13/default")
    os.mkfifo(trapped.tree / "tree" / "fifo")
    trapped.holds(done, person.runs(), person.types("init", "--print"))


def test_files_that_git_overlooks_are_built_as_recorded_or_counted(trapped: Trapped) -> None:
    person = built(trapped)
    commit(trapped.tree, "everything")
    git(trapped.tree, "update-index", "--assume-unchanged", "tree/README")
    (trapped.tree / "tree" / "README").write_text("another text\n")
    done = person.runs()
    assert done.code == 0, done.told
    assert "another text" in done.log("tree/debian-13/default")
    assert done.result["source"]["changes"] == 1


def test_archive_writes_nothing_outside_of_the_source(trapped: Trapped) -> None:
    person = built(trapped)
    packed = trapped.tree.parent / "x.tar"
    with tarfile.open(packed, "w") as tar:
        entry = tarfile.TarInfo("../../mark")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(entry)
    done = person.runs("--source", f"tree={packed}")
    trapped.holds(done)
    assert done.code == 2, done.told


def test_patch_applies_completely_or_not_at_all(trapped: Trapped) -> None:
    person = built(trapped)
    commit(trapped.tree, "everything")
    patch = trapped.tree.parent / "x.patch"
    name = "tree/README"
    text = (trapped.tree / name).read_text().strip()
    first = f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-{text}\n+{text} patched\n"
    patch.write_text(first + "  --- a/tree/x\n  +++ b/tree/x\n  @@ -0,0 +1 @@\n  +x\n")
    done = [person.runs("--patch", str(patch))]
    assert done[0].code == 2, done[0].told
    patch.write_text("--- a/../mark\n+++ b/../mark\n@@ -0,0 +1 @@\n+x\n")
    done.append(person.runs("--patch", str(patch)))
    assert done[1].code == 2, done[1].told
    trapped.holds(*done)


def test_checkout_of_another_user_is_refused(trapped: Trapped) -> None:
    if os.geteuid() != 0:
        pytest.fail("this test gives a checkout to another user, which needs root, as CI is")
    person = built(trapped)
    subprocess.run(["chown", "-R", "12345:12345", trapped.tree], check=True)
    done = person.runs()
    trapped.holds(done)
    assert (done.code, "safe.directory" in done.err) == (2, True), done.told


@pytest.mark.parametrize(
    "url", ["/srv/private", "file://{folder}", "ext::sh -c 'touch {mark}'", "git@127.0.0.1:x"]
)
def test_submodule_is_fetched_from_public_addresses_only(url: str, trapped: Trapped) -> None:
    person = built(trapped)
    other = trapped.tree.parent / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    (other / "file").write_text(SECRET)
    hash_ = commit(other, "theirs")
    address = url.format(folder=other, mark=trapped.mark)
    (trapped.tree / ".gitmodules").write_text(
        f'[submodule "m"]\n\tpath = tree/m\n\turl = {address}\n'
    )
    git(trapped.tree, "add", "--all")
    git(trapped.tree, "update-index", "--add", "--cacheinfo", f"160000,{hash_},tree/m")
    git(trapped.tree, "commit", "--quiet", "--message", "a submodule")
    trapped.holds(person.runs(), person.runs("--rev", "HEAD"))


def test_init_and_diagnose_survive_any_tree_and_any_log(trapped: Trapped) -> None:
    (trapped.tree / "configure.ac").write_text(
        f"AC_INIT([{ESCAPE}], [1])\n" + "AC_CHECK_LIB([" * 20000
    )
    (trapped.tree / "meson.build").symlink_to("/dev/zero")
    os.mkfifo(trapped.tree / "Makefile.am")
    log = trapped.tree.parent / "log"
    log.write_text(f"{ESCAPE}\n" + "x.c:1:1: error: " * 100000 + "\n" + "\x1b[31m" * 100000)
    done = [trapped.reader.types("init", "--print"), trapped.reader.types("diagnose", log)]
    trapped.holds(*done)
