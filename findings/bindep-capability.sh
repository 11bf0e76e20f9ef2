#!/bin/sh
# bindep 2.14.0
#
# Guess: the name in a line of bindep.txt is whatever the package manager takes: `pkgconfig(zlib)` and `perl(Test::More)`
# with dnf and zypper, `zlib1g:i386` with apt, `@development-tools` with dnf.
# What happens: each of these is a syntax error, and it takes the whole file with it. A comment behind a name is fine.
# Why it matters: capabilities are the names that are the same on all systems with rpm. A list of dependencies that is
# carried over from a spec file or from a command line must be rewritten.

. "$(dirname "$0")/lib.sh"
python_packages bindep==2.14.0

read_list() {
	python - "$1" <<'PYTHON'
import sys
from bindep.depends import Depends, DependsException
try:
    rules = Depends(sys.argv[1])._rules
except DependsException:
    print("syntax error")
else:
    print(*(name for name, _, _ in rules))
PYTHON
}
same "plain names, one for one system" "zlib1g-dev libstdc++6" "$(read_list 'zlib1g-dev [platform:dpkg]
libstdc++6 # for C++
')"
for name in 'pkgconfig(zlib)' 'perl(Test::More)' zlib1g:i386 @development-tools; do
	same "a list with $name" "syntax error" "$(read_list "gcc
$name
")"
done
