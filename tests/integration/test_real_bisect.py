"""`ciforge bisect` over a history of hello-portable, and over versions of packages, with real containers."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from rig import HELLO_13, Ended, Person, commit, compiled_hello, git, trial

from ciforge.store.incidents.read_only import present

BREAKS = Path(__file__).parents[2] / "examples" / "hello-portable" / "breaks"


@attrs.frozen
class History:
    """A checkout with a history, and the commits that matter in it."""

    person: Person
    good: str
    stray: str
    """A commit that fails for another reason."""
    culprit: str
    bad: str


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    home = tmp_path_factory.mktemp("bisect")
    tree = compiled_hello(home / "hello")
    good = git(tree, "rev-parse", "HEAD")
    _notes(tree, 2)
    stray = _patched(tree, "merge-conflict.patch", "Merge half")
    git(tree, "revert", "--no-edit", stray)
    _notes(tree, 1)
    culprit = _patched(tree, "missing-include.patch", "Include less")
    _notes(tree, 3)
    bad = git(tree, "rev-parse", "HEAD")
    person = Person(tree, home)
    return History(person, good, stray, culprit, bad)


def _notes(tree: Path, many: int) -> None:
    for number in range(many):
        with (tree / "NOTES").open("a") as file:
            file.write(f"note {number}\n")
        commit(tree, f"Note {number}")


def _patched(tree: Path, patch: str, message: str) -> str:
    git(tree, "apply", str(BREAKS / patch))
    return commit(tree, message)


def test_bisect_finds_the_commit_and_every_view_shows_it(history: History) -> None:
    person = history.person
    git(person.here, "checkout", "--quiet", history.good)
    assert person.types("run", "--notify", HELLO_13).code == 0
    git(person.here, "checkout", "--quiet", "-")
    red = person.types("run", "--notify", HELLO_13)
    assert red.code == 1, red.told

    ended = person.types("bisect", HELLO_13, "--json")
    assert ended.code == 0, ended.told
    answer = json.loads(ended.out)
    assert answer["outcome"] == "found"
    assert [one["commit"] for one in answer["commits"]] == [history.culprit]
    assert answer["confirmed"] is True
    assert answer["builds"] <= 4 + 2 + answer["skipped"]
    _every_view_shows(person, history.culprit, answer["incidents"])


def _every_view_shows(person: Person, culprit: str, incidents: list[str]) -> None:
    assert [*present(person.state / "hello-portable", "hello-portable").incidents] == incidents
    for words in (["status"], ["report"], ["report", "--markdown"]):
        shown = person.types(*words)
        assert culprit[:12] in shown.out, shown.told


WIDGET = "tree/debian-13/default"
REPOSITORY = """\
FROM {base}
RUN set -e; rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*; mkdir -p /srv/repo; cd /srv/repo; \
    package() {{ mkdir -p /tmp/p/DEBIAN /tmp/p/usr/include; \
      printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: T <t@example.org>\\nDescription: d\\n%b' "$1" "$2" "$4" \
        >/tmp/p/DEBIAN/control; echo "$3" >"/tmp/p/usr/include/$1.h"; file=$1-$2.deb; \
      dpkg-deb --root-owner-group -Zgzip -z1 -b /tmp/p "$file" >/dev/null; \
      {{ cat /tmp/p/DEBIAN/control; echo "Filename: ./$file"; echo "Size: $(stat -c %s "$file")"; \
        echo "SHA256: $(sha256sum "$file" | cut -d ' ' -f 1)"; echo; }} >>Packages; rm -rf /tmp/p; }}; \
    for n in $(seq 1 {newest}); do \
      if [ $n -ge {broken} ]; then text='#include <gone.h>'; else text='#define WIDGET 1'; fi; \
      package libwidget "1.$n" '' ''; package libwidget-dev "1.$n" "$text" "Depends: libwidget (= 1.$n)\\n"; \
      package gadget-dev "2:$n~rc1" '#define GADGET 1' ''; done; \
    echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list.d/test.list
"""
"""An apt repository with versions 1 to `newest` of two sources; from 1.`broken` on, libwidget-dev breaks builds."""


@pytest.fixture
def mirrors(engine: Any, hello_run: Ended) -> Iterator[tuple[str, str]]:
    """Base images with the tools of a build: one has a repository as it was, one as it is."""
    names = ("ciforge-tests/widget:before", "ciforge-tests/widget:after")
    for name, newest in zip(names, (1, 9), strict=True):
        text = REPOSITORY.format(base=hello_run.results[HELLO_13]["image"], newest=newest, broken=6)
        done = subprocess.run(
            ["docker", "build", "--quiet", "--tag", name, "-"],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    yield names
    for name in names:
        engine.images.remove(name, force=True)


def test_bisect_finds_the_version_of_a_package_and_every_view_shows_it(
    mirrors: tuple[str, str], tmp_path: Path
) -> None:
    before, after = mirrors
    needs = ["autoconf", "automake", {"widget": {"debian": "libwidget-dev"}}]
    needs.append({"gadget": {"debian": "gadget-dev"}})
    build = {"build": {"run": "cc -c x.c"}}
    tree = trial(tmp_path / "here", build, repo={"dependencies": needs})
    (tree / "tree" / "x.c").write_text(
        "#include <libwidget-dev.h>\n#include <gadget-dev.h>\nint x;\n"
    )
    git(tree, "init", "--quiet")
    commit(tree, "Everything")
    person = Person(tree, tmp_path)
    green = person.types("run", "--notify", CIFORGE_BASE_DEBIAN_13=before)
    assert green.code == 0, green.told
    red = person.types("run", "--notify", CIFORGE_BASE_DEBIAN_13=after)
    assert red.code == 1, red.told

    ended = person.types("bisect", WIDGET, "--json", CIFORGE_BASE_DEBIAN_13=after)
    assert ended.code == 0, ended.told
    answer = json.loads(ended.out)
    names = ["gadget-dev", "libwidget", "libwidget-dev"]
    assert [one["name"] for one in answer["packages"]] == names
    assert answer["versions"] == [
        {"packages": ["libwidget", "libwidget-dev"], "before": "1.5", "after": "1.6"}
    ]
    assert answer["versions_confirmed"] is True
    assert answer["builds"] <= 4 + 2  # 16 changes of versions, both ends included
    sentence = "The change libwidget, libwidget-dev 1.5 -> 1.6 brought it."
    for words in (["status"], ["report"], ["incident", answer["incidents"][0]]):
        shown = person.types(*words)
        assert sentence in " ".join(shown.out.split()), shown.told
