#!/bin/sh
# pathspec 1.1.1, pygit2 1.21.0, dulwich 1.2.21 (PyPI); git
#
# Guess: with "!*.c" first and "src/" after it, src/main.c is ignored for everyone: within a file the last match counts,
# and a file below an ignored folder cannot be re-included.
# What happens: git and dulwich ignore it. pathspec's GitIgnoreSpec and pygit2 (libgit2) do not. pathspec's plain
# PathSpec does.
# Why it matters: tools that copy a working tree "without what git ignores" (packers, linters, sdists) take along files
# that git does not.

. "$(dirname "$0")/lib.sh"
python_packages pathspec==1.1.1 pygit2==1.21.0 dulwich==1.2.21

git init -q tree
mkdir tree/src
touch tree/src/main.c
printf '!*.c\nsrc/\n' >tree/.gitignore
same "is src/main.c ignored" "git True
dulwich True
pathspec.PathSpec True
pathspec.GitIgnoreSpec False
pygit2 False" "$(cd tree && python3 - <<'EOF'
import subprocess

import pathspec
import pygit2
from dulwich.ignore import IgnoreFilterManager
from dulwich.repo import Repo

file = "src/main.c"
lines = open(".gitignore").read().splitlines()
print("git", subprocess.run(["git", "check-ignore", "-q", file]).returncode == 0)
print("dulwich", IgnoreFilterManager.from_repo(Repo(".")).is_ignored(file))
print("pathspec.PathSpec", pathspec.PathSpec.from_lines("gitwildmatch", lines).match_file(file))
print("pathspec.GitIgnoreSpec", pathspec.GitIgnoreSpec.from_lines(lines).match_file(file))
print("pygit2", pygit2.Repository(".").path_is_ignored(file))
EOF
)"
