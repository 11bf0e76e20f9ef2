#!/bin/sh
# tree-sitter-bash 0.25.1 (PyPI, with tree-sitter 0.26.1)
#
# Guess: a grammar of bash that editors and code search use parses the loops of POSIX shell.
# What happens: "for f do" (over the arguments) and "for f in; do" (over nothing, as a makefile writes it for an empty
# variable) give ERROR nodes; so does a command behind the delimiter of a here-document.
# Why it matters: "for f do" is the portable form of a loop over the arguments. Tools on top of the grammar misread what
# is in such loops.
#
# A $ in single quotes is for the shell that is parsed.
# shellcheck disable=SC2016

. "$(dirname "$0")/lib.sh"
python_packages tree-sitter==0.26.1 tree-sitter-bash==0.25.1

same "tree-sitter-bash" 'ok    for f in "$@"; do echo "$f"; done
ERROR for f do echo "$f"; done
ERROR for f in; do echo "$f"; done
ok    cat <<END
ERROR cat <<END; echo done' "$(python3 - <<'EOF'
import tree_sitter
import tree_sitter_bash

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
for text in (
    'for f in "$@"; do echo "$f"; done\n',
    'for f do echo "$f"; done\n',
    'for f in; do echo "$f"; done\n',
    "cat <<END\ntext\nEND\n",
    "cat <<END; echo done\ntext\nEND\n",
):
    word = "ERROR" if parser.parse(text.encode()).root_node.has_error else "ok   "
    print(word, text.splitlines()[0])
EOF
)"
