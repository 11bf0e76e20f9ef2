#!/bin/sh
# git-url-parse 16.1.0 (npm)
#
# Guess: git-url-parse understands what git-fetch(1) lists as URLs: `host:path` with and without a user, and paths.
# What happens: without a user, the host of `host:path` becomes the protocol, and `toString("https")` writes an address
# without a host. With a user and no folder, the user becomes a folder. A relative path, as .gitmodules may have it, is
# an error.
# Why it matters: a server of one's own has no owners of repositories, and an alias in ~/.ssh/config needs no user. The
# address that is then shown or cloned is another one.

. "$(dirname "$0")/lib.sh"
node_packages git-url-parse@16.1.0

same "two addresses in the form of scp" 'git@host.example:project.git -> protocol ssh, host host.example, https://host.example/git/project.git
host.example:project.git -> protocol host.example, host , https:///project.git' "$(node -e '
const parse = require("git-url-parse");
for (const address of ["git@host.example:project.git", "host.example:project.git"]) {
  const url = parse(address);
  console.log(address, "-> protocol " + url.protocol + ", host " + url.resource + ", " + url.toString("https"));
}')"
same "a relative path" "URL parsing failed." "$(node -e '
try {
  console.log(require("git-url-parse")("../project.git").pathname);
} catch (error) {
  console.log(error.message);
}')"
