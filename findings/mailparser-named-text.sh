#!/bin/sh
# mailparser 3.14.2 (npm), Python 3.11 for comparison
#
# Guess: a part of type text/plain that has a file name is an attachment, also if its disposition is inline.
# What happens: mailparser appends it to the text of the message and drops the name; `attachments` is empty. Only a type
# other than text/plain and text/html, such as text/x-patch, makes an inline part an attachment. Python's
# iter_attachments has the part.
# Why it matters: several mail programs send a patch or a build log as inline text/plain with a name. A bot that takes
# patches from attachments sees none, and the text has the patch behind the greeting.

. "$(dirname "$0")/lib.sh"
node_packages mailparser@3.14.2

message() {
	printf '%s\n' 'From: a@example.org' 'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary="b"' '' \
		'--b' 'Content-Type: text/plain' '' Hello \
		'--b' "Content-Type: $1" 'Content-Disposition: inline; filename="fix.patch"' '' '+int x;' '--b--'
}
cat >parts.cjs <<'END'
require("mailparser").simpleParser(process.stdin).then(({ text, attachments }) =>
  console.log(JSON.stringify(text), JSON.stringify(attachments.map((part) => part.filename))));
END
same "text/x-patch" '"Hello" ["fix.patch"]' "$(message text/x-patch | node parts.cjs)"
same "text/plain" '"Hello\n+int x;" []' "$(message text/plain | node parts.cjs)"
same "text/plain, Python" 'fix.patch' "$(message text/plain | python3 -c '
import sys
from email import message_from_binary_file, policy

mail = message_from_binary_file(sys.stdin.buffer, policy=policy.default)
print(*(part.get_filename() for part in mail.iter_attachments()))')"
