#!/bin/sh
# patch-ng 1.19.1
#
# Guess: `apply` of a git patch does everything that the patch says, or returns False.
# What happens: a new empty file, a new binary file and a change of mode alone are left out, a symbolic link becomes a
# plain file that holds its target, and `apply` returns True.
# Why it matters: package recipes apply patches with this library. A script that must become executable is not, an empty
# header is missing, and the failure shows later, in another place.

. "$(dirname "$0")/lib.sh"
python_packages patch-ng==1.19.1

git() { command git -c user.name=a -c user.email=a@example.org -c init.defaultBranch=main "$@"; }
git init -q tree
cd tree
echo 'echo hello' >run.sh
git add run.sh
git commit -q -m one
chmod +x run.sh
: >empty.h
printf '\0\1\2' >logo.bin
ln -s run.sh link
git add -A
git diff --cached --binary >../all.patch
git reset -q --hard
cd ..

same "what git apply makes of it" "empty.h link logo.bin run.sh
target run.sh
executable yes" "$(git -C tree apply ../all.patch && cd tree && ls | xargs
readlink link | sed 's/^/target /'
[ -x run.sh ] && echo 'executable yes')"
git -C tree reset -q --hard
git -C tree clean -q -f
same "what patch-ng makes of it" "True
link run.sh
text run.sh
executable no" "$(cd tree && python -c 'import patch_ng; print(patch_ng.fromfile("../all.patch").apply())' 2>../apply.log
ls | xargs
[ -L link ] || sed 's/^/text /' link
[ -x run.sh ] || echo 'executable no')"
