#!/bin/sh
# tree-sitter-make 1.1.1 (PyPI, with tree-sitter 0.26.1)
#
# Guess: the grammar of makefiles knows what POSIX 2024 and GNU make define; the conditionals of BSD make may be missing.
# What happens: "V != command" and "V ::= value" parse. ":::=" of POSIX 2024, a comment continued by a backslash, and
# "target: export V = value" of GNU make give ERROR nodes.
# Why it matters: a continued comment is old and common; it makes an editor or a code search lose the lines after it.

. "$(dirname "$0")/lib.sh"
python_packages tree-sitter==0.26.1 tree-sitter-make==1.1.1

same "tree-sitter-make" 'ok    V != uname -s
ok    V ::= value
ERROR V :::= value
ok    # comment
ERROR # comment \
ok    all: V = value
ERROR all: export V = value' "$(python3 - <<'EOF'
import tree_sitter
import tree_sitter_make

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_make.language()))
for text in (
    "V != uname -s\n",
    "V ::= value\n",
    "V :::= value\n",
    "# comment\nV = value\n",
    "# comment \\\n  continued\nV = value\n",
    "all: V = value\n",
    "all: export V = value\n",
):
    word = "ERROR" if parser.parse(text.encode()).root_node.has_error else "ok   "
    print(word, text.splitlines()[0])
EOF
)"
