#!/bin/sh
# whatthepatch 1.0.7
#
# Guess: paths of a git patch come without `a/` and `b/`, for every file of the patch.
# What happens: files with changed lines come without them; files that are only renamed, or only change their mode, keep
# them.
# Why it matters: a tool that decides from a patch which parts to build looks for the folder `b`, and builds nothing.

. "$(dirname "$0")/lib.sh"
python_packages whatthepatch==1.0.7

cat >three.patch <<'EOF'
diff --git a/lib/old.c b/lib/new.c
similarity index 100%
rename from lib/old.c
rename to lib/new.c
diff --git a/lib/main.c b/lib/main.c
index 422c2b7..0f7bc76 100644
--- a/lib/main.c
+++ b/lib/main.c
@@ -1,2 +1,2 @@
 a
-b
+c
diff --git a/lib/run.sh b/lib/run.sh
old mode 100644
new mode 100755
EOF
same "old and new paths" "a/lib/old.c b/lib/new.c
lib/main.c lib/main.c
a/lib/run.sh b/lib/run.sh" "$(python -c '
import whatthepatch
for diff in whatthepatch.parse_patch(open("three.patch").read()):
    print(diff.header.old_path, diff.header.new_path)')"
