"""One repository needs what another one installs, in real containers."""

import json
from pathlib import Path

from rig import Person, trial

LIBRARY = """\
all:
	$(CC) -shared -fPIC -o libmine.so mine.c
install: all
	install -m 755 libmine.so /usr/local/lib/libmine.so
	install -m 644 mine.h /usr/local/include/mine.h
"""
PROGRAM = """\
all:
	$(CC) -o user user.c -lmine
check: all
	./user | grep 'from mine 7'
"""


def written(folder: Path) -> Path:
    """A project of which `filter` needs `lib`, in the same tree."""
    tree = trial(folder, {})
    document = json.loads((tree / "ciforge.yml").read_text())
    repo = document["repos"].pop("tree")
    document["repos"] = {
        "filter": {
            **repo,
            "path": "filter",
            "needs": ["lib"],
            "steps": {"check": True, "install": False},
        },
        "lib": {**repo, "path": "lib", "steps": {}},
    }
    document["jobs"] = ["filter/debian-13"]
    (tree / "ciforge.yml").write_text(json.dumps(document))
    files = {
        "lib/Makefile": LIBRARY, "lib/mine.c": "int mine(void) { return 7; }\n",
        "lib/mine.h": "int mine(void);\n", "filter/Makefile": PROGRAM,
        "filter/user.c": '#include <stdio.h>\n#include <mine.h>\nint main(void) { printf("from mine %d\\n", mine()); }\n',
    }  # fmt: skip
    for name, text in files.items():
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(text)
    return tree


def test_job_has_the_install_of_the_repository_that_it_needs_or_is_not_tried(
    tmp_path: Path,
) -> None:
    tree = written(tmp_path / "trial")
    person = Person(tree, tmp_path)
    passed = person.runs("filter")
    assert passed.code == 0, passed.told
    assert set(passed.results) == {"filter/debian-13/default", "lib/debian-13/default"}
    assert "from mine 7" in passed.log("filter/debian-13/default")
    (tree / "lib" / "mine.c").write_text("int mine(void) { return 7 }\n")
    failed = person.runs("filter")
    assert failed.code == 1, failed.told
    needing = failed.results["filter/debian-13/default"]
    assert needing["status"] == "cancelled"
    assert needing["reason"].startswith("not tried: it needs lib/debian-13/default")
    why = json.loads((failed.folder / "diagnosis.json").read_text())
    assert {id_ for cause in why["causes"] for id_ in cause["findings"]} == {
        "lib/debian-13/default"
    }
    refused = person.types("generate", "--output", str(tmp_path / "made"))
    assert refused.code == 2
    assert "filter/debian-13/default needs the install of lib/debian-13/default" in refused.told
