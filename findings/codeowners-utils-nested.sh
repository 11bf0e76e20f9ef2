#!/bin/sh
# codeowners-utils 1.0.2 (npm), codeowners 0.9.0 (PyPI)
#
# Guess: both follow GitHub's documentation of CODEOWNERS, by which docs/* matches docs/a.md and not docs/build/a.md.
# What happens: codeowners (Python) does. codeowners-utils (Node) matches both, as it passes the pattern to a matcher of
# .gitignore, where an ignored folder takes along what is below it.
# Why it matters: a bot names owners of nested files that the service does not ask.

. "$(dirname "$0")/lib.sh"
python_packages codeowners==0.9.0
node_packages codeowners-utils@1.0.2

printf '* @all\ndocs/* @docs\n' >CODEOWNERS
same "codeowners (Python)" "docs/a.md @docs
docs/build/a.md @all" "$(python3 - <<'EOF'
from codeowners import CodeOwners

owners = CodeOwners(open("CODEOWNERS").read())
for file in ("docs/a.md", "docs/build/a.md"):
    print(file, *(name for _, name in owners.of(file)))
EOF
)"
same "codeowners-utils (Node)" "docs/a.md @docs
docs/build/a.md @docs" "$(node -e '
const { parse, matchFile } = require("codeowners-utils");
const entries = parse(require("fs").readFileSync("CODEOWNERS", "utf8"));
for (const file of ["docs/a.md", "docs/build/a.md"]) {
  console.log(file, ...matchFile(file, entries).owners);
}')"
