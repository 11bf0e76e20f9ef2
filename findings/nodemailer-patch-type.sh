#!/bin/sh
# nodemailer 10.6.1 (npm)
#
# Guess: an attachment "fix.patch" or "fix.diff" without a stated type is sent as text, like "build.log".
# What happens: build.log is text/plain. The patch and the diff are application/octet-stream, as the table of types that
# the library carries knows neither name.
# Why it matters: mail programs do not show application/octet-stream in line, and a list that passes only text removes
# it. The log of a failed build arrives and the patch for it does not.

. "$(dirname "$0")/lib.sh"
node_packages nodemailer@10.6.1

same "types of attachments" "text/plain; name=build.log
application/octet-stream; name=fix.patch
application/octet-stream; name=fix.diff" "$(node -e '
const transport = require("nodemailer").createTransport({ streamTransport: true, buffer: true, newline: "unix" });
transport.sendMail({
  from: "ci@example.org",
  to: "list@example.org",
  text: "see the patch",
  attachments: ["build.log", "fix.patch", "fix.diff"].map((filename) => ({ filename, content: "+a\n" })),
}).then(({ message }) => {
  for (const [, type] of message.toString().matchAll(/^Content-Type: (.*; name=.*)$/gm)) console.log(type);
});')"
