#!/bin/sh
# deb-version-compare 1.2.1 (npm), python-debian 1.1.1 (PyPI)
#
# Guess: in Debian's order 1.0 is older than 1.0-1, and equal to 1.0-0, as policy defines an absent revision as "0".
# What happens: deb-version-compare answers 0 (equal) for (1.0, 1.0-1) and 1 for (1.0-1, 1.0): the answer depends on which
# argument has the revision. It answers 1 for (1.0-0, 1.0), which are equal. python-debian follows the policy.
# Why it matters: a sort with this function puts the upstream version and its packages in an order that depends on the
# input; "is there a newer one" is no for the first packaging of a release.

. "$(dirname "$0")/lib.sh"
python_packages python-debian==1.1.1
node_packages deb-version-compare@1.2.1

same "python-debian" "1.0 1.0-1 -1
1.0-1 1.0 1
1.0-0 1.0 0" "$(python3 - <<'EOF'
from debian.debian_support import version_compare

for pair in (("1.0", "1.0-1"), ("1.0-1", "1.0"), ("1.0-0", "1.0")):
    print(*pair, version_compare(*pair))
EOF
)"
same "deb-version-compare" "1.0 1.0-1 0
1.0-1 1.0 1
1.0-0 1.0 1" "$(node -e '
const exported = require("deb-version-compare");
const compare = exported.default ?? exported.compare ?? exported;
for (const pair of [["1.0", "1.0-1"], ["1.0-1", "1.0"], ["1.0-0", "1.0"]]) {
  console.log(...pair, Math.sign(compare(...pair)));
}')"
