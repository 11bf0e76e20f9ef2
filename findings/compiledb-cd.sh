#!/bin/sh
# compiledb 0.10.7 (PyPI)
#
# Guess: for "cd sub && gcc -c x.c" the entry has the folder "sub", as the tool follows "make[1]: Entering directory".
# What happens: it splits at "&&" and forgets the "cd": the folder is the one above, where x.c does not exist. Of "zig cc
# -c y.c" it keeps "cc -c y.c", another compiler. Of two sources in one command it keeps the last.
# Why it matters: hand-written makefiles use "cd dir && cc"; their entries point to files that do not exist. Without
# --no-strict, which skips the check for the file, such entries are left out instead.

. "$(dirname "$0")/lib.sh"
python_packages compiledb==0.10.7

cat >make.log <<'EOF'
make[1]: Entering directory '/src'
cd sub && gcc -c x.c
zig cc -c y.c
gcc -o prog one.c two.c
make[1]: Leaving directory '/src'
EOF
compiledb --no-strict --parse make.log --output found.json >compiledb.log 2>&1
same "entries" "/src x.c gcc -c x.c
/src y.c cc -c y.c
/src two.c gcc -o prog one.c two.c" "$(python3 -c '
import json
for entry in json.load(open("found.json")):
    print(entry["directory"], entry["file"], *entry["arguments"])')"
