"""`smoke: installed` in a container: the loader of the release decides."""

import re
from pathlib import Path

from rig import Person

MAKEFILE = """\
dir ?= /usr/local/lib
all:
	printf 'int f(void) { return 0; }\\n' >f.c
	printf 'int f(void);\\nint main(void) { return f(); }\\n' >m.c
	$(CC) -shared -fPIC -Wl,-soname,libf.so.1 -o libf.so.1 f.c
	$(CC) -o m m.c libf.so.1
install:
	install -d $(dir)
	install libf.so.1 $(dir)/
	install m /usr/local/bin/
"""
PROJECT = """\
project: p
repos: {p: {path: ., recipe: make, steps: {smoke: installed}}}
variants: {aside: {env: {dir: /usr/local/lib/aside}}}
jobs: [debian-13, p/debian-13/aside]
"""


def test_installed_program_without_its_library_fails_and_an_old_cache_of_the_loader_does_not(
    tmp_path: Path,
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "Makefile").write_text(MAKEFILE)
    (tree / "ciforge.yml").write_text(PROJECT)
    ended = Person(tree, tmp_path / "home").runs()
    assert ended.code == 1, ended.told
    assert ended.results["p/debian-13/default"]["status"] == "passed", ended.told
    steps = ended.step("p/debian-13/default", "smoke")
    assert "/usr/local/bin/m starts after ldconfig" in steps
    assert "1 of 1 installed programs start" in steps
    aside = ended.step("p/debian-13/aside", "smoke")
    assert "libf.so.1 is installed in /usr/local/lib/aside, where the loader does not look" in aside
    assert "0 of 1 installed programs start" in aside
    assert len(re.findall("^1[.] library f not found", ended.out, re.MULTILINE)) == 1, ended.out
