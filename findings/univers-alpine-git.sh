#!/bin/sh
# univers 32.0.1 (PyPI)
#
# Guess: a library that knows the versions of a dozen package managers reads each version that Alpine's packages have.
# What happens: it knows the suffixes _alpha, _beta, _pre, _rc and _p, and raises InvalidVersion for _cvs, _svn, _git and
# _hg, which apk defines beside them.
# Why it matters: snapshots are common in Alpine; musl itself was 1.2.4_git20230717 in Alpine 3.19. A check of what is
# installed in such a container raises.

. "$(dirname "$0")/lib.sh"
python_packages univers==32.0.1

same "univers" "1.0_rc1 ok
1.0_p1 ok
1.0_cvs1 InvalidVersion
1.0_svn1 InvalidVersion
1.0_git20200101 InvalidVersion
1.0_hg1 InvalidVersion" "$(python3 - <<'EOF'
from univers.versions import AlpineLinuxVersion, InvalidVersion

for version in ("1.0_rc1", "1.0_p1", "1.0_cvs1", "1.0_svn1", "1.0_git20200101", "1.0_hg1"):
    try:
        AlpineLinuxVersion(version)
        print(version, "ok")
    except InvalidVersion:
        print(version, "InvalidVersion")
EOF
)"
