#!/bin/sh
# debian-inspector 31.1.1, python-debian 1.1.1 (PyPI)
#
# Guess: lines that start with "#" in debian/control are comments, and a parser skips them.
# What happens: debian-inspector puts the whole paragraph, as one text, under the key "unknown" if a comment is in it.
# The fields of that paragraph are gone, without an error. python-debian skips the comment.
# Why it matters: a Build-Depends with one commented-out line is read as a package without build dependencies.

. "$(dirname "$0")/lib.sh"
python_packages debian-inspector==31.1.1 python-debian==1.1.1

cat >control <<'EOF'
# maintained by hand
Source: demo
Build-Depends: debhelper-compat (= 13)
EOF
same "two libraries" "python-debian ['Source', 'Build-Depends']
debian-inspector ['unknown']" "$(python3 - <<'EOF'
from debian.deb822 import Deb822
from debian_inspector.debcon import get_paragraphs_data

text = open("control").read()
print("python-debian", list(next(Deb822.iter_paragraphs(text.splitlines(True)))))
print("debian-inspector", list(next(iter(get_paragraphs_data(text)))))
EOF
)"
