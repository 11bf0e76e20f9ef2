#!/bin/sh
# parse-git-config 3.0.0 (npm)
#
# Guess: values are what `git config --get-all` prints.
# What happens: with a comment behind it, a quoted value ends at the `#` inside its quotes. Of a key that stands twice
# only the last value is left. After a line that ends with a backslash the next one becomes a key of its own.
# Why it matters: `remote.origin.fetch` and `remote.origin.pushurl` are usual keys with several values: a tool that reads
# remotes with this library sees one of them.

. "$(dirname "$0")/lib.sh"
node_packages parse-git-config@3.0.0

cat >config <<'END'
[format]
	subjectPrefix = "PATCH #1" # for the list
[remote "origin"]
	fetch = +refs/heads/*:refs/remotes/origin/*
	fetch = +refs/notes/*:refs/notes/*
[alias]
	last = log \
	oneline
END
same "git" 'format.subjectprefix=PATCH #1
remote.origin.fetch=+refs/heads/*:refs/remotes/origin/*
remote.origin.fetch=+refs/notes/*:refs/notes/*' "$(git config -f config --list | grep -v ^alias)"
same "parse-git-config" '{"format":{"subjectPrefix":"\"PATCH"},"remote \"origin\"":{"fetch":"+refs/notes/*:refs/notes/*"},"alias":{"last":"log \\","oneline":true}}' \
	"$(node -p 'JSON.stringify(require("parse-git-config").sync({ cwd: process.cwd(), path: "config" }))')"
