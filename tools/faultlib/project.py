"""Projects to be hurt: slow steps that print and sleep, a slow image, or steps of one's own."""

import itertools
import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HELLO = "hello/debian-13/default"
"""The job whose images every project here shares."""
LINES = 24
"""Lines that each slow step prints."""
SLOW = ("one", "two", "three")

Steps = Mapping[str, Any]


def slow_steps() -> Steps:
    """Three steps of about two seconds, each of which leaves something that the last one needs."""
    counted = f"for i in $(seq {LINES}); do echo $name line $i; sleep 0.08; done; touch $name.done"
    steps = {name: {"run": f"name={name}; {counted}"} for name in SLOW}
    for before, name in itertools.pairwise(SLOW):
        steps[name]["after"] = before
    last = {"run": "ls one.done two.done three.done; echo whole", "after": SLOW[-1], "as": "root"}
    return {**steps, "last": last}


def is_whole(log: str) -> bool:
    """Whether the log of the slow steps lacks nothing."""
    wanted = [f"{name} line {i}" for name in SLOW for i in range(1, LINES + 1)]
    return [line for line in log.splitlines() if " line " in line] == wanted and "whole" in log


def trial(folder: Path, steps: Steps, name: str = "trial", **repo: Any) -> Path:
    """A project whose one repository has these steps and no others, and hello-portable's needs."""
    document = {
        "project": name,
        "repos": {
            "tree": {
                "path": "tree", "recipe": "make", "dependencies": ["autoconf", "automake"],
                "users": {"_hello": "/var/empty"},
                "steps": {"build": False, "install": False, **steps},
            } | repo
        },
        "jobs": ["tree/debian-13"],
    }  # fmt: skip
    (folder / "tree").mkdir(parents=True, exist_ok=True)
    (folder / "tree" / "README").write_text("A tree with next to nothing in it.\n")
    (folder / "ciforge.yml").write_text(json.dumps(document, indent=1))
    return folder


_CHATTY = "for i in $(seq 30); do echo {token}; sleep 0.1; done"
SILENT = ": {token}; sleep 600"


def with_slow_image(folder: Path, command: str = "", pause: str = _CHATTY) -> Path:
    """The slow steps on a distribution of its own, whose image takes three seconds and is new.

    CIFORGE_BASE_DROWSY_13 has to name its base. In `pause`, `{token}` is a word that no image was ever made with."""
    import yaml

    trial(folder, slow_steps())
    debian = yaml.load((ROOT / "distros" / "debian.yml").read_text(), Loader=yaml.BaseLoader)  # noqa: S506 (makes only text)
    debian["releases"] = [one for one in debian["releases"] if one["release"] == "13"]
    for known in debian["packages"].values():
        known.pop("releases", None)
    del debian["bootstrap"]  # only a descriptor of ciforge may have one
    debian |= {"distribution": "drowsy", "manager": "idle", "defaults": ["13"]}
    pause = pause.replace("{token}", secrets.token_hex(4))
    debian |= {"setup": [pause, *([command] if command else [])]}
    managers = folder / "distros" / "managers"
    managers.mkdir(parents=True)
    (folder / "distros" / "drowsy.yml").write_text(json.dumps(debian))
    idle = {"manager": "idle", "install": "true {packages}", "versions": "echo idle 1"}
    (managers / "idle.yml").write_text(json.dumps(idle))
    text = (folder / "ciforge.yml").read_text()
    (folder / "ciforge.yml").write_text(text.replace("tree/debian-13", "tree/drowsy-13"))
    return folder


def hello(folder: Path) -> Path:
    """The example as it is."""
    shutil.copytree(ROOT / "examples" / "hello-portable", folder, dirs_exist_ok=True)
    return folder


def big_tree(folder: Path, mib: int) -> Path:
    """The slow steps with a large file in the source, so that copying takes a while."""
    trial(folder, slow_steps())
    with (folder / "tree" / "large").open("wb") as file:
        for _ in range(mib):
            file.write(secrets.token_bytes(1024**2))
    return folder
