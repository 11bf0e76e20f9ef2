#!/bin/sh
# bashlex 0.18 (PyPI)
#
# Guess: a port of bash's own parser parses what any POSIX shell does; what is unfinished concerns extensions of bash.
# What happens: "case" and "$((" raise NotImplementedError, and a here-document with a quoted delimiter raises
# ParsingError, as its delimiter is searched with the quotes.
# Why it matters: hardly a configure script or recipe of make is without "case". A tool built on bashlex reads none of
# them.

. "$(dirname "$0")/lib.sh"
python_packages bashlex==0.18

same "bashlex" "if: ok
case: NotImplementedError
arithmetic: NotImplementedError
here-document: ok
quoted here-document: ParsingError" "$(python3 - <<'EOF'
import bashlex

texts = {
    "if": "if cmp -s a b; then rm a; fi",
    "case": "case $host in *-linux-*) echo linux;; esac",
    "arithmetic": "n=$((n + 1))",
    "here-document": "cat <<END\ntext\nEND",
    "quoted here-document": "cat <<'END'\ntext\nEND",
}
for name, text in texts.items():
    try:
        bashlex.parse(text)
        print(f"{name}: ok")
    except Exception as error:
        print(f"{name}: {type(error).__name__}")
EOF
)"
