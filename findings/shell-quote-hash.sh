#!/bin/sh
# shell-quote 1.12.0
#
# Guess: `parse` of a CI step splits words as a shell does: `#` begins a comment only at the start of a word, and the 2
# of `2>&1` belongs to the operator.
# What happens: `#` in the middle of a word begins a comment, so that an address loses its fragment; the 2 becomes an
# argument of the command.
# Why it matters: a tool that reads `pip install git+https://…#egg=x` or `make 2>&1` of a workflow with this library runs
# or reports another command.

. "$(dirname "$0")/lib.sh"
node_packages shell-quote@1.12.0

cat >words.cjs <<'EOF'
const { parse } = require("shell-quote");
for (const line of process.argv.slice(2)) console.log(JSON.stringify(parse(line)));
EOF
same "words of two commands" '["make","DOC=manual",{"comment":"install"}]
["make","2",{"op":">&"},"1"]' "$(node words.cjs 'make DOC=manual#install' 'make 2>&1')"
# A shell for comparison.
same "arguments in sh" '1: DOC=manual#install
0:' "$(sh -c 'n() { echo "$#: $*"; }; n DOC=manual#install; n 2>&1' | sed 's/ $//')"
