#!/bin/sh
# debian-inspector 31.1.1, python-debian 1.1.1 (PyPI)
#
# Guess: "1.0~" is a valid version of Debian; "foo (>= 1.0~)" is how packages admit backports.
# What happens: debian-inspector raises ValueError for each version that ends with "~" or "+", while its own parser of
# relations accepts the same text. python-debian accepts it.
# Why it matters: comparing an installed version with the one that a Build-Depends names raises in the middle of a real
# control file.

. "$(dirname "$0")/lib.sh"
python_packages debian-inspector==31.1.1 python-debian==1.1.1

same "two libraries" "python-debian: 1.0~ < 1.0 is True
debian-inspector, relation: foo (>= 1.0~)
debian-inspector, version: ValueError: Invalid version string: \"1.0~\"" "$(python3 - <<'EOF'
from debian.debian_support import NativeVersion
from debian_inspector.deps import parse_depends
from debian_inspector.version import Version

print("python-debian: 1.0~ < 1.0 is", NativeVersion("1.0~") < NativeVersion("1.0"))
print("debian-inspector, relation:", parse_depends("foo (>= 1.0~)"))
try:
    print("debian-inspector, version:", Version.from_string("1.0~"))
except ValueError as error:
    print("debian-inspector, version:", f"ValueError: {error}")
EOF
)"
