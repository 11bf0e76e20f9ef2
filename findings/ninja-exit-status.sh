#!/bin/sh
# ninja 1.13.2 (PyPI)
#
# Guess: ninja exits 1 when a command fails, and with "-k 0" says no more than that something failed.
# What happens: since 1.13 its exit status is that of the failed command: 77 for 77, and 137 for a command killed by
# signal 9, as if ninja itself had been killed. With "-k 0" and several failures it is the status of the last to end.
# Why it matters: CI reads 137 as "out of memory" and 77 as "skipped". Which of two failures decides depends on timing.

. "$(dirname "$0")/lib.sh"
python_packages ninja==1.13.2

cat >build.ninja <<'EOF'
rule run
  command = $cmd
build skipped: run
  cmd = exit 77
build killed: run
  cmd = kill -9 $$$$
build fast: run
  cmd = exit 3
build slow: run
  cmd = sleep 2; exit 4
EOF
status_of() {
	status=0
	ninja "$@" >ninja.log 2>&1 || status=$?
	echo "$status"
}
same "ninja skipped" 77 "$(status_of skipped)"
same "ninja killed" 137 "$(status_of killed)"
same "ninja -j 2 -k 0 slow fast" 4 "$(status_of -j 2 -k 0 slow fast)"
