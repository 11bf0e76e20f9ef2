#!/bin/sh
# diff 9.0.0, gitdiff-parser 0.3.1, parse-diff 0.12.0 (npm)
#
# Guess: a file as "git format-patch" writes it, with the "-- " and version that end each of them, is the most common
# patch there is; each parser of patches reads it.
# What happens: diff refuses it ("has more lines than expected"), as it takes "-- " for a removed line. gitdiff-parser
# counts that line as a second deletion. parse-diff reads it correctly.
# Why it matters: patches that arrive by mail cannot be shown or applied, or their statistics are wrong by one.

. "$(dirname "$0")/lib.sh"
node_packages diff@9.0.0 gitdiff-parser@0.3.1 parse-diff@0.12.0

cat >0001-fix.patch <<'EOF'
From 2baba0cb5feab0819077a24acbc686d0d71aa55b Mon Sep 17 00:00:00 2001
From: A U Thor <author@example.org>
Date: Sun, 1 Mar 2026 12:00:00 +0000
Subject: [PATCH] fix

---
 f.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/f.c b/f.c
index 78b0a82..eddb398 100644
--- a/f.c
+++ b/f.c
@@ -1,3 +1,3 @@
 int a;
-int b;
+int bb;
 int c;
EOF
printf '%s\n2.39.5\n\n' '-- ' >>0001-fix.patch

same "three parsers" "parse-diff: 1 deletion(s)
gitdiff-parser: 2 deletion(s)
diff: Hunk at line 14 has more lines than expected (expected 3 old lines and 3 new lines)" "$(node -e '
const text = require("fs").readFileSync("0001-fix.patch", "utf8");
const [file] = require("parse-diff")(text);
console.log("parse-diff:", file.deletions, "deletion(s)");
const [entry] = require("gitdiff-parser").parse(text);
const changes = entry.hunks.flatMap((hunk) => hunk.changes);
console.log("gitdiff-parser:", changes.filter((change) => change.type === "delete").length, "deletion(s)");
try {
  console.log("diff:", require("diff").parsePatch(text).length, "file(s)");
} catch (error) {
  console.log("diff:", error.message);
}')"
