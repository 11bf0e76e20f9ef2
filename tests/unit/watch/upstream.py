"""A real git repository that people push to, at an address that leads to it."""

import itertools
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

ADDRESS = "https://git.example.org/portable.git"
PROJECT = f"""\
project: mine
repos:
  portable: {{git: "{ADDRESS}", branches: [main, stable], recipe: make}}
jobs: [portable/debian-13/default]
mail: {{from: ci@example.org, routes: [{{job: "*", to: team@example.org}}]}}
"""
_WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Tester"), ("EMAIL", "tester@example.org"))
}


@attrs.define
class Upstream:
    """A bare repository below a folder, the configuration that leads to it, and a project file."""

    folder: Path
    numbers: "itertools.count[int]" = attrs.field(factory=itertools.count)

    @classmethod
    def create(cls, folder: Path) -> "Upstream":
        made = cls(folder)
        made.git("init", "--quiet", "--bare", "--initial-branch=main", str(made.place), bare=False)
        made.lead_to(made.place)
        (folder / "ciforge.yml").write_text(PROJECT)
        return made

    def lead_to(self, place: Path) -> None:
        """Lets the address lead to a repository."""
        config = f'[url "{place}"]\n insteadOf = {ADDRESS}\n[protocol]\n version = 2\n'
        (self.folder / "gitconfig").write_text(config)

    @property
    def place(self) -> Path:
        return self.folder / "upstream.git"

    @property
    def file(self) -> Path:
        return self.folder / "ciforge.yml"

    @property
    def state(self) -> Path:
        return self.folder / "state" / "mine"

    @property
    def variables(self) -> Mapping[str, str]:
        return {
            "GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig"),
            "CIFORGE_STATE": str(self.folder / "state"),
        }

    def commit(self, verdict: str = "ok", *parents: str) -> str:
        """A commit whose jobs come to that verdict; not pushed yet."""
        files = {"verdict": verdict, "Makefile": "all:\n", "notes": str(next(self.numbers))}
        rows = [f"100644 blob {self._stored(text)}\t{name}\n" for name, text in files.items()]
        tree = self.git("mktree", text="".join(rows))
        words = [word for parent in parents if parent for word in ("-p", parent)]
        return self.git("commit-tree", tree, "-m", f"Change {files['notes']}", *words)

    def push(self, ref: str, verdict: str = "ok", *, many: int = 1, onto: str | None = None) -> str:
        """Pushes so many new commits to a ref, the last of which has the verdict; its tip."""
        tip = self.tip(ref) if onto is None else onto
        for _ in range(many - 1):
            tip = self.commit(self._verdict(tip), tip)
        tip = self.commit(verdict, tip)
        self.git("update-ref", f"refs/{ref}", tip)
        return tip

    def tip(self, ref: str) -> str:
        """Where a ref is; empty if it does not exist."""
        return self.git("for-each-ref", "--format=%(objectname)", f"refs/{ref}")

    def _verdict(self, commit: str) -> str:
        return self.git("show", f"{commit}:verdict") if commit else "ok"

    def _stored(self, text: str) -> str:
        return self.git("hash-object", "-w", "--stdin", text=text)

    def git(self, *words: str, text: str = "", bare: bool = True) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        where = [f"--git-dir={self.place}"] if bare else []
        done = subprocess.run(
            ["git", *where, *words], env=env | _WHO, input=text, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip()
