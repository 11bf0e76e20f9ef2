#!/bin/sh
# rpm_vercmp 0.1.2
#
# Guess: a pure Python port of rpm's comparison of versions orders them as rpm does, `^` included. To rpm, `1.0^20260101`
# is a snapshot after 1.0: newer than 1.0, older than 1.0.1 (rpm-version(7): a caret sorts after the base version, and
# before a longer one).
# What happens: the order of a caret depends on what follows. With letters after it the answers are rpm's. With digits
# after it, the snapshot is newer than 1.0.1, and a caret at the end makes no difference at all.
# Why it matters: Fedora's packages of snapshots are named `^20260101` or `^git1a2b3c`. A script that looks for outdated
# packages with this library takes 1.0.1 for an old version.

. "$(dirname "$0")/lib.sh"
python_packages --no-binary rpm-vercmp rpm-vercmp==0.1.2 # it has no wheel

compare() { python -c 'import sys; from rpm_vercmp import vercmp; print(vercmp(*sys.argv[1:]))' "$@"; }
same "a snapshot and its base, as rpm has it" "1" "$(compare '1.0^git1' 1.0)"
same "a snapshot with letters and the next version, as rpm has it" "-1" "$(compare '1.0^git1' 1.0.1)"
same "a snapshot with digits and the next version, where rpm says -1" "1" "$(compare '1.0^20260101' 1.0.1)"
same "a caret at the end, where rpm says 1" "0" "$(compare '1.0^' 1.0)"
